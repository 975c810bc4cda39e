"""Texts that no conversation turn says."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal as D
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rasa.shared.core.domain import Domain

from backend.billing.model import Account, Meter, Period, Receipt
from backend.delivery.model import Button, EventKind, IncomingEvent
from backend.delivery.turn import Turn
from backend.readings.outcomes import Accepted, ConfirmedReading, Refused, Settled
from backend.reminders.schedule import Kind, Missing, Plan
from server.announcements import announcer
from server.phrases import phrase
from server.reminder_texts import reminder_words
from server.turns import RasaTurns
from tests.heard import HeardResponses

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def small() -> Domain:
    return Domain.from_dict(
        {
            "responses": {
                "utter_plain": [{"text": "Счёт {account}"}],
                "utter_by_channel": [
                    {"text": "везде"},
                    {"text": "в VK", "channel": "vk"},
                ],
                "utter_menu": [
                    {"text": "Меню", "buttons": [{"title": "Счета", "payload": "/list_accounts"}]}
                ],
            }
        }
    )


@pytest.fixture(scope="module")
def domain() -> Domain:
    """The project's own."""
    from rasa.shared.importers.importer import TrainingDataImporter

    importer = TrainingDataImporter.load_from_config(
        str(ROOT / "config.yml"), str(ROOT / "domain.yml")
    )
    domain = importer.get_domain()
    domain.responses = HeardResponses(domain.responses)
    return domain


def test_variables_are_filled_in(small: Domain) -> None:
    assert phrase(small, "utter_plain", "vk", account="7060012345").text == "Счёт 7060012345"


@pytest.mark.parametrize(("channel", "text"), [("vk", "в VK"), ("viber", "везде")])
def test_a_messengers_own_wording_goes_before_the_general_one(
    small: Domain, channel: str, text: str
) -> None:
    assert phrase(small, "utter_by_channel", channel).text == text


def test_buttons_come_along(small: Domain) -> None:
    assert phrase(small, "utter_menu", "vk").buttons == (Button("Счета", "/list_accounts"),)


def test_an_unknown_response_is_an_error(small: Domain) -> None:
    with pytest.raises(KeyError):
        phrase(small, "utter_nothing", "vk")


def turns(domain: Domain) -> RasaTurns:
    return RasaTurns(SimpleNamespace(domain=domain))  # type: ignore[arg-type]


READINGS = (
    ConfirmedReading("k", "ГВС №100001, кухня", D("172.500")),
    ConfirmedReading("b", "ГВС №100002, ванна", D("270")),
)
MOSCOW = ZoneInfo("Europe/Moscow")
RECEIPT = Receipt("R-77", datetime(2019, 12, 20, tzinfo=timezone.utc), "2019-12")


@pytest.mark.parametrize("channel", ["vk", "viber"])
def test_a_late_acceptance_names_the_account_the_values_and_the_receipt(
    domain: Domain, channel: str
) -> None:
    announce = announcer(lambda: turns(domain), MOSCOW)
    said = announce(Settled(channel, "1", "7060020003", READINGS, Accepted(RECEIPT)))
    for part in ("7060020003", "ГВС №100001, кухня — 172,5", "ГВС №100002, ванна — 270"):
        assert part in said
    # In the utility's time, not in billing's.
    assert "Квитанция № R-77 от 20.12.2019 03:00." in said
    assert "{" not in said


def test_a_late_acceptance_says_which_value_counts_and_which_it_replaced(domain: Domain) -> None:
    readings = (ConfirmedReading("k", "ГВС №100001, кухня", D("172.5"), D("175.250")), READINGS[1])
    announce = announcer(lambda: turns(domain), MOSCOW)
    said = announce(Settled("vk", "1", "7060020003", readings, Accepted(RECEIPT)))
    assert "ГВС №100001, кухня — 172,5 (считается вместо 175,25)\nГВС №100002, ванна — 270" in said
    refused = announce(Settled("vk", "1", "7060020003", readings, Refused("period_closed")))
    assert "вместо" not in refused


@pytest.mark.parametrize(
    ("detail", "part"), [("Период закрыт.", "Период закрыт."), (None, "их отклонила")]
)
def test_a_late_refusal_gives_the_reason(domain: Domain, detail: str | None, part: str) -> None:
    announce = announcer(lambda: turns(domain), MOSCOW)
    refused = Refused("period_closed", detail)
    said = announce(Settled("vk", "1", "7060020003", READINGS, refused))
    assert part in said
    assert "7060020003" in said
    assert "None" not in said
    assert "{" not in said


def test_billings_braces_are_not_taken_for_variables(domain: Domain) -> None:
    announce = announcer(lambda: turns(domain), MOSCOW)
    said = announce(Settled("vk", "1", "1", READINGS, Refused("unknown", "Код {account}")))
    assert "Код {account}" in said


def test_an_apology_begins_the_conversation_anew_and_shows_the_menu(domain: Domain) -> None:
    event = IncomingEvent("vk", "e", "1", EventKind.TEXT, datetime.now(timezone.utc), "привет")
    stored: list[dict[str, Any]] = [{"event": "user", "text": "привет"}]
    turn = Turn(event, 7, stored, [])
    turns(domain).apologise(turn)
    assert turn.events == []
    (said,) = turn.said
    assert {button.intent for button in said.buttons} == {"submit_readings", "list_accounts"}


def missing(number: str, closes: date | None) -> Missing:
    meters = tuple(
        Meter(f"m-{place}", f"10000{place}", "ГВС", "м3", 5, 3, True) for place in range(1, 3)
    )
    return Missing(Account(number, Period("2026-11", True, closes=closes), meters), meters)


def test_a_reminder_names_the_accounts_the_meters_and_the_last_day(domain: Domain) -> None:
    words = reminder_words(lambda: turns(domain))
    accounts = (missing("7060012345", date(2026, 11, 25)), missing("7060012346", None))
    said = words("vk", Plan((("2026-11", Kind.OPENED),), accounts, date(2026, 11, 23)))
    opening, first, second = said.text.split("\n")
    assert opening == "Открыт приём показаний. Ждём от вас:"
    assert first == "Лицевой счёт 7060012345, до 25.11.2026: ГВС №100001, ГВС №100002"
    assert second == "Лицевой счёт 7060012346: ГВС №100001, ГВС №100002"


def test_before_the_end_a_reminder_says_that_it_is_near(domain: Domain) -> None:
    due = (("2026-11", Kind.OPENED), ("2026-11", Kind.CLOSING))
    plan = Plan(due, (missing("7060012345", date(2026, 11, 25)),), date(2026, 11, 23))
    said = reminder_words(lambda: turns(domain))("viber", plan)
    assert said.text.startswith("Приём показаний скоро закончится. Ещё не переданы:\n")
    assert "/submit_readings" in [button.payload for button in said.buttons]
