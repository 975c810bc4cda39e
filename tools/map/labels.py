"""What things are called on the map: their own words, else labels.yml, else their name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from tools.check_talk.code import form_questions
from tools.check_talk.project import PLACEHOLDER, Flow, Project
from tools.map.wording import labels, word

MOST_WORDS = 3
SHORT = 2
_WORD = re.compile(r"\w+")
_PLAIN = re.compile("[\u0430-\u044f\u0451 ,?-]+", re.IGNORECASE)


def typical(phrases: Sequence[str]) -> str:
    """The phrase of a few words that most of the others contain; what one misspelt none does."""
    words = [_WORD.findall(phrase.casefold().replace("ё", "е")) for phrase in phrases]
    sets = [frozenset(one) for one in words]

    def weight(at: int) -> tuple[int, int]:
        if not _PLAIN.fullmatch(phrases[at]) or not 1 <= len(words[at]) <= MOST_WORDS:
            return -1, -at
        if len(sets[at]) < len(words[at]):
            return -1, -at
        # One word is in more phrases than two, and says less.
        telling = min(sum(len(word) > SHORT for word in sets[at]), 2)
        return sum(sets[at] <= other for other in sets) * telling**3, -at

    return phrases[max(range(len(phrases)), key=weight)]


class Labels:
    """The labels of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        said: dict[str, list[str]] = defaultdict(list)
        for phrase in project.phrases:
            said[phrase.intent].append(phrase.text)
        self._phrases = {intent: typical(phrases) for intent, phrases in said.items()}

    def feature(self, name: str) -> str:
        """A feature's heading."""
        return str(labels()["features"].get(name, name))

    def intent(self, name: str) -> str:
        """What a resident says or does: the most typical phrase of the intent."""
        own = labels()["intents"].get(name)
        if own:
            return str(own)
        phrase = self._phrases.get(name)
        return f"«{phrase}»" if phrase else name

    def action(self, name: str) -> str:
        """What the bot says, or what the program does."""
        response = self._project.responses.get(name)
        own = labels()["actions"].get(name)
        if response is not None and own is None:
            return PLACEHOLDER.sub("…", response.variations[0].text)
        return str(own or name)

    def buttons(self, name: str) -> list[str]:
        """The captions under what the bot says."""
        response = self._project.responses.get(name)
        buttons = response.variations[0].buttons if response is not None else ()
        return [PLACEHOLDER.sub("…", button.title) for button in buttons]

    def story(self, story: Flow) -> str:
        """A story's heading: what the resident says in it, one after another."""
        said = [self.intent(step.name) for step in story.steps if step.kind == "intent"]
        path = f", {word('then')} ".join(said)
        return f"{word('story')}: {path}"

    def form(self, name: str) -> str:
        """A form's name."""
        return str(labels()["forms"].get(name, name))

    def questions(self, form: str) -> list[str]:
        """The questions of a form, in order."""
        asked = form_questions(self._project).items()
        own = {slot: name for name, (of, slot) in asked if of == form}
        found = []
        for slot in self._project.forms[form]:
            names = [own.get(slot, ""), f"utter_ask_{slot}", f"utter_ask_{form}_{slot}"]
            said = [name for name in names if name in self._project.responses]
            own_name = str(labels()["questions"].get(slot, slot))
            found.append(self.action(said[0]) if said else own_name)
        return found

    def slot(self, name: str, value: Any) -> str:
        """What a slot's value means where paths part; empty if it is of no interest."""
        values = labels()["slots"].get(name)
        if values is None:
            return "" if name == "requested_slot" else f"{name}: {value}"
        return str(values.get(value, f"{name}: {value}"))
