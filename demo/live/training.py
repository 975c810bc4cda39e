"""Trains beside the running bot: a process of its own, on a copy of the files as they are now."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tools.train import SOURCES, fingerprint

# What a training imports besides the files a model is made of.
CODE = ("nlu", "backend", "server", "tools")


class TrainingFailed(Exception):
    """The message is what the training said."""


class Training:
    """One training. The files may change meanwhile: the model is that of the moment it began."""

    def __init__(self, root: Path) -> None:
        """Copies the files."""
        self._root = root
        self._folder = Path(tempfile.mkdtemp(prefix="talk-"))
        for name in {name.partition("/")[0] for name in SOURCES} | set(CODE):
            source, copy = root / name, self._folder / name
            if source.is_dir():
                shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy2(source, copy)
        self.model = root / "models" / f"model-{fingerprint(self._folder)}.tar.gz"
        self.is_known = self.model.exists()
        self._process: asyncio.subprocess.Process | None = None

    async def run(self) -> Path:
        """The trained model.

        Raises:
            TrainingFailed: Rasa refused the files.
        """
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tools.train",
                f"--source={self._folder}",
                cwd=self._root,
                env={**os.environ, "RASA_CACHE_DIRECTORY": str(self._root / ".rasa" / "cache")},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                # The bot that answers meanwhile comes first.
                preexec_fn=lambda: os.nice(5),
            )
            said, _ = await self._process.communicate()
            if self._process.returncode != 0 or not self.model.exists():
                raise TrainingFailed(said.decode(errors="replace"))
            return self.model
        finally:
            self._end()

    def _end(self) -> None:
        if self._process is not None and self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)
