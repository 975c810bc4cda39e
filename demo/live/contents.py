"""What the files say: texts, which can be exchanged at once, and the rest, which must be learnt."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.check_talk.project import Project

Responses = dict[str, list[dict[str, Any]]]


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
    """True for the YAML files that make up the conversation."""
    try:
        name = path.relative_to(root)
    except ValueError:
        return False
    if path.suffix not in {".yml", ".yaml"} or path.name.startswith("."):
        return False
    return str(name) in {"domain.yml", "config.yml"} or (
        name.parts[0] in {"domain", "data"} or name.parts[:2] == ("tests", "stories")
    )


def watched_files(root: Path) -> dict[str, tuple[int, int, int]]:
    """The present state of every watched file: another one was saved if it differs."""
    found = {}
    for pattern in ("*.yml", "*.yaml"):
        for name in ("", "domain", "data", "tests/stories"):
            folder = root / name
            for path in folder.rglob(pattern) if name else folder.glob(pattern):
                if is_watched(root, path):
                    with contextlib.suppress(FileNotFoundError):
                        state = path.stat()
                        found[str(path)] = (state.st_ino, state.st_mtime_ns, state.st_size)
    return found
