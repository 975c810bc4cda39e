"""The domain's own words, read from vocabulary.yml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nlu.morphology import Morphology

VOCABULARY_FILE = Path(__file__).with_name("vocabulary.yml")


@dataclass(frozen=True)
class Vocabulary:
    """What residents abbreviate, how they chat, and the words that typos are corrected to."""

    abbreviations: dict[str, str]
    colloquial: dict[str, str]
    foreign: dict[str, str]
    emoji: dict[str, str]
    forms: frozenset[str]
    glue: frozenset[str]
    negation: str

    @classmethod
    def load(cls, morphology: Morphology, path: Path = VOCABULARY_FILE) -> Vocabulary:
        """Reads the file; every inflected form of each domain word becomes part of it."""
        content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        forms = {form for word in content["domain"] for form in morphology.forms(word)}
        return cls(
            abbreviations=content["abbreviations"],
            colloquial=content["colloquial"],
            foreign=content["foreign"],
            emoji={**content["emoji"], **dict.fromkeys(content["silent_emoji"], "")},
            forms=frozenset(forms) | frozenset(content["domain"]),
            glue=frozenset(content["glue"]),
            negation=content["negation"],
        )
