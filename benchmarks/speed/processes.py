"""Starting, stopping and weighing the processes of one variant."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.faults.processes import ROOT, free_port

__all__ = [
    "ROOT",
    "Memory",
    "Process",
    "cpu_seconds",
    "end_on_sigterm",
    "free_port",
    "memory",
    "own_cpu_seconds",
    "until",
]

START_TIMEOUT = 300.0
QUIET = {
    "ENV_FILE": os.devnull,
    "PYTHONWARNINGS": "ignore",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "RASA_TELEMETRY_ENABLED": "false",
    "CUDA_VISIBLE_DEVICES": "-1",
    "LOG_LEVEL": "WARNING",
}


class Process:
    """One command with its log."""

    def __init__(
        self, name: str, command: list[str], environment: Mapping[str, str], log: Path
    ) -> None:
        """`environment` is what differs from this process's own."""
        self.name = name
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **QUIET, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def check(self) -> None:
        """Raises RuntimeError with the end of the log if the process has ended."""
        if self._process.poll() is not None:
            tail = self._log.read_text(errors="replace")[-3000:]
            raise RuntimeError(f"{self.name} ended with {self._process.returncode}:\n{tail}")

    def stop(self) -> None:
        """SIGTERM, after a while SIGKILL; for children too."""
        children = _children(self.pid)
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for child in children:
            if child.is_running():
                child.kill()


def end_on_sigterm() -> None:
    """Ended from outside, the running task is cancelled, so that nothing is left running."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


async def until(ready: Callable[[], Awaitable[bool]], processes: Iterable[Process]) -> float:
    """Waits until `ready`; returns how many seconds that took. Raises RuntimeError."""
    started = time.monotonic()
    while not await ready():
        for process in processes:
            process.check()
        if time.monotonic() - started > START_TIMEOUT:
            raise RuntimeError("not ready in time")
        await asyncio.sleep(0.1)
    return time.monotonic() - started


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time of these processes and their children, ended ones included."""
    total = 0.0
    for pid in pids:
        for process in [psutil.Process(pid), *_children(pid)]:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
            if process.pid == pid:
                total += times.children_user + times.children_system
    return total


def own_cpu_seconds() -> float:
    """Processor time of this process alone: residents and the messenger."""
    return time.process_time()


@dataclass(frozen=True)
class Memory:
    """Megabytes of one process with its children; `pss` shares common pages out fairly."""

    name: str
    pss: float
    rss: float


def memory(process: Process) -> Memory:
    """What `process` takes now."""
    found = [
        one.memory_full_info() for one in [psutil.Process(process.pid), *_children(process.pid)]
    ]
    return Memory(
        process.name,
        round(sum(one.pss for one in found) / 2**20, 1),
        round(sum(one.rss for one in found) / 2**20, 1),
    )


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
