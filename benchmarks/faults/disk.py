"""A disk that is small enough to be filled: a file system in memory, where mounting is allowed."""

from __future__ import annotations

import contextlib
import errno
import subprocess
from pathlib import Path

import psycopg

SIZE_MB = 400
_CHUNK = 1024 * 1024


class NoRightToMount(Exception):
    """Only root outside of a closed container may mount a file system."""


class SmallDisk:
    """The folder `path` on a file system of its own, of SIZE_MB."""

    def __init__(self, path: Path) -> None:
        """Mounts the file system.

        Raises:
            NoRightToMount: nothing was done.
        """
        self.path = path
        self._ballast = path / "ballast"
        path.mkdir(parents=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=755", "tmpfs", str(path)]
        try:
            done = subprocess.run(command, capture_output=True, text=True)
        except OSError as error:
            raise NoRightToMount(str(error)) from error
        if done.returncode != 0:
            raise NoRightToMount(done.stderr.strip())

    def fill(self) -> None:
        """Leaves no byte for anybody."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (_CHUNK, 4096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"\0" * size)

    def free(self) -> None:
        """Gives the room back."""
        self._ballast.unlink(missing_ok=True)

    @property
    def is_full(self) -> bool:
        """True if not even a small file can be written."""
        probe = self.path / "probe"
        try:
            probe.write_bytes(b"\0" * 65536)
        except OSError as error:
            return error.errno == errno.ENOSPC
        finally:
            probe.unlink(missing_ok=True)
        return False

    def close(self) -> None:
        """Unmounts it; what lay there is gone."""
        subprocess.run(["umount", "-l", str(self.path)], capture_output=True)


def keep_logs_small(url: str) -> None:
    """PostgreSQL's write-ahead log may grow to 1 GB by default, more than the small disk has."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET max_wal_size = '96MB'")
        connection.execute("ALTER SYSTEM SET min_wal_size = '32MB'")
        connection.execute("SELECT pg_reload_conf()")
