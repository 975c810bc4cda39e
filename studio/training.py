"""Checks the files, trains in a process of its own, hands the new model to the running bot."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

from studio.usual import Usual

logger = logging.getLogger(__name__)

SHOWN_LINES = 12
USUAL_SECONDS = 45.0
_MODELS = "*.tar.gz"
# What a training depends on, its checks included, and what it makes.
_FILES = (
    "config.yml", "domain.yml", "domain/**/*", "data/**/*", "tests/stories/*", "tests/nlu/*",
    f"models/{_MODELS}",
)  # fmt: skip
# The bot answers meanwhile: the training takes what is left of the processor.
_POLITE = ("nice", "-n", "10")

Take = Callable[[Path], Awaitable[None]]


def trainer() -> tuple[str, ...]:
    """The command that leaves the model of the present data as the newest in models/."""
    polite = _POLITE if shutil.which(_POLITE[0]) else ()
    return (*polite, sys.executable, "-m", "tools.train")


def checker() -> tuple[str, ...]:
    """The command that says in words, and by its exit code, what is wrong with the files."""
    return (sys.executable, "-m", "tools.check_talk", "--quick")


class AlreadyTraining(Exception):
    """One training at a time."""


class Trains(Protocol):
    """How a training goes; `state` is idle, training, loading, done or failed.

    `said` are lines that say why it failed; `again`: another one follows, as the files changed.
    `by_itself`: nobody has to start it.
    """

    usual: Usual
    said: list[str]
    again: bool
    by_itself: bool

    @property
    def state(self) -> str:
        """How it goes now."""

    @property
    def seconds(self) -> float:
        """How long it has taken so far, or took."""

    def start(self) -> None:
        """Begins.

        Raises:
            AlreadyTraining: one is under way, or this one is not begun here.
        """

    async def stop(self) -> None:
        """Ends what was started here."""


class Training:
    """Trains in a process of its own, one training at a time.

    How one ended is told until a file changes that it depends on, or a model. `said` are its last
    lines; `usual` is how long one takes. Data that has been trained before finds its model again
    at once, which counts as none.
    """

    again = False
    by_itself = False

    def __init__(
        self,
        root: Path,
        take: Take,
        command: Sequence[str] | None = None,
        check: Sequence[str] | None = None,
    ) -> None:
        """`check` and then `command` run in `root`; `take` gives the bot the model."""
        self._root = root
        self._take = take
        self._commands = [tuple(check or checker()), tuple(command or trainer())]
        self._task: asyncio.Task[None] | None = None
        self._began = self._ended = 0.0
        self.usual = Usual(USUAL_SECONDS)
        self._state = "idle"
        self._ended_with: dict[str, int] = {}
        self.said: list[str] = []
        self.model: str | None = None

    @property
    def state(self) -> str:
        """See Trains; looks at the files, which takes some milliseconds and blocks."""
        if self._state in ("done", "failed") and self._files() != self._ended_with:
            self._state, self.said = "idle", []
        return self._state

    @property
    def seconds(self) -> float:
        """See Trains."""
        if self._state == "idle":
            return 0.0
        running = self._state in ("training", "loading")
        return (time.monotonic() if running else self._ended) - self._began

    def start(self) -> None:
        """Begins; `state` tells how it goes on.

        Raises:
            AlreadyTraining: one is under way.
        """
        if self._state in ("training", "loading"):
            raise AlreadyTraining
        self._state, self.said = "training", []
        self._began = time.monotonic()
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def wait(self) -> None:
        """Returns when no training is under way."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def stop(self) -> None:
        """Ends a training that is under way, its process and all that this one started."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        try:
            folder = self._root / "models"
            there = set(folder.glob(_MODELS))
            # Files with a mistake can make a model all the same, and it would answer residents.
            for command in self._commands:
                code, said = await self._run_to_its_end(command)
                if code != 0:
                    self._end("failed", said)
                    return
            self._state = "loading"
            model = _newest(folder)
            if model not in there:
                self.usual.note(self.seconds)
            await self._take(model)
            self.model = model.name
            self._end("done", [])
        except asyncio.CancelledError:
            self._end("failed", ["stopped"])
            raise
        except Exception as error:
            logger.exception("the new model can't be used")
            self._end("failed", [f"{type(error).__name__}: {error}"])

    def _end(self, state: str, said: list[str]) -> None:
        self._state, self.said, self._ended = state, said[-SHOWN_LINES:], time.monotonic()
        self._ended_with = self._files()

    def _files(self) -> dict[str, int]:
        found = {}
        for path in (path for pattern in _FILES for path in self._root.glob(pattern)):
            with contextlib.suppress(FileNotFoundError):
                found[str(path)] = path.stat().st_mtime_ns
        return found

    async def _run_to_its_end(self, command: Sequence[str]) -> tuple[int, list[str]]:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=self._root,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            output, _ = await process.communicate()
        except BaseException:
            # The training starts processes of its own; they are of its group.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            raise
        lines = [line for line in output.decode(errors="replace").splitlines() if line.strip()]
        return process.returncode or 0, lines


def _newest(folder: Path) -> Path:
    """The newest trained model in `folder`.

    Raises:
        ValueError: there is none.
    """
    return max(folder.glob(_MODELS), key=lambda model: model.stat().st_mtime)
