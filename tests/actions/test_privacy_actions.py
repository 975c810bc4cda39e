"""What is stored is shown whole and deleted after one confirmation; another's link is told."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from backend.privacy.stored import Stored
from tests.actions.action_fakes import ONE, THREE, FakeAccounts
from tests.actions.action_privacy import FakePrivacy, some_consent
from tests.actions.action_talk import Talk, main_menu

DELETE = "delete_data_form"
LATE = datetime(2019, 12, 19, 22, 30, tzinfo=timezone.utc)


async def test_everything_that_is_stored_has_a_line(talk: Talk, privacy: FakePrivacy) -> None:
    rows = {
        "residents": 1,
        "linked_accounts": 2,
        "consents": 1,
        "inbox": 12,
        "outbox": 14,
        "event_log": 70,
        "conversations": 1,
        "submissions": 3,
        "wrong_numbers": 2,
        "link_notices": 1,
        "something_new": 5,
    }
    privacy.stored.stored = Stored(((ONE, LATE), (THREE, LATE)), some_consent(), rows)
    await talk.act("action_show_data", intent="show_data")
    shown = talk.one("utter_data")
    assert shown.text.splitlines() == [
        "Вот всё, что бот хранит о вас:",
        "• ваш номер в этом мессенджере: 1",
        f"• лицевые счета: {ONE} (с 20.12.2019), {THREE} (с 20.12.2019)",
        "• согласие на обработку номера: версия 7, 20.12.2019 12:00",
        "• ваши сообщения за 7 дней: 12",
        "• ответы бота за 30 дней: 14",
        "• журнал за 90 дней, номера счетов в нём скрыты: 70",
        "• разговор: три последних сообщения и ответы на них",
        "• подтверждённые показания: 3",
        "• сколько неверных номеров было за последний час: 2",
        "• сообщения о том, что к вашему счёту подключились: 1",
        "• другие записи: 5",
        "Имени, адреса и номера телефона у бота нет.",
    ]
    assert list(shown.buttons.values()) == ["/delete_data", "/main_menu"]


async def test_a_newcomer_sees_that_nothing_is_linked(talk: Talk) -> None:
    await talk.act("action_show_data", intent="show_data")
    assert "• лицевых счетов нет" in talk.one("utter_data").text


async def test_nothing_is_deleted_before_it_is_confirmed(talk: Talk, privacy: FakePrivacy) -> None:
    await talk.open(DELETE, intent="delete_data")
    question = talk.one("utter_ask_delete_data_form_delete_confirmed")
    assert list(question.buttons.values()) == ["/affirm", "/deny"]
    assert privacy.stored.removed == []


async def test_a_confirmed_deletion_removes_everything_of_this_resident(
    talk: Talk, privacy: FakePrivacy
) -> None:
    await talk.open(DELETE, intent="delete_data")
    await talk.press("/affirm")
    assert talk.loop is None
    await talk.then("action_delete_data")
    assert privacy.stored.removed == ["vk:1"]
    assert talk.responses == ["utter_data_deleted"]
    # Nothing may follow: another question would begin a conversation that is kept.
    await talk.then("action_continue")
    assert (talk.responses, talk.followup) == ([], None)
    assert talk.slots["delete_confirmed"] is None


async def test_a_submission_that_billing_has_not_answered_is_spoken_of(
    talk: Talk, privacy: FakePrivacy
) -> None:
    privacy.stored.stored = Stored((), None, {}, waiting=1)
    await talk.open(DELETE, intent="delete_data")
    await talk.press("/affirm")
    await talk.then("action_delete_data")
    assert talk.responses == ["utter_data_deleted_but_waiting"]


async def test_a_denied_deletion_leads_back(talk: Talk, privacy: FakePrivacy) -> None:
    await talk.open(DELETE, intent="delete_data")
    await talk.say("нет", "deny")
    await talk.then("action_delete_data")
    assert talk.responses == ["utter_data_kept"]
    await talk.then("action_continue")
    assert talk.followup == "link_account_form"
    assert privacy.stored.removed == []
    assert talk.slots["delete_confirmed"] is None


@pytest.mark.parametrize("words", ["ну не знаю", "12345"])
async def test_an_unclear_answer_deletes_nothing(
    talk: Talk, privacy: FakePrivacy, words: str
) -> None:
    await talk.open(DELETE, intent="delete_data")
    await talk.say(words, "nlu_fallback")
    assert talk.responses == [
        "utter_choose_by_button",
        "utter_ask_delete_data_form_delete_confirmed",
    ]
    assert privacy.stored.removed == []


@pytest.mark.parametrize("intent", ["greet", "main_menu", "cancel", "help", "object_to_link"])
async def test_wishes_at_the_confirmation_are_left_to_the_rules(talk: Talk, intent: str) -> None:
    await talk.open(DELETE, intent="delete_data")
    await talk.say("как-то так", intent)
    assert talk.rejected


async def test_anothers_link_is_told_with_a_button_to_object(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = [ONE]
    await talk.report(ONE)
    told = talk.one("utter_link_elsewhere")
    assert ONE in told.text
    assert list(told.buttons) == ["Всё в порядке", "Возражаю"]


async def test_an_open_form_takes_the_next_answer_after_the_notice(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = [ONE, THREE]
    await talk.open("unlink_account_form", intent="unlink_account")
    await talk.report(ONE)
    assert talk.loop == "unlink_account_form"
    await talk.say(ONE)
    assert talk.asked == "unlink_confirmed"


async def test_whoever_has_unlinked_the_account_meanwhile_is_told_nothing(talk: Talk) -> None:
    await talk.report(ONE)
    assert talk.responses == []


async def test_an_objection_names_the_account_and_a_person(
    talk: Talk, privacy: FakePrivacy
) -> None:
    privacy.notices.pending = (ONE,)
    await talk.act("action_object_to_link", intent="object_to_link")
    said = talk.one("utter_link_objected").text
    assert ONE in said
    assert "688-32-88" in said
    await talk.act("action_object_to_link", intent="object_to_link")
    assert talk.responses == ["utter_link_objected_to_nothing"]


async def test_help_leads_to_ones_data_and_the_manuals_menu_stays(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = [ONE]
    await talk.act("action_continue", intent="main_menu")
    menu = talk.heard[-1]
    assert "/show_data" not in menu.buttons.values()
    await talk.act("action_continue", intent="help")
    helped = talk.heard[-1]
    assert helped.response == menu.response
    assert list(helped.buttons.items()) == [
        *main_menu().items(),
        ("Мои данные", "/show_data"),
        ("Напоминать", "/turn_on_reminders"),
    ]
