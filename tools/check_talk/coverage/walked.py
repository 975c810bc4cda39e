"""Which rules, stories and branches of forms the conversation tests go through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tools.check_talk.problems import Place
from tools.check_talk.project import Flow, Project, Step


@dataclass(frozen=True)
class Branch:
    """A way through a form: «begin», «ask <slot>», «interrupt», «leave», «end»."""

    form: str
    name: str
    place: Place


def is_walked(flow: Flow, tests: Iterable[Flow]) -> bool:
    """True if a test goes through the rule step by step, or through the story in order."""
    steps = flow.walked()
    if flow.kind == "story":
        rests = [iter(test.walked()) for test in tests]
        return any(all(step in rest for step in steps) for rest in rests)
    for test in tests:
        walked = test.walked()
        size = len(steps)
        if any(walked[at : at + size] == steps for at in range(len(walked) - size + 1)):
            return True
    return False


def branches(project: Project) -> list[Branch]:
    """Every branch of every form."""
    places = {one.name: one.place for one in project.listed("forms")}
    return [
        Branch(form, name, places[form])
        for form, slots in project.forms.items()
        for name in ("begin", *(f"ask {slot}" for slot in slots), "interrupt", "leave", "end")
    ]


def walked_branches(tests: Iterable[Flow]) -> set[tuple[str, str]]:
    """(form, branch) of everything that tests do in forms."""
    return {found for test in tests for found in _branches(test.steps)}


def _branches(steps: tuple[Step, ...]) -> Iterator[tuple[str, str]]:
    form, intent, action, since = "", "", "", [""]
    for step in steps:
        if step.kind == "loop" and step.name:
            form = step.name
            yield form, "begin"
        elif step.kind == "loop":
            if form:
                yield form, "leave" if "action_leave_form" in since else "end"
            form = ""
        elif step.kind == "slot" and step.name == "requested_slot" and form and step.value:
            yield form, f"ask {step.value}"
        elif step.kind == "intent":
            intent, since = step.name, []
        elif step.kind == "action":
            action = step.name
            if action == form and "action_continue" in since and intent:
                yield form, "interrupt"
            since.append(action)
