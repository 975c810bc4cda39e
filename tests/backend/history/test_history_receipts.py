"""A resident finds every confirmed submission again, and nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal as D

import pytest

from backend.billing.errors import BillingUnavailable, SubmissionRefused, Trouble
from backend.history.model import Standing
from backend.history.receipts import StoredReceipts
from backend.readings.outcomes import ConfirmedReading
from tests.durability_fakes import Machine

HOT = ConfirmedReading("m-1", "ГВС №1710051", D("56590.125"))
ONE = "7060012345"


@pytest.fixture
async def machine(database_url: str) -> AsyncIterator[Machine]:
    async with Machine(database_url) as one:
        yield one


async def submit(
    machine: Machine,
    event_id: str,
    *readings: ConfirmedReading,
    resident: str = "vk:1",
    account: str = ONE,
) -> None:
    await machine.submissions.submit(resident, account, readings or [HOT], event_id=event_id)


async def test_accepted_waiting_and_refused_ones_are_found_newest_first(machine: Machine) -> None:
    await submit(machine, "accepted")
    machine.billing.troubles.append(SubmissionRefused("period_closed", detail="Период закрыт."))
    await submit(machine, "refused")
    machine.billing.troubles.append(SubmissionRefused("unknown"))
    await submit(machine, "refused without a reason")
    machine.billing.troubles.append(BillingUnavailable(Trouble.TIMEOUT))
    await submit(machine, "waiting")
    found = await StoredReceipts(machine.database).last("vk:1", ONE, 5)
    assert [(one.standing, one.receipt, one.reason) for one in found] == [
        (Standing.WAITING, None, None),
        (Standing.REFUSED, None, None),
        (Standing.REFUSED, None, "Период закрыт."),
        (Standing.ACCEPTED, "r-1", None),
    ]
    assert all(one.readings == (HOT,) for one in found)
    assert all(one.at.tzinfo is not None for one in found)
    # Billing's own time: it is what the receipt says.
    assert found[-1].at.isoformat() == "2026-11-20T00:00:00+00:00"


async def test_others_and_other_accounts_submissions_are_not_shown(machine: Machine) -> None:
    await submit(machine, "1", resident="vk:2")
    await submit(machine, "2", resident="viber:1")
    await submit(machine, "3", account="7060020003")
    assert await StoredReceipts(machine.database).last("vk:1", ONE, 5) == ()


async def test_only_the_last_ones_are_found(machine: Machine) -> None:
    for number in range(4):
        await submit(machine, str(number))
    found = await StoredReceipts(machine.database).last("vk:1", ONE, 3)
    assert [one.receipt for one in found] == ["r-4", "r-3", "r-2"]


async def test_a_submission_is_found_in_the_turn_that_made_it(machine: Machine) -> None:
    async with machine.database.transaction():
        await submit(machine, "1")
        (found,) = await StoredReceipts(machine.database).last("vk:1", ONE, 3)
    assert found.standing is Standing.ACCEPTED


async def test_an_earlier_one_of_the_period_is_replaced_once_all_its_meters_are(
    machine: Machine,
) -> None:
    bath = ConfirmedReading("m-2", "ГВС №1710052", D("101.5"))

    async def standings() -> list[tuple[str | None, Standing]]:
        found = await StoredReceipts(machine.database).last("vk:1", ONE, 5)
        return [(one.receipt, one.standing) for one in found]

    await submit(machine, "1", HOT, bath)
    await submit(machine, "2", HOT)
    assert await standings() == [("r-2", Standing.ACCEPTED), ("r-1", Standing.ACCEPTED)]
    await submit(machine, "3", bath)
    assert await standings() == [
        ("r-3", Standing.ACCEPTED),
        ("r-2", Standing.ACCEPTED),
        ("r-1", Standing.REPLACED),
    ]
    await machine.run(
        'UPDATE submissions SET receipt = receipt || \'{"period": "2026-10"}\''
        " WHERE receipt->>'receipt_id' = 'r-1'"
    )
    assert (await standings())[-1] == ("r-1", Standing.ACCEPTED)


async def test_a_refused_one_replaces_nothing(machine: Machine) -> None:
    await submit(machine, "1")
    machine.billing.troubles.append(SubmissionRefused("reading_below_previous"))
    await submit(machine, "2")
    found = await StoredReceipts(machine.database).last("vk:1", ONE, 5)
    assert [one.standing for one in found] == [Standing.REFUSED, Standing.ACCEPTED]
