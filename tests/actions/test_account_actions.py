"""Linking, listing and unlinking, in the branches that conversations reach rarely."""

from __future__ import annotations

import pytest

from tests.actions.action_fakes import NONE, ONE, THREE, FakeAccounts, FakeBilling
from tests.actions.action_talk import Talk

LINK, UNLINK = "link_account_form", "unlink_account_form"


@pytest.fixture
async def linking(talk: Talk) -> Talk:
    return await talk.open(LINK, intent="link_account")


@pytest.fixture
async def unlinking(talk: Talk, accounts: FakeAccounts) -> Talk:
    accounts.linked["vk:1"] = [ONE, THREE]
    return await talk.open(UNLINK, intent="unlink_account")


async def test_the_number_is_asked_for_with_two_ways_out(linking: Talk) -> None:
    question = linking.one("utter_ask_link_account_form_account_number")
    assert question.text == "Пожалуйста, введите номер вашего лицевого счёта:"
    assert list(question.buttons.values()) == ["/ask_where_account_number", "/cancel"]


@pytest.mark.parametrize("words", [ONE, "7060 012 345", "лицевой счёт 7060012345", "№ 7060012345"])
async def test_a_known_number_is_linked_however_it_is_typed(
    linking: Talk, accounts: FakeAccounts, words: str
) -> None:
    await linking.say(words)
    assert linking.loop is None
    assert linking.slots["account_number"] == ONE
    await linking.then("action_link_account")
    assert linking.responses == ["utter_account_linked"]
    assert accounts.linked["vk:1"] == [ONE]
    assert linking.slots["has_linked_account"] is True
    assert linking.slots["account_number"] is None


@pytest.mark.parametrize("words", ["123", "1234567890123", "а где", "7060012345 или 7060012346"])
async def test_what_holds_no_number_is_asked_again(linking: Talk, words: str) -> None:
    await linking.say(words, intent="out_of_scope")
    assert linking.responses == [
        "utter_account_malformed",
        "utter_ask_link_account_form_account_number",
    ]
    assert linking.slots["account_number"] is None
    assert linking.slots["failures"] == 1


async def test_an_unknown_number_is_named_and_asked_again(linking: Talk) -> None:
    await linking.say(NONE)
    assert linking.one("utter_account_not_found").variables == {"account": NONE}
    assert linking.asked == "account_number"


async def test_billing_away_is_no_failure_of_the_resident(
    linking: Talk, billing: FakeBilling
) -> None:
    billing.down = True
    await linking.say(ONE)
    assert linking.responses[0] == "utter_billing_unavailable"
    assert not linking.slots["failures"]
    assert linking.asked == "account_number"
    billing.down = False
    await linking.say(ONE)
    assert linking.slots["account_number"] == ONE


async def test_the_third_wrong_number_names_a_person(linking: Talk) -> None:
    await linking.say(NONE)
    await linking.say("12")
    assert "utter_failed_three_times" not in linking.responses
    await linking.say(NONE)
    assert linking.responses[:2] == ["utter_account_not_found", "utter_failed_three_times"]
    await linking.say(NONE)
    assert "utter_failed_three_times" not in linking.responses


async def test_a_number_after_failures_starts_the_count_afresh(linking: Talk) -> None:
    await linking.say("12")
    await linking.say("13")
    await linking.say(ONE)
    assert linking.slots["failures"] is None


async def test_an_account_is_not_linked_twice(linking: Talk, accounts: FakeAccounts) -> None:
    accounts.linked["vk:1"] = [ONE]
    await linking.say(ONE)
    assert linking.one("utter_account_already_linked").variables == {"account": ONE}
    assert linking.asked == "account_number"


async def test_an_account_linked_meanwhile_is_told_not_linked_twice(
    linking: Talk, accounts: FakeAccounts
) -> None:
    await linking.say(ONE)
    accounts.linked["vk:1"] = [ONE]
    await linking.then("action_link_account")
    assert linking.responses == ["utter_account_already_linked"]


async def test_a_sixth_account_is_refused_even_if_the_form_was_open(
    linking: Talk, accounts: FakeAccounts
) -> None:
    await linking.say(ONE)
    accounts.linked["vk:1"] = [f"70600000{number}" for number in range(10, 15)]
    await linking.then("action_link_account")
    assert linking.responses == ["utter_accounts_limit"]
    assert len(accounts.linked["vk:1"]) == 5


