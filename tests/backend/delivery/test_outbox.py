"""Outgoing messages: in order, again after failures by their class, parked in the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from backend.delivery import outbox as outbox_module
from backend.delivery import queue as queue_module
from backend.delivery.messenger import (
    MessageRejected,
    OperatorNeeded,
    ResidentUnreachable,
    RetryLater,
)
from backend.delivery.model import OutgoingMessage
from backend.delivery.outbox import queue_message
from backend.delivery.turn import Said, Turn
from tests.durability_fakes import FakeTalk, Machine, event, eventually


class SayingTalk(FakeTalk):
    """A turn handler that says what it is told to."""

    def __init__(self, say: Callable[[Turn], Awaitable[None]]) -> None:
        super().__init__()
        self._say = say

    async def handle(self, turn: Turn) -> None:
        await super().handle(turn)
        await self._say(turn)


@pytest.fixture
async def machine(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Machine]:
    monkeypatch.setattr(outbox_module, "BACKOFF", (0.01,) * 9)
    monkeypatch.setattr(outbox_module, "OPERATOR_BACKOFF", 0.01)
    monkeypatch.setattr(queue_module, "POLL", 0.05)
    async with Machine(database_url) as one:
        yield await one.start()


def message(key: str, words: str, user: str = "1", channel: str = "vk") -> OutgoingMessage:
    return OutgoingMessage(key=key, channel=channel, user_id=user, text=words)


async def put(machine: Machine, *messages: OutgoingMessage) -> None:
    async with machine.database.transaction() as connection:
        for one in messages:
            await queue_message(connection, one)


async def test_messages_go_out_in_the_order_in_which_they_were_queued(machine: Machine) -> None:
    for number in range(30):
        await put(machine, message(f"k{number}", str(number)))
    assert await machine.vk.until_sent(30) == [str(number) for number in range(30)]


async def test_a_message_with_a_known_key_is_queued_only_once(machine: Machine) -> None:
    await put(machine, message("k", "раз"))
    await put(machine, message("k", "раз"), message("l", "два"))
    assert await machine.vk.until_sent(2) == ["раз", "два"]


async def test_a_message_to_be_sent_later_keeps_its_key_and_its_place(machine: Machine) -> None:
    machine.vk.troubles.extend([RetryLater("flood", code=9), RetryLater("HTTP 502", after=0.05)])
    await put(machine, message("k1", "первое"), message("k2", "второе"))
    await put(machine, message("k3", "третье"))
    assert await machine.vk.until_sent(3) == ["первое", "второе", "третье"]
    assert [one.key for one in machine.vk.attempts] == ["k1", "k1", "k1", "k2", "k3"]
    assert len({one.random_id for one in machine.vk.attempts[:3]}) == 1


async def test_one_resident_s_trouble_does_not_hold_up_another(machine: Machine) -> None:
    machine.vk.troubles.append(RetryLater("flood", after=60))
    await put(machine, message("k1", "стоит", user="1"))
    await machine.vk.until(lambda: len(machine.vk.attempts) == 1)
    await put(machine, message("k2", "идёт", user="2"))
    assert await machine.vk.until_sent(1) == ["идёт"]


async def test_the_wait_that_a_messenger_asks_for_is_kept(machine: Machine) -> None:
    machine.vk.troubles.append(RetryLater("flood", after=600))
    await put(machine, message("k", "позже"))

    async def waits() -> list[object]:
        return await machine.rows(
            "SELECT 1 FROM procrastinate_jobs WHERE task_name = 'deliver' AND status = 'todo'"
            " AND scheduled_at BETWEEN now() + interval '580 s' AND now() + interval '610 s'"
        )

    await eventually(waits)


async def test_a_rejected_message_is_parked_and_the_next_goes_on(machine: Machine) -> None:
    machine.vk.troubles.append(MessageRejected("too long", code=914))
    await put(machine, message("k1", "никогда"), message("k2", "дальше"))
    assert await machine.vk.until_sent(1) == ["дальше"]
    rows = await machine.rows("SELECT state, error FROM outbox ORDER BY id")
    assert rows[0] == ("parked", "MessageRejected 914: too long")


async def test_what_an_operator_must_mend_waits_and_goes_out_afterwards(machine: Machine) -> None:
    machine.vk.troubles.extend([OperatorNeeded("token", code=5)] * 3)
    await put(machine, message("k1", "раз"), message("k2", "два"))
    assert await machine.vk.until_sent(2) == ["раз", "два"]


async def test_a_message_too_old_to_be_useful_is_parked_instead_of_tried_for_ever(
    machine: Machine,
) -> None:
    machine.vk.troubles.append(RetryLater("flood"))
    await machine.run(
        "INSERT INTO outbox (key, resident, channel, user_id, message, created_at) VALUES"
        " ('old', 'vk:1', 'vk', '1', '{\"text\": \"old\"}', now() - interval '25 hours')"
    )
    await put(machine, message("new", "новое"))
    assert await machine.vk.until_sent(1) == ["новое"]
    assert (await machine.state_of("outbox"))[0] == "parked"


async def test_an_unforeseen_failure_is_tried_again_and_parked_in_the_end(
    machine: Machine,
) -> None:
    machine.vk.troubles.extend([KeyError("nobody thought of it")] * outbox_module.MOST_CRASHES)
    await put(machine, message("k1", "странное"), message("k2", "дальше"))
    assert await machine.vk.until_sent(1) == ["дальше"]

    async def noted() -> bool:
        return await machine.state_of("outbox") == ["parked", "sent"]

    await eventually(noted)


async def test_an_unforeseen_failure_that_passes_loses_nothing(machine: Machine) -> None:
    machine.vk.troubles.append(OSError("odd"))
    await put(machine, message("k1", "раз"), message("k2", "два"))
    assert await machine.vk.until_sent(2) == ["раз", "два"]


async def test_a_channel_that_is_off_keeps_its_messages(machine: Machine) -> None:
    await put(machine, message("k", "ждёт", channel="max"))

    async def tried() -> list[object]:
        return await machine.rows("SELECT 1 FROM outbox WHERE attempts > 0 AND state = 'queued'")

    await eventually(tried)


async def test_nothing_more_goes_to_an_unreachable_resident_until_they_write(
    machine: Machine,
) -> None:
    await machine.say("раз")
    await machine.vk.until_sent(1)
    machine.vk.troubles.append(ResidentUnreachable("blocked", code=901))
    await put(machine, message("k1", "a"), message("k2", "b"))

    async def dropped() -> bool:
        return (await machine.state_of("outbox"))[1:] == ["unreachable", "unreachable"]

    await eventually(dropped)
    await put(machine, message("k3", "c"))

    async def dropped_too() -> bool:
        return (await machine.state_of("outbox"))[-1] == "unreachable"

    await eventually(dropped_too)
    assert len(machine.vk.attempts) == 2
    await machine.say("я снова тут")
    assert await machine.vk.until_sent(2) == ["re: раз", "re: я снова тут"]


async def test_a_message_sent_but_not_noted_goes_again_under_the_same_random_id(
    machine: Machine,
) -> None:
    lost = iter([True])

    async def lose_all_connections() -> None:
        if next(lost, False):
            await machine.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
            # The pool keeps the one connection that asked; it must go too.
            await machine.database.close()
            real = machine.database.autocommit
            broken = iter([True])

            def autocommit() -> object:
                if next(broken, False):
                    raise ConnectionError("gone")
                return real()

            machine.database.autocommit = autocommit  # type: ignore[method-assign,assignment]

    machine.vk.after_taking = lose_all_connections
    await put(machine, message("k", "однажды"))
    await machine.vk.until_sent(2)
    assert len({one.random_id for one in machine.vk.sent}) == 1

    async def noted() -> bool:
        return await machine.state_of("outbox") == ["sent"]

    await eventually(noted)


async def test_a_picture_travels_with_its_message(machine: Machine) -> None:
    await machine.run(
        "INSERT INTO outbox (key, resident, channel, user_id, message, picture)"
        " VALUES ('p', 'vk:1', 'vk', '1', '{\"text\": \"график\"}', 'png'::bytea)"
    )
    await put(machine, message("k", "дальше"))
    await machine.vk.until_sent(2)
    assert machine.vk.sent[0].picture == b"png"


async def test_a_picture_outlives_the_process_that_made_it(
    machine: Machine, database_url: str
) -> None:
    async def say_it(turn: Turn) -> None:
        turn.said = [Said("График", picture=b"\x89PNG", without_picture="Таблица"), Said("Меню")]

    async with Machine(database_url, SayingTalk(say_it)) as dying:
        dying.vk.troubles.extend([RetryLater("the process dies now")] * 99)
        await machine.queue.stop(2)
        await dying.start()
        await dying.say("мои показания")
        await dying.vk.until(lambda: len(dying.vk.attempts) >= 2)
    async with Machine(database_url) as other:
        await other.start()
        assert await other.vk.until_sent(2) == ["График", "Меню"]
    picture, menu = other.vk.sent
    assert (picture.picture, picture.without_picture) == (b"\x89PNG", "Таблица")
    assert picture.key == dying.vk.attempts[0].key
    assert (menu.picture, menu.without_picture) == (None, None)


def test_only_the_first_part_of_a_long_text_bears_its_picture() -> None:
    turn = Turn(event("график"), 0, [], [])
    turn.said = [Said("а" * 30, picture=b"png", without_picture="таблица"), Said("меню")]
    messages = turn.messages(20)
    assert [one.picture for one in messages] == [b"png", None, None]
    assert [one.without_picture for one in messages] == ["таблица", None, None]


def test_random_ids_are_positive_numbers_of_31_bits_that_depend_on_the_key_only() -> None:
    numbers = {message(f"k{number}", "x").random_id for number in range(500)}
    assert len(numbers) == 500
    assert all(0 < number < 2**31 for number in numbers)
    assert message("k", "x").random_id == message("k", "y", user="2").random_id
