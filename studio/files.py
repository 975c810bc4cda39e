"""The project's files that the page may change, and how: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from pathlib import Path

from studio.commits import committed, in_last_commit

_FEATURE = re.compile(r"[a-z][a-z0-9_]*")


class NotWritable(Exception):
    """The working tree can't be changed here, as in an image of the production form."""


class Changed(Exception):
    """Somebody else changed the file meanwhile; nothing was written."""


class ProjectFiles:
    """Finds and writes phrases and conversation tests; no name leads anywhere else."""

    def __init__(self, root: Path) -> None:
        """`root` is the folder with data/ and tests/."""
        self.root = root.resolve()
        # What stood in each file before it was first written here.
        self._before: dict[Path, bytes] = {}

    @property
    def writable(self) -> bool:
        """True if phrases can be added."""
        found = list(self.phrases().values())
        return bool(found) and all(
            os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) for path in found
        )

    def phrases(self) -> dict[str, Path]:
        """Each feature's file of phrases."""
        return {path.parent.name: path for path in sorted(self.root.glob("data/*/nlu.yml"))}

    def stories(self) -> dict[str, Path]:
        """Each feature's file of conversation tests."""
        return {
            path.stem.removeprefix("test_"): path
            for path in sorted(self.root.glob("tests/stories/test_*.yml"))
            if _FEATURE.fullmatch(path.stem)
        }

    def measuring(self) -> list[Path]:
        """The phrases that understanding is measured with, which must not be learnt."""
        return sorted(self.root.glob("tests/nlu/*.tsv"))

    def name_of(self, path: Path) -> str:
        """The path as people write it, from the project's folder."""
        return path.relative_to(self.root).as_posix()

    def unsaved(self) -> list[str]:
        """The files written here that nobody has put back or committed since.

        Reads them and asks git, which takes some milliseconds and blocks.
        """
        for path, before in list(self._before.items()):
            if _content(path) == before:
                del self._before[path]
        names = [self.name_of(path) for path in self._before]
        saved = committed(self.root, names)
        return [name for name in names if name not in saved]

    def kept(self, path: Path) -> str:
        """What the last commit has of the file; where git can't tell, what stood here at first.

        Asks git, which takes some milliseconds and blocks.
        """
        content = in_last_commit(self.root, self.name_of(path))
        if content is None:
            content = self._before.get(path) or path.read_bytes()
        return content.decode()

    def replace_all(self, changes: dict[Path, tuple[bytes, bytes]]) -> None:
        """Puts each file's second content in place of the first, or changes none.

        Raises: see `replace`.
        """
        done: list[Path] = []
        try:
            for path, (before, after) in changes.items():
                self.replace(path, before, after)
                done.append(path)
        except (Changed, NotWritable):
            for path in done:
                with contextlib.suppress(Changed, NotWritable):
                    self.replace(path, changes[path][1], changes[path][0])
            raise

    def replace(self, path: Path, before: bytes, after: bytes) -> None:
        """Puts `after` in place of `before` at once; a reader sees the one or the other.

        Raises:
            Changed: the file does not hold `before` any more.
            NotWritable: the system refused.
        """
        if not path.resolve().is_relative_to(self.root):
            raise NotWritable(path.name)
        try:
            if path.read_bytes() != before:
                raise Changed(self.name_of(path))
            mode = path.stat().st_mode & 0o777
            descriptor, name = tempfile.mkstemp(prefix=".studio-", dir=path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(after)
                os.chmod(name, mode)
                os.replace(name, path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            self._before.setdefault(path, before)
        except OSError as error:
            raise NotWritable(f"{self.name_of(path)}: {error.strerror}") from error


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
