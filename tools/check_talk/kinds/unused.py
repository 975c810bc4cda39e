"""What stands in the files although nothing leads to it."""

from __future__ import annotations

from collections.abc import Iterator

from tools.check_talk.code import Code, form_questions, said_by_code, said_by_flows
from tools.check_talk.problems import Problem
from tools.check_talk.project import Project


def check(project: Project, code: Code) -> Iterator[Problem]:
    """Texts that nothing says, intents that nothing answers, actions and forms nothing runs."""
    said = said_by_flows(project) | set(form_questions(project)) | said_by_code(project, code)[0]
    for response in project.responses.values():
        if response.name not in said:
            yield Problem("unused_text", response.place, {"name": response.name})
    begun = {
        step.name
        for flow in project.flows
        if flow.kind == "rule"
        for step in flow.steps[:1]
        if step.kind == "intent"
    }
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
