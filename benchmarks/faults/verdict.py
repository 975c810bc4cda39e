"""Compares what residents lived through with the fakes' own records and with the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from benchmarks.faults.dialogues import ACCEPTED, APOLOGY, Story
from demo.emulator.emulator import Emulator
from demo.emulator.views import Author

STORED_EVENTS = {"message_new", "message_event", "message"}


@dataclass
class Verdict:
    """What must be nothing, with examples, and figures for information."""

    violations: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    figures: dict[str, object] = field(default_factory=dict)

    CHECKS = (
        "residents left without an answer",
        "messages lost",
        "submissions lost",
        "submissions doubled",
        "order violations",
        "VK duplicates",
        "outcomes not told",
        "turns or messages parked",
    )

    @property
    def is_good(self) -> bool:
        """True if every promise held."""
        return not any(self.violations.values())

    def table(self) -> str:
        """The promises with their counts, then the figures."""
        lines = [f"{name:<36}{len(self.violations.get(name, [])):>8}" for name in self.CHECKS]
        lines += ["-" * 44]
        lines += [f"{name:<36}{value!s:>8}" for name, value in self.figures.items()]
        for name, examples in self.violations.items():
            lines += [f"  {name}: {example}" for example in examples[:10]]
        return "\n".join(lines)


def judge_residents(verdict: Verdict, stories: Sequence[Story]) -> None:
    """Answers and their order, as residents saw them."""
    for story in stories:
        if story.unanswered is not None:
            verdict.violations["residents left without an answer"].append(
                f"{story.messenger} {story.account}: {story.unanswered}"
            )
        for places in story.swapped:
            verdict.violations["order violations"].append(f"{story.account}: answers at {places}")


def judge_submissions(
    verdict: Verdict, stories: Sequence[Story], submissions: Sequence[Mapping[str, Any]]
) -> None:
    """Billing's record against what residents confirmed."""
    at_billing: dict[str, list[Decimal]] = defaultdict(list)
    for submission in submissions:
        if submission["status"] == 201:
            values = [Decimal(value) for value in submission["readings"].values()]
            at_billing[submission["account"]] += values
    for story in stories:
        wanted = [one.value for one in story.confirmed]
        found = at_billing[story.account]
        for value in wanted:
            if value not in found:
                verdict.violations["submissions lost"].append(f"{story.account}: {value}")
        for value, times in Counter(found).items():
            if times > 1:
                verdict.violations["submissions doubled"].append(f"{story.account}: {value}")
        if len(set(found)) > story.pressed:
            verdict.violations["submissions doubled"].append(f"{story.account}: {found}")
        in_both = [value for value in found if value in wanted]
        if list(dict.fromkeys(in_both)) != [value for value in wanted if value in in_both]:
            verdict.violations["order violations"].append(f"{story.account}: billing has {found}")
    verdict.figures["submissions confirmed"] = sum(len(story.confirmed) for story in stories)
    verdict.figures["submissions at billing"] = sum(map(len, at_billing.values()))
    verdict.figures["of these told later"] = sum(
        ACCEPTED not in one.answer for story in stories for one in story.confirmed
    )


def judge_messages(
    verdict: Verdict,
    stories: Sequence[Story],
    emulator: Emulator,
    events: set[tuple[str, str]],
    sent: Mapping[str, int],
) -> None:
    """Deliveries acknowledged against `events` done, and phones against messages `sent`."""
    accepted = {
        (ack.messenger, ack.event_id)
        for ack in emulator.traffic.acks
        if ack.accepted and ack.event in STORED_EVENTS
    }
    for messenger, event_id in sorted(accepted - events):
        verdict.violations["messages lost"].append(f"{messenger} {event_id} was not handled")
    doubled = 0
    for story in stories:
        if story.resident is None or story.refused:
            continue
        resident = emulator.population.by_key(story.resident.key)
        bot = [one for one in resident.messages if one.author is Author.BOT]
        name = f"{story.messenger}:{story.resident.user_id}"
        # Viber's greeting is the answer to a webhook: no message that was sent.
        greetings = 0 if story.messenger == "vk" else sum("Здравствуйте" in b.text for b in bot)
        more = len(bot) - greetings - sent.get(name, 0)
        if more < 0:
            verdict.violations["messages lost"].append(f"{name}: {-more} sent, never shown")
        elif more and story.messenger == "vk":
            verdict.violations["VK duplicates"].append(f"{name}: {more}")
        else:
            doubled += more
        told = sum(ACCEPTED in one.text for one in bot)
        if told < len(story.confirmed):
            verdict.violations["outcomes not told"].append(
                f"{name}: {len(story.confirmed)} confirmed, {told} told"
            )
        if any(APOLOGY in one.text for one in bot):
            verdict.violations["turns or messages parked"].append(f"{name}: got an apology")
    verdict.figures["webhooks acknowledged"] = len(accepted)
    verdict.figures["Viber messages doubled"] = doubled
