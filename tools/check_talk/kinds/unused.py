"""What stands in the files although nothing leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from tools.check_talk.code import Code, form_questions, said_by_code, said_by_flows
from tools.check_talk.problems import Problem
from tools.check_talk.project import Project, Response

# What a text is called that names an intent on a button.
WISH = "utter_wish_"


def check(project: Project, code: Code) -> Iterator[Problem]:
    """Texts that nothing says, intents that nothing answers, actions and forms nothing runs."""
    said = said_by_flows(project) | set(form_questions(project)) | said_by_code(project, code)[0]
    for response in project.responses.values():
        if response.name not in said:
            yield _unused_text(project, response)
    begun = answered(project)
    for one in project.listed("intents"):
        if one.name not in begun:
            yield Problem("intent_without_rule", one.place, {"name": one.name})
    used = {step.name for flow in project.flows for step in flow.steps}
    for form, slots in project.forms.items():
        used |= {f"validate_{form}", *(f"action_ask_{form}_{slot}" for slot in slots)}
    for section in ("actions", "forms"):
        for one in project.listed(section):
            if one.name not in used:
                yield Problem(f"unused_{section}", one.place, {"name": one.name})


def answered(project: Project) -> set[str]:
    """The intents that a rule begins with."""
    return {
        step.name
        for flow in project.flows
        if flow.kind == "rule"
        for step in flow.steps[:1]
        if step.kind == "intent"
    }


def _unused_text(project: Project, response: Response) -> Problem:
    if not response.name.startswith(WISH):
        return Problem("unused_text", response.place, {"name": response.name})
    intent = response.name.removeprefix(WISH)
    unnamed = {one for one in project.names("intents") if WISH + one not in project.responses}
    values = {"name": response.name, "intent": intent}
    near = get_close_matches(intent, sorted(unnamed), 1)
    more = {"near": WISH + near[0]} if near else {}
    return Problem("wish_of_no_intent", response.place, {**values, **more})