async def test_strangers_do_not_see_each_others_accounts(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:2"] = [ONE]
    accounts.linked["viber:1"] = [ONE]
    await talk.act("action_check_accounts")
    assert talk.slots["has_linked_account"] is False


async def test_a_number_that_was_offered_is_linked_without_asking(talk: Talk) -> None:
    await talk.act("action_offer_number", ONE, "provide_number")
    assert talk.followup == LINK
    assert talk.slots["offered_number"] == ONE
    await talk.open(LINK, intent="link_account")
    assert talk.slots["account_number"] == ONE
    assert talk.slots["offered_number"] is None
    assert talk.loop is None


async def test_an_offered_number_that_is_wrong_is_offered_only_once(talk: Talk) -> None:
    talk.slots["offered_number"] = NONE
    await talk.open(LINK, intent="link_account")
    assert talk.responses[0] == "utter_account_not_found"
    assert talk.slots["offered_number"] is None
    assert talk.asked == "account_number"


@pytest.mark.parametrize(("count", "allowed"), [(0, True), (4, True), (5, False)])
async def test_five_accounts_are_the_most(
    talk: Talk, accounts: FakeAccounts, count: int, allowed: bool
) -> None:
    accounts.linked["vk:1"] = [f"7060{number}" for number in range(count)]
    await talk.act("action_check_account_limit")
    assert talk.slots["can_link_account"] is allowed


async def test_the_list_is_numbered_in_the_order_of_linking(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = [THREE, ONE]
    await talk.act("action_list_accounts", intent="list_accounts")
    assert (
        talk.one("utter_accounts_list").text
        == f"Список ваших лицевых счетов:\n1. {THREE}\n2. {ONE}"
    )
    assert list(talk.one("utter_accounts_menu").buttons) == [
        "Добавить счёт",
        "Удалить счёт",
        "Назад",
    ]


async def test_a_full_list_offers_no_adding(talk: Talk, accounts: FakeAccounts) -> None:
    accounts.linked["vk:1"] = [f"7060{number}" for number in range(5)]
    await talk.act("action_list_accounts", intent="list_accounts")
    assert "Добавить счёт" not in talk.one("utter_accounts_menu_full").buttons


async def test_every_linked_account_has_a_button_to_remove_it(unlinking: Talk) -> None:
    question = unlinking.one("utter_ask_account_to_unlink")
    assert list(question.buttons) == [ONE, THREE, "Отмена"]


@pytest.mark.parametrize("answer", [THREE, "7060 020 003", "2", "2."])
async def test_the_account_may_be_typed_by_number_or_by_its_place(
    unlinking: Talk, answer: str
) -> None:
    await unlinking.say(answer)
    assert unlinking.slots["account_to_unlink"] == THREE
    assert unlinking.one("utter_ask_unlink_account_form_unlink_confirmed").text == (
        f"Отвязать лицевой счёт {THREE}?"
    )


async def test_a_confirmed_removal_removes_only_that_account(
    unlinking: Talk, accounts: FakeAccounts
) -> None:
    await unlinking.press(f'/select_account{{"account": "{ONE}"}}')
    await unlinking.press("/affirm")
    assert unlinking.loop is None
    await unlinking.then("action_unlink_account")
    assert unlinking.responses == ["utter_account_unlinked"]
    assert accounts.linked["vk:1"] == [THREE]
    assert unlinking.slots["account_to_unlink"] is None


async def test_a_denied_removal_keeps_the_account(unlinking: Talk, accounts: FakeAccounts) -> None:
    await unlinking.say(ONE)
    await unlinking.say("нет", intent="deny")
    await unlinking.then("action_unlink_account")
    assert unlinking.responses == ["utter_account_kept"]
    assert accounts.linked["vk:1"] == [ONE, THREE]
    assert unlinking.slots["unlink_confirmed"] is None


@pytest.mark.parametrize("answer", [NONE, "3", "0", "первый-второй"])
async def test_an_account_that_is_not_linked_cannot_be_removed(
    unlinking: Talk, answer: str
) -> None:
    await unlinking.say(answer, intent="out_of_scope")
    assert unlinking.responses == ["utter_account_not_linked", "utter_ask_account_to_unlink"]
    assert unlinking.asked == "account_to_unlink"


async def test_three_unlinked_numbers_name_a_person(unlinking: Talk) -> None:
    for _ in range(3):
        await unlinking.say(NONE)
    assert "utter_failed_three_times" in unlinking.responses


async def test_an_unclear_confirmation_is_asked_again(
    unlinking: Talk, accounts: FakeAccounts
) -> None:
    await unlinking.say(ONE)
    await unlinking.say("ну не знаю", intent="nlu_fallback")
    assert unlinking.responses == [
        "utter_choose_by_button",
        "utter_ask_unlink_account_form_unlink_confirmed",
    ]
    assert accounts.linked["vk:1"] == [ONE, THREE]


@pytest.mark.parametrize("intent", ["greet", "main_menu", "cancel", "help", "affirm", "deny"])
async def test_wishes_at_the_account_number_are_left_to_the_rules(
    linking: Talk, intent: str
) -> None:
    await linking.say("как-то так", intent)
    assert linking.rejected
    assert linking.responses == []
    assert linking.asked == "account_number"


@pytest.mark.parametrize("intent", ["greet", "main_menu", "cancel", "help"])
async def test_wishes_while_an_account_is_removed_are_left_to_the_rules(
    unlinking: Talk, intent: str
) -> None:
    await unlinking.say("как-то так", intent)
    assert unlinking.rejected
    await unlinking.say(ONE)
    await unlinking.say("как-то так", intent)
    assert unlinking.rejected
    assert unlinking.asked == "unlink_confirmed"
