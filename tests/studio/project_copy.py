"""A small copy of the project that trains in seconds: few phrases, no sentence encoder."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = ("config.yml", "domain.yml", "credentials.yml", "endpoints.yml")
FOLDERS = (
    "actions", "backend", "channels", "data", "domain", "migrations", "nlu", "server", "studio",
    "tests/nlu", "tests/stories", "tools",
)  # fmt: skip
KEPT_PHRASES = 12
# Without the encoder, and only known phrases are understood for certain.
CHANGES = {
    r"^(    ranking_length: \d+)$": r"\1\n    encoder: false",
    r"^    threshold: [\d.]+$": "    threshold: 0.75",
}
_EXAMPLE = re.compile(r"^ +- (?!intent:)")


def copy_project(target: Path) -> Path:
    """Copies what the bot, its training and the page need; returns `target`."""
    for name in FILES:
        shutil.copy(ROOT / name, target / name)
    for name in FOLDERS:
        shutil.copytree(
            ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
    for path in target.glob("data/*/nlu.yml"):
        path.write_text(_few(path.read_text(encoding="utf-8")), encoding="utf-8")
    config = target / "config.yml"
    content = config.read_text(encoding="utf-8")
    for before, after in CHANGES.items():
        content, count = re.subn(before, after, content, flags=re.MULTILINE)
        assert count == 1, before
    config.write_text(content, encoding="utf-8")
    return target


def _few(content: str) -> str:
    """The content with the first KEPT_PHRASES examples of every block."""
    kept, count = [], 0
    for line in content.splitlines(keepends=True):
        count = count + 1 if _EXAMPLE.match(line) else 0
        if count <= KEPT_PHRASES:
            kept.append(line)
    return "".join(kept)
