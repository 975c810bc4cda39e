"""The first tab: unclear messages in groups, each with what the bot thinks of it now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.storage.database import Database
from nlu.familiarity import OUT_OF_SCOPE
from studio.bot import Reading
from studio.likeness import Group, Likeness, group_id
from studio.misunderstood import Occasion, UnclearText, occasions, unclear_texts
from studio.period import Period
from studio.phrases import Example, Phrases, bare, clean
from studio.understanding import Understanding, shapes_of

PAGE = 20
MOST_SHOWN = 60
TURNED_AWAY = "turned_away"
READING_SECONDS = 1.5
_KEPT_GROUPINGS = 4


@dataclass(frozen=True)
class UnclearGroup:
    """Texts that say alike things; the first stands for all."""

    texts: list[UnclearText]

    @property
    def id(self) -> str:
        """The group's name."""
        return group_id(self.texts[0].text)

    @property
    def times(self) -> int:
        """Messages in the group."""
        return sum(one.times for one in self.texts)

    @property
    def last_at(self) -> datetime:
        """The latest message."""
        return max(one.last_at for one in self.texts)


class Grouping:
    """Finds, groups and re-reads unclear messages."""

    def __init__(
        self,
        database: Database,
        likeness: Likeness,
        understanding: Understanding,
        phrases: Phrases,
    ) -> None:
        self._database = database
        self._likeness = likeness
        self._understanding = understanding
        self._phrases = phrases
        self._groupings: dict[tuple[tuple[str, int], ...], list[Group]] = {}
        self._busy = asyncio.Lock()

    async def page(
        self, period: Period, *, search: str | None, show: str, page: int
    ) -> dict[str, Any]:
        """A page of groups as JSON. `show` is all, a state, or TURNED_AWAY for other messages.

        The states are clear (all is understood by now), unsure (it seems so, but the answer depends
        on digits that are hidden), written (what is not understood has been taught and waits for a
        training) and waiting.

        `unread` counts texts that the present model has not read yet: ask again for them.
        """
        away = show == TURNED_AWAY
        texts = await unclear_texts(self._database, period, search, turned_away=away)
        known = await asyncio.to_thread(self._phrases.known)
        found = await self._groups(texts)
        needed = (text for one in texts for text in self._understanding.texts(one))
        await self._understanding.read(needed, READING_SECONDS)
        whole = away or show == "all"
        chosen = [group for group in found if whole or self._state(group, known) == show]
        on_page = chosen[page * PAGE : (page + 1) * PAGE]
        latest = [one.latest for group in on_page for one in group.texts[:MOST_SHOWN]]
        happened = await occasions(self._database, latest)
        return {
            "groups": [self._as_json(group, happened, known) for group in on_page],
            "total": len(chosen),
            "messages": sum(group.times for group in chosen),
            "pages": -(-len(chosen) // PAGE),
            "unread": sum(self._understanding.judgement(one) is None for one in texts),
        }

    async def _groups(self, texts: list[UnclearText]) -> list[UnclearGroup]:
        key = tuple((one.text, one.times) for one in texts)
        async with self._busy:
            if key not in self._groupings:
                while len(self._groupings) >= _KEPT_GROUPINGS:
                    self._groupings.pop(next(iter(self._groupings)))
                self._groupings[key] = await asyncio.to_thread(
                    self._likeness.groups,
                    [one.text for one in texts],
                    [one.times for one in texts],
                )
            groups = self._groupings[key]
        return [UnclearGroup([texts[place] for place in group.places]) for group in groups]

    def _state(self, group: UnclearGroup, known: dict[str, Example]) -> str:
        states = {self._state_of(one, known) for one in group.texts[:MOST_SHOWN]}
        for state in ("waiting", "written", "unsure"):
            if state in states:
                return state
        return "clear"

    def _state_of(self, one: UnclearText, known: dict[str, Example]) -> str:
        judgement = self._understanding.judgement(one)
        example = self._learnt(one, known)
        if example is not None and not self._understanding.is_taught(one, example.intent):
            return "written"
        if judgement is None or not judgement.reading.is_understood:
            return "waiting"
        if example is not None and example.intent != judgement.reading.intent:
            return "waiting"
        return "clear" if judgement.sure else "unsure"

    def _learnt(self, one: UnclearText, known: dict[str, Example]) -> Example | None:
        return known.get(bare(clean(self._understanding.written(one))))

    def _as_json(
        self, group: UnclearGroup, happened: dict[int, Occasion], known: dict[str, Example]
    ) -> dict[str, Any]:
        shown = group.texts[:MOST_SHOWN]
        return {
            "id": group.id,
            "times": group.times,
            "texts": len(group.texts),
            "last_at": group.last_at.isoformat(),
            "state": self._state(group, known),
            "likely": _likely([happened[one.latest] for one in shown if one.latest in happened]),
            "phrases": [self._phrase(one, happened.get(one.latest), known) for one in shown],
        }

    def _phrase(
        self, one: UnclearText, occasion: Occasion | None, known: dict[str, Example]
    ) -> dict[str, Any]:
        example = self._learnt(one, known)
        judgement = self._understanding.judgement(one)
        return {
            "text": one.text,
            "times": one.times,
            "people": one.people,
            "last_at": one.last_at.isoformat(),
            "row": one.latest,
            "not_understood": one.not_understood,
            "then": occasion
            and {
                "intent": occasion.intent,
                "confidence": occasion.confidence,
                "asked": occasion.asked,
                "answers": occasion.answers,
            },
            "now": judgement and _reading(judgement.reading, self._state_of(one, known)),
            "hidden": shapes_of(one),
            "learnt": example and example.intent,
        }


def _reading(reading: Reading, state: str) -> dict[str, Any]:
    return {
        "intent": reading.intent,
        "confidence": reading.confidence,
        "understood": state == "clear",
        "state": state,
        "ranking": reading.ranking,
    }


def _likely(happened: list[Occasion]) -> list[list[Any]]:
    """The wishes with the most confidence in all of the texts together, at most three."""
    sums: dict[str, float] = {}
    for occasion in happened:
        for name, confidence in occasion.ranking:
            if occasion.intent == name == OUT_OF_SCOPE:
                continue  # that it is none is what may be wrong
            sums[name] = sums.get(name, 0.0) + confidence
    best = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
    return [[name, round(total / len(happened), 3)] for name, total in best]
