"""What residents read: length, letters, variations, and the manual's own sentences."""

from __future__ import annotations

import re

import pytest
from project_files import (
    PLACEHOLDER,
    PRODUCT,
    docstrings,
    modules,
    responses,
    static_buttons,
    strings,
    texts,
)

MOST_CHARACTERS = 4096  # VK's limit; Viber takes more
# Room for the values of variables in the longest texts.
MOST_OWN_CHARACTERS = 1000
LATIN_WORDS = {"VK", "Viber"}
SMALL_TALK = {"utter_greet", "utter_goodbye", "utter_thank"}
CYRILLIC = re.compile(r"[\u0400-\u04ff]")
# Single letters are the alphabet («\u0451» is read as «\u0435»), two in a row are a word.
WORD = re.compile(r"[\u0400-\u04ff]{2}")
# The only Cyrillic that code may hold: a setting's default, overridden by VIBER_SENDER_NAME.
ALLOWED_CYRILLIC = {("backend/settings.py", "ТГК-1")}

SENTENCES = [
    "Пожалуйста, введите номер вашего лицевого счёта:",
    "Выберите действие:",
    "Укажите показания по счётчику {meter} (предыдущие показания: {previous} от {previous_date})",
    "Объем потребления по счётчику {meter} составил {volume}",
    "Список ваших лицевых счетов:\n{accounts}",
    "{position}. {account}",
]
CAPTIONS = [
    ("Передать показания", "/submit_readings"),
    ("Мои счета", "/list_accounts"),
    ("Добавить счёт", "/link_account"),
    ("Удалить счёт", "/unlink_account"),
    ("Назад", "/main_menu"),
    ("Подтверждаю", "/affirm"),
    ("Не подтверждаю", "/deny"),
]


def words_to_read() -> list[tuple[str, str]]:
    return [*texts(), *((name, caption) for name, caption, _ in static_buttons())]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_manuals_sentence_is_said_word_for_word(sentence: str) -> None:
    assert sentence in [text for _, text in texts()]


@pytest.mark.parametrize(("caption", "payload"), CAPTIONS)
def test_the_manuals_button_is_there_and_does_what_it_says(caption: str, payload: str) -> None:
    assert (caption, payload) in [(one, other) for _, one, other in static_buttons()]


def test_no_word_mixes_cyrillic_and_latin_letters() -> None:
    mixed = [
        (name, word)
        for name, text in words_to_read()
        for word in re.findall(r"\w+", PLACEHOLDER.sub("", text))
        if CYRILLIC.search(word) and re.search(r"[A-Za-z]", word)
    ]
    assert mixed == []


def test_latin_words_are_only_the_messengers_names() -> None:
    latin = [
        (name, word)
        for name, text in words_to_read()
        for word in re.findall(r"[A-Za-z]+", PLACEHOLDER.sub("", text))
        if word not in LATIN_WORDS
    ]
    assert latin == []


def test_texts_leave_room_within_a_message() -> None:
    assert [name for name, text in texts() if len(text) > MOST_CHARACTERS] == []
    long = [name for name, text in texts() if len(text) > MOST_OWN_CHARACTERS]
    assert long == []


def test_no_text_is_empty_or_has_stray_spaces() -> None:
    stray = [
        name
        for name, text in words_to_read()
        if not text.strip() or re.search(r" {2,}| $|^ | \n|\t", text)
    ]
    assert stray == []


def test_braces_are_only_those_of_variables() -> None:
    left = [name for name, text in texts() if re.search(r"[{}]", PLACEHOLDER.sub("", text))]
    assert left == []


def test_every_response_has_a_text_for_every_messenger() -> None:
    missing = [
        name
        for name, variations in responses().items()
        if not any("channel" not in one for one in variations)
    ]
    assert missing == []


def test_channels_of_variations_are_messengers() -> None:
    channels = {
        one["channel"]
        for variations in responses().values()
        for one in variations
        if "channel" in one
    }
    assert channels <= {"vk", "viber"}


def test_facts_have_one_wording() -> None:
    several = {
        name
        for name, variations in responses().items()
        if sum("channel" not in one for one in variations) > 1
    }
    assert several <= SMALL_TALK


def test_code_holds_no_russian_words() -> None:
    found = [
        (path, value)
        for path, tree in modules(*PRODUCT).items()
        for _, value in strings(tree)
        if WORD.search(value) and (path, value) not in ALLOWED_CYRILLIC
    ]
    assert found == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path
        for path, tree in modules(*PRODUCT).items()
        if tree.body and tree.body[0] not in [None] and not docstrings(tree)
    ]
    assert silent == []
