"""A confirmed submission reaches billing once, whatever billing and the turn do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from backend.billing.errors import (
    AccountNotFound,
    BillingError,
    BillingUnavailable,
    SubmissionRefused,
    Trouble,
)
from backend.billing.model import Submission
from backend.delivery import inbox as inbox_module
from backend.delivery import queue as queue_module
from backend.delivery.queue import Queue
from backend.delivery.turn import Turn
from backend.readings import submissions as submissions_module
from backend.readings.outcomes import Accepted, ConfirmedReading, Outcome, Refused, Settled, Waiting
from tests.durability_fakes import Machine, event, eventually

HOT = ConfirmedReading("m-1", "ГВС №1710051", Decimal("56590.125"))
AWAY = BillingUnavailable(Trouble.TIMEOUT, outcome_unknown=True)


@pytest.fixture
async def machine(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Machine]:
    monkeypatch.setattr(submissions_module, "BACKOFF", (0.01,))
    monkeypatch.setattr(queue_module, "POLL", 0.05)
    async with Machine(database_url) as one:
        yield one


async def submit(
    machine: Machine,
    *readings: ConfirmedReading,
    event_id: str = "e1",
    account: str = "7060012345",
    resident: str = "vk:1",
) -> Outcome:
    return await machine.submissions.submit(
        resident, account, readings or (HOT,), event_id=event_id
    )


async def make_due(machine: Machine) -> None:
    """As if the time until the jobs were over."""
    await machine.run("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    await machine.run("UPDATE submissions SET not_before = NULL")


async def settled(machine: Machine, *states: str) -> None:
    async def reached() -> bool:
        await make_due(machine)
        return await machine.state_of("submissions") == list(states)

    await eventually(reached)


async def no_jobs_left(machine: Machine) -> None:
    async def none() -> bool:
        await make_due(machine)
        return not await machine.rows("SELECT 1 FROM procrastinate_jobs")

    await eventually(none)


async def test_an_accepted_submission_gives_its_receipt(machine: Machine) -> None:
    outcome = await submit(machine)
    assert isinstance(outcome, Accepted)
    assert outcome.receipt.receipt_id == "r-1"
    (call,) = machine.billing.calls
    assert (call.account, call.channel) == ("7060012345", "vk")
    assert [(one.meter_id, one.value) for one in call.readings] == [("m-1", HOT.value)]
    assert 0 < len(call.idempotency_key) <= 64


async def test_the_row_and_its_job_are_there_before_billing_is_called(machine: Machine) -> None:
    found: list[Any] = []

    async def look(_submission: Submission) -> None:
        found.extend(await machine.rows("SELECT state FROM submissions"))
        found.extend(await machine.rows("SELECT task_name FROM procrastinate_jobs"))

    machine.billing.during = look
    await submit(machine)
    assert [tuple(row) for row in found] == [("sent",), ("settle",)]


async def test_a_repeated_confirmation_is_answered_from_the_row(machine: Machine) -> None:
    first = await submit(machine)
    assert await submit(machine) == first
    assert len(machine.billing.calls) == 1


@pytest.mark.parametrize(
    ("trouble", "wanted"),
    [
        (
            SubmissionRefused("reading_below_previous", detail="Меньше прошлого."),
            Refused("reading_below_previous", "Меньше прошлого."),
        ),
        (AccountNotFound(), Refused("account_not_found")),
        (ValueError("four decimals"), Refused("unknown")),
        (BillingError("odd"), Refused("unknown")),
    ],
)
async def test_a_final_refusal_is_told_with_its_reason_and_never_repeated(
    machine: Machine, trouble: BaseException, wanted: Refused
) -> None:
    machine.billing.troubles.append(trouble)
    assert await submit(machine) == wanted
    assert await submit(machine) == wanted
    await machine.start()
    await no_jobs_left(machine)
    assert len(machine.billing.calls) == 1
    assert machine.vk.sent == []


@pytest.mark.parametrize("trouble", list(Trouble))
async def test_without_an_answer_the_readings_are_kept_and_the_outcome_is_told_later_once(
    machine: Machine, trouble: Trouble
) -> None:
    machine.billing.troubles.extend([BillingUnavailable(trouble)] * 3)
    assert await submit(machine) == Waiting()
    await machine.start()
    await settled(machine, "accepted")
    assert await machine.vk.until_sent(1) == ["accepted 56590.125 r-1"]
    await no_jobs_left(machine)
    assert len({call.idempotency_key for call in machine.billing.calls}) == 1
    assert len(machine.billing.calls) == 4
    assert len(machine.vk.sent) == 1


async def test_a_late_refusal_is_told_with_its_reason(machine: Machine) -> None:
    machine.billing.troubles.extend([AWAY, SubmissionRefused("period_closed")])
    assert await submit(machine) == Waiting()
    await machine.start()
    await settled(machine, "refused")
    assert await machine.vk.until_sent(1) == ["refused 56590.125 period_closed"]


async def test_what_billing_stored_before_its_answer_was_lost_is_not_stored_again(
    machine: Machine,
) -> None:
    machine.billing.stores_first = True
    machine.billing.troubles.extend([AWAY, AWAY])
    assert await submit(machine) == Waiting()
    await machine.start()
    await settled(machine, "accepted")
    assert len(machine.billing.stored) == 1


async def test_an_outcome_that_the_turn_told_is_not_told_again(machine: Machine) -> None:
    await submit(machine)
    await machine.start()
    await no_jobs_left(machine)
    assert machine.vk.sent == []


async def test_a_later_submission_of_the_account_waits_behind_an_earlier_one(
    machine: Machine,
) -> None:
    machine.billing.troubles.append(AWAY)
    later = ConfirmedReading("m-1", "ГВС", Decimal("56600"))
    assert await submit(machine, event_id="e1") == Waiting()
    assert await submit(machine, later, event_id="e2", resident="viber:9") == Waiting()
    assert len(machine.billing.calls) == 1
    await machine.start()
    await settled(machine, "accepted", "accepted")
    # The last reading of a period counts, so the order at billing matters.
    assert [one.readings[0].value for one in machine.billing.stored.values()] == [
        HOT.value,
        later.value,
    ]
    await machine.vk.until_sent(1)
    await machine.viber.until_sent(1)


async def test_what_waits_for_billing_is_known_until_it_is_settled(machine: Machine) -> None:
    machine.billing.troubles.append(AWAY)
    cold = ConfirmedReading("m-2", "ГВС", Decimal("7"))
    later = ConfirmedReading("m-1", "ГВС", Decimal("56600"))
    assert await machine.submissions.unsent("7060012345") == {}
    await submit(machine, HOT, cold, event_id="e1")
    await submit(machine, later, event_id="e2", resident="viber:9")
    await submit(machine, event_id="e3", account="70600")
    assert await machine.submissions.unsent("7060012345") == {"m-1": later.value, "m-2": cold.value}
    assert await machine.submissions.unsent("70600") == {}
    await machine.start()
    await settled(machine, "accepted", "accepted", "accepted")
    assert await machine.submissions.unsent("7060012345") == {}


async def test_a_late_outcome_still_says_which_value_it_replaces(machine: Machine) -> None:
    machine.billing.troubles.append(AWAY)
    corrected = ConfirmedReading("m-1", "ГВС", Decimal("56580"), Decimal("56590.125"))
    told: list[Settled] = []

    def listen(settled: Settled) -> str:
        told.append(settled)
        return "told"

    machine.submissions.register(Queue(machine.url), listen)
    await submit(machine, corrected)
    await machine.start()
    await settled(machine, "accepted")
    await machine.vk.until_sent(1)
    assert told[0].readings == (corrected,)


@pytest.mark.parametrize("asks", [True, False])
async def test_a_late_outcome_leaves_the_open_questions_buttons_on_the_phone(
    machine: Machine, asks: bool
) -> None:
    await machine.start()
    await machine.say("? да" if asks else "да", user="1")
    await machine.vk.until_sent(1)
    machine.billing.troubles.append(AWAY)
    await submit(machine, event_id="late")
    await settled(machine, "accepted")
    await machine.vk.until_sent(2)
    question, outcome = machine.vk.sent
    assert outcome.text.startswith("accepted")
    assert outcome.keyboard == question.keyboard
    assert (outcome.keyboard is not None) is asks


async def test_another_account_is_not_held_up(machine: Machine) -> None:
    machine.billing.troubles.append(AWAY)
    assert await submit(machine, event_id="e1") == Waiting()
    assert isinstance(await submit(machine, event_id="e2", account="70600"), Accepted)


async def test_billing_is_not_called_before_the_time_it_asked_for(machine: Machine) -> None:
    machine.billing.troubles.append(BillingUnavailable(Trouble.SERVER_ERROR, after=600))
    assert await submit(machine) == Waiting()
    assert await submit(machine) == Waiting()  # the same turn once more
    await machine.start()
    await machine.run("UPDATE procrastinate_jobs SET scheduled_at = now()")

    async def moved() -> list[Any]:
        return await machine.rows(
            "SELECT 1 FROM procrastinate_jobs WHERE attempts = 1 AND status = 'todo'"
            " AND scheduled_at BETWEEN now() + interval '580 s' AND now() + interval '610 s'"
        )

    await eventually(moved)
    assert len(machine.billing.calls) == 1
    await settled(machine, "accepted")


async def test_attempts_go_on_for_days_an_hour_apart(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    machine.billing.troubles.extend([AWAY, AWAY])
    await submit(machine)
    await machine.run("UPDATE submissions SET attempts = 100")
    await machine.start()
    await machine.run("UPDATE procrastinate_jobs SET scheduled_at = now()")

    async def an_hour_later() -> list[Any]:
        return await machine.rows(
            "SELECT 1 FROM procrastinate_jobs WHERE status = 'todo'"
            " AND scheduled_at BETWEEN now() + interval '59 min' AND now() + interval '61 min'"
        )

    await eventually(an_hour_later)
    assert tuple(sorted(submissions_module.BACKOFF)) == submissions_module.BACKOFF


async def test_a_call_cut_off_by_the_death_of_its_process_is_finished_by_the_job(
    machine: Machine,
) -> None:
    called = asyncio.Event()

    async def never_ends(_submission: Submission) -> None:
        called.set()
        await asyncio.Event().wait()

    machine.billing.during = never_ends
    dying = asyncio.create_task(submit(machine))
    await called.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    assert await machine.state_of("submissions") == ["sent"]
    machine.billing.during = None
    await machine.start()
    await settled(machine, "accepted")
    assert len(machine.billing.stored) == 1
    assert await machine.vk.until_sent(1) == ["accepted 56590.125 r-1"]


async def test_a_turn_that_dies_after_billing_accepted_tells_it_itself_when_it_runs_again(
    machine: Machine,
) -> None:
    dies = iter([True])
    outcomes: list[Outcome] = []

    async def confirm(turn: Turn) -> None:
        outcomes.append(await submit(machine, event_id=turn.event.event_id))
        if next(dies, False):
            raise ConnectionError("killed before the commit")

    machine.talk.during = confirm
    await machine.start()
    await machine.inbox.store(event("да", event_id="e1"))
    await machine.vk.until_sent(1)
    await no_jobs_left(machine)
    assert outcomes[0] == outcomes[1]
    assert len({call.idempotency_key for call in machine.billing.calls}) == 1
    assert len(machine.billing.stored) == 1
    assert machine.vk.texts() == ["re: да"]


async def test_an_outcome_is_written_with_the_turn_that_says_it(machine: Machine) -> None:
    seen: list[str] = []

    async def confirm(turn: Turn) -> None:
        await submit(machine, event_id=turn.event.event_id)
        seen.extend(await machine.state_of("submissions"))

    machine.talk.during = confirm
    await machine.start()
    await machine.inbox.store(event("да", event_id="e1"))
    await machine.vk.until_sent(1)
    assert seen == ["sent"]
    (row,) = await machine.rows("SELECT state, told, receipt, settled_at FROM submissions")
    assert (row.state, row.told, row.receipt["receipt_id"]) == ("accepted", "accepted", "r-1")
    assert row.settled_at is not None
    await no_jobs_left(machine)
    assert machine.vk.texts() == ["re: да"]


async def test_what_a_turn_that_was_given_up_had_accepted_is_told_by_the_job(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "MOST_FAILURES", 1)

    async def confirm(turn: Turn) -> None:
        await submit(machine, event_id=turn.event.event_id)
        raise RuntimeError("broken after the call")

    machine.talk.during = confirm
    await machine.start()
    await machine.inbox.store(event("да", event_id="e1"))
    await machine.vk.until_sent(1)
    await settled(machine, "accepted")
    await machine.vk.until_sent(2)
    assert machine.vk.texts() == ["sorry", "accepted 56590.125 r-1"]
    assert len(machine.billing.stored) == 1


async def test_the_job_leaves_the_telling_to_a_confirming_turn_that_is_not_over(
    machine: Machine,
) -> None:
    await machine.inbox.store(event("да", event_id="e1"))
    await machine.run("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour'")
    machine.billing.troubles.append(AWAY)
    await submit(machine, event_id="e1")
    await machine.start()
    await machine.run("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE lock LIKE 'bill%'")

    async def accepted() -> bool:
        return await machine.state_of("submissions") == ["accepted"]

    await eventually(accepted)

    async def waits() -> list[Any]:
        return await machine.rows(
            "SELECT 1 FROM procrastinate_jobs WHERE task_name = 'settle' AND status = 'todo'"
        )

    await eventually(waits)
    assert machine.vk.sent == []
    await machine.run("UPDATE inbox SET state = 'parked'")
    await no_jobs_left(machine)
    assert machine.vk.texts() == ["accepted 56590.125 r-1"]


async def test_one_event_never_stands_for_two_different_submissions(machine: Machine) -> None:
    await submit(machine)
    with pytest.raises(ValueError, match="one event"):
        await submit(machine, ConfirmedReading("m-1", "ГВС", Decimal("1")))
    with pytest.raises(ValueError, match="one event"):
        await submit(machine, account="7060099999")
    assert len(machine.billing.calls) == 1


async def test_a_changed_name_of_the_meter_is_still_the_same_submission(machine: Machine) -> None:
    first = await submit(machine)
    assert await submit(machine, ConfirmedReading("m-1", "другое имя", HOT.value)) == first


async def test_a_final_state_is_never_left_again(machine: Machine) -> None:
    """The turn and the job call side by side: the slower one's failure changes nothing."""
    release = asyncio.Event()
    machine.billing.troubles.extend([AWAY, None])

    async def first_is_slow(_submission: Submission) -> None:
        if len(machine.billing.calls) == 1:
            await release.wait()

    machine.billing.during = first_is_slow
    slow = asyncio.create_task(submit(machine))
    await machine.billing.until(lambda: len(machine.billing.calls) == 1)
    assert isinstance(await submit(machine), Accepted)
    release.set()
    assert await slow == Waiting()
    assert await machine.state_of("submissions") == ["accepted"]
    await machine.start()
    await no_jobs_left(machine)
    assert machine.vk.texts() == ["accepted 56590.125 r-1"]
