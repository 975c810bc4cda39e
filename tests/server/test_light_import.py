"""TensorFlow is left out where nothing needs it, and nothing else changes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Prints what Rasa understands and answers; run once with TensorFlow and once without.
TALK = """
import asyncio, json, sys
from pathlib import Path
from server.models import newest_model
model = newest_model(Path("models"))
if sys.argv[1] == "without":
    from server.internals.light_import import components_of, without_tensorflow
    assert without_tensorflow(components_of(model))
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

async def talk():
    agent = Agent.load(str(model))
    said = []
    for text in ["привет", "/ask_contacts", "где найти лицевой счёт", "спасибо", "/main_menu"]:
        output = CollectingOutputChannel()
        parsed = await agent.parse_message(text)
        await agent.handle_message(UserMessage(text, output, "one"))
        said.append([parsed["intent"], output.messages])
    return said

said = asyncio.run(talk())
print(json.dumps({"tensorflow": "tensorflow" in sys.modules, "said": said}))
"""


def _talk(how: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TALK, how],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.mark.model
def test_rasa_understands_and_answers_the_same_without_tensorflow():
    without, with_it = _talk("without"), _talk("with")
    assert without["tensorflow"] is False
    assert with_it["tensorflow"] is True
    assert without["said"] == with_it["said"]


def _run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


def test_a_component_that_needs_tensorflow_keeps_it():
    assert (
        _run(
            "from server.internals.light_import import without_tensorflow\n"
            "print(without_tensorflow('pipeline: [{name: DIETClassifier}]'))"
        )
        == "False"
    )


def test_a_component_that_was_left_out_says_so_when_it_is_made():
    said = _run(
        "from server.internals.light_import import TensorFlowLeftOut, without_tensorflow\n"
        "without_tensorflow('')\n"
        "from rasa.nlu.classifiers.diet_classifier import DIETClassifier\n"
        "try:\n    DIETClassifier()\nexcept TensorFlowLeftOut as error:\n    print(error)"
    )
    assert said == "DIETClassifier needs TensorFlow, which this process did not import."
