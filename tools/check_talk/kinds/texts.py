"""Texts: their length, letters, spaces and wordings for each messenger."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.delivery.text import length
from channels.viber.messages import TEXT_LIMIT as VIBER_TEXT
from channels.vk.client import TEXT_LIMIT as VK_TEXT
from tools.check_talk.code import Code
from tools.check_talk.known_to_code import SMALL_TALK
from tools.check_talk.problems import Place, Problem
from tools.check_talk.project import PLACEHOLDER, Project, Response

# Room for the values of variables, and what somebody reads on a phone without scrolling for long.
MOST_OWN_CHARACTERS = 1000
MESSENGERS = {"vk", "viber"}
# So much of a text shows where in it something stands.
SHOWN_AROUND = 15
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z]")
_STRAY = re.compile(r" {2,}| $|^ | \n|\t")


def check(project: Project, code: Code) -> Iterator[Problem]:
    """What residents would read badly or not at all."""
    for response in project.responses.values():
        for one in response.variations:
            yield from _length(one.text, one.place)
            yield from _letters(one.text, one.place)
            for button in one.buttons:
                yield from _letters(button.title, button.place)
        yield from _wordings(response)


def _length(text: str, place: Place) -> Iterator[Problem]:
    size = length(text)
    for messenger, most in (("VK", VK_TEXT), ("Viber", VIBER_TEXT)):
        if size > most:
            yield Problem("long_text", place, {"messenger": messenger, "is": size, "most": most})
            return
    if size > MOST_OWN_CHARACTERS:
        yield Problem("lengthy_text", place, {"is": size, "most": MOST_OWN_CHARACTERS})


def _letters(text: str, place: Place) -> Iterator[Problem]:
    if not text.strip():
        yield Problem("empty_text", place)
    elif found := _STRAY.search(text):
        around = text[max(found.start() - SHOWN_AROUND, 0) : found.end() + SHOWN_AROUND]
        yield Problem("stray_space", place, {"name": around.replace("\n", "\\n")})
    for word, foreign in mixed_words(PLACEHOLDER.sub(" ", text)):
        yield Problem("mixed_letters", place, {"name": word, "letters": ", ".join(foreign)})


def mixed_words(text: str) -> Iterator[tuple[str, list[str]]]:
    """The words that have letters of both alphabets, with their Latin ones."""
    for word in re.findall(r"\w+", text):
        if _CYRILLIC.search(word) and (latin := sorted(set(_LATIN.findall(word)))):
            yield word, latin


def _wordings(response: Response) -> Iterator[Problem]:
    general = [one for one in response.variations if one.channel is None]
    if not general:
        yield Problem("no_general_wording", response.variations[0].place, {"name": response.name})
    for one in response.variations:
        if one.channel is not None and one.channel not in MESSENGERS:
            yield Problem("unknown_channel", one.place, {"name": one.channel})
    if len(general) > 1 and response.name not in SMALL_TALK:
        yield Problem("several_wordings", general[1].place, {"name": response.name})
