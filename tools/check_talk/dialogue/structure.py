"""Asks Rasa whether the rules and stories hold together, without training anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.core.policies.rule_policy import InvalidRule, RulePolicy
from rasa.core.training.story_conflict import find_story_conflicts
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.resource import Resource
from rasa.shared.core.generator import TrainingDataGenerator
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.importer import TrainingDataImporter

from tools.check_talk.dialogue.contradictions import contradictions
from tools.check_talk.problems import Problem
from tools.check_talk.project import Project


class _UnsavedRules(RulePolicy):  # type: ignore[misc]
    """The rule policy, trained for its complaints only."""

    def persist(self) -> None:
        """Keeps nothing."""


def structure(root: Path, project: Project) -> list[Problem]:
    """Contradictions between rules, between stories, and between both."""
    try:
        importer = TrainingDataImporter.load_from_config(
            str(root / "config.yml"), str(root / "domain.yml"), [str(root / "data")]
        )
        domain = importer.get_domain()
        generator = TrainingDataGenerator(
            importer.get_stories(), domain=domain, remove_duplicates=False, augmentation_factor=0
        )
        trackers = generator.generate()
        policy = _UnsavedRules(
            {**RulePolicy.get_default_config(), **_settings(importer.get_config())},
            None,
            Resource("rules"),
            ExecutionContext(GraphSchema({}), "check"),
        )
        policy.train(trackers, domain)
    except (InvalidRule, RasaException) as error:
        return contradictions(str(error), project)
    stories = [tracker for tracker in trackers if not tracker.is_rule_tracker]
    conflicts = find_story_conflicts(stories, domain)
    return [problem for conflict in conflicts for problem in contradictions(str(conflict), project)]


def _settings(config: dict[str, Any]) -> dict[str, Any]:
    own = [one for one in config["policies"] if one["name"] == "RulePolicy"]
    return {key: value for key, value in own[0].items() if key != "name"} if own else {}
