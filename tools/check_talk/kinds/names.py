"""Names that nothing stands behind, names that stand twice, names of the wrong letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import takewhile

from tools.check_talk.code import Code, form_questions, said_by_code
from tools.check_talk.problems import Place, Problem
from tools.check_talk.project import Flow, Named, Project, Step

SECTIONS = ("intents", "entities", "slots", "forms", "actions", "responses")
BUILT_IN_SLOTS = {"requested_slot"}
BUILT_IN_ACTIONS = {"action_listen", "action_restart", "action_session_start"}
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def check(project: Project, code: Code) -> Iterator[Problem]:
    """Every name of a rule, story, test, form or button text has something behind it."""
    known = _Known(project)
    for flow in [*project.flows, *project.tests]:
        for step in (*flow.condition, *flow.steps):
            yield from known.step(step)
    for block in project.intents_with_phrases():
        yield from known.intent(block)
    yield from _twice(project)
    yield from _spelling(project)
    yield from _same_flow(project.flows)
    yield from _same_flow(project.tests)
    yield from _missing_texts(project, code)
    yield from _actions(project, code)


class _Known:
    def __init__(self, project: Project) -> None:
        self.intents = project.names("intents")
        self.forms = set(project.forms)
        self.slots = set(project.slots) | BUILT_IN_SLOTS
        self.responses = set(project.responses)
        self.actions = project.names("actions") | BUILT_IN_ACTIONS | self.forms

    def step(self, step: Step) -> Iterator[Problem]:
        if step.kind == "intent":
            yield from self.intent(Named(step.name, step.place))
        elif step.kind == "loop" and step.name and step.name not in self.forms:
            yield _unknown("unknown_form", step.name, step.place, self.forms)
        elif step.kind == "slot":
            # A question is named by its slot: «requested_slot: value».
            asked = step.value if step.name == "requested_slot" else None
            for name in (step.name, *([asked] if isinstance(asked, str) else [])):
                if name not in self.slots:
                    yield _unknown("unknown_slot", name, step.place, self.slots)
        elif step.kind == "action" and step.name.startswith("utter_"):
            if step.name not in self.responses:
                yield _unknown("unknown_response", step.name, step.place, self.responses)
        elif step.kind == "action" and step.name not in self.actions:
            yield _unknown("unknown_action", step.name, step.place, self.actions | self.responses)

    def intent(self, named: Named) -> Iterator[Problem]:
        if named.name not in self.intents:
            yield _unknown("unknown_intent", named.name, named.place, self.intents)


def _unknown(kind: str, name: str, place: Place, known: Iterable[str]) -> Problem:
    # A name with a Russian letter looks like the right one and is none.
    near = get_close_matches(name, sorted(filter(_NAME.fullmatch, known)), 1, 0.7)
    return Problem(kind, place, {"name": name, **({"near": near[0]} if near else {})})


def _twice(project: Project) -> Iterator[Problem]:
    for section in SECTIONS:
        first: dict[str, Place] = {}
        for one in project.listed(section):
            if one.name in first:
                values = {"name": one.name, "first": first[one.name]}
                yield Problem("defined_twice", one.place, values)
            first.setdefault(one.name, one.place)


def _spelling(project: Project) -> Iterator[Problem]:
    for section in SECTIONS:
        for one in project.listed(section):
            if not _NAME.fullmatch(one.name):
                yield Problem("bad_name", one.place, {"name": one.name})
    for one in project.listed("responses"):
        if not one.name.startswith("utter_"):
            yield Problem("not_utter", one.place, {"name": one.name})


def _same_flow(flows: list[Flow]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for flow in flows:
        if flow.name in first:
            yield Problem("same_flow", flow.place, {"name": flow.name, "first": first[flow.name]})
        first.setdefault(flow.name, flow.place)


def _missing_texts(project: Project, code: Code) -> Iterator[Problem]:
    for name in sorted(said_by_code(project, code)[1] - set(project.responses)):
        values = {"name": name, "where": code.names.get(name, "actions/")}
        yield Problem("missing_text", _home(project, name), values)
    for name, (form, slot) in form_questions(project).items():
        if name not in project.responses:
            place = next(one.place for one in project.listed("forms") if one.name == form)
            yield Problem("missing_question", place, {"name": name, "form": form, "slot": slot})


def _alike(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _home(project: Project, name: str) -> Place:
    """Where the texts stand whose names begin most like this one."""
    alike = max(project.responses, key=lambda one: _alike(one, name), default="")
    for document in project.domain_documents:
        if alike and alike in (document.content.get("responses") or {}):
            return document.place("responses")
    return Place("domain/", 0)


def _actions(project: Project, code: Code) -> Iterator[Problem]:
    for one in project.listed("actions"):
        if one.name not in code.actions:
            yield _unknown("action_without_code", one.name, one.place, code.actions)
    listed = project.names("actions")
    for name in sorted(code.actions - listed):
        yield Problem("action_not_listed", Place("domain/", 0), {"name": name})
