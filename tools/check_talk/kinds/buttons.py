"""Buttons: what they stand for exists, and both messengers can show them whole."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from difflib import get_close_matches

from backend.delivery.model import Button, Keyboard
from backend.delivery.text import length
from channels.rows import rows
from channels.viber.keyboard import MAX_ROWS as VIBER_ROWS
from channels.vk.keyboard import MAX_LABEL as VK_LABEL
from channels.vk.keyboard import MAX_ROWS as VK_ROWS
from tools.check_talk.code import Code
from tools.check_talk.known_to_code import CAPTIONS_OF_ACTIONS
from tools.check_talk.problems import Place, Problem
from tools.check_talk.project import PLACEHOLDER, ButtonAt, Project

PAYLOAD = re.compile(r"/(?P<intent>\w+)(?P<entities>{.*})?")
_SINGLE_BRACE = re.compile(r"(?<!{){(?!{)|(?<!})}(?!})")


def check(project: Project, code: Code) -> Iterator[Problem]:
    """Payloads, captions and the size of keyboards."""
    meanings: dict[str, ButtonAt] = {}
    for response in project.responses.values():
        for one in response.variations:
            for button in one.buttons:
                wrong = list(_payload(project, button))
                yield from wrong
                yield from _caption(button.title, button.place)
                if wrong:
                    continue
                first = meanings.setdefault(button.title, button)
                if first.payload != button.payload:
                    values = {"name": button.title, "other": first.payload, "first": first.place}
                    yield Problem("caption_of_two", button.place, values)
            yield from _same_captions(one.buttons)
            yield from _too_many(one.buttons)
        if response.name.startswith(CAPTIONS_OF_ACTIONS):
            for one in response.variations:
                yield from _caption(PLACEHOLDER.sub("", one.text), one.place)


def _payload(project: Project, button: ButtonAt) -> Iterator[Problem]:
    values = {"payload": button.payload, "name": button.title}
    if _SINGLE_BRACE.search(button.payload):
        yield Problem("single_brace", button.place, values)
        return
    found = PAYLOAD.fullmatch(button.payload.replace("{{", "{").replace("}}", "}"))
    if found is None:
        yield Problem("not_a_payload", button.place, values)
        return
    intents = project.names("intents")
    if found["intent"] not in intents:
        near = get_close_matches(found["intent"], sorted(intents), 1, 0.7)
        more = {"near": f"/{near[0]}"} if near else {}
        yield Problem("unknown_payload", button.place, {**values, **more})
    try:
        entities = json.loads(found["entities"] or "{}")
    except ValueError:
        yield Problem("not_a_payload", button.place, values)
        return
    for name in set(entities) - project.names("entities"):
        yield Problem("unknown_entity", button.place, {**values, "entity": name})


def _caption(caption: str, place: Place) -> Iterator[Problem]:
    size = length(caption)
    if size > VK_LABEL:
        yield Problem("long_caption", place, {"name": caption, "is": size, "most": VK_LABEL})


def _same_captions(buttons: tuple[ButtonAt, ...]) -> Iterator[Problem]:
    seen: dict[str, list[ButtonAt]] = defaultdict(list)
    for button in buttons:
        seen[button.title.casefold().replace("ё", "е")].append(button)
    for same in seen.values():
        for button in same[1:]:
            yield Problem("same_caption", button.place, {"name": button.title})


def _too_many(buttons: tuple[ButtonAt, ...]) -> Iterator[Problem]:
    keyboard = Keyboard("0", tuple(Button(one.title, one.payload) for one in buttons))
    for messenger, most in (("VK", VK_ROWS), ("Viber", VIBER_ROWS)):
        used = len(rows(keyboard, len(buttons) + 1))
        if used > most:
            values = {"messenger": messenger, "is": used, "most": most}
            yield Problem("too_many_buttons", buttons[-1].place, values)
            return
