"""Runs several programs as one: all are up, or all are stopped and nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

POLL_SECONDS = 0.1
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """What to start. It is ready when `ready_url` answers with `ready_status`.

    `grace` is the number of seconds it has to end after SIGTERM; then it is killed.
    """

    name: str
    command: tuple[str, ...]
    log: Path
    ready_url: str
    environment: Mapping[str, str] = field(repr=False)
    ready_status: int = 200
    grace: float = 5.0


class ProgramDied(Exception):
    """A program ended by itself; the message has the last lines it wrote."""

    def __init__(self, program: Program, code: int) -> None:
        self.program = program
        self.code = code
        how = f"was killed by signal {-code}" if code < 0 else f"ended with {code}"
        super().__init__(f"{program.name} {how}. The end of {program.log}:\n{tail(program.log)}")


class Supervisor:
    """Starts programs in process groups of their own, watches them, stops them."""

    def __init__(self) -> None:
        self._running: list[tuple[Program, asyncio.subprocess.Process]] = []
        self._died: asyncio.Queue[ProgramDied] = asyncio.Queue()
        self._watches: list[asyncio.Task[None]] = []
        self._hurry = asyncio.Event()

    async def start(self, program: Program) -> int:
        """Starts a program with its output in its log; returns its process id."""
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with program.log.open("wb") as log:
            # Of its own session: a Ctrl-C in the terminal reaches the supervisor only, which
            # stops the programs in order.
            process = await asyncio.create_subprocess_exec(
                *program.command,
                env=dict(program.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_the_supervisor,
            )
        self._running.append((program, process))
        self._watches.append(asyncio.create_task(self._watch(program, process)))
        return process.pid

    async def until_ready(self, program: Program) -> None:
        """Returns when the program answers as it should; waits as long as it lives."""
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    answer = await client.get(program.ready_url)
                    if answer.status_code == program.ready_status:
                        return
                await asyncio.sleep(POLL_SECONDS)

    async def death(self) -> ProgramDied:
        """Returns when a program has ended without being asked to."""
        return await self._died.get()

    def hurry(self) -> None:
        """Shortens a stop that is under way: what still runs is killed."""
        self._hurry.set()

    async def stop(self) -> None:
        """Stops everything, the last started first, and kills what does not end in its grace."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        while self._running:
            program, process = self._running[-1]
            _signal(process.pid, signal.SIGTERM)
            await self._ended(process, program.grace)
            # Whatever the program itself left in its group goes too.
            _signal(process.pid, signal.SIGKILL)
            await process.wait()
            self._running.pop()

    async def _ended(self, process: asyncio.subprocess.Process, grace: float) -> None:
        waits = {
            asyncio.create_task(process.wait()),
            asyncio.create_task(self._hurry.wait()),
        }
        await asyncio.wait(waits, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _watch(self, program: Program, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        self._died.put_nowait(ProgramDied(program, code))


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log, indented."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return "  (empty)"
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (empty)"


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def _end_with_the_supervisor() -> None:
    # Linux only: a supervisor that is killed cannot stop anything itself.
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
