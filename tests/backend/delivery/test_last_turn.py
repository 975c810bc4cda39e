"""A turn that deletes everything leaves nothing but its farewell, until that has been sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal as D

import pytest

from backend.billing.errors import BillingUnavailable, Trouble
from backend.delivery.messenger import MessageRejected, ResidentUnreachable, RetryLater
from backend.delivery.model import Button, EventKind
from backend.delivery.turn import Said, Turn
from backend.privacy.policy import Policy
from backend.privacy.service import Privacy, privacy_of
from backend.readings.outcomes import ConfirmedReading
from tests.durability_fakes import Machine, event, eventually

USER = "700100200"
READINGS = (ConfirmedReading("m-1", "ГВС №1710051", D("56590")),)


@pytest.fixture
async def machine(database_url: str) -> AsyncIterator[Machine]:
    async with Machine(database_url) as idle:
        privacy = privacy_of(Policy("https://example.org", "1"), idle.database)
        obey(idle, privacy)
        yield await idle.start()


def obey(machine: Machine, privacy: Privacy) -> None:
    """«стереть» deletes everything, «привязать» links, «секрет» is not kept."""

    async def during(turn: Turn) -> None:
        resident, words = turn.event.resident, turn.event.text
        if words.startswith("стереть"):
            await privacy.stored.remove(resident)
        elif words.startswith("секрет"):
            privacy.stored.withhold()
        elif words == "привязать":
            await privacy.consents.give(resident)
            await privacy.wrong_numbers.count(resident)

    machine.talk.during = during


async def traces(machine: Machine, words: str = USER) -> list[str]:
    """The tables that know the words, the queue's own included."""
    names = await machine.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [
        name
        for (name,) in names
        if await machine.rows(
            f'SELECT 1 FROM "{name}" AS t WHERE t::text LIKE :words LIMIT 1', words=f"%{words}%"
        )
    ]


async def gone(machine: Machine, words: str = USER) -> None:
    """Waits until the finished jobs are deleted too."""

    async def nothing() -> bool:
        return not await traces(machine, words)

    await eventually(nothing)


async def test_after_the_farewell_nothing_is_left(machine: Machine) -> None:
    await machine.say("привет", "привязать", "? вопрос", "стереть", user=USER)
    assert (await machine.vk.until_sent(4))[-1] == "re: стереть"
    await gone(machine)


async def test_the_farewell_waits_as_long_as_the_messenger_does_not_take_it(
    machine: Machine,
) -> None:
    await machine.say("привет", user=USER)
    await machine.vk.until_sent(1)
    machine.vk.troubles.extend([RetryLater("busy", after=0.3)] * 2)
    await machine.say("стереть", user=USER)
    await machine.vk.until(lambda: len(machine.vk.attempts) == 2)
    assert (await machine.vk.until_sent(2))[-1] == "re: стереть"
    await gone(machine)


@pytest.mark.parametrize(
    "trouble", [ResidentUnreachable("blocked", code=901), MessageRejected("too strange")]
)
async def test_a_farewell_that_can_not_be_sent_goes_too(
    machine: Machine, trouble: Exception
) -> None:
    machine.vk.troubles.append(trouble)
    await machine.say("стереть", user=USER)
    await machine.vk.until(lambda: len(machine.vk.attempts) == 1)
    await gone(machine)
    assert machine.vk.sent == []


async def test_a_farewell_to_somebody_who_leaves_meanwhile_goes_too(machine: Machine) -> None:
    machine.vk.troubles.append(RetryLater("busy", after=0.4))
    await machine.say("стереть", user=USER)
    await machine.vk.until(lambda: len(machine.vk.attempts) == 1)
    await machine.inbox.resident_left("vk", USER)
    await gone(machine)
    assert machine.vk.sent == []


async def test_the_next_message_begins_anew(machine: Machine) -> None:
    await machine.say("привет", "стереть", "снова", user=USER)
    await machine.vk.until_sent(3)
    rows = await machine.rows("SELECT version, events FROM conversations")
    assert rows == [(1, [{"text": "снова"}])]
    assert machine.talk.of(USER) == ["привет", "стереть", "снова"]


async def test_a_message_that_came_before_the_deletion_ended_is_answered_as_a_new_one(
    machine: Machine,
) -> None:
    obeyed, later = machine.talk.during, asyncio.Event()

    async def during(turn: Turn) -> None:
        assert obeyed is not None
        if turn.event.text == "стереть":
            await later.wait()
        await obeyed(turn)

    machine.talk.during = during
    await machine.say("привет", "стереть", user=USER)
    await machine.say("ещё вопрос", user=USER)
    later.set()
    await machine.vk.until_sent(3)
    rows = await machine.rows("SELECT version, events FROM conversations")
    assert rows == [(1, [{"text": "ещё вопрос"}])]


async def test_a_repeated_delivery_after_the_deletion_has_no_effect(machine: Machine) -> None:
    deletion = event("стереть", user=USER)
    await machine.say("привет", user=USER)
    await machine.inbox.store(deletion)
    await machine.vk.until_sent(2)
    await gone(machine)
    assert await machine.inbox.store(deletion) is False
    assert await traces(machine) == []


