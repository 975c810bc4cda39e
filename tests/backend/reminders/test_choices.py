"""The resident's choice, and when it is offered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from backend.asked import one_turn
from backend.delivery.turn import Turn
from backend.readings.outcomes import ConfirmedReading
from backend.reminders.choices import ReminderChoices
from backend.reminders.offering import question
from tests.durability_fakes import Machine

NOW = datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("Europe/Moscow"))


@pytest.fixture
async def machine(database_url: str) -> AsyncIterator[Machine]:
    async with Machine(database_url) as one:
        yield one


@pytest.fixture
def reminders(machine: Machine) -> ReminderChoices:
    return ReminderChoices(machine.database, ("vk",))


async def give(machine: Machine, event_id: str, resident: str = "vk:1") -> None:
    reading = ConfirmedReading("m-1", "ГВС", Decimal(5))
    await machine.submissions.submit(resident, "7060012345", [reading], event_id=event_id)


async def test_a_choice_is_kept_and_changed(reminders: ReminderChoices) -> None:
    assert await reminders.wanted("vk:1") is None
    await reminders.turn_on("vk:1", NOW)
    assert await reminders.wanted("vk:1") is True
    await reminders.turn_off("vk:1", NOW)
    assert await reminders.wanted("vk:1") is False
    await reminders.turn_on("vk:1", NOW)
    assert await reminders.wanted("vk:1") is True


async def test_asking_again_does_not_move_the_day_of_the_wish(
    machine: Machine, reminders: ReminderChoices
) -> None:
    await reminders.turn_on("vk:1", NOW - timedelta(days=9))
    await reminders.turn_on("vk:1", NOW)
    (row,) = await machine.rows("SELECT chosen_at FROM reminder_choices")
    assert row.chosen_at == NOW - timedelta(days=9)


async def test_a_choice_belongs_to_its_turns_transaction(
    machine: Machine, reminders: ReminderChoices
) -> None:
    with pytest.raises(RuntimeError):
        async with machine.database.transaction():
            await reminders.turn_on("vk:1", NOW)
            raise RuntimeError
    assert await reminders.wanted("vk:1") is None


async def test_the_first_readings_bring_no_offer_the_second_do(
    machine: Machine, reminders: ReminderChoices
) -> None:
    await give(machine, "e1")
    assert not await reminders.may_offer("vk:1", "e1")
    await give(machine, "e2")
    assert await reminders.may_offer("vk:1", "e2")


async def test_an_offer_made_in_a_turn_counts_once_the_turn_is_written(
    machine: Machine, reminders: ReminderChoices
) -> None:
    offers: list[bool] = []
    dies = iter([True])

    async def confirm(turn: Turn) -> None:
        read = {question("vk:1"): turn.may_be_offered}
        with one_turn(read):
            await give(machine, turn.event.event_id)
            offers.append(await reminders.may_offer("vk:1", turn.event.event_id))
        if len(offers) == 2 and next(dies, False):
            raise ConnectionError("killed before the commit")

    machine.talk.during = confirm
    await machine.start()
    for count in (1, 2, 3):
        await machine.say("да")
        await machine.vk.until_sent(count)
    assert offers == [False, True, True, False]
    assert [row.offers for row in await machine.rows("SELECT offers FROM reminder_choices")] == [1]


async def test_an_event_without_readings_brings_no_offer(
    machine: Machine, reminders: ReminderChoices
) -> None:
    await give(machine, "e1")
    await give(machine, "e2")
    assert not await reminders.may_offer("vk:1", "e3")


async def test_an_offer_passed_over_is_made_once_more_and_not_in_the_same_month(
    machine: Machine, reminders: ReminderChoices
) -> None:
    await give(machine, "e1")
    await give(machine, "e2")
    offers = []
    for age in (0, 10, 40, 80):
        await machine.run(
            "UPDATE reminder_choices SET offered_at = now() - make_interval(days => :age)", age=age
        )
        offers.append(await reminders.may_offer("vk:1", "e2"))
    assert offers == [True, False, True, False]


@pytest.mark.parametrize("wants", [True, False])
async def test_who_has_chosen_gets_no_offer(
    machine: Machine, reminders: ReminderChoices, wants: bool
) -> None:
    await give(machine, "e1")
    await give(machine, "e2")
    await (reminders.turn_on if wants else reminders.turn_off)("vk:1", NOW)
    await machine.run("UPDATE reminder_choices SET offered_at = now() - interval '1 year'")
    assert not await reminders.may_offer("vk:1", "e2")


async def test_where_no_reminders_are_sent_none_are_offered(
    machine: Machine, reminders: ReminderChoices
) -> None:
    await give(machine, "e1", "viber:1")
    await give(machine, "e2", "viber:1")
    assert not await reminders.may_offer("viber:1", "e2")
