"""The classifier works inside Rasa's graph: trains, is stored, is loaded, answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.classifier import ResidentIntentClassifier
from nlu.intent_model import IntentModel, RankedIntent
from nlu.normaliser import NormalisedText

EXAMPLES = {
    "submit_readings": ["передать показания", "сдать воду", "внести показания", "+"],
    "ask_contacts": ["дайте телефон", "адрес офиса", "часы работы", "позвать оператора"],
    "provide_number": ["56578", "кухня 45", "сто двадцать", "гвс 345"],
    "out_of_scope": ["газ 345", "свет 4567", "какая погода", "показания за газ 12"],
}


class Storage:
    """What Rasa gives a component: a place for files and the context of a run."""

    def __init__(self, folder: Path) -> None:
        self.model_storage = LocalModelStorage(folder)
        self.resource = Resource("classifier")
        self.context = ExecutionContext(GraphSchema({}))

    def trained(self) -> ResidentIntentClassifier:
        config = {**ResidentIntentClassifier.get_default_config(), "encoder": False, "folds": 2}
        classifier = ResidentIntentClassifier.create(
            config, self.model_storage, self.resource, self.context
        )
        messages = [
            Message.build(text, intent) for intent, texts in EXAMPLES.items() for text in texts
        ]
        classifier.train(TrainingData(messages))
        return ResidentIntentClassifier.load(
            config, self.model_storage, self.resource, self.context
        )


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> ResidentIntentClassifier:
    return Storage(tmp_path_factory.mktemp("model")).trained()


def parsed(classifier: ResidentIntentClassifier, text: str) -> Message:
    return classifier.process([Message({TEXT: text})])[0]


def test_a_known_phrase_is_certain(classifier: ResidentIntentClassifier) -> None:
    assert parsed(classifier, "ПЕРЕДАТЬ ПОКАЗАНИЯ!").get(INTENT) == {
        "name": "submit_readings",
        "confidence": 1.0,
    }


@pytest.mark.parametrize("text", ["1234", "00056578", "сто сорок", "56 578,4", "ванна 67"])
def test_a_message_of_numbers_is_certain(classifier: ResidentIntentClassifier, text: str) -> None:
    intent = parsed(classifier, text).get(INTENT)
    assert (intent["name"], intent["confidence"]) == ("provide_number", 1.0)


def test_another_companys_reading_is_not_taken(classifier: ResidentIntentClassifier) -> None:
    assert parsed(classifier, "газ 512").get(INTENT)["name"] == "out_of_scope"


def test_candidates_follow_the_first_choice(classifier: ResidentIntentClassifier) -> None:
    message = parsed(classifier, "где офис")
    ranking = message.get("intent_ranking")
    assert ranking[0] == message.get(INTENT)
    assert len({candidate["name"] for candidate in ranking}) == len(EXAMPLES)


def test_a_wish_that_may_be_none_of_ours_is_doubted(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    storage.trained()
    strict, lenient = (
        ResidentIntentClassifier.load(
            {
                **ResidentIntentClassifier.get_default_config(),
                "encoder": False,
                "foreign_share": share,
            },
            storage.model_storage,
            storage.resource,
            storage.context,
        )
        for share in (0.0, 1.0)
    )
    text = "передать погоду"
    doubted, believed = (parsed(one, text).get("intent_ranking") for one in (strict, lenient))
    assert [one["name"] for one in doubted] == [one["name"] for one in believed]
    assert doubted[0]["name"] == "submit_readings"
    assert doubted[0]["confidence"] == pytest.approx(0.3)
    assert believed[0]["confidence"] > 0.35


@pytest.mark.parametrize("text", ["", "   ", "\u200b"])
def test_nothing_written_means_nothing_or_a_guess_but_no_error(
    classifier: ResidentIntentClassifier, text: str
) -> None:
    assert parsed(classifier, text).get(INTENT) is not None


@pytest.mark.parametrize("text", ["ййй", "ж", "дв", "ыы!", "qq"])
def test_a_slip_of_the_hand_is_never_acted_upon(
    classifier: ResidentIntentClassifier, text: str
) -> None:
    intent = parsed(classifier, text).get(INTENT)
    assert intent["name"] == "out_of_scope" or intent["confidence"] <= 0.3


def test_signs_alone_can_be_known(classifier: ResidentIntentClassifier) -> None:
    assert parsed(classifier, "+").get(INTENT)["name"] == "submit_readings"


def test_a_loaded_model_has_read_something_so_that_no_resident_waits_for_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    ranked = IntentModel.rank_all

    def rank_all(model: IntentModel, messages: list[NormalisedText]) -> list[list[RankedIntent]]:
        read.extend(messages)
        return ranked(model, messages)

    monkeypatch.setattr(IntentModel, "rank_all", rank_all)
    Storage(tmp_path).trained()
    assert len(read) == 1


def test_without_examples_it_stays_silent(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    config = {**ResidentIntentClassifier.get_default_config(), "encoder": False}
    untrained = ResidentIntentClassifier.create(
        config, storage.model_storage, storage.resource, storage.context
    )
    untrained.train(TrainingData([]))
    assert parsed(untrained, "привет").get(INTENT)["name"] is None


def test_numbers_alone_are_values_even_if_the_model_thinks_otherwise(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    config = {**ResidentIntentClassifier.get_default_config(), "encoder": False, "folds": 2}
    classifier = ResidentIntentClassifier.create(
        config, storage.model_storage, storage.resource, storage.context
    )
    sums = ["два плюс два", "семью восемь", "сто двадцать пять разделить на пять", "112 и 7"]
    examples = [(text, "out_of_scope") for text in sums]
    examples += [(text, "help") for text in ("помощь", "помогите", "что умеешь", "подскажи")]
    classifier.train(TrainingData([Message.build(*example) for example in examples]))
    assert parsed(classifier, "двести двенадцать").get(INTENT)["name"] == "provide_number"
    assert parsed(classifier, "112").get(INTENT)["name"] == "provide_number"
