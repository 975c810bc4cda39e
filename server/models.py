"""Finds the trained model, without importing Rasa."""

from __future__ import annotations

from pathlib import Path


def newest_model(folder: Path) -> Path | None:
    """The newest trained model in `folder` as Rasa itself would choose it, or None."""
    found = list(folder.glob("*.tar.gz"))
    return max(found, key=lambda model: model.stat().st_mtime) if found else None
