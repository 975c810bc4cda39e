"""Phrases of residents: enough for every intent, each in one intent only, in the right file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches

from tools.check_talk.code import Code
from tools.check_talk.documents import read_text
from tools.check_talk.kinds.texts import mixed_words
from tools.check_talk.known_to_code import TECHNICAL
from tools.check_talk.problems import Place, Problem
from tools.check_talk.project import Named, Phrase, Project

LEAST_PHRASES = 20
GOAL = 60
# A new greeting is rare, so the blind set holds few; other files measure one kind of phrase only.
LEAST_MEASURED = {"dev.tsv": 15, "test.tsv": 5}
_MARK = re.compile(r"""\[[^]]+\](?:\((?P<plain>[^)]*)\)|\{.*?"entity":\s*"(?P<full>[^"]*)".*?\})""")
# A mark of an entity that lost one of its brackets, by the bracket that it lost.
_HALF_MARKS = {
    ")": re.compile(r"\[[^]]+\]\([^)]*$"),
    "}": re.compile(r"\[[^]]+\]\{[^}]*$"),
    "]": re.compile(r"\[[^]]*[({]"),
    "[": re.compile(r"^[^[]*\][({]"),
}
_NOT_WORDS = re.compile(r"[^\w]+")
# Other Latin letters in a Russian word are meant: Ukrainian has its own «i».
_LOOK_RUSSIAN = frozenset("aceopxykABCEHKMOPTX")


def check(project: Project, code: Code) -> Iterator[Problem]:
    """Too few phrases, the same phrase twice, phrases far from their feature."""
    counted = Counter(phrase.intent for phrase in project.phrases)
    for one in project.listed("intents"):
        if one.name in TECHNICAL:
            continue
        if not counted[one.name]:
            yield Problem("no_phrases", one.place, {"name": one.name})
        elif counted[one.name] < LEAST_PHRASES:
            values = {"name": one.name, "is": counted[one.name], "least": LEAST_PHRASES}
            yield Problem("few_phrases", one.place, values)
        elif counted[one.name] < GOAL:
            values = {"name": one.name, "is": counted[one.name], "goal": GOAL}
            yield Problem("phrases_below_goal", one.place, values)
    seen: dict[str, Phrase] = {}
    for phrase in project.phrases:
        if not phrase.text:
            yield Problem("empty_phrase", phrase.place)
            continue
        if re.search(r"[][]", phrase.place.text):
            yield from _marks(project, phrase)
        for word, latin in mixed_words(phrase.text):
            if _LOOK_RUSSIAN.issuperset(latin):
                values = {"name": word, "letters": ", ".join(latin)}
                yield Problem("mixed_phrase", phrase.place, values)
        first = seen.setdefault(plain(phrase.text), phrase)
        if first is phrase:
            continue
        values = {"first": first.place, "intent": phrase.intent, "other": first.intent}
        same = first.intent == phrase.intent
        yield Problem("repeated_phrase" if same else "phrase_of_two", phrase.place, values)
    yield from _measured(project, seen)
    yield from _strays(project)


def _marks(project: Project, phrase: Phrase) -> Iterator[Problem]:
    """Square brackets that mark nothing, or what no part of the program knows."""
    entities = project.names("entities")
    for found in _MARK.finditer(phrase.place.text):
        name = (found["plain"] or found["full"] or "").strip()
        if name not in entities:
            near = get_close_matches(name, sorted(entities), 1, 0.7)
            values = {"name": name, **({"near": near[0]} if near else {})}
            yield Problem("unknown_mark", phrase.place, values)
    rest = _MARK.sub("", phrase.place.text)
    lost = next((bracket for bracket, half in _HALF_MARKS.items() if half.search(rest)), None)
    if lost is not None:
        yield Problem("half_mark", phrase.place, {"name": lost})
    elif "[" in rest:
        yield Problem("open_bracket", phrase.place)


def plain(text: str) -> str:
    """The phrase without case, spaces and signs; only signs when there is nothing else."""
    lowered = text.casefold().replace("ё", "е")
    return _NOT_WORDS.sub(" ", lowered).strip() or lowered.strip()


def _measured(project: Project, seen: dict[str, Phrase]) -> Iterator[Problem]:
    """Enough phrases to measure with, none of them learnt: the report would praise itself."""
    intents = [one for one in project.listed("intents") if one.name not in TECHNICAL]
    # An intent without phrases has a greater trouble.
    taught = Counter(phrase.intent for phrase in project.phrases)
    for path in sorted((project.root / "tests" / "nlu").glob("*.tsv")):
        name = path.relative_to(project.root).as_posix()
        text, unreadable = read_text(project.root, path)
        if text is None:
            yield from unreadable
            continue
        lines = text.splitlines()
        # "thank|goodbye" is a double wish; it counts for the first.
        counted = Counter(line.split("\t")[0].split("|")[0] for line in lines[1:])
        least = LEAST_MEASURED.get(path.name, 0)
        for one in intents:
            if taught[one.name] and counted[one.name] < least:
                few = {"name": one.name, "file": name, "is": counted[one.name]}
                yield Problem("few_measured", one.place, {**few, "least": least})
        for number, line in enumerate(lines[1:], start=2):
            columns = line.split("\t")
            if line.strip():
                yield from _line(columns, Place(name, number, line), project.names("intents"))
            phrase = seen.get(plain(columns[1])) if len(columns) > 1 else None
            if phrase is not None:
                values = {"measured": Place(name, number)}
                yield Problem("measured_phrase", phrase.place, values)


def _line(columns: list[str], place: Place, intents: set[str]) -> Iterator[Problem]:
    if len(columns) < 2:
        yield Problem("no_tab", place)
        return
    for intent in columns[0].split("|"):
        if intent not in intents:
            near = get_close_matches(intent, sorted(intents), 1, 0.7)
            values = {"name": intent, **({"near": near[0]} if near else {})}
            yield Problem("unknown_intent", place, values)


def _strays(project: Project) -> Iterator[Problem]:
    homes = {one.name: home(one) for one in project.listed("intents")}
    for block in project.intents_with_phrases():
        wanted = homes.get(block.name)
        if wanted is not None and block.place.file.split("/")[1] != wanted:
            yield Problem("stray_phrases", block.place, {"name": block.name, "home": wanted})


def home(intent: Named) -> str:
    """The feature whose folder in data/ has the phrases of an intent that the domain lists."""
    feature = intent.place.file.removeprefix("domain/").removesuffix(".yml")
    # What every feature shares has its phrases with the help.
    return "help" if feature == "domain" else feature
