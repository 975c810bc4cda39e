"""What Rasa says about rules and stories that can't both hold, as problems with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise, zip_longest

from tools.check_talk.problems import Place, Problem, word
from tools.check_talk.project import Flow, Project

LISTEN = "action_listen"
_CONTRADICTION = re.compile(
    r"the prediction of the action '(?P<wanted>[^']*)' in (?:rule|story) '(?P<name>.*?)' is "
    r"contradicting with rule\(s\) '(?P<rules>.*?)'(?: which predicted action '(?P<got>[^']*)')?\."
)
_INCOMPLETE = re.compile(
    r"the (?:action|form) '(?P<action>[^']*)' in rule '(?P<name>.*?)' does not set .*?: "
    r"'(?P<missing>[^']*)'\. Please"
)
_CONFLICT = re.compile(
    r"Story structure conflict (?:after \w+ '(?P<after>[^']*)'|at the beginning)"
)
_PREDICTED = re.compile(
    r"^\s+(?P<action>\S+) predicted in '(?P<name>.*?)'(?:,| and |$)", re.MULTILINE
)
# The lines of a failed training that say what failed.
_REASON = re.compile(r"(?:\w+(?:Error|Exception|Rule)\b|Domain|YAML).*")


def contradictions(said: str, project: Project) -> list[Problem]:
    """The contradictions that Rasa's message tells of; itself if it tells of something else."""
    found = [*_rules(said, project), *_stories(said, project)]
    return found or [Problem("rasa_said", Place("data/", 0), {"said": _last_reason(said)})]


def _rules(said: str, project: Project) -> Iterator[Problem]:
    told: set[frozenset[str]] = set()
    for match in _CONTRADICTION.finditer(said):
        name, wanted = match["name"], match["wanted"]
        others = _named(project, match["rules"])
        # Of two rules that contradict each other Rasa says it twice.
        pair = frozenset({name, *(flow.name for flow in others)})
        if pair in told:
            continue
        told.add(pair)
        rules = [word("of_a_rule", rule=flow.name, place=flow.place) for flow in others]
        got = match["got"] or _instead(_flow(project, name), next(iter(others), None))
        values = {
            "name": name,
            "rules": ", ".join(rules) or word("of_unknown_rule", rule=match["rules"]),
            "wanted": _called(wanted),
            "rule_action": _called(got),
        }
        yield Problem("contradiction", _place(project, name, wanted), values)
    for match in _INCOMPLETE.finditer(said):
        values = {key: match[key] for key in ("name", "action", "missing")}
        yield Problem("incomplete_rule", _place(project, match["name"], match["action"]), values)


def _stories(said: str, project: Project) -> Iterator[Problem]:
    starts = [match.start() for match in _CONFLICT.finditer(said)] + [len(said)]
    for start, end in pairwise(starts):
        part = said[start:end]
        after = _CONFLICT.match(part)
        actions = [(one["action"], one["name"]) for one in _PREDICTED.finditer(part)]
        if after is None or not actions:
            continue
        told = ", ".join(f"«{action}» («{name}»)" for action, name in actions)
        values = {"after": f"«{after['after'] or ''}»", "actions": told}
        yield Problem("story_conflict", _place(project, actions[0][1], actions[0][0]), values)


def _named(project: Project, names: str) -> list[Flow]:
    """The rules and stories in Rasa's list, of which commas don't tell where a name ends."""
    found = []
    for flow in sorted(project.flows, key=lambda one: -len(one.name)):
        if flow.name and flow.name in names:
            names = names.replace(flow.name, "", 1)
            found.append(flow)
    return sorted(found, key=lambda flow: (flow.place.file, flow.place.line))


def _instead(flow: Flow | None, other: Flow | None) -> str:
    """What the other one does after the beginning that both have."""
    if flow is None or other is None:
        return LISTEN
    for mine, theirs in zip_longest(flow.walked(), other.walked()):
        if mine != theirs:
            kind, _, name = (theirs or "").partition(":")
            return name if kind == "action" else LISTEN
    return LISTEN


def _called(action: str) -> str:
    return word("waits") if action == LISTEN else f"«{action}»"


def _place(project: Project, name: str, action: str) -> Place:
    """The step of a rule or story that does `action`; else where the rule or story begins."""
    flow = _flow(project, name)
    if flow is None:
        return Place("data/", 0)
    steps = [step.place for step in flow.steps if step.kind == "action" and step.name == action]
    return steps[0] if steps else flow.place


def _flow(project: Project, name: str) -> Flow | None:
    exact = [flow for flow in project.flows if flow.name == name]
    # Rasa joins the names of stories that begin alike.
    parts = [flow for flow in project.flows if flow.name and flow.name in name]
    return next(iter([*exact, *parts]), None)


def _last_reason(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    reasons = [line for line in lines if _REASON.match(line)]
    return (reasons or lines or [""])[-1]
