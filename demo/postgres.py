"""Stops an embedded PostgreSQL that its owner could not stop because it was killed."""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path

import psutil


def running_server(folder: Path) -> psutil.Process | None:
    """The server whose data lies in `folder`, if it runs."""
    try:
        pid = int((folder / "postmaster.pid").read_text().splitlines()[0])
        process = psutil.Process(pid)
        # The number may belong to another process by now: a server works in its data folder.
        return process if Path(process.cwd()) == folder.resolve() else None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None


def stop_server(folder: Path, patience: float = 5.0) -> None:
    """Ends the server in `folder`: politely, then at once; committed data is safe in any case.

    `patience` is the number of seconds between one signal and the next.
    """
    server = running_server(folder)
    if server is None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [server, *server.children(recursive=True)]
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            for process in family if number == signal.SIGKILL else [server]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(number)
            if not psutil.wait_procs(family, timeout=patience)[1]:
                return
