"""Everything the page can do, free of HTTP: JSON in and out, problems as codes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from backend.delivery.masking import mask
from backend.storage.database import Database
from nlu.encoder import installed_encoder
from nlu.normaliser import TextNormaliser
from studio.alike import alike
from studio.bot import BadStory, Bot
from studio.conversations import PAGE, Conversation, conversation, visits
from studio.files import Changed, NotWritable, ProjectFiles
from studio.funnel import funnel
from studio.grouping import Grouping
from studio.likeness import Likeness
from studio.near import SameWords
from studio.period import Period
from studio.phones import screens
from studio.phrases import Move, Phrases
from studio.problem import Problem
from studio.stages import STAGES
from studio.story import Circumstances, Stories, StoryRefused, as_file, story
from studio.teaching import Said, Teaching
from studio.training import AlreadyTraining, Training, Trains
from studio.understanding import Understanding
from studio.words import Words
from tools.map.wording import labels

_UNCLEAR = re.compile(r"^\s*(?:- )?intent: nlu_fallback\s*$", re.MULTILINE)


class Desk:
    """The designers' desk over the log, the project's files and the running bot."""

    def __init__(
        self,
        database: Database,
        bot: Bot,
        root: Path,
        zone: str,
        words: Words,
        command: Sequence[str] | None = None,
        check: Sequence[str] | None = None,
    ) -> None:
        """`root` is the working tree; `check` looks at it, `command` trains it (see Training)."""
        self._database = database
        self._bot = bot
        self._zone = zone
        self._words = words
        self._files = ProjectFiles(root)
        self._phrases = Phrases(self._files, words.from_conversations)
        self._stories = Stories(self._files)
        self.training: Trains = Training(root, bot.take, command, check)
        self._teaching = Teaching(self._phrases, words, lambda: self._same_words)

    # These load dictionaries and an encoder, which takes a second: not before they are needed.

    @cached_property
    def _normaliser(self) -> TextNormaliser:
        return TextNormaliser.default()

    @cached_property
    def _same_words(self) -> SameWords:
        return SameWords(self._normaliser.normalise, self._words.small_words)

    @cached_property
    def _likeness(self) -> Likeness:
        return Likeness(self._normaliser.normalise, installed_encoder())

    @cached_property
    def grouping(self) -> Grouping:
        """The groups of unclear messages."""
        understanding = Understanding(self._bot, self._words)
        return Grouping(self._database, self._likeness, understanding, self._phrases)

    async def about(self) -> dict[str, Any]:
        """What the page needs to begin."""
        intents = await asyncio.to_thread(self._phrases.intents)
        texts = self._bot.texts
        return {
            "writable": self._files.writable,
            "stories": self._stories.features(),
            "model": self._bot.model,
            "intents": [
                {"name": name, "feature": feature, "title": texts.get(f"utter_wish_{name}")}
                for name, feature in sorted(intents.items())
            ],
            "changed": await self.changed(),
            "stages": STAGES,
            "labels": {kind: labels()[kind] for kind in ("actions", "forms")},
            "training": self.training_state(),
        }

    async def changed(self) -> list[str]:
        """The files written here that are still to be committed."""
        return await asyncio.to_thread(self._files.unsaved)

    async def teach(self, intent: str, said: list[Said], *, sure: bool) -> dict[str, Any]:
        """Writes phrases into the intent's file; see Teaching."""
        self._writable()
        done = await self._teaching.teach(intent, said, sure=sure)
        return {**done, "changed": await self.changed()}

    async def alike(self, period: Period, phrase: str, intent: str) -> dict[str, Any]:
        """What else was understood as the intent and is like the phrase."""
        found = await alike(
            self._database, self._likeness, self._phrases, period, phrase=phrase, intent=intent
        )
        return {"alike": found}

    async def take_back(self, intent: str, phrases: list[str], moved: list[Move]) -> dict[str, Any]:
        """Undoes an assignment; see Teaching."""
        self._writable()
        await self._teaching.take_back(intent, phrases, moved)
        return {"changed": await self.changed()}

    def train(self) -> dict[str, Any]:
        """Begins to train."""
        self._writable()
        try:
            self.training.start()
        except AlreadyTraining:
            raise Problem("training", 409) from None
        return self.training_state()

    def training_state(self) -> dict[str, Any]:
        """How the training goes."""
        return {
            "state": self.training.state,
            "seconds": round(self.training.seconds, 1),
            "usual": round(self.training.usual.seconds),
            "said": [mask(line) for line in self.training.said],
            "again": self.training.again,
            "by_itself": self.training.by_itself,
            "model": self._bot.model,
        }

    async def visits(self, period: Period, **choice: Any) -> dict[str, Any]:
        """A page of the list of conversations."""
        found, total = await visits(self._database, period, **choice)
        return {
            "visits": [
                {
                    **asdict(one),
                    "day": one.day.isoformat(),
                    "began": one.began.isoformat(),
                    "ended": one.ended.isoformat(),
                }
                for one in found
            ],
            "total": total,
            "pages": -(-total // PAGE),
        }

    async def conversation(self, row: int) -> dict[str, Any]:
        """One conversation, turn by turn."""
        found = await self._conversation(row)
        return {
            "resident": found.resident,
            "channel": found.channel,
            "day": found.day.isoformat(),
            "turns": [
                {
                    "row": turn.row,
                    "at": turn.at.isoformat(),
                    "user": turn.user,
                    "actions": turn.actions,
                    "bot": turn.bot,
                    "phones": screens(self._bot, found.channel, turn),
                }
                for turn in found.turns
            ],
        }

    async def story_of(self, row: int, name: str) -> dict[str, Any]:
        """The conversation as a conversation test, and what of it the bot would not repeat."""
        found = await self._conversation(row)
        known = Circumstances(self._bot.influencing_slots, self._bot.forms)
        await self._make_numbers_up(found)
        text = story(name, found.turns, known, self._words)
        return {"text": text, "feature": await self._feature(found), **await self.rehearse(text)}

    async def rehearse(self, text: str) -> dict[str, Any]:
        """What of a conversation test the bot would not repeat."""
        try:
            mismatches = await self._bot.rehearse(as_file(text))
        except BadStory as error:
            raise Problem("bad_story", 409, said=mask(str(error))) from None
        return {
            "mismatches": [asdict(one) for one in mismatches],
            # Such a step holds on to it that the bot does not understand.
            "unclear": len(_UNCLEAR.findall(text)),
        }

    async def save_story(self, feature: str, text: str) -> dict[str, Any]:
        """Appends a conversation test that the bot passes."""
        self._writable()
        if (await self.rehearse(text))["mismatches"]:
            raise Problem("not_repeated", 409)
        try:
            file = await asyncio.to_thread(self._stories.add, feature, text)
        except StoryRefused as error:
            raise Problem(f"story_{error}", 409) from None
        except (Changed, NotWritable) as error:
            raise Problem("not_written", 409, file=str(error)) from None
        return {"file": file, "changed": await self.changed()}

    async def funnel(self, period: Period) -> dict[str, Any]:
        """The funnel of the period."""
        found = await funnel(self._database, period)
        texts = self._bot.texts
        return {
            "stages": STAGES,
            "days": [{**asdict(day), "day": day.day.isoformat()} for day in found.days],
            "leavings": [
                asdict(replace(one, text=texts.get(one.response, one.text)))
                for one in found.leavings
            ],
        }

    async def stop(self) -> None:
        """Ends a training that is under way."""
        await self.training.stop()

    async def _conversation(self, row: int) -> Conversation:
        found = await conversation(self._database, row, self._zone)
        if found is None:
            raise Problem("gone", 404)
        return found

    async def _make_numbers_up(self, found: Conversation) -> None:
        """Of the texts that a message may have been, the one that means the same.

        The shape of a hidden number may be unknown, and a typed caption may have been taken for its
        button although the words alone say something else.
        """
        for turn in found.turns:
            if turn.user is None:
                continue
            payload = str(turn.user.get("payload") or "")
            if turn.user["text"].startswith("/"):
                turn.user["text"] = payload or turn.user["text"]
                continue
            shapes = self._words.numbered(
                turn.user["text"], turn.user.get("hidden", ()), turn.user.get("asked")
            )
            is_doubtful = len(shapes) > 1 or payload
            readings = [await self._bot.read(one) for one in shapes] if is_doubtful else []
            same = [
                shape
                for shape, reading in zip(shapes, readings, strict=False)
                if reading.intent == turn.user.get("intent")
            ]
            otherwise = payload if payload.startswith("/") else shapes[0]
            turn.user["text"] = same[0] if same else otherwise

    async def _feature(self, found: Conversation) -> str | None:
        """The feature that the conversation is about: of its first wish that has a test file."""
        intents = await asyncio.to_thread(self._phrases.intents)
        features = self._stories.features()
        for turn in found.turns:
            feature = intents.get(str((turn.user or {}).get("intent")))
            if feature in features and feature != "help":
                return feature
        return "help" if "help" in features else next(iter(features), None)

    def _writable(self) -> None:
        if not self._files.writable:
            raise Problem("read_only", 403)
