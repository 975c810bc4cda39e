"""Everything the page can do, free of HTTP: JSON in and out, problems as codes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from backend.delivery.masking import mask
from backend.storage.database import Database
from nlu.encoder import installed_encoder
from nlu.normaliser import TextNormaliser
from studio.bot import BadStory, Bot
from studio.conversations import PAGE, Conversation, conversation, visits
from studio.files import Changed, NotWritable, ProjectFiles
from studio.funnel import funnel
from studio.grouping import Grouping
from studio.likeness import Likeness
from studio.period import Period
from studio.phones import screens
from studio.phrases import Phrases, Refused, UnknownIntent
from studio.stages import STAGES
from studio.story import Circumstances, Stories, StoryRefused, as_file, story
from studio.training import AlreadyTraining, Training
from studio.understanding import Understanding
from studio.words import Words

REREADING_SECONDS = 5.0


_UNCLEAR = re.compile(r"^\s*(?:- )?intent: nlu_fallback\s*$", re.MULTILINE)


class Problem(Exception):
    """Something the page has words for: `code`, and what the words need."""

    def __init__(self, code: str, status: int = 400, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.details = details


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
        self._training = Training(root, bot.take, command, check)
        # Loads dictionaries and an encoder, which takes a second: not before it is needed.
        self._grouping: Grouping | None = None

    @property
    def grouping(self) -> Grouping:
        """The groups of unclear messages."""
        if self._grouping is None:
            likeness = Likeness(TextNormaliser.default().normalise, installed_encoder())
            understanding = Understanding(self._bot, self._words)
            self._grouping = Grouping(self._database, likeness, understanding, self._phrases)
        return self._grouping

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
            "training": self.training_state(),
        }

    async def changed(self) -> list[str]:
        """The files written here that are still to be committed."""
        return await asyncio.to_thread(self._files.unsaved)

    async def readings(self, texts: list[str]) -> dict[str, Any]:
        """How the present model understands the texts."""
        return {"readings": await self.grouping.readings(texts, REREADING_SECONDS)}

    async def teach(self, intent: str, phrases: list[str]) -> dict[str, Any]:
        """Writes phrases into the intent's file."""
        self._writable()
        whole = [self._words.with_numbers(phrase) for phrase in phrases]
        try:
            written = await asyncio.to_thread(self._phrases.add, intent, whole)
        except UnknownIntent:
            raise Problem("intent", 404, intent=intent) from None
        except Refused as error:
            refusals = [asdict(one) for one in error.refusals]
            raise Problem("refused", 409, refusals=refusals) from None
        except (Changed, NotWritable) as error:
            raise Problem("not_written", 409, file=str(error)) from None
        except ValueError:
            raise Problem("unsafe", 409) from None
        return {**asdict(written), "changed": await self.changed()}

    def train(self) -> dict[str, Any]:
        """Begins to train."""
        self._writable()
        try:
            self._training.start()
        except AlreadyTraining:
            raise Problem("training", 409) from None
        return self.training_state()

    def training_state(self) -> dict[str, Any]:
        """How the training goes."""
        return {
            "state": self._training.state,
            "seconds": round(self._training.seconds, 1),
            "usual": round(self._training.usual.seconds),
            "said": [mask(line) for line in self._training.said],
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
        await self._training.stop()

    async def _conversation(self, row: int) -> Conversation:
        found = await conversation(self._database, row, self._zone)
        if found is None:
            raise Problem("gone", 404)
        return found

    async def _make_numbers_up(self, found: Conversation) -> None:
        """Of the shapes that a hidden number may have had, the one that means the same."""
        for turn in found.turns:
            if turn.user is None or turn.user["text"].startswith("/"):
                continue
            shapes = self._words.numbered(turn.user["text"], turn.user.get("asked"))
            readings = [await self._bot.read(one) for one in shapes] if len(shapes) > 1 else []
            same = [
                shape
                for shape, reading in zip(shapes, readings, strict=False)
                if reading.intent == turn.user.get("intent")
            ]
            turn.user["text"] = (same or shapes)[0]

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
