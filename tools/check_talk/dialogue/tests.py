"""Runs the conversation tests and tells in which line one of them goes another way."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from rasa.core.agent import Agent
from rasa.core.test import (
    WronglyClassifiedUserUtterance,
    WronglyPredictedAction,
    _collect_story_predictions,
    _create_data_generator,
)
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from tools.check_talk.problems import Place, Problem
from tools.check_talk.project import Flow, Project


def run_tests(root: Path, project: Project, agent: Agent) -> list[Problem]:
    """One problem for the first step at which each failed test goes another way."""
    return asyncio.run(_run(root, project, agent))


async def _run(root: Path, project: Project, agent: Agent) -> list[Problem]:
    generator = _create_data_generator(
        str(root / "tests" / "stories"), agent, use_conversation_test_files=True
    )
    trackers = generator.generate_story_trackers()
    evaluation, _, _ = await _collect_story_predictions(trackers, agent, use_e2e=True)
    tests = {flow.name: flow for flow in project.tests}
    found = [_first_wrong(tracker, tests) for tracker in evaluation.failed_stories]
    return [problem for problem in found if problem is not None]


def _first_wrong(tracker: DialogueStateTracker, tests: dict[str, Flow]) -> Problem | None:
    flow = tests.get(tracker.sender_id)
    seen: Counter[tuple[str, str]] = Counter()
    for event in tracker.events:
        if isinstance(event, UserUttered):
            step = ("intent", str(event.intent.get("name")))
            if isinstance(event, WronglyClassifiedUserUtterance):
                if event.predicted_intent == event.intent["name"]:
                    continue
                values = {
                    "name": tracker.sender_id,
                    "text": event.text or "",
                    "wanted": event.intent["name"],
                    "got": event.predicted_intent,
                }
                return Problem("wrong_intent", _place(flow, step, seen[step]), values)
        elif isinstance(event, ActionExecuted):
            step = ("action", str(event.action_name))
            if isinstance(event, WronglyPredictedAction):
                values = {
                    "name": tracker.sender_id,
                    "wanted": event.action_name,
                    "got": event.action_name_prediction,
                }
                return Problem("wrong_action", _place(flow, step, seen[step]), values)
        else:
            continue
        seen[step] += 1
    return None


def _place(flow: Flow | None, step: tuple[str, str], before: int) -> Place:
    if flow is None:
        return Place("tests/stories/", 0)
    places = [one.place for one in flow.steps if (one.kind, one.name) == step]
    return places[before] if before < len(places) else flow.place
