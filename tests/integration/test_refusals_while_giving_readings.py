"""Accounts, meters and values that are not taken, and a billing that is away."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product

import pytest

from demo.billing.ledger import TIME_ZONE
from demo.billing.running import Control
from tests.integration.person import MENU, Person
from tests.integration.stack import Stack

ONE, THREE = "7060012345", "7060020003"
ASK = "Укажите показания"
SUMMARY = "Объем потребления"


def begin(person: Person, account: str, until: str = ASK) -> list[str]:
    person.link(account)
    return person.press("Передать показания", until)


def begin_and_give(person: Person, account: str, value: str) -> None:
    begin(person, account)
    person.say(value, SUMMARY)


def test_an_account_without_meters_is_told_so(person: Person) -> None:
    answer = begin(person, "7060030000", MENU)
    assert "нет счётчиков" in answer[0]
    assert answer[1:] == [MENU]


def today() -> date:
    """The day at billing, which is not that of a machine on another clock."""
    return datetime.now(TIME_ZONE).date()


def test_a_meter_with_an_expired_verification_is_named_and_skipped(
    person: Person, billing: Control
) -> None:
    skipped, question = begin(person, "7060040002")
    due = (today() - timedelta(days=40)).strftime("%d.%m.%Y")
    assert f"Срок поверки счётчика ГВС №4000202, ванна истёк {due}" in skipped
    assert "688-32-88" in skipped
    assert "№4000201" in question
    person.say("170", SUMMARY)
    assert "Показания приняты" in person.press("Подтверждаю", MENU)[0]
    [submission] = billing.submissions()
    assert len(submission["readings"]) == 1


def test_where_no_meter_takes_readings_each_reason_is_named(person: Person) -> None:
    answer = begin(person, "7060050009", MENU)
    assert "снят для замены" in answer[0]
    assert "снимаются автоматически" in answer[1]
    assert "ни один счётчик" in answer[2]
    assert answer[3:] == [MENU]


def test_a_meter_without_a_previous_reading_is_asked_in_other_words(person: Person) -> None:
    [question] = begin(person, "7060060001")
    assert question == "Укажите показания по счётчику ГВС №6000101 (предыдущих показаний ещё нет)"
    assert person.say("12,5", "Первые показания")[0].endswith("12,5")
    assert "№6000101 — 12,5" in person.press("Подтверждаю", MENU)[0]


def test_a_closed_period_is_told_before_and_after(person: Person, billing: Control) -> None:
    assert "Приём показаний сейчас закрыт" in begin(person, "7060070001")[0]
    person.say("170", SUMMARY)
    refused, menu = person.press("Подтверждаю", MENU)
    assert refused.startswith("Показания не приняты: Приём показаний сейчас закрыт.")
    assert "Проверьте их" not in refused
    assert menu == MENU


def test_a_value_that_cannot_be_is_told_and_asked_again(person: Person, billing: Control) -> None:
    [question] = begin(person, ONE)
    for typed, sentence in (
        ("1234567", "слишком много цифр"),
        ("9" * 300, ""),
        ("-5", ""),
        ("абракадабра", ""),
    ):
        answer = person.say(typed, ASK)
        assert sentence in answer[0]
        assert answer[-1] == question
        assert person.buttons() == ["Отмена"]
    assert billing.submissions() == []


@pytest.mark.parametrize("typed", ["56000", "56577,9"])
def test_a_value_below_the_previous_can_be_entered_again(person: Person, typed: str) -> None:
    [question] = begin(person, ONE)
    assert f"показание {typed} меньше предыдущего (56578)" in person.say(typed, "меньше")[0]
    assert person.buttons() == [
        "Ввести ещё раз",
        "Счётчик заменили",
        "Счётчик прошёл через ноль",
        "Отмена",
    ]
    assert person.press("Ввести ещё раз", ASK) == [question]
    assert "составил 2 м³" in person.say("56580", SUMMARY)[0]


def test_a_replaced_meter_leads_to_a_person_and_the_others_are_given(
    person: Person, billing: Control
) -> None:
    begin(person, THREE)
    person.say("кухня 170 ванна 20 отопление 42", "меньше предыдущего")
    replaced, summary = person.press("Счётчик заменили", SUMMARY)
    assert "688-32-88" in replaced
    assert "№2000302" in replaced
    assert len(summary.splitlines()) == 2
    person.press("Подтверждаю", MENU)
    [submission] = billing.submissions()
    assert submission["readings"] == {"m-1": "170", "m-3": "42"}


def test_the_only_meter_being_replaced_leads_to_the_menu(person: Person, billing: Control) -> None:
    begin(person, ONE)
    person.say("5", "это расход")
    person.press("Нет", "меньше предыдущего")
    answer = person.say("его поменяли", MENU)
    assert "688-32-88" in answer[0]
    assert answer[-1] == MENU
    assert person.buttons() == ["Передать показания", "Мои счета", "Мои показания"]
    assert billing.submissions() == []


def test_a_dial_that_went_over_is_submitted(person: Person, billing: Control) -> None:
    begin(person, "7060120001")
    assert "прошёл через ноль" in person.say("2", "?")[0]
    assert "составил 14,6 м³" in person.press("Да", SUMMARY)[0]
    assert "Показания приняты" in person.press("Подтверждаю", MENU)[0]
    [submission] = billing.submissions()
    assert submission["readings"] == {"m-1": "2"}


def test_a_dial_far_from_its_end_leads_to_a_person(person: Person) -> None:
    begin(person, ONE)
    person.say("56000", "меньше предыдущего")
    unlikely, question = person.press("Счётчик прошёл через ноль", ASK)
    assert "688-32-88" in unlikely
    assert "№1710051" in question


def test_a_meter_of_several_can_be_skipped(person: Person, billing: Control) -> None:
    begin(person, THREE)
    assert person.buttons() == ["Пропустить", "Отмена"]
    assert "ванна" in person.press("Пропустить", ASK)[-1]
    assert "Отопление" in person.say("270", ASK)[-1]
    assert len(person.press("Пропустить", SUMMARY)[-1].splitlines()) == 1
    person.press("Подтверждаю", MENU)
    [submission] = billing.submissions()
    assert submission["readings"] == {"m-2": "270"}


def test_a_comma_and_a_point_both_part_the_decimals(person: Person) -> None:
    begin(person, ONE)
    for typed in ("56580,5", "56580.5", "56 580,5", "показания 56580,5"):
        assert "составил 2,5 м³" in person.say(typed, SUMMARY)[0]
        person.press("Не подтверждаю", ASK)


def test_words_at_the_question_are_a_number_and_not_a_wish_to_stop(person: Person) -> None:
    begin(person, ONE)
    # 120 of a meter that shows 56578 can only be what was used.
    assert "56698" in person.say("сто двадцать", "?")[0]
    assert "составил 120 м³" in person.press("Да", SUMMARY)[0]


def test_a_doubtful_value_that_is_denied_is_asked_again(person: Person) -> None:
    [question] = begin(person, ONE)
    assert "обычно до" in person.say("60000", "?")[0]
    assert person.press("Нет", ASK) == [question]


@pytest.mark.parametrize(
    "typed",
    [
        "гвс кухня 170 ванна 270 отопление 42",
        "170 270 42",
        "кухня - 170\nванна - 270\nотопление - 42",
        "2000302: 270, 2000301: 170, 2000303: 42",
    ],
)
def test_several_readings_may_come_in_one_message(
    person: Person, billing: Control, typed: str
) -> None:
    begin(person, THREE)
    assert len(person.say(typed, SUMMARY)[0].splitlines()) == 3
    person.press("Подтверждаю", MENU)
    [submission] = billing.submissions()
    assert list(submission["readings"].values()) == ["170", "270", "42"]


def test_after_two_readings_in_one_message_the_third_is_asked(person: Person) -> None:
    begin(person, THREE)
    assert "Отопление №2000303" in person.say("гвс кухня 170 ванна 270", ASK)[-1]


def test_one_bad_reading_among_three_is_asked_again_alone(person: Person) -> None:
    begin(person, THREE)
    [below] = person.say("кухня 170 ванна 20 отопление 42", "меньше предыдущего")
    assert "ванна: показание 20" in below
    assert "4,2 м³" in person.say("270", SUMMARY)[0]


def test_a_number_at_the_summary_corrects_the_reading(person: Person, billing: Control) -> None:
    begin_and_give(person, ONE, "56588")
    assert "составил 1 м³" in person.say("56579", SUMMARY)[0]
    person.press("Подтверждаю", MENU)
    [submission] = billing.submissions()
    assert list(submission["readings"].values()) == ["56579"]


def test_a_named_reading_at_the_summary_corrects_that_meter(
    person: Person, billing: Control
) -> None:
    begin(person, THREE)
    person.say("170 270 42", SUMMARY)
    assert "ванна составил 5,2 м³" in person.say("ванна 271", SUMMARY)[0]
    person.press("Подтверждаю", MENU)
    [submission] = billing.submissions()
    assert list(submission["readings"].values()) == ["170", "271", "42"]


@pytest.mark.parametrize("words", ["привет", "сколько я должен", "абв"])
def test_other_words_at_the_summary_lead_back_to_it(
    person: Person, billing: Control, words: str
) -> None:
    begin_and_give(person, ONE, "56588")
    person.say(words, SUMMARY)
    assert person.buttons() == ["Подтверждаю", "Не подтверждаю"]
    assert billing.submissions() == []


def test_pressing_twice_submits_once(person: Person, billing: Control) -> None:
    begin_and_give(person, ONE, "56588")
    answers = person.press_twice("Подтверждаю", "уже закрыт")
    assert sum(said.startswith("Показания приняты") for said in answers) == 1
    [submission] = billing.submissions()
    assert submission["requests"] == 1


def test_a_refusal_is_told_in_billings_own_sentence(person: Person, billing: Control) -> None:
    begin_and_give(person, ONE, "56588")
    # Between the question and the confirmation the meter's verification runs out.
    billing.set_today(today() + timedelta(days=1700))
    refused, menu = person.press("Подтверждаю", MENU)
    assert refused.startswith("Показания не приняты: Срок поверки счётчика ГВС №1710051 истёк")
    assert "688-32-88" in refused
    assert menu == MENU
    assert person.buttons() == ["Передать показания", "Мои счета", "Мои показания"]


FAULTS = (
    {"mode": "status", "status": 503},
    {"mode": "delay", "seconds": 4},
    {"mode": "reset"},
    {"mode": "store_then_garbage"},
)


def test_a_billing_away_at_the_submission_keeps_the_readings_and_tells_later(
    stack: Stack, billing: Control
) -> None:
    # All at once: each waits for the same first repetition, some ten seconds.
    waiting = []
    for number, (messenger, fault) in enumerate(product(["vk", "viber"], FAULTS), start=1):
        person, account = stack.person(messenger), f"706900000{number}"
        begin_and_give(person, account, "171")
        billing.fault(**fault, on="submit", account=account, calls=1)
        saved, menu = person.press("Подтверждаю", MENU)
        assert saved.startswith("Показания сохранены")
        assert account in saved
        assert menu == MENU
        waiting.append((person, account))
    for person, account in waiting:
        later = person.wait("Показания приняты", timeout=40)
        assert account in later
        assert "Квитанция №" in later
        assert sum("Показания приняты" in said for said in person.answers()) == 1
    accepted = [(one["account"], one["readings"]) for one in billing.submissions()]
    assert sorted(accepted) == [(account, {"m-1": "171"}) for _, account in waiting]


def test_a_billing_away_at_the_choice_of_the_account_leads_to_the_menu(
    person: Person, billing: Control
) -> None:
    person.link(ONE)
    billing.fault("status", status=503)
    away, menu = person.press("Передать показания", MENU)
    assert "не удаётся связаться" in away
    assert menu == MENU
    billing.clear_faults()
    assert ASK in person.press("Передать показания", ASK)[0]
