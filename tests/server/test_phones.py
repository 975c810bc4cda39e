"""What the designers' page shows of a message is what the messenger's connector sends."""

from __future__ import annotations

import pytest

from channels.viber.messages import PICTURE_TEXT_LIMIT
from server.phones import screen
from studio.phones import Bubble, Key, Line

MENU = (
    ("Передать показания", "/submit_readings"),
    ("Мои счета", "/list_accounts"),
    ("Помощь", "/help"),
)
CONFIRM = (("Подтверждаю", "/affirm"), ("Нет", "/deny"), ("Назад", "/back"))


def test_vk_shows_rows_of_its_four_colours() -> None:
    assert screen("vk", [Line("Верно?", buttons=CONFIRM)]).keyboard == [
        [Key("Подтверждаю", "positive"), Key("Нет", "negative")],
        [Key("Назад", "secondary")],
    ]


def test_viber_shows_a_grid_in_its_own_colours() -> None:
    keyboard = screen("viber", [Line("Верно?", buttons=CONFIRM)]).keyboard
    assert keyboard is not None
    assert [[key.caption for key in row] for row in keyboard] == [["Подтверждаю", "Нет"], ["Назад"]]
    assert all(key.colour.startswith("#") for row in keyboard for key in row)


def test_a_long_caption_is_cut_by_vk_alone() -> None:
    caption = "Счётчик горячей воды № 12345-67, ванная комната <левый>"
    lines = [Line("Какой?", buttons=((caption, "/select_meter"),))]
    vk, viber = screen("vk", lines).keyboard, screen("viber", lines).keyboard
    assert vk is not None
    assert viber is not None
    assert vk[0][0].caption.endswith("…")
    assert len(vk[0][0].caption) <= 40
    assert viber[0][0].caption == caption


def test_a_long_text_comes_in_parts_where_the_limit_is_lower() -> None:
    lines = [Line("\n".join(["строка " * 10] * 90))]
    vk, viber = screen("vk", lines).bubbles, screen("viber", lines).bubbles
    assert (len(vk), len(viber)) == (2, 1)
    assert {bubble.line for bubble in vk} == {0}
    assert all(len(bubble.text) <= 4096 for bubble in vk)


def test_viber_greets_with_one_message_and_vk_with_all() -> None:
    lines = [Line("Здравствуйте!"), Line("Введите номер:")]
    assert [one.text for one in screen("vk", lines, opening=True).bubbles] == [
        "Здравствуйте!",
        "Введите номер:",
    ]
    assert screen("viber", lines, opening=True).bubbles == [
        Bubble(0, "Здравствуйте!\n\nВведите номер:")
    ]


def test_a_text_too_long_for_a_picture_follows_it_in_viber() -> None:
    lines = [Line("а" * (PICTURE_TEXT_LIMIT + 1), picture=True)]
    assert [(one.picture, len(one.text)) for one in screen("viber", lines).bubbles] == [
        (True, 0),
        (False, PICTURE_TEXT_LIMIT + 1),
    ]
    assert [one.picture for one in screen("vk", lines).bubbles] == [True]


def test_a_turn_without_buttons_keeps_the_keyboard_and_the_last_buttons_count() -> None:
    assert screen("vk", [Line("Хорошо.")]).keyboard is None
    assert screen("viber", [Line("Хорошо.")]).keyboard is None
    rows = screen("vk", [Line("1", buttons=MENU), Line("2", buttons=CONFIRM), Line("3")]).keyboard
    assert rows is not None
    assert rows[0][0].caption == "Подтверждаю"


@pytest.mark.parametrize("channel", ["vk", "viber"])
def test_nothing_said_shows_nothing(channel: str) -> None:
    assert screen(channel, []).bubbles == []
    assert screen(channel, [Line("")], opening=True).bubbles == []
