"""Within a turn a question is put once; a change or an error makes it be put again."""

from __future__ import annotations

import asyncio

import pytest

from backend.asked import changed, once, one_turn


class Counter:
    def __init__(self) -> None:
        self.asked = 0

    async def ask(self) -> int:
        self.asked += 1
        return self.asked


async def test_outside_a_turn_every_question_is_put() -> None:
    counter = Counter()
    assert [await once(("a",), counter.ask), await once(("a",), counter.ask)] == [1, 2]


async def test_in_a_turn_the_first_answer_holds_for_that_question_only() -> None:
    counter = Counter()
    with one_turn():
        assert [await once(("a", "1"), counter.ask) for _ in range(3)] == [1, 1, 1]
        assert await once(("a", "2"), counter.ask) == 2
    with one_turn():
        assert await once(("a", "1"), counter.ask) == 3


async def test_after_a_change_the_questions_it_touches_are_put_again() -> None:
    counter = Counter()
    with one_turn():
        await once(("billing", "706", "account"), counter.ask)
        await once(("billing", "707", "account"), counter.ask)
        changed("billing", "706")
        assert await once(("billing", "706", "account"), counter.ask) == 3
        assert await once(("billing", "707", "account"), counter.ask) == 2


async def test_an_error_is_not_remembered() -> None:
    counter = Counter()

    async def fail() -> int:
        raise ValueError("no answer")

    with one_turn():
        with pytest.raises(ValueError, match="no answer"):
            await once(("a",), fail)
        assert await once(("a",), counter.ask) == 1


async def test_turns_side_by_side_do_not_share_answers() -> None:
    counter = Counter()

    async def turn() -> int:
        with one_turn():
            await asyncio.sleep(0)
            return await once(("a",), counter.ask)

    assert sorted(await asyncio.gather(turn(), turn())) == [1, 2]
