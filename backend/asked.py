"""What a turn has asked already: a question whose answer holds for the whole turn is put once.

Several actions of one turn look at the resident's accounts and at billing's answer about one of
them. Outside a turn nothing is remembered.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

_answers: ContextVar[dict[tuple[Hashable, ...], Any] | None] = ContextVar(
    "answers_of_the_turn", default=None
)


@contextmanager
def one_turn(read: Mapping[tuple[Hashable, ...], Any] | None = None) -> Iterator[None]:
    """Remembers answers until the end of the block; those of `read` from its beginning."""
    token = _answers.set(dict(read or {}))
    try:
        yield
    finally:
        _answers.reset(token)


async def once(question: tuple[Hashable, ...], ask: Callable[[], Awaitable[T]]) -> T:
    """The answer to `question`, from `ask` the first time in a turn; an error is not remembered."""
    answers = _answers.get()
    if answers is None:
        return await ask()
    if question not in answers:
        answers[question] = await ask()
    answer: T = answers[question]
    return answer


def known(question: tuple[Hashable, ...], answer: object) -> None:
    """Remembers an answer that nobody had to ask for."""
    answers = _answers.get()
    if answers is not None:
        answers[question] = answer


def changed(*question: Hashable) -> None:
    """Forgets the answers to all questions that begin with `question`."""
    answers = _answers.get() or {}
    for asked in [one for one in answers if one[: len(question)] == question]:
        del answers[asked]
