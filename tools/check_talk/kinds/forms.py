"""Forms: each begins, ends, asks for slots of its own and can be left."""

from __future__ import annotations

from collections.abc import Iterator

from backend.delivery.model import Button
from tools.check_talk.code import Code
from tools.check_talk.known_to_code import ASKED_BY_ACTIONS
from tools.check_talk.problems import Problem
from tools.check_talk.project import Flow, Project

# Slots that Rasa fills by itself, and the bot forgets when the form is over (actions/help.py).
ANSWER = "answer_"
LEAVES = ("intent:cancel", "action:action_leave_form")
LEAVING = {"cancel", "main_menu", "deny"}


def check(project: Project, code: Code) -> Iterator[Problem]:
    """Forms that nothing begins or ends, questions without a way out, slots of other forms."""
    rules = [flow for flow in project.flows if flow.kind == "rule"]
    places = {one.name: one.place for one in project.listed("forms")}
    for form, slots in project.forms.items():
        if not any(_begins(flow, form) for flow in project.flows):
            yield Problem("form_never_begins", places[form], {"name": form})
        if not any(_ends(flow, form) for flow in rules):
            yield Problem("form_never_ends", places[form], {"name": form})
        for slot in slots:
            yield from _slot(project, code, form, slot)
    if not any(
        flow.walked()[:2] == ("intent:cancel", "action:action_leave_form") for flow in rules
    ):
        for form, place in places.items():
            yield Problem("form_without_cancel", place, {"name": form})
    yield from _questions(project)


def _begins(flow: Flow, form: str) -> bool:
    return any(step.kind == "loop" and step.name == form for step in flow.steps)


def _ends(flow: Flow, form: str) -> bool:
    """A rule under the form's condition whose steps close the loop and go on."""
    inside = any(step.kind == "loop" and step.name == form for step in flow.condition)
    closed = [at for at, step in enumerate(flow.steps) if step.kind == "loop" and not step.name]
    return inside and bool(closed) and any(s.kind == "action" for s in flow.steps[closed[0] :])


def _slot(project: Project, code: Code, form: str, slot: str) -> Iterator[Problem]:
    place = next(
        document.place("forms", form, "required_slots", at)
        for document in project.domain_documents
        if form in (document.content.get("forms") or {})
        for at, name in enumerate(document.content["forms"][form]["required_slots"])
        if name == slot
    )
    if slot not in project.slots:
        yield Problem("unknown_slot", place, {"name": slot})
        return
    mappings = (project.slots[slot] or {}).get("mappings") or []
    conditions = [one for each in mappings for one in each.get("conditions") or []]
    if {"active_loop": form, "requested_slot": slot} not in conditions:
        yield Problem("slot_of_no_form", place, {"name": slot, "form": form})
    elif not slot.startswith(ANSWER) and slot not in code.extracted:
        yield Problem("slot_without_code", place, {"name": slot})


def _questions(project: Project) -> Iterator[Problem]:
    for response in project.responses.values():
        if not response.name.startswith("utter_ask_") or response.name in ASKED_BY_ACTIONS:
            continue
        for one in response.variations:
            intents = {Button(button.title, button.payload).intent for button in one.buttons}
            if not intents & LEAVING:
                yield Problem("no_way_out", one.place, {"name": response.name})
