"""A bot that asks for «Согласен» and for a meter's digits before it links an account."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.integration.person import ASK_NUMBER, MENU, Person
from tests.integration.stack import Stack, running_stack

ONE, NONE = "7060012345", "7069999999"
CONSENT = "Вы согласны?"
DIGITS = "последние четыре цифры"
NOT_PROVED = "Такого лицевого счёта с таким счётчиком нет"


@pytest.fixture(scope="module")
def strict() -> Iterator[Stack]:
    with running_stack(CONSENT="explicit", LINK_PROOF="meter") as running:
        yield running


@pytest.fixture
def careful(strict: Stack, messenger: str) -> Person:
    strict.billing.control.reset()
    return strict.person(messenger)


def kept(strict: Stack, words: str) -> list[str]:
    with psycopg.connect(strict.database_url) as connection:
        return [
            name
            for name in ("inbox", "conversations", "event_log", "outbox", "linked_accounts")
            if connection.execute(
                f'SELECT 1 FROM "{name}" AS t WHERE t::text LIKE %s LIMIT 1', (f"%{words}%",)
            ).fetchone()
        ]


def test_consent_then_the_number_then_the_digits(careful: Person) -> None:
    assert CONSENT in careful.open(CONSENT)[-1]
    assert careful.buttons() == ["Согласен", "Отмена"]
    assert careful.press("Согласен", ASK_NUMBER) == [ASK_NUMBER]
    assert DIGITS in careful.say(ONE, DIGITS)[-1]
    answer = careful.say("0051", MENU)
    assert answer[0].startswith(f"Лицевой счёт {ONE} привязан")
    assert answer[-1] == MENU


def test_a_number_that_is_written_before_consent_is_kept_nowhere(
    strict: Stack, careful: Person
) -> None:
    number = "7060077" + ("001" if careful.messenger == "vk" else "002")
    careful.say(number, CONSENT)
    careful.say(f"мой лицевой {number}", CONSENT)
    assert kept(strict, number) == []
    careful.press("Отмена", "пришлите его")
    assert kept(strict, number) == []


def test_an_unknown_account_and_wrong_digits_can_not_be_told_apart(careful: Person) -> None:
    careful.open(CONSENT)
    careful.press("Согласен", ASK_NUMBER)
    answers = []
    for number in (ONE, NONE):
        asked = careful.say(number, DIGITS)
        answers.append((asked, careful.say("9999", ASK_NUMBER)))
    assert answers[0] == answers[1]
    assert NOT_PROVED in answers[0][1][0]


def test_a_question_between_number_and_digits_does_no_harm(careful: Person) -> None:
    careful.open(CONSENT)
    careful.press("Согласен", ASK_NUMBER)
    careful.say(ONE, DIGITS)
    assert "на его лицевой панели" in careful.press("Где номер счётчика?", DIGITS)[0]
    assert "привязан" in careful.say("1710051", MENU)[0]
