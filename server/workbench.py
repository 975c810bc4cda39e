"""What the designers' page asks of the running bot (studio.bot.Bot)."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rasa.core.agent import Agent
from rasa.core.test import EvaluationStore, _create_data_generator, _predict_tracker_actions
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.events import Event, SlotSet

from backend.delivery.masking import mask
from server.phones import screen
from server.turns import plain_words
from studio.bot import BadStory, Mismatch, NotReady, Reading
from studio.phones import Line, Screen

if TYPE_CHECKING:
    from server.app import Bot

Take = Callable[[Path], Awaitable[None]]


class Workbench:
    """The running bot as the designers' page sees it.

    What the agent computes runs in the loop of the turns, between them.
    """

    def __init__(self, bot: Bot, take: Take) -> None:
        """`bot` may still be loading its model; `take` gives it another one (ModelWatch)."""
        self._bot = bot
        self._take = take

    @property
    def model(self) -> str | None:
        """See studio.bot.Bot."""
        return self._bot.model.name if self._bot.turns is not None else None

    @property
    def texts(self) -> dict[str, str]:
        """See studio.bot.Bot."""
        if self._bot.turns is None:
            return {}
        responses: dict[str, list[dict[str, Any]]] = self._bot.turns.agent.domain.responses
        return {name: str(found[0].get("text", "")) for name, found in responses.items() if found}

    def screen(self, channel: str, lines: Sequence[Line], *, opening: bool) -> Screen:
        """See studio.phones.Shows."""
        return screen(channel, lines, opening=opening)

    def wording(self, response: str, channel: str) -> str | None:
        """See studio.phones.Shows."""
        if self._bot.turns is None:
            return None
        variations = self._bot.turns.agent.domain.responses.get(response, [])
        own = [one for one in variations if one.get("channel") == channel]
        general = [one for one in variations if not one.get("channel")]
        return next((str(one.get("text", "")) for one in own or general), None)

    @property
    def influencing_slots(self) -> frozenset[str]:
        """See studio.bot.Bot."""
        slots = self._agent().domain.slots
        return frozenset(slot.name for slot in slots if slot.influence_conversation)

    @property
    def forms(self) -> frozenset[str]:
        """See studio.bot.Bot."""
        return frozenset(self._agent().domain.form_names)

    async def read(self, text: str) -> Reading:
        """See studio.bot.Bot."""
        parsed = await self._bot.loop.run(self._agent().parse_message(plain_words(text)))
        understood = parsed.get("intent") or {}
        return Reading(
            intent=str(understood.get("name")),
            confidence=float(understood.get("confidence") or 0.0),
            ranking=[
                (str(one.get("name")), round(float(one.get("confidence") or 0.0), 3))
                for one in parsed.get("intent_ranking") or []
            ],
        )

    async def rehearse(self, story: str) -> list[Mismatch]:
        """See studio.bot.Bot; the way `rasa test core --e2e` does it."""
        return await self._bot.loop.run(self._rehearse(story))

    async def _rehearse(self, story: str) -> list[Mismatch]:
        agent = self._agent()
        try:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "test_story.yml"
                file.write_text(story, encoding="utf-8")
                trackers = _create_data_generator(
                    str(file), agent, None, True
                ).generate_story_trackers()
        except Exception as error:
            raise BadStory(f"{type(error).__name__}: {error}"[:500]) from error
        if not trackers:
            raise BadStory("there is no story in it")
        found: list[Mismatch] = []
        slots = {slot.name for slot in agent.domain.slots}
        for tracker in trackers:
            found += _gone(tracker.events, slots)
            done, _, _, _ = await _predict_tracker_actions(tracker, agent, False, True)
            found += _mismatches(done)
        return found

    async def take(self, model: Path) -> None:
        """See studio.bot.Bot."""
        await self._take(model)

    def _agent(self) -> Agent:
        if self._bot.turns is None:
            raise NotReady
        return self._bot.turns.agent


def _gone(events: Iterable[Event], slots: Collection[str]) -> list[Mismatch]:
    """Slots and questions of a story that the domain does not have any more."""
    set_ones = [event for event in events if isinstance(event, SlotSet)]
    named = [one.key for one in set_ones if one.key != REQUESTED_SLOT]
    named += [str(one.value) for one in set_ones if one.key == REQUESTED_SLOT and one.value]
    return [Mismatch("slot", name, "") for name in dict.fromkeys(named) if name not in slots]


def _mismatches(done: EvaluationStore) -> list[Mismatch]:
    intents = zip(done.intent_targets, done.intent_predictions, strict=False)
    actions = zip(done.action_targets, done.action_predictions, strict=False)
    return [
        *(Mismatch("intent", mask(str(a)), mask(str(b))) for a, b in intents if a != b),
        *(Mismatch("action", str(a), str(b)) for a, b in actions if a != b),
    ]
