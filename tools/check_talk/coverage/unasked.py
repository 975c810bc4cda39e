"""Conversation tests in which a form ends although it would have asked something more.

A conversation test runs no actions, so it stays green whatever its form would ask. Told is only
what is certain: a question whose slot nothing but its answer fills, in a form that its own last
answer ends. A form whose code chooses its questions asks for certain what stands before one that
it did ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tools.check_talk.code import Code
from tools.check_talk.problems import Place, Problem
from tools.check_talk.project import Flow, Project


@dataclass
class _Way:
    """One way of a test through a form, from its beginning to where it ends."""

    form: str
    known: set[str]
    asked: set[str] = field(default_factory=set)


def unasked(project: Project, code: Code) -> Iterator[Problem]:
    """A problem at each end of a form for each question that had to be asked before."""
    for test in project.tests:
        for way, place in _ended(test):
            for slot in _left_out(project, code, way):
                values = {"name": test.name, "form": way.form, "slot": slot}
                yield Problem("question_not_asked", place, values)


def _ended(test: Flow) -> Iterator[tuple[_Way, Place]]:
    """The ways that end with the form's own step, each with that place."""
    way: _Way | None = None
    known: set[str] = set()
    action = ""
    for step in test.steps:
        if step.kind == "loop" and step.name:
            way = _Way(step.name, set(known))
        elif step.kind == "loop":
            if way is not None and action == way.form:
                yield way, step.place
            way = None
        elif step.kind == "slot" and step.name == "requested_slot":
            if way is not None and step.value:
                way.asked.add(str(step.value))
        elif step.kind == "slot" and way is not None:
            way.known.add(step.name)
        elif step.kind == "slot":
            known.add(step.name)
        elif step.kind == "action":
            action = step.name


def _left_out(project: Project, code: Code, way: _Way) -> list[str]:
    slots = project.forms.get(way.form, [])
    if way.form in code.choosing_forms:
        asked = [at for at, slot in enumerate(slots) if slot in way.asked]
        slots = slots[: max(asked, default=0)]
    return [
        slot
        for slot in slots
        if slot not in way.asked | way.known and _only_its_answer_fills(project, code, way, slot)
    ]


def _only_its_answer_fills(project: Project, code: Code, way: _Way, slot: str) -> bool:
    about = project.slots.get(slot) or {}
    mappings = about.get("mappings") or []
    asked = [{"active_loop": way.form, "requested_slot": slot}]
    return (
        bool(mappings)
        and slot not in code.words
        and about.get("initial_value") is None
        and all(one["type"] != "custom" and one.get("conditions") == asked for one in mappings)
    )
