"""What residents read: length, letters, variations, and the manual's own sentences."""

from __future__ import annotations

import re

import pytest

from tests.contracts.project_files import (
    PLACEHOLDER,
    PRODUCT,
    docstrings,
    modules,
    static_buttons,
    strings,
    texts,
)

LATIN_WORDS = {"VK", "Viber"}
# Single letters are the alphabet («\u0451» is read as «\u0435»), two in a row are a word.
WORD = re.compile(r"[\u0400-\u04ff]{2}")

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


def test_latin_words_are_only_the_messengers_names() -> None:
    latin = [
        (name, word)
        for name, text in words_to_read()
        for word in re.findall(r"[A-Za-z]+", PLACEHOLDER.sub("", text))
        if word not in LATIN_WORDS
    ]
    assert latin == []


def test_code_holds_no_russian_words() -> None:
    found = [
        (path, value)
        for path, tree in modules(*PRODUCT).items()
        for _, value in strings(tree)
        if WORD.search(value)
    ]
    assert found == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path
        for path, tree in modules(*PRODUCT).items()
        if tree.body and tree.body[0] not in [None] and not docstrings(tree)
    ]
    assert silent == []