async def test_nobody_else_loses_anything(machine: Machine) -> None:
    await machine.say("привет", "привязать", user="1")
    await machine.vk.until_sent(2)
    await machine.say("стереть", user=USER)
    await machine.vk.until_sent(3)
    await gone(machine)
    tables = ("inbox", "outbox", "event_log")
    counts = [
        (await machine.rows(f"SELECT count(*) FROM {name} WHERE resident = 'vk:1'"))[0][0]
        for name in tables
    ]
    assert counts == [2, 2, 2]
    assert len(await machine.rows("SELECT 1 FROM consents WHERE resident = 'vk:1'")) == 1


async def test_a_deletion_that_fails_deletes_nothing_and_runs_again(machine: Machine) -> None:
    await machine.say("привет", user=USER)
    await machine.vk.until_sent(1)
    machine.talk.failures["стереть"] = 1
    await machine.say("стереть", user=USER)
    assert (await machine.vk.until_sent(2))[-1] == "re: стереть"
    await gone(machine)


async def test_a_deletion_overtaken_by_another_turn_runs_again(machine: Machine) -> None:
    await machine.say("привет", user=USER)
    await machine.vk.until_sent(1)
    obeyed, overtaken = machine.talk.during, iter([True])

    async def during(turn: Turn) -> None:
        assert obeyed is not None
        await obeyed(turn)
        if next(overtaken, False):
            await machine.run("UPDATE conversations SET version = version + 1")

    machine.talk.during = during
    await machine.say("стереть", user=USER)
    assert (await machine.vk.until_sent(2))[-1] == "re: стереть"
    assert machine.talk.begun.count((USER, "стереть")) == 2
    await gone(machine)


async def test_a_button_from_before_the_deletion_never_bears_the_number_of_a_new_one(
    machine: Machine,
) -> None:
    await machine.say("? раз", "? два", "стереть", "? три", user=USER)
    await machine.vk.until_sent(4)
    shown = [sent.keyboard.question for sent in machine.vk.sent if sent.keyboard]
    # The third message has no question of its own and shows the keyboard that is there.
    assert int(shown[0]) < int(shown[1]) == int(shown[2]) < int(shown[3])


async def test_a_confirmed_submission_reaches_billing_and_is_then_forgotten(
    machine: Machine,
) -> None:
    machine.billing.troubles.append(BillingUnavailable(Trouble.TIMEOUT, after=0.2))
    await machine.say("привет", user=USER)
    await machine.vk.until_sent(1)
    outcome = await machine.submissions.submit(
        f"vk:{USER}", "7060012345", READINGS, event_id="e-confirmed"
    )
    assert type(outcome).__name__ == "Waiting"
    await machine.say("стереть", user=USER)
    await machine.vk.until_sent(2)
    await gone(machine)
    assert await machine.rows("SELECT account FROM submissions") == [("7060012345",)]
    await machine.run("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE task_name='settle'")
    await machine.billing.until(lambda: len(machine.billing.stored) == 1)
    await gone(machine, "7060012345")
    assert await machine.rows("SELECT 1 FROM submissions") == []
    assert len(machine.vk.sent) == 2


async def test_a_deletion_during_the_call_to_billing_tells_no_outcome(machine: Machine) -> None:
    machine.billing.troubles.append(BillingUnavailable(Trouble.TIMEOUT))
    await machine.submissions.submit(f"vk:{USER}", "7060012345", READINGS, event_id="e-confirmed")

    async def delete_everything(_submission: object) -> None:
        await machine.say("стереть", user=USER)
        await machine.vk.until_sent(1)

    machine.billing.during = delete_everything
    await machine.run(
        "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE task_name = 'settle'"
    )
    await gone(machine, "7060012345")
    await gone(machine)
    assert machine.vk.texts() == ["re: стереть"]


async def test_withheld_words_are_kept_nowhere(machine: Machine) -> None:
    await machine.say("секрет 7060012345", user=USER)
    await machine.vk.until_sent(1)
    rows = await machine.rows("SELECT event FROM inbox")
    assert rows[0].event["text"] == ""
    rows = await machine.rows("SELECT events FROM conversations")
    assert rows == [([{"text": "секрет •••45"}],)]


async def test_a_notice_does_not_bring_back_somebody_who_left(machine: Machine) -> None:
    await machine.say("привет", user=USER)
    await machine.vk.until_sent(1)
    await machine.inbox.resident_left("vk", USER)
    await machine.inbox.store(event("7060012345", user=USER, kind=EventKind.LINKED))
    await machine.talk.until(lambda: len(machine.talk.handled) == 2)

    async def dropped() -> bool:
        return bool(await machine.rows("SELECT 1 FROM outbox WHERE state = 'unreachable'"))

    await eventually(dropped)
    assert len(machine.vk.sent) == 1


async def test_the_farewell_may_bear_a_button(machine: Machine) -> None:
    async def during(turn: Turn) -> None:
        turn.is_last = True

    machine.talk.during = during
    machine.talk.handle = last_words(machine)  # type: ignore[method-assign]
    await machine.say("стереть", user=USER)
    await machine.vk.until_sent(1)
    (sent,) = machine.vk.sent
    assert sent.keyboard is not None
    assert [button.caption for button in sent.keyboard.buttons] == ["Начать"]
    await gone(machine)


def last_words(machine: Machine):
    async def handle(turn: Turn) -> None:
        turn.said = [Said("прощайте", (Button("Начать", "/main_menu"),))]
        turn.is_last = turn.saved = True

    return handle
