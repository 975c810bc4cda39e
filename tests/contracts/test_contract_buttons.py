"""Buttons: what they stand for exists, and both messengers can show them whole."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter

import pytest
from project_files import domain, modules, responses, static_buttons

from backend.delivery.model import Button, Keyboard
from channels.viber.keyboard import keyboard_object
from channels.vk.keyboard import MAX_LABEL, keyboard_json

PAYLOAD = re.compile(r"/(?P<intent>[a-z_]+)(?P<entities>{.*})?")
# Questions whose buttons the asking action adds; tests/actions shows that one of them leaves.
ASKED_BY_ACTIONS = {
    "utter_ask_account_to_unlink",
    "utter_ask_submission_account",
    "utter_ask_meter_to_correct",
    "utter_ask_history_account",
}
LEAVING = {"cancel", "main_menu", "deny"}
# Milliseconds, and then one more with every question: the longest question id.
LONGEST_QUESTION = "9" * 14
CAPTIONS_OF_ACTIONS = ("utter_button_", "utter_wish_")


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


def test_every_payload_of_the_domain_is_understood() -> None:
    complaints = [(name, payload, complaint(payload)) for name, _, payload in static_buttons()]
    assert [one for one in complaints if one[2]] == []


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


def test_payload_braces_in_the_domain_are_doubled() -> None:
    single = [
        (name, payload)
        for name, _, payload in static_buttons()
        if re.search(r"(?<!{){(?!{)|(?<!})}(?!})", payload)
    ]
    assert single == []


def test_no_button_is_its_own_words() -> None:
    assert [caption for _, caption, payload in static_buttons() if caption in payload] == []


def test_captions_fit_the_smaller_messengers_button() -> None:
    captions = [(name, caption) for name, caption, _ in static_buttons()]
    captions += [
        (name, variation["text"])
        for name, variations in responses().items()
        if name.startswith(CAPTIONS_OF_ACTIONS)
        for variation in variations
    ]
    assert [one for one in captions if not 0 < len(one[1]) <= MAX_LABEL] == []


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


def test_captions_of_one_keyboard_differ_for_those_who_type_them() -> None:
    for name, buttons in keyboards().items():
        counted = Counter(button.caption.casefold().replace("ё", "е") for button in buttons)
        assert max(counted.values()) == 1, name


def test_a_caption_means_one_thing_within_a_keyboard_and_a_wish_one_thing_everywhere() -> None:
    by_caption: dict[str, set[str]] = {}
    for _, caption, payload in static_buttons():
        by_caption.setdefault(caption, set()).add(payload)
    assert {caption: found for caption, found in by_caption.items() if len(found) > 1} == {}


def test_every_question_has_buttons_and_one_of_them_leaves() -> None:
    closed = []
    for name, variations in responses().items():
        if not name.startswith("utter_ask_") or name in ASKED_BY_ACTIONS:
            continue
        for one in variations:
            intents = {
                Button(button["title"], button["payload"]).intent
                for button in one.get("buttons", [])
            }
            if not intents & LEAVING:
                closed.append(name)
    assert closed == []


def test_questions_that_actions_ask_exist() -> None:
    assert set(responses()) >= ASKED_BY_ACTIONS
