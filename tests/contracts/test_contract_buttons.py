"""Buttons: what they stand for exists, and both messengers can show them whole."""

from __future__ import annotations

import ast
import json
import re

import pytest

from backend.delivery.model import Button, Keyboard
from channels.viber.keyboard import keyboard_object
from channels.vk.keyboard import keyboard_json
from tests.contracts.project_files import domain, modules, responses, static_buttons
from tools.check_talk.known_to_code import ASKED_BY_ACTIONS

PAYLOAD = re.compile(r"/(?P<intent>[a-z_]+)(?P<entities>{.*})?")
# Milliseconds, and then one more with every question: the longest question id.
LONGEST_QUESTION = "9" * 14


def keyboards() -> dict[str, tuple[Button, ...]]:
    return {
        f"{name}.{number}": tuple(Button(one["title"], one["payload"]) for one in one_of["buttons"])
        for name, variations in responses().items()
        for number, one_of in enumerate(variations)
        if "buttons" in one_of
    }


def python_payloads() -> list[tuple[str, str]]:
    """(where, payload) of every payload in Python; values put in at run time read «x»."""
    found = []
    for path, tree in modules("actions", "server").items():
        inside = {
            part
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            for part in ast.walk(node)
            if part is not node
        }
        for node in ast.walk(tree):
            value = ""
            if isinstance(node, ast.JoinedStr):
                value = "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "x"
                    for part in node.values
                )
            elif isinstance(node, ast.Constant) and node not in inside:
                value = node.value if isinstance(node.value, str) else ""
            if re.fullmatch(r"/[a-z_]+({.*})?", value):
                found.append((f"{path}:{node.lineno}", value))
    return found


def complaint(payload: str) -> str | None:
    found = PAYLOAD.fullmatch(payload.replace("{{", "{").replace("}}", "}"))
    if found is None:
        return "no payload"
    if found["intent"] not in domain()["intents"]:
        return "no such intent"
    if found["entities"]:
        entities = json.loads(found["entities"])
        if set(entities) - set(domain()["entities"]):
            return "no such entity"
    return None


def test_every_payload_of_the_code_is_understood() -> None:
    wanted = {"/main_menu", "/cancel", "/affirm", "/deny", "/open_chat", "/stale_button"}
    found = python_payloads()
    assert wanted <= {payload for _, payload in found}
    # «/{name}», «/select_account{...}» and a route are put together from other parts.
    complaints = [
        (where, payload, complaint(payload))
        for where, payload in found
        if payload not in {"/x", "/select_accountx", "/webhooks", "/live", "/ready", "/health"}
    ]
    assert [one for one in complaints if one[2]] == []


def test_no_button_is_its_own_words() -> None:
    assert [caption for _, caption, payload in static_buttons() if caption in payload] == []


@pytest.mark.parametrize("name", keyboards())
def test_vk_shows_the_keyboard_whole(name: str) -> None:
    buttons = keyboards()[name]
    shown = json.loads(keyboard_json(Keyboard(LONGEST_QUESTION, buttons)))
    actions = [one["action"] for row in shown["buttons"] for one in row]
    assert [one["label"] for one in actions] == [button.caption for button in buttons]
    assert all("payload" in one for one in actions)


@pytest.mark.parametrize("name", keyboards())
def test_viber_shows_the_keyboard_whole(name: str) -> None:
    buttons = keyboards()[name]
    shown = keyboard_object(Keyboard(LONGEST_QUESTION, buttons))
    assert shown is not None
    assert [one["ActionBody"] for one in shown["Buttons"]] == [one.caption for one in buttons]


def test_questions_that_actions_ask_exist() -> None:
    assert set(responses()) >= ASKED_BY_ACTIONS
