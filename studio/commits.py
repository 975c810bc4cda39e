"""Asks git what stands in the last commit, and which files are as they stand there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

SECONDS = 5.0


def committed(root: Path, names: Sequence[str]) -> set[str]:
    """Those of the files (from `root`) that the last commit has; none where git can't tell."""
    if not names:
        return set()
    tracked = _names(root, "ls-files", "-z", "--", *names)
    changes = ("diff", "--name-only", "--relative", "--no-ext-diff", "-z", "HEAD", "--")
    differing = _names(root, *changes, *names) if tracked else None
    return set() if differing is None else set(tracked or ()) - set(differing)


def in_last_commit(root: Path, name: str) -> bytes | None:
    """What the last commit has of a file (from `root`); None where git can't tell."""
    return _git(root, "show", f"HEAD:./{name}")


def _names(root: Path, *arguments: str) -> list[str] | None:
    said = _git(root, *arguments)
    return None if said is None else [name for name in os.fsdecode(said).split("\0") if name]


def _git(root: Path, *arguments: str) -> bytes | None:
    # Who started the bot from a hook of another repository must not be asked about that one.
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    # A lock taken here would stand in the way of the designer's own commit.
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    try:
        done = subprocess.run(  # noqa: S603 (no part of the command comes from outside)
            ["git", *arguments],  # noqa: S607 (git is where the designer has it)
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
