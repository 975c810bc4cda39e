"""What residents type becomes plain Russian, and what is right already stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.nlu.phrases import PhraseSet
from nlu.morphology import Morphology
from nlu.normaliser import TextNormaliser
from nlu.spelling import Spelling
from nlu.vocabulary import Vocabulary

NORMALISER = TextNormaliser.default()


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("gthtlfnm gjrfpfybz", "передать показания"),
        ("GTHTLFNM GJRFPFYBZ", "передать показания"),
        ("vjb cxtnf", "мои счета"),
        ("vty.", "меню"),
        ("ghbdtn", "привет"),
        ("ыефке", "старт"),
        ("руддщ", "привет"),
        ("peredat pokazaniya", "передать показания"),
        ("gde vzyat licevoy schet", "где взять лицевой счет"),
        ("schetchik slomalsya", "счетчик сломался"),
        ("spasibo bolshoe", "спасибо большое"),
        ("menu pozhaluysta", "меню пожалуйста"),
        ("хочупередатьпоказания", "хочу передать показания"),
        ("добрыйдень", "добрый день"),
        ("мой л/с", "мой лицевой счет"),
        ("пок-я гвс", "показания горячая вода"),
        ("сч-к х/в", "счетчик холодная вода"),
        ("покозания", "показания"),
        ("пиредать паказания", "передать показания"),
        ("дабавить сщет", "добавить счет"),
        ("👍", "да"),
        ("🙏", "спасибо"),
        ("привет 👋🏽", "привет привет"),
        ("утро доброе ☀️", "утро доброе"),
        ("ещё ёлка", "еще елка"),
        ("ДААААА", "да"),
        ("привееет", "привет"),
        ("что???", "что?"),
        ("№1710051", "номер 0000000"),
        ("１２３", "000"),
        ("56 578,4", "00 000,0"),
        ("", ""),
        ("   \n\t ", ""),
    ],
)
def test_a_message_becomes_plain_russian(typed: str, plain: str) -> None:
    assert NORMALISER.normalise(typed).text == plain


@pytest.mark.parametrize(
    "text",
    [
        "how are you", "what is the weather today", "i love you", "wie geht es dir", "你好",
        "предать друга", "привезти дрова", "лечить кошку", "сдать бутылки", "поверить человеку",
        "подача мяча", "тихая ночь", "счастье", "показательный урок",
    ],
)  # fmt: skip
def test_what_is_right_already_stays(text: str) -> None:
    assert NORMALISER.normalise(text).text == text


@pytest.mark.parametrize("text", ["нверно", "нправильно", "нсогласна", "нподтверждаю"])
def test_a_refusal_with_a_lost_letter_never_becomes_consent(text: str) -> None:
    assert NORMALISER.normalise(text).text.startswith("н")


def test_lemmas_are_dictionary_forms_without_values() -> None:
    assert NORMALISER.normalise("Показания 345 переданы!").lemmas == "показание 000 передать !"


def test_the_typo_fixer_leaves_every_dictionary_word_of_the_examples_alone(
    training: PhraseSet,
) -> None:
    morphology = Morphology()
    spelling = Spelling(Vocabulary.load(morphology), morphology)
    words = {word for phrase in training for word in phrase.text.lower().split()}
    known = [word for word in words if word.isalpha() and morphology.is_known(word)]
    assert len(known) > 2000
    assert [word for word in known if spelling.correct(word) != word] == []


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_normalised_without_an_error_and_stays_normal(text: str) -> None:
    plain = NORMALISER.normalise(text).text
    assert not any(character.isdigit() and character != "0" for character in plain)
    assert plain == plain.strip()


def test_a_very_long_message_is_cut() -> None:
    assert len(NORMALISER.normalise("показания " * 10_000).text) <= 600
