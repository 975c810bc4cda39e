"""What a turn costs PostgreSQL: statements, bytes, processor time and flushes to disk."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psycopg

from backend.storage.embedded import EmbeddedPostgres
from benchmarks.speed.processes import cpu_seconds

_STATEMENT = re.compile(r"^\S+ \S+ \S+ \[\d+\] (\S+) LOG:  (?:statement|execute [^:]+): (.*)$")
_TRANSACTION = re.compile(r"(?i)^(BEGIN|COMMIT|ROLLBACK|START TRANSACTION)\b")


@dataclass(frozen=True)
class Counters:
    """Totals of the whole server since it started; differences are what counts."""

    cpu: float
    wal_bytes: int
    flushes: int
    flush_seconds: float


class Server:
    """The embedded PostgreSQL of a run, with its durability on."""

    def __init__(self, folder: Path) -> None:
        """Starts it in `folder`."""
        self._postgres = EmbeddedPostgres(folder)
        self.url = self._postgres.url
        self._log = folder / "postgres" / "log"
        self._setting("track_wal_io_timing", "on")
        self._setting("log_line_prefix", "%m [%p] %d ")

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        return self._postgres.pid

    def close(self) -> None:
        """Stops it."""
        self._postgres.close()

    def counters(self) -> Counters:
        """The totals now."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SELECT pg_stat_force_next_flush()")
            wal = connection.execute("SELECT wal_bytes FROM pg_stat_wal").fetchone()
            flush = connection.execute(
                "SELECT sum(fsyncs), sum(fsync_time) FROM pg_stat_io WHERE object = 'wal'"
            ).fetchone()
        assert wal is not None
        assert flush is not None
        return Counters(
            cpu_seconds([self.pid]), int(wal[0]), int(flush[0] or 0), float(flush[1] or 0) / 1000
        )

    def size(self, database: str) -> int:
        """Bytes of one database on the disk."""
        with psycopg.connect(database, autocommit=True) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
        return int(row[0])

    def log_statements(self, on: bool) -> None:
        """Writes every statement to the log, for the counting turns only: it costs time."""
        self._setting("log_statement", "all" if on else "none")

    def position(self) -> int:
        """How long the log is now."""
        return self._log.stat().st_size

    def statements(self, database: str, since: int, until: int) -> list[str]:
        """The statements of one database between two positions of the log, on one line each."""
        with self._log.open("rb") as log:
            log.seek(since)
            lines = log.read(until - since).decode(errors="replace").splitlines()
        found: list[str] = []
        inside = False
        for line in lines:
            match = _STATEMENT.match(line)
            if match:
                inside = match[1] == database
                if inside:
                    found.append(match[2])
            elif line.startswith("\t") and inside:
                found[-1] += " " + line
            else:
                inside = False
        return [" ".join(statement.split()) for statement in found]

    def _setting(self, name: str, value: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            connection.execute("SELECT pg_reload_conf()")


def is_statement(sql: str) -> bool:
    """False for BEGIN, COMMIT and ROLLBACK, and for the empty statement that tests a connection."""
    return bool(sql.strip(" ;")) and not _TRANSACTION.match(sql)


def shapes(statements: list[str]) -> Counter[str]:
    """How often each statement occurs, values and lengths aside."""
    return Counter(re.sub(r"'[^']*'|\b\d+\b", "?", statement)[:160] for statement in statements)
