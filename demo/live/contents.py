"""What the files say: texts, which can be exchanged at once, and the rest, which must be learnt."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.check_talk.project import Project

Responses = dict[str, list[dict[str, Any]]]
_YAML = {".yml", ".yaml", ".txt"}
# Where the checks read, and the endings they look at: a wrong one is told too.
WATCHED = {"domain": _YAML, "data": _YAML, "tests/stories": _YAML, "tests/nlu": {".tsv"}}


@dataclass(frozen=True)
class Contents:
    """`learnt` is the same for two projects if one model serves both."""

    responses: Responses
    learnt: str

    def differing(self, other: Contents) -> list[str]:
        """The names of the responses that are new or have other words in `other`."""
        return [
            name for name, words in other.responses.items() if self.responses.get(name) != words
        ]


def contents(project: Project) -> Contents:
    """The contents of a project whose files could be read."""
    responses: Responses = {}
    rest: list[Any] = [(project.root / "config.yml").read_text(encoding="utf-8")]
    for document in [*project.domain_documents, *project.data_documents]:
        own = dict(document.content)
        responses.update(own.pop("responses", None) or {})
        rest.append([document.file, own])
    return Contents(responses, json.dumps(rest, ensure_ascii=False, sort_keys=False))


def is_watched(root: Path, path: Path) -> bool:
    """True for the files that make up the conversation, and those that measure or test it."""
    if not path.is_relative_to(root) or path.name.startswith("."):
        return False
    name = path.relative_to(root)
    return name.as_posix() in {"domain.yml", "config.yml"} or any(
        name.is_relative_to(folder) and path.suffix in endings
        for folder, endings in WATCHED.items()
    )


def watched_files(root: Path) -> dict[str, tuple[int, int, int]]:
    """The present state of every watched file: another one was saved if it differs."""
    found = {}
    below = (path for folder in WATCHED for path in (root / folder).rglob("*"))
    for path in (*root.glob("*"), *below):
        if is_watched(root, path):
            with contextlib.suppress(FileNotFoundError):
                state = path.stat()
                found[str(path)] = (state.st_ino, state.st_mtime_ns, state.st_size)
    return found
