"""A copy of the project to edit, as a designer would; its environment is the project's own."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tools.train import fingerprint

ROOT = Path(__file__).parents[2]
FOLDERS = (
    "actions", "backend", "benchmarks", "channels", "data", "demo", "domain", "migrations",
    "nlu", "server", "studio", "tests", "tools", "docs",
)  # fmt: skip
FILES = ("config.yml", "domain.yml", "credentials.yml", "endpoints.yml", "pyproject.toml")


@dataclass(frozen=True)
class ProjectCopy:
    """The copy; paths are relative to it."""

    root: Path
    # None: there was no such file.
    _kept: dict[str, str | None] = field(default_factory=dict)

    def read(self, path: str) -> str:
        """A file's text."""
        return (self.root / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        """Saves a file as editors do: a new file takes the old one's place."""
        self._keep(path)
        target = self.root / path
        beside = target.with_name(f".{target.name}.new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(target)

    def move(self, path: str, new: str) -> None:
        """Gives a file another name."""
        self.write(new, self.read(path))
        self.remove(path)

    def remove(self, path: str) -> None:
        """Deletes a file."""
        self._keep(path)
        (self.root / path).unlink()

    def _keep(self, path: str) -> None:
        self._kept.setdefault(path, self.read(path) if (self.root / path).exists() else None)

    def change(self, path: str, old: str, new: str) -> int:
        """Replaces the only `old` of a file and returns the line where it stood, from 1."""
        text = self.read(path)
        assert text.count(old) == 1, f"{path} has {text.count(old)} times: {old}"
        self.write(path, text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1

    def restore(self) -> None:
        """Takes everything back."""
        for path, text in list(self._kept.items()):
            if text is not None:
                self.write(path, text)
            elif (self.root / path).exists():
                self.remove(path)
        self._kept.clear()

    def append(self, path: str, lines: str) -> None:
        """Adds lines at the end of a file."""
        self.write(path, self.read(path).rstrip("\n") + "\n" + lines)


def copy_project(target: Path, *, model: bool = False) -> ProjectCopy:
    """Copies the project; `model` brings the trained model of its data and what was cached."""
    target.mkdir(parents=True, exist_ok=True)
    for name in FOLDERS:
        shutil.copytree(
            ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
    for name in FILES:
        shutil.copy2(ROOT / name, target / name)
    (target / ".venv").symlink_to((ROOT / ".venv").resolve())
    if model:
        trained = f"model-{fingerprint(ROOT)}.tar.gz"
        (target / "models").mkdir()
        shutil.copy2(ROOT / "models" / trained, target / "models" / trained)
        if (ROOT / ".rasa").exists():
            shutil.copytree(ROOT / ".rasa", target / ".rasa")
    return ProjectCopy(target)
