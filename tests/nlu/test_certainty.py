"""Known phrases are recognised however they are typed; numbers are never mixed up by them."""

from __future__ import annotations

import pytest

from benchmarks.nlu.phrases import PhraseSet
from nlu.certainty import KnownPhrases
from nlu.normaliser import TextNormaliser

BUTTONS = {
    "Передать показания": "submit_readings",
    "Мои счета": "list_accounts",
    "Мои показания": "ask_previous_reading",
    "Добавить счёт": "link_account",
    "Удалить счёт": "unlink_account",
    "Назад": "main_menu",
    "Подтверждаю": "affirm",
    "Не подтверждаю": "deny",
    "Начать": "main_menu",
    "Меню": "main_menu",
    "Отмена": "cancel",
    "Помощь": "help",
}


@pytest.fixture(scope="module")
def phrases(normaliser: TextNormaliser, training: PhraseSet) -> KnownPhrases:
    return KnownPhrases.learn(normaliser, [(phrase.text, phrase.intent) for phrase in training])


@pytest.mark.parametrize(("caption", "intent"), BUTTONS.items())
@pytest.mark.parametrize("typed", [str, str.upper, str.lower, "{} !".format, " {}.".format])
def test_button_words_are_certain(
    phrases: KnownPhrases, caption: str, intent: str, typed: type[str]
) -> None:
    assert phrases.intent_of(typed(caption)) == intent


@pytest.mark.parametrize(
    ("text", "intent"), [("jnvtyf", "cancel"), ("podtverzhdayu", "affirm"), ("👍", "affirm")]
)
def test_a_known_phrase_is_found_in_another_spelling(
    phrases: KnownPhrases, text: str, intent: str
) -> None:
    assert phrases.intent_of(text) == intent


def test_a_new_phrase_is_left_to_the_model(phrases: KnownPhrases) -> None:
    assert phrases.intent_of("бабушка хочет узнать насчёт бумаг") is None


def test_another_number_is_another_phrase(normaliser: TextNormaliser) -> None:
    phrases = KnownPhrases.learn(normaliser, [("дом 5", "complaint")])
    assert phrases.intent_of("дом 5") == "complaint"
    assert phrases.intent_of("дом 6") is None


def test_a_phrase_with_two_meanings_is_left_to_the_model(normaliser: TextNormaliser) -> None:
    phrases = KnownPhrases.learn(normaliser, [("Так", "affirm"), ("так!", "deny")])
    assert phrases.intent_of("ТАК?") is None
