"""What is no answer to a question about readings."""

from __future__ import annotations

import pytest

from tests.actions.action_fakes import (
    ONE,
    THREE,
    FakeAccounts,
)
from tests.actions.action_talk import FORM, Talk


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("привет", "greet"),
        ("спасибо", "thank"),
        ("меню", "main_menu"),
        ("отмена", "cancel"),
        ("мои счета", "list_accounts"),
        ("где номер счётчика", "ask_where_meter_number"),
        ("до 25 числа принимаете?", "ask_submission_period"),
        ("да", "affirm"),
        ("нет", "deny"),
        ("/stale_button", "stale_button"),
        ("/unsupported_message", "unsupported_message"),
    ],
)
async def test_wishes_and_questions_at_a_reading_are_left_to_the_rules(
    single: Talk, words: str, intent: str
) -> None:
    before = dict(single.slots)
    await single.say(words, intent)
    assert single.rejected
    assert single.responses == []
    assert single.slots == before


@pytest.mark.parametrize("intent", ["greet", "main_menu", "cancel", "help", "stale_button"])
async def test_wishes_at_the_other_questions_are_left_to_the_rules(
    talk: Talk, accounts: FakeAccounts, intent: str
) -> None:
    accounts.linked["vk:1"] = [ONE, THREE]
    await talk.open(FORM)
    asked = []
    for step in (f'/select_account{{"account": "{THREE}"}}', "172,5 270 42,1", "/deny"):
        await talk.say(f"/{intent}", intent)
        assert talk.rejected
        asked.append(talk.asked)
        await (talk.press(step) if step.startswith("/") else talk.say(step))
    await talk.say(f"/{intent}", intent)
    assert talk.rejected
    assert [*asked, talk.asked] == [
        "submission_account",
        "reading",
        "readings_confirmed",
        "meter_to_correct",
    ]
