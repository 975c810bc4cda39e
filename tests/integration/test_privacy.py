"""What residents see of privacy, in both messengers, as settings are by default."""

from __future__ import annotations

import time

import psycopg
import pytest

from demo.billing.running import Control
from tests.integration.person import ASK_NUMBER, MENU, Person
from tests.integration.stack import Stack

ONE, OTHER = "7060012345", "7060020003"
NOTICE = "Написав номер лицевого счёта, вы соглашаетесь на его обработку"
FAREWELL = "здесь не осталось ничего"
TOLD = "подключился ещё один человек"


def traces(stack: Stack, words: str) -> dict[str, list[str]]:
    """The rows of every table that hold the words."""
    found = {}
    with psycopg.connect(stack.database_url) as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (name,) in names:
            query = f'SELECT t::text FROM "{name}" AS t WHERE t::text LIKE %s'
            if rows := connection.execute(query, (f"%{words}%",)).fetchall():
                found[name] = [row[0] for row in rows]
    return found


def gone(stack: Stack, words: str) -> bool:
    """True once no table knows the words; the last job is deleted after its message was sent."""
    deadline = time.monotonic() + 10
    while traces(stack, words) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not traces(stack, words)


def test_the_first_question_comes_with_one_sentence_about_consent(
    stack: Stack, person: Person
) -> None:
    opening = "\n".join(person.open())
    assert NOTICE in opening
    assert "https://www.tgc1.ru/clients" in opening
    assert all(NOTICE not in said for said in person.say("7069999999", ASK_NUMBER))
    linked = person.say(ONE, MENU)
    assert "Адрес: ул. Л…, кв. 7" in linked[0]
    assert "Ленина" not in "".join(person.answers())
    with psycopg.connect(stack.database_url) as connection:
        rows = connection.execute(
            "SELECT version, explicit, given_at IS NOT NULL FROM consents WHERE resident = %s",
            (f"{person.messenger}:{person.user_id}",),
        ).fetchall()
    assert rows == [("1", False, True)]


def test_whoever_begins_with_the_number_reads_the_sentence_too(person: Person) -> None:
    said = person.say(ONE, MENU)
    assert "привязан" in said[0]
    assert NOTICE in said[1]
    assert said[-1] == MENU


def test_five_wrong_numbers_are_enough(person: Person) -> None:
    person.open()
    for number in range(4):
        assert "не найден" in person.say(f"70699999{number:02}", ASK_NUMBER)[0]
    assert "не найден" in person.say("7069999950", "Слишком много неверных номеров")[0]
    [paused] = person.say(ONE, "Слишком много неверных номеров")
    assert "688-32-88" in paused
    assert person.buttons() == ["Где найти номер?", "Отмена"]
    assert "пришлите его" in person.press("Отмена", "номер лицевого счёта")[0]


def test_ones_data_are_shown_and_deleted_without_a_trace(
    stack: Stack, person: Person, billing: Control
) -> None:
    person.open()
    person.say(OTHER, MENU)
    person.say("Мои счета", MENU)
    person.say("Помощь", MENU)
    assert person.buttons()[:4] == [
        "Передать показания",
        "Мои счета",
        "Мои показания",
        "Мои данные",
    ]
    [shown] = person.press("Мои данные", "Вот всё, что бот хранит о вас")
    assert person.user_id in shown
    assert f"лицевые счета: {OTHER}" in shown
    assert "согласие на обработку номера: версия 1" in shown
    person.press("Удалить мои данные", "Отменить это нельзя")
    assert person.press("Не удалять", MENU)[0] == "Хорошо, ничего не удалено."
    assert OTHER in person.say("Мои счета", MENU)[0]

    assert set(traces(stack, person.user_id)) >= {"inbox", "outbox", "residents", "conversations"}
    person.say("удалите мои персональные данные", "Отменить это нельзя")
    [farewell] = person.press("Удалить всё", FAREWELL)
    assert person.buttons() == ["Начать"]
    assert gone(stack, person.user_id)
    assert farewell == person.answers()[-1]

    again = person.press("Начать", ASK_NUMBER)
    assert NOTICE in "\n".join(again)
    assert "закрыт" not in "\n".join(again)
    assert person.say(OTHER, MENU)[0].startswith(f"Лицевой счёт {OTHER} привязан")


def test_removing_an_account_is_not_removing_everything(person: Person) -> None:
    person.link(ONE)
    question = person.say("удалить лицевой счёт", "отвязать")
    assert question == ["Выберите номер лицевого счёта, который нужно отвязать:"]


def test_a_submission_that_billing_has_not_answered_reaches_it_after_the_deletion(
    stack: Stack, person: Person, billing: Control
) -> None:
    person.link(ONE)
    person.press("Передать показания", "Укажите")
    person.say("56590", "Объем потребления")
    billing.fault("status", on="submit", status=503)
    person.press("Подтверждаю", MENU)
    person.say("удалите мои данные", "Отменить это нельзя")
    [farewell] = person.press("Удалить всё", "Ваши данные удалены")
    assert "мы отправим без сведений о вас" in farewell
    assert gone(stack, person.user_id)
    billing.clear_faults()
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute("UPDATE submissions SET not_before = NULL WHERE resident = ''")
        connection.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE task_name = 'settle'"
        )
    deadline = time.monotonic() + 20
    while not billing.submissions() and time.monotonic() < deadline:
        time.sleep(0.1)
    [submission] = billing.submissions()
    assert list(submission["readings"].values()) == ["56590"]
    assert person.answers()[-1] == farewell


@pytest.mark.parametrize("account", ["7060100001"])
def test_somebody_elses_link_is_told_in_the_middle_of_a_form_which_goes_on(
    stack: Stack, person: Person, account: str
) -> None:
    person.link(account)
    person.say("Удалить счёт", "отвязать")
    other = stack.person("viber" if person.messenger == "vk" else "vk")
    other.link(account)
    assert account in person.wait(TOLD)
    assert person.buttons() == ["Всё в порядке", "Возражаю"]
    # The form takes its answer as if nothing had happened.
    assert person.say(account, "Отвязать") == [f"Отвязать лицевой счёт {account}?"]
    person.press("Не подтверждаю", MENU)
    assert all(TOLD not in said for said in other.answers())
    # Of all that was logged, the notice alone is nobody's message.
    with psycopg.connect(stack.database_url) as connection:
        logged = connection.execute(
            "SELECT kind, data->>'intent' FROM event_log WHERE data->>'intent' = 'report_link'"
        ).fetchall()
    assert logged
    assert set(logged) == {("notice", "report_link")}


def test_an_objection_is_kept_for_a_person_to_look_at(stack: Stack, person: Person) -> None:
    account = "7060100002"
    person.link(account)
    other = stack.person(person.messenger)
    other.link(account)
    person.wait(TOLD)
    assert account in person.press("Возражаю", MENU)[0]
    with psycopg.connect(stack.database_url) as connection:
        rows = connection.execute(
            "SELECT account FROM link_notices WHERE resident = %s AND objected_at IS NOT NULL",
            (f"{person.messenger}:{person.user_id}",),
        ).fetchall()
    assert rows == [(account,)]
    assert "никто другой" in person.say("я против этого подключения", MENU)[0]


def test_family_is_welcome(stack: Stack, person: Person) -> None:
    account = "7060100003"
    person.link(account)
    other = stack.person(person.messenger)
    other.link(account)
    person.wait(TOLD)
    assert person.press("Всё в порядке", MENU) == ["Хорошо, ничего не меняем.", MENU]
