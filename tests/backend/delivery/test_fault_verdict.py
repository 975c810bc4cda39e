"""The fault suite's verdict notices each kind of broken promise: it can fail."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from benchmarks.faults.dialogues import Confirmed, Story
from benchmarks.faults.options import read_options
from benchmarks.faults.verdict import Verdict, judge_messages, judge_residents, judge_submissions
from demo.emulator.client import Resident
from demo.emulator.emulator import Emulator
from demo.emulator.options import Options
from demo.emulator.traffic import Acknowledgement
from demo.emulator.views import Author

FIRST, SECOND = Decimal("168.5"), Decimal("170.25")


def story(**fields: Any) -> Story:
    confirmed = [
        Confirmed("70600", FIRST, "Показания приняты"),
        Confirmed("70600", SECOND, "Показания сохранены"),
    ]
    return Story("70600", "vk", confirmed=confirmed, pressed=2, **fields)


def at_billing(*values: Decimal, status: int = 201) -> list[dict[str, Any]]:
    return [
        {"account": "70600", "status": status, "readings": {"m-1": str(value)}} for value in values
    ]


@pytest.mark.parametrize(
    ("values", "broken"),
    [
        ((FIRST, SECOND), None),
        ((FIRST,), "submissions lost"),
        ((FIRST, SECOND, SECOND), "submissions doubled"),
        ((FIRST, SECOND, Decimal(1)), "submissions doubled"),
        ((SECOND, FIRST), "order violations"),
    ],
)
def test_submissions(values: tuple[Decimal, ...], broken: str | None) -> None:
    verdict = Verdict()
    judge_submissions(verdict, [story()], at_billing(*values))
    assert {name for name, found in verdict.violations.items() if found} == (
        {broken} if broken else set()
    )


def test_a_refused_submission_does_not_count_as_stored() -> None:
    verdict = Verdict()
    judge_submissions(verdict, [story()], at_billing(FIRST, SECOND, status=422))
    assert len(verdict.violations["submissions lost"]) == 2


def test_residents() -> None:
    verdict = Verdict()
    judge_residents(verdict, [story(unanswered="link"), story(swapped=["[2, 0, 1]"])])
    assert set(verdict.violations) == {"residents left without an answer", "order violations"}
    assert not verdict.is_good


@pytest.mark.parametrize(
    ("sent", "broken"), [(2, None), (1, "VK duplicates"), (3, "messages lost")]
)
async def test_messages_on_the_phone(sent: int, broken: str | None) -> None:
    async with Emulator(Options(port=0)) as emulator:
        resident = await Resident.create(emulator, "vk")
        phone = emulator.population.by_key(resident.key)
        for text in ("Показания приняты", "Показания приняты"):
            phone.show(Author.BOT, "text", text)
        verdict = Verdict()
        judge_messages(
            verdict,
            [story(resident=resident)],
            emulator,
            set(),
            {f"vk:{resident.user_id}": sent},
        )
    assert set(verdict.violations) == ({broken} if broken else set())


async def test_an_acknowledged_event_that_was_not_handled_is_lost() -> None:
    async with Emulator(Options(port=0)) as emulator:
        for event_id, accepted in (("e1", True), ("e2", True), ("e3", False)):
            emulator.traffic.acknowledge(
                Acknowledgement("vk", None, "message_new", event_id, 1, 200, accepted, 0.0, 0.0)
            )
        verdict = Verdict()
        judge_messages(verdict, [], emulator, {("vk", "e1")}, {})
    assert verdict.violations["messages lost"] == ["vk e2 was not handled"]


def test_a_long_run_has_the_promised_number_of_kills_and_dialogues() -> None:
    options = read_options([])
    assert (options.kills >= 30, options.dialogues >= 300) == (True, True)
    assert read_options(["--seconds", "180", "--seed", "7"]).seed == 7
