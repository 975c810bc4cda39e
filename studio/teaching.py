"""Records phrases under an intent: with made-up numbers, undone on request, doubled on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from studio.files import Changed, NotWritable
from studio.near import SameWords
from studio.phrases import Assignment, Gone, Move, Phrases, Refused, UnknownIntent
from studio.problem import Problem
from studio.words import Words


@dataclass(frozen=True)
class Said:
    """A phrase as the page has it; `hidden` are the shapes of its hidden numbers."""

    text: str
    hidden: tuple[str, ...] = ()


class Teaching:
    """Writes phrases and takes them back; problems come as codes."""

    def __init__(self, phrases: Phrases, words: Words, same_words: Callable[[], SameWords]) -> None:
        """`same_words` is asked for when it is needed."""
        self._phrases = phrases
        self._words = words
        self._same_words = same_words

    async def teach(self, intent: str, said: Sequence[Said], *, sure: bool) -> dict[str, Any]:
        """Writes phrases into the intent's file; the answer is what `take_back` wants.

        Unless it is `sure`, a phrase that says the words of another intent's is asked about first.
        """
        whole = [self._words.with_numbers(one.text, one.hidden) for one in said]
        return await asyncio.to_thread(self._teach, intent, whole, sure)

    async def take_back(self, intent: str, phrases: list[str], moved: list[Move]) -> None:
        """Undoes what `teach` did."""
        done = Assignment(intent, "", phrases, moved, [], [])
        try:
            await asyncio.to_thread(self._phrases.take_back, done)
        except (Gone, UnknownIntent):
            raise Problem("edited", 409) from None
        except (Changed, NotWritable) as error:
            raise Problem("not_written", 409, file=str(error)) from None
        except ValueError:
            raise Problem("unsafe", 409) from None

    def _teach(self, intent: str, whole: list[str], sure: bool) -> dict[str, Any]:
        try:
            planned = self._phrases.plan(intent, whole)
            if not sure:
                self._ask(planned)
            self._phrases.write(planned)
        except UnknownIntent:
            raise Problem("intent", 404, intent=intent) from None
        except Refused as error:
            refusals = [asdict(one) for one in error.refusals]
            raise Problem("refused", 409, refusals=refusals) from None
        except (Changed, Gone, NotWritable) as error:
            raise Problem("not_written", 409, file=str(error) or planned.file) from None
        except ValueError:
            raise Problem("unsafe", 409) from None
        return asdict(planned)

    def _ask(self, planned: Assignment) -> None:
        leaving = {(one.intent, one.phrase) for one in planned.moved}
        others = [
            one for one in self._phrases.known().values() if (one.intent, one.phrase) not in leaving
        ]
        near = self._same_words().find(planned.intent, planned.phrases, others)
        if near:
            told = [
                {
                    "phrase": one.phrase,
                    "other": one.example.phrase,
                    "intent": one.example.intent,
                    "place": self._phrases.place_of(one.example),
                }
                for one in near
            ]
            raise Problem("near", 409, near=told)
