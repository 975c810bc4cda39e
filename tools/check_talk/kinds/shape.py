"""Files of the wrong shape: a missing or misspelt key, a list where words belong, a lost dash."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from tools.check_talk.documents import WRONG_DASH, Document
from tools.check_talk.problems import Problem
from tools.check_talk.project import STEP_KINDS, Project

DOMAIN_KEYS = {
    "version", "session_config", "intents", "entities", "slots", "forms", "actions", "responses",
}  # fmt: skip
DATA_KEYS = {"version", "nlu", "rules", "stories"}
NLU_KEYS = {"intent", "examples", "lookup", "synonym", "regex"}
VARIATION_KEYS = {"text", "buttons", "channel"}
BUTTON_KEYS = {"title", "payload"}
FLOW_KEYS = {
    "rule": {
        "rule",
        "condition",
        "steps",
        "conversation_start",
        "wait_for_user_input",
    },
    "story": {"story", "steps", "metadata"},
}
STEP_KEYS = {*STEP_KINDS, "entities", "bot"}


def check(project: Project) -> Iterator[Problem]:
    """What would keep the other checks from reading the files."""
    for document in project.domain_documents:
        yield from _domain(document)
    for document in [*project.data_documents, *project.test_documents]:
        yield from _data(document)


def _domain(document: Document) -> Iterator[Problem]:
    content = document.content
    if not isinstance(content, dict):
        yield Problem("not_a_section", document.place())
        return
    yield from _unknown_keys(document, (), content, DOMAIN_KEYS)
    for section in ("intents", "entities", "actions"):
        if content.get(section) is not None and not isinstance(content[section], list):
            yield Problem("not_a_list", document.place(section), {"name": section})
    for section in ("slots", "forms", "responses"):
        if content.get(section) is not None and not isinstance(content[section], dict):
            yield Problem("not_names", document.place(section), {"name": section})
    for section in ("slots", "forms"):
        for name, one in (
            (content.get(section) or {}).items() if _is_names(content, section) else ()
        ):
            if not isinstance(one, dict):
                yield Problem("not_names", document.place(section, name), {"name": name})
            elif not isinstance(one.get("required_slots", []), list):
                place = document.place(section, name, "required_slots")
                yield Problem("not_a_list", place, {"name": "required_slots"})
            elif not _are_mappings(one.get("mappings", [])):
                place = document.place(section, name, "mappings")
                yield Problem("not_a_list", place, {"name": "mappings"})
    responses = content.get("responses")
    for name, variations in (responses if isinstance(responses, dict) else {}).items():
        path = ("responses", name)
        if not isinstance(variations, list) or not variations:
            yield Problem("no_variations", document.place(*path), {"name": name})
            continue
        for index, one in enumerate(variations):
            yield from _variation(document, (*path, index), one, name)


def _is_names(content: dict[str, Any], section: str) -> bool:
    return isinstance(content.get(section), dict)


def _are_mappings(mappings: Any) -> bool:
    return isinstance(mappings, list) and all(
        isinstance(one, dict) and isinstance(one.get("conditions", []), list) for one in mappings
    )


def _variation(document: Document, path: tuple[Any, ...], one: Any, name: str) -> Iterator[Problem]:
    if not isinstance(one, dict) or not isinstance(one.get("text"), str):
        near = _near("text", one) if isinstance(one, dict) and "text" not in one else None
        values = {"name": name, **({"near": near} if near else {})}
        yield Problem("no_text", document.place(*path), values)
        return
    yield from _unknown_keys(document, path, one, VARIATION_KEYS)
    buttons = one.get("buttons")
    if buttons is not None and not isinstance(buttons, list):
        yield Problem("not_a_list", document.place(*path, "buttons"), {"name": "buttons"})
        return
    for number, button in enumerate(buttons or []):
        here = (*path, "buttons", number)
        if not isinstance(button, dict):
            yield Problem("bad_button", document.place(*here))
            continue
        cut = [key for key, value in button.items() if value is None and key not in BUTTON_KEYS]
        if cut:
            yield Problem("bare_comma", document.place(*here, cut[0]), {"name": cut[0]})
            continue
        yield from _unknown_keys(document, here, button, BUTTON_KEYS)
        for key in ("title", "payload"):
            if not isinstance(button.get(key), str):
                yield Problem("bad_button", document.place(*here, key))


def _data(document: Document) -> Iterator[Problem]:
    content = document.content
    if not isinstance(content, dict):
        yield Problem("not_a_section", document.place())
        return
    yield from _unknown_keys(document, (), content, DATA_KEYS)
    for section in ("nlu", "rules", "stories"):
        entries = content.get(section)
        if entries is None:
            continue
        if not isinstance(entries, list):
            yield Problem("not_a_list", document.place(section), {"name": section})
            continue
        for index, one in enumerate(entries):
            path = (section, index)
            if not isinstance(one, dict):
                yield Problem("not_a_section", document.place(*path))
            elif section == "nlu":
                yield from _examples(document, path, one)
            else:
                kind = "rule" if section == "rules" else "story"
                yield from _flow(document, path, one, kind)


def _examples(document: Document, path: tuple[Any, ...], one: dict[str, Any]) -> Iterator[Problem]:
    yield from _unknown_keys(document, path, one, NLU_KEYS)
    if "intent" not in one:
        return
    examples = one.get("examples")
    if not isinstance(examples, str):
        # Without the line «examples: |» the phrases go on with the name.
        name = (str(one["intent"]).split() or [""])[0]
        yield Problem("no_examples", document.place(*path, "examples"), {"name": name})
        return
    start = document.place(*path, "examples").line
    for number, line in enumerate(examples.split("\n"), start=1):
        if line.strip() and not line.startswith("- "):
            yield Problem(_no_phrase(line), document.at(start + number))


def _no_phrase(line: str) -> str:
    """The kind of a line of phrases that does not begin as one."""
    if WRONG_DASH.match(line):
        return "wrong_dash"
    is_deeper = line.startswith(" ") and line.lstrip().startswith("- ")
    return "phrase_indent" if is_deeper else "no_dash"


def _flow(
    document: Document, path: tuple[Any, ...], one: dict[str, Any], kind: str
) -> Iterator[Problem]:
    if not isinstance(one.get(kind), str):
        yield Problem("no_name", document.place(*path), {"name": kind})
        return
    yield from _unknown_keys(document, path, one, FLOW_KEYS[kind])
    for section in ("condition", "steps"):
        steps = one.get(section)
        if steps is None and section == "condition":
            continue
        if not isinstance(steps, list) or not steps:
            values = {"name": one[kind], "section": section}
            yield Problem("no_steps", document.place(*path, section), values)
            continue
        for index, step in enumerate(steps):
            yield from _step(document, (*path, section, index), step)


def _step(document: Document, path: tuple[Any, ...], step: Any) -> Iterator[Problem]:
    if not isinstance(step, dict):
        yield Problem("bad_step", document.place(*path))
        return
    yield from _unknown_keys(document, path, step, STEP_KEYS)
    if not STEP_KEYS & set(step):
        return
    for key in ("intent", "action"):
        if key in step and not isinstance(step[key], str):
            yield Problem("bad_step", document.place(*path, key))
    for key in ("slot_was_set", "or"):
        if key in step and not isinstance(step[key], list):
            yield Problem("not_a_list", document.place(*path, key), {"name": key})
    if "user" in step and "intent" not in step:
        yield Problem("no_intent", document.place(*path, "user"))


def _unknown_keys(
    document: Document, path: tuple[Any, ...], content: dict[Any, Any], known: set[str]
) -> Iterator[Problem]:
    for key in content:
        if key not in known:
            near = get_close_matches(str(key), sorted(known), 1)
            values = {"name": key, "known": ", ".join(sorted(known))}
            place = document.place(*path, key)
            yield Problem("unknown_key", place, {**values, **({"near": near[0]} if near else {})})


def _near(wanted: str, content: dict[Any, Any]) -> str | None:
    return wanted if get_close_matches(wanted, [str(key) for key in content], 1) else None
