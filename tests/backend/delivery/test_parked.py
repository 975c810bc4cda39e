"""An operator sees what was given up and tries it again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from backend.billing.errors import BillingUnavailable, Trouble
from backend.delivery import inbox as inbox_module
from backend.delivery import queue as queue_module
from backend.delivery.messenger import MessageRejected
from backend.delivery.parked import NotParked, Parked
from backend.readings.outcomes import ConfirmedReading
from server.parked import main
from tests.durability_fakes import Machine


@pytest.fixture
async def machine(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Machine]:
    monkeypatch.setattr(inbox_module, "FIRST_RETRY", 0.01)
    monkeypatch.setattr(queue_module, "POLL", 0.05)
    async with Machine(database_url) as one:
        yield await one.start()


async def test_a_parked_event_is_shown_and_answered_when_it_is_replayed(machine: Machine) -> None:
    machine.talk.failures["счёт 7060012345"] = inbox_module.MOST_FAILURES
    await machine.say("счёт 7060012345")
    await machine.vk.until_sent(1)
    parked = Parked(machine.database)
    (entry,) = await parked.entries()
    assert (entry.name, entry.resident, entry.attempts) == ("in-1", "vk:1", 5)
    assert "7060012345" not in entry.about + entry.error
    await parked.replay(entry.name)
    assert await machine.vk.until_sent(2) == ["sorry", "re: счёт 7060012345"]
    assert len({message.random_id for message in machine.vk.sent}) == 2
    assert await parked.entries() == []


async def test_an_event_parked_again_apologises_again(machine: Machine) -> None:
    machine.talk.failures["яд"] = 100
    await machine.say("яд")
    await machine.vk.until_sent(1)
    await Parked(machine.database).replay("in-1")
    assert await machine.vk.until_sent(2) == ["sorry", "sorry"]


async def test_a_parked_message_goes_out_when_it_is_replayed(machine: Machine) -> None:
    machine.vk.troubles.append(MessageRejected("no"))
    await machine.say("раз", "два")
    assert await machine.vk.until_sent(1) == ["re: два"]
    parked = Parked(machine.database)
    (entry,) = await parked.entries()
    assert entry.about == "re: раз"
    await parked.replay(entry.name)
    assert await machine.vk.until_sent(2) == ["re: два", "re: раз"]


async def test_a_submission_that_waits_for_long_is_shown_and_sent_at_once(
    machine: Machine,
) -> None:
    machine.billing.troubles.append(BillingUnavailable(Trouble.SERVER_ERROR, after=9000))
    await machine.submissions.submit(
        "vk:1", "7060012345", (ConfirmedReading("m-1", "ГВС", Decimal(1)),), event_id="e"
    )
    parked = Parked(machine.database)
    assert await parked.entries() == []
    await machine.run("UPDATE submissions SET submitted_at = now() - interval '1 hour'")
    (entry,) = await parked.entries()
    assert entry.name == "sub-1"
    assert "7060012345" not in entry.about
    await parked.replay("sub-1")
    assert await machine.vk.until_sent(1) == ["accepted 1 r-1"]
    assert len(machine.billing.calls) == 2


@pytest.mark.parametrize(
    "name", ["in-1", "out-1", "sub-1", "", "in", "in-", "in-x", "other-1", "in-" + "9" * 40]
)
async def test_only_what_is_parked_can_be_replayed(machine: Machine, name: str) -> None:
    await machine.say("раз")
    await machine.vk.until_sent(1)
    with pytest.raises(NotParked):
        await Parked(machine.database).replay(name)
    assert machine.talk.of("1") == ["раз"]


@pytest.fixture
def environment(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV_FILE", "/nonexistent")
    monkeypatch.setenv("BILLING_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("BILLING_TOKEN", "t")
    monkeypatch.setenv("DATABASE_URL", database_url)


def test_the_command_lists_and_replays(
    environment: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list"]) == 0
    assert "Nothing is parked." in capsys.readouterr().out
    assert main(["replay", "in-5"]) == 1
    assert main(["replay", "all"]) == 0


def test_the_command_names_the_setting_that_is_missing(
    environment: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BILLING_TOKEN")
    assert main(["list"]) == 2
    assert "BILLING_TOKEN" in capsys.readouterr().err


def test_before_the_bot_ever_ran_nothing_is_parked(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENV_FILE", "/dev/null")
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    monkeypatch.setenv("BILLING_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("BILLING_TOKEN", "token")
    assert main(["list"]) == 0
    assert capsys.readouterr().out == "Nothing is parked.\n"
