"""Keyboards of both messengers: their limits, and independent libraries as judges."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from vk_api.keyboard import VkKeyboard
from vkbottle import Keyboard as VkbottleKeyboard
from vkbottle import KeyboardButtonColor, Text

from backend.delivery.model import Button, Keyboard
from backend.delivery.text import length
from channels.rows import LEAVING, rows
from channels.viber import keyboard as viber
from channels.viber.keyboard import keyboard_object
from channels.vk import keyboard as vk
from channels.vk.keyboard import keyboard_json
from tests.channels.channel_samples import MENU

captions = st.text(st.characters(codec=None), max_size=300) | st.sampled_from(
    ["Да", "Нет", "<b>&</b>", "&" * 200, "🙂" * 60, "Проспект Ветеранов, дом 114, квартира 57", " "]
)
intents = st.sampled_from(["affirm", "deny", "cancel", "back", "main_menu", "help", "ask", ""])
buttons = st.builds(lambda caption, intent: Button(caption, f"/{intent}"), captions, intents)
keyboards = st.builds(
    lambda question, found: Keyboard(question, tuple(found)),
    st.integers(0, 10**9).map(str),
    st.lists(buttons, max_size=45),
)


def vk_rows(keyboard: Keyboard) -> list[list[dict[str, Any]]]:
    return json.loads(keyboard_json(keyboard))["buttons"]


def vk_labels(keyboard: Keyboard) -> list[list[str]]:
    return [[button["action"]["label"] for button in row] for row in vk_rows(keyboard)]


def test_short_captions_share_rows_and_ways_out_come_last():
    assert vk_labels(MENU) == [
        ["Передать показания", "Мои счета"],
        ["Да", "Нет"],
        ["Проспект Ветеранов, дом 114, корпус 2,…"],
        ["Помощь"],
        ["Отмена", "В меню"],
    ]


def test_token_belongs_to_its_button_although_the_layout_moves_it():
    keyboard = Keyboard("12", (Button("Отмена", "/cancel"), Button("Да", "/affirm")))
    payloads = [json.loads(row[0]["action"]["payload"]) for row in vk_rows(keyboard)]
    assert vk_labels(keyboard) == [["Да"], ["Отмена"]]
    assert payloads == [{"b": keyboard.token(1)}, {"b": keyboard.token(0)}]


@pytest.mark.parametrize(
    ("payload", "color"),
    [
        ("/affirm", "positive"),
        ('/affirm{"x": "1"}', "positive"),
        ("/deny", "negative"),
        ("/cancel", "secondary"),
        ("/main_menu", "secondary"),
        ("/help", "secondary"),
        ("/submit_reading", "primary"),
    ],
)
def test_vk_color_follows_the_intent(payload, color):
    assert vk_rows(Keyboard("1", (Button("Кнопка", payload),)))[0][0]["color"] == color


def test_vk_keyboard_without_buttons_hides_the_present_one():
    assert json.loads(keyboard_json(Keyboard("1", ())))["buttons"] == []


def test_keyboard_that_is_too_long_keeps_the_way_out_and_says_so():
    many = tuple(Button(f"Очень длинная кнопка номер {n}", "/select") for n in range(20))
    with capture_logs() as logs:
        labels = vk_labels(Keyboard("1", (Button("Отмена", "/cancel"), *many)))
    assert len(labels) == vk.MAX_ROWS
    assert labels[-1] == ["Отмена"]
    assert [(entry["event"], entry["dropped"]) for entry in logs] == [("keyboard.truncated", 11)]


@settings(max_examples=100, deadline=None)
@given(keyboards)
def test_vk_keyboard_is_always_within_vks_limits(keyboard):
    text = keyboard_json(keyboard)
    text.encode()
    layout = json.loads(text)["buttons"]
    assert len(layout) <= vk.MAX_ROWS
    assert sum(map(len, layout)) <= vk.MAX_BUTTONS
    for row in layout:
        assert 1 <= len(row) <= vk.MAX_COLUMNS
        for button in row:
            assert button["color"] in {"primary", "secondary", "positive", "negative"}
            assert set(button["action"]) == {"type", "label", "payload"}
            assert 1 <= length(button["action"]["label"]) <= vk.MAX_LABEL
            assert len(button["action"]["payload"].encode()) <= vk.MAX_PAYLOAD
            assert isinstance(json.loads(button["action"]["payload"]), dict)


def test_vk_payload_that_would_be_too_long_is_left_out():
    button = vk_rows(Keyboard("9" * 300, (Button("Да", "/affirm"),)))[0][0]
    assert "payload" not in button["action"]


@settings(max_examples=100, deadline=None)
@given(keyboards)
def test_viber_keyboard_is_always_within_vibers_limits(keyboard):
    board = keyboard_object(keyboard)
    shown = sum(map(len, rows(keyboard, viber.MAX_ROWS)))
    if board is None:
        assert shown == 0
        return
    json.dumps(board, ensure_ascii=False).encode()
    assert (board["Type"], board["InputFieldState"]) == ("keyboard", "regular")
    assert board["DefaultHeight"] is False
    assert len(board["Buttons"]) == shown
    assert sum(button["Columns"] for button in board["Buttons"]) <= viber.COLUMNS * viber.MAX_ROWS
    for button in board["Buttons"]:
        assert button["ActionType"] == "reply"
        assert button["ActionBody"].strip() == button["ActionBody"] != ""
        assert button["Columns"] in {3, 6}
        assert button["Rows"] == 1
        assert 1 <= length(button["Text"]) <= viber.MAX_TEXT
        assert not set(button["Text"]) & set("<>")
        # Nothing is lost by the escaping, and no reference is cut.
        shown_text = html.unescape(button["Text"])
        assert html.escape(shown_text) == button["Text"]
        assert button["ActionBody"].startswith(shown_text.removesuffix("…"))


def test_viber_button_answers_with_its_caption():
    board = keyboard_object(Keyboard("1", (Button("<Счёт> & адрес", "/ask"),)))
    assert board is not None
    (button,) = board["Buttons"]
    assert button["ActionBody"] == "<Счёт> & адрес"
    assert button["Text"] == "&lt;Счёт&gt; &amp; адрес"


def test_viber_rows_are_filled_as_in_vk():
    board = keyboard_object(MENU)
    assert board is not None
    assert [button["Columns"] for button in board["Buttons"]] == [3, 3, 3, 3, 6, 6, 3, 3]


def test_plain_viber_keyboard_has_only_what_every_client_knows():
    board = keyboard_object(MENU, plain=True)
    assert board is not None
    assert set(board) == {"Type", "Buttons"}
    assert set(board["Buttons"][0]) == {"Columns", "Rows", "ActionType", "ActionBody", "Text"}


@settings(max_examples=100, deadline=None)
@given(keyboards)
def test_order_is_kept_among_answers_and_among_ways_out(keyboard):
    shown = [index for row in rows(keyboard, 100) for index in row]
    out = [keyboard.buttons[index].intent in LEAVING for index in shown]
    assert out == sorted(out)
    assert [i for i in shown if keyboard.buttons[i].intent in LEAVING] == sorted(
        i for i in shown if keyboard.buttons[i].intent in LEAVING
    )
    assert len(shown) == len(set(shown))
    assert len(shown) == sum(bool(button.caption.strip()) for button in keyboard.buttons)


LABELS = {MENU.buttons[4].caption: "Проспект Ветеранов, дом 114, корпус 2,…"}


def normal(board: dict[str, Any]) -> dict[str, Any]:
    """The keyboard with payloads as objects, whatever form a library gives them."""
    for row in board["buttons"]:
        for button in row:
            payload = button["action"]["payload"]
            if isinstance(payload, str):
                button["action"]["payload"] = json.loads(payload)
    return board


def test_vk_keyboard_equals_the_ones_that_independent_libraries_build():
    theirs = VkKeyboard(one_time=False, inline=False)
    other = VkbottleKeyboard(one_time=False, inline=False)
    for number, row in enumerate(rows(MENU, vk.MAX_ROWS)):
        if number:
            theirs.add_line()
        other.row()
        for index in row:
            button = MENU.buttons[index]
            color = vk.COLORS.get(button.intent, vk.DEFAULT_COLOR)
            label = LABELS.get(button.caption, button.caption)
            payload = {"b": f"q7.{index}"}
            theirs.add_button(label, color=color, payload=payload)
            other.add(Text(label, payload=payload), color=KeyboardButtonColor(color))
    ours = normal(json.loads(keyboard_json(MENU)))
    assert normal(json.loads(theirs.get_keyboard())) == ours
    assert normal(json.loads(other.get_json())) == ours


def test_empty_vk_keyboard_equals_the_one_of_an_independent_library():
    assert json.loads(keyboard_json(Keyboard("1", ()))) == json.loads(
        VkKeyboard.get_empty_keyboard()
    )
