"""Questions, the way back, and messages that are not understood."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest

from backend.billing.model import Balance, Period
from tests.actions.action_fakes import MANUAL, ONE, OPEN, THREE, FakeAccounts, FakeBilling
from tests.actions.action_talk import Talk

DAY = date(2019, 12, 20)
FORM = "submit_readings_form"


@pytest.fixture
def known(talk: Talk, accounts: FakeAccounts) -> Talk:
    accounts.linked["vk:1"] = [ONE]
    return talk


@pytest.mark.parametrize(
    ("amount", "response"),
    [
        ("1234.50", "utter_balance_debt"),
        ("0", "utter_balance_paid"),
        ("-10", "utter_balance_overpaid"),
    ],
)
async def test_a_balance_is_a_debt_nothing_or_too_much(
    known: Talk, billing: FakeBilling, amount: str, response: str
) -> None:
    billing.balances[ONE] = Balance(D(amount), DAY, "https://pay.example/1")
    await known.act("action_show_balance")
    assert known.responses == [response]
    assert "-" not in known.heard[0].text.replace("https://pay.example/1", "")


async def test_a_debt_is_ready_to_read_with_its_link(known: Talk, billing: FakeBilling) -> None:
    billing.balances[ONE] = Balance(D("1234.50"), DAY, "https://pay.example/1")
    await known.act("action_show_balance")
    assert known.heard[0].text == (
        f"Лицевой счёт {ONE}: к оплате 1 234,50 ₽ на 20.12.2019.\nОплатить: https://pay.example/1"
    )


async def test_a_debt_without_a_link_offers_none(known: Talk, billing: FakeBilling) -> None:
    billing.balances[ONE] = Balance(D("1"), DAY)
    await known.act("action_show_balance")
    assert "Оплатить" not in known.heard[0].text


async def test_each_account_has_its_own_balance(
    known: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    accounts.linked["vk:1"].append(THREE)
    billing.balances = {ONE: Balance(D(5), DAY), THREE: Balance(D(0), DAY)}
    await known.act("action_show_balance")
    assert [one.variables["account"] for one in known.heard] == [ONE, THREE]


@pytest.mark.parametrize("linked", [[], [ONE]])
async def test_without_a_balance_the_bot_says_where_it_stands(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling, linked: list[str]
) -> None:
    accounts.linked["vk:1"], billing.down = linked, True
    await talk.act("action_show_balance")
    assert talk.responses == ["utter_balance_general"]


async def test_a_fault_of_ours_is_not_taken_for_billing_being_away(
    known: Talk, billing: FakeBilling
) -> None:
    billing.broken = RuntimeError("ours")
    with pytest.raises(RuntimeError, match="ours"):
        await known.act("action_show_balance")


@pytest.mark.parametrize(
    ("period", "responses"),
    [
        (OPEN, ["utter_submission_period", "utter_submission_period_open"]),
        (
            Period("2019-12", open=False, opens=date(2020, 1, 1)),
            ["utter_submission_period", "utter_submission_period_shut"],
        ),
        (Period("2019-12", open=True), ["utter_submission_period"]),
    ],
)
async def test_the_period_is_told_as_far_as_billing_knows_it(
    known: Talk, billing: FakeBilling, period: Period, responses: list[str]
) -> None:
    billing.put(ONE, MANUAL, period=period)
    await known.act("action_show_submission_period")
    assert known.responses == responses


async def test_the_general_period_is_told_without_billing(
    known: Talk, billing: FakeBilling
) -> None:
    billing.down = True
    await known.act("action_show_submission_period")
    assert known.responses == ["utter_submission_period"]


async def test_without_an_open_question_the_menu_follows(known: Talk) -> None:
    await known.act("action_continue")
    assert known.responses == ["utter_main_menu"]
    assert known.followup is None


async def test_without_an_account_linking_follows(talk: Talk) -> None:
    await talk.act("action_continue")
    assert talk.responses == []
    assert talk.followup == "link_account_form"


async def test_an_open_question_is_asked_again(known: Talk) -> None:
    known.loop = FORM
    await known.act("action_continue")
    assert known.followup == FORM
    assert known.responses == []


async def test_leaving_a_form_forgets_all_its_answers(known: Talk) -> None:
    await known.open(FORM)
    await known.say("57000")
    await known.act("action_leave_form", intent="cancel")
    assert known.responses == ["utter_nothing_sent"]
    assert known.loop is None
    left = {name for name, value in known.slots.items() if value is not None}
    assert left <= {"has_linked_account"}


async def test_leaving_without_values_says_nothing_unless_it_was_cancelled(known: Talk) -> None:
    await known.open(FORM)
    await known.act("action_leave_form", intent="list_accounts")
    assert known.responses == []


async def test_leaving_with_values_says_that_nothing_was_sent(known: Talk) -> None:
    await known.open(FORM)
    await known.say("56580")
    await known.act("action_leave_form", intent="list_accounts")
    assert known.responses == ["utter_nothing_sent"]


async def test_leaving_nothing_changes_nothing(known: Talk) -> None:
    before = dict(known.slots)
    await known.act("action_leave_form", intent="cancel")
    assert known.responses == []
    assert known.slots == before


async def test_the_wish_is_remembered(talk: Talk) -> None:
    await talk.act("action_remember_wish", intent="submit_readings")
    assert talk.slots["wish"] == "submit_readings"


async def test_the_chat_is_greeted_only_when_nothing_is_open(known: Talk) -> None:
    await known.act("action_open_chat")
    assert known.responses == ["utter_greet"]
    known.loop = FORM
    await known.act("action_open_chat")
    assert known.responses == []


async def test_the_likeliest_wishes_become_buttons(known: Talk) -> None:
    ranking = ("nlu_fallback", "submit_readings", "affirm", "help", "ask_contacts", "list_accounts")
    await known.act("action_ask_what_was_meant", "ыыы", "nlu_fallback", ranking)
    assert known.one("utter_what_was_meant").buttons == {
        "Передать показания": "/submit_readings",
        "Что умеет бот": "/help",
        "Телефон и адрес": "/ask_contacts",
        "Отмена": "/main_menu",
    }


async def test_in_a_form_the_way_out_of_a_guess_is_to_cancel(known: Talk) -> None:
    known.loop = FORM
    await known.act("action_ask_what_was_meant", "ыыы", "nlu_fallback", ("help",))
    assert known.one("utter_what_was_meant").buttons["Отмена"] == "/cancel"


async def test_the_second_time_a_phone_is_given_instead_of_guesses(known: Talk) -> None:
    await known.act("action_ask_what_was_meant", "ыыы", "nlu_fallback", ("help",))
    await known.act("action_ask_what_was_meant", "ъъъ", "nlu_fallback", ("help",))
    assert known.responses == ["utter_not_understood_again"]
    assert known.followup == "action_continue"
    assert known.slots["failures"] is None


@pytest.mark.parametrize("ranking", [(), ("affirm", "nlu_fallback")])
async def test_without_a_guess_a_phone_is_given_at_once(
    known: Talk, ranking: tuple[str, ...]
) -> None:
    await known.act("action_ask_what_was_meant", "ыыы", "nlu_fallback", ranking)
    assert known.responses == ["utter_not_understood_again"]


async def test_a_long_number_is_shown_in_part(known: Talk) -> None:
    await known.act("action_offer_number", "1 " * 500, "provide_number")
    assert len(known.one("utter_offer_number").variables["number"]) <= 60


async def test_an_offer_without_words_leads_back(known: Talk) -> None:
    await known.act("action_offer_number", intent="provide_number")
    assert known.followup == "action_continue"


async def test_a_number_that_is_linked_already_is_said_to_be(known: Talk) -> None:
    await known.act("action_offer_number", ONE, "provide_number")
    assert known.responses == ["utter_account_already_linked"]
    assert known.followup == "action_continue"


async def test_an_offered_number_is_forgotten_at_the_menu(known: Talk) -> None:
    await known.act("action_offer_number", "56578", "provide_number")
    await known.act("action_leave_form", intent="main_menu")
    await known.then("action_continue")
    assert known.slots["offered_number"] is None


@pytest.mark.parametrize("intent", ["submit_readings", "link_account"])
async def test_an_offered_number_waits_for_the_wish_that_takes_it(known: Talk, intent: str) -> None:
    await known.act("action_offer_number", "56578", "provide_number")
    await known.act("action_leave_form", intent=intent)
    assert known.slots["offered_number"] == "56578"


async def test_who_cancels_linking_the_first_account_is_not_asked_at_once_again(
    talk: Talk,
) -> None:
    await talk.open("link_account_form", intent="link_account")
    await talk.act("action_leave_form", intent="cancel")
    await talk.then("action_continue")
    assert talk.followup is None
    assert talk.responses == ["utter_link_later"]
    assert "/link_account" in talk.heard[0].buttons.values()


@pytest.mark.parametrize(
    ("words", "loop", "response"),
    [
        ("да", None, "utter_no_question_open"),
        ("да", FORM, "utter_another_question_open"),
        ("", None, "utter_question_closed"),
        ("", FORM, "utter_question_closed"),
    ],
)
async def test_a_yes_to_nothing_is_told_apart_from_an_old_button(
    known: Talk, words: str, loop: str | None, response: str
) -> None:
    known.loop = loop
    await known.act("action_question_closed", words, "affirm")
    assert known.responses == [response]


async def test_where_no_rule_goes_on_the_turn_ends_with_the_menu(known: Talk) -> None:
    """The core fallback would say the same again until Rasa's limit, then nothing any more."""
    await known.act("action_question_closed", "что-то", "help")
    assert known.followup is None
    await known.then("action_question_closed")
    assert known.responses == ["utter_main_menu"]
    assert known.followup == "action_listen"


async def test_after_the_way_on_nothing_is_said_to_be_closed(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = [ONE]
    await talk.act("action_offer_number", ONE, "provide_number")
    assert talk.followup == "action_continue"
    await talk.then("action_continue")
    await talk.then("action_question_closed")
    assert talk.responses == []
    assert talk.followup == "action_listen"
