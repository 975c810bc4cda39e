"""`python -m server` checks its settings before anything else and ends cleanly."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from backend.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
RIGHT = {"BILLING_URL": "http://127.0.0.1:1/v1", "BILLING_TOKEN": "secret-token"}


def surroundings(changes: dict[str, str | None]) -> dict[str, str]:
    settings = {name.upper() for name in Settings.__fields__}
    clean = {name: value for name, value in os.environ.items() if name not in settings}
    full = {**clean, "ENV_FILE": os.devnull, **RIGHT, **changes}
    return {name: value for name, value in full.items() if value is not None}


def start(
    changes: dict[str, str | None], module: str = "server"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=surroundings(changes),
        capture_output=True,
        text=True,
        timeout=60,
    )


@contextmanager
def running(
    module: str, changes: dict[str, str | None], log: Path
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A process that is ready, and its address; whatever happens, it does not stay."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env=surroundings({**changes, "PORT": str(port)}),
            stdout=output,
            stderr=output,
        )
    try:
        url, until = f"http://127.0.0.1:{port}", time.monotonic() + 120
        while not _is_ready(url):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        yield process, url
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"BILLING_URL": None}, "BILLING_URL"),
        ({"BILLING_TOKEN": None}, "BILLING_TOKEN"),
        ({"BILLING_URL": "billing"}, "BILLING_URL"),
        ({"BILLING_URL": ""}, "BILLING_URL"),
        ({"BILLING_BUDGET": "60"}, "BILLING_BUDGET"),
        ({"PORT": "five"}, "PORT"),
        ({"PORT": "70000"}, "PORT"),
        ({"VIBER_API_URL": "ftp//x"}, "VIBER_API_URL"),
        ({"VIBER_SENDER_NAME": "x" * 29}, "VIBER_SENDER_NAME"),
        ({"VK_GROUP_ID": "club1"}, "VK_GROUP_ID"),
        ({"VK_ACCESS_TOKEN": "a-vk-token"}, "VK_SECRET"),
        ({"PUBLIC_URL": "bot.example.org"}, "PUBLIC_URL"),
    ],
)
def test_a_wrong_setting_ends_the_start_with_one_sentence_that_names_it(
    changes: dict[str, str | None], variable: str
) -> None:
    done = start(changes)
    assert done.returncode == 2
    (sentence,) = done.stderr.splitlines()
    assert variable in sentence
    assert "secret-token" not in sentence
    assert "a-vk-token" not in sentence


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("PORT=wrong\nBILLING_URL=http://127.0.0.1:2/v1\n")
    assert "PORT" in start({"ENV_FILE": str(file)}).stderr
    done = start({"ENV_FILE": str(file), "PORT": "5005", "BILLING_TOKEN": None})
    assert "BILLING_TOKEN" in done.stderr


@pytest.mark.model
def test_sigterm_stops_the_bot_and_its_database(tmp_path: Path, trained_model: Path) -> None:
    changes: dict[str, str | None] = {"DATA_DIR": str(tmp_path / "data")}
    log = tmp_path / "log"
    with running("server", changes, log) as (bot, url):
        assert httpx.get(f"{url}/health/live", trust_env=False).status_code == 200
        # Rasa's HTTP API is off, and so are channels without a token.
        for closed in ("/status", "/domain", "/model/parse", "/webhooks/rest/webhook"):
            assert httpx.get(f"{url}{closed}", trust_env=False).status_code == 404
        for channel in ("vk", "viber"):
            answer = httpx.post(f"{url}/webhooks/{channel}/webhook", json={}, trust_env=False)
            assert answer.status_code == 404
            assert f"{channel.upper()}_A" in log.read_text()
        pid_file = tmp_path / "data" / "postgres" / "postmaster.pid"
        database = psutil.Process(int(pid_file.read_text().splitlines()[0]))
        bot.send_signal(signal.SIGTERM)
        assert bot.wait(30) == 0
        assert psutil.wait_procs([database], timeout=10)[1] == []
        assert "Traceback" not in log.read_text()
        assert "secret-token" not in log.read_text()


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"BILLING_URL": None}, "BILLING_URL"),
        ({"BOT_URL": "bots"}, "BOT_URL"),
        ({"DATABASE_URL": "postgresql://bot:secret-token@host/bot"}, "BOT_URL"),
        ({"BOT_URL": "http://127.0.0.1:1"}, "DATABASE_URL"),
    ],
)
def test_the_receiver_names_the_setting_that_it_misses(
    changes: dict[str, str | None], variable: str
) -> None:
    done = start(changes, "server.receiver")
    assert done.returncode == 2
    (sentence,) = done.stderr.splitlines()
    assert variable in sentence
    assert "secret-token" not in sentence


def test_without_any_bot_the_receiver_stores_what_comes_and_sigterm_ends_it(
    tmp_path: Path, database_url: str
) -> None:
    changes: dict[str, str | None] = {
        "DATABASE_URL": database_url,
        "BOT_URL": "http://127.0.0.1:1",
        "VIBER_AUTH_TOKEN": "a-viber-token",
    }
    log = tmp_path / "log"
    with running("server.receiver", changes, log) as (receiver, url):
        body = json.dumps(
            {
                "event": "message",
                "timestamp": 1457764197627,
                "message_token": 4912661846655238145,
                "sender": {"id": "01234567890A=", "name": "Resident"},
                "message": {"type": "text", "text": "привет"},
            }
        ).encode()
        signature = hmac.new(b"a-viber-token", body, hashlib.sha256).hexdigest()
        answer = httpx.post(
            f"{url}/webhooks/viber/webhook",
            content=body,
            headers={"X-Viber-Content-Signature": signature},
            trust_env=False,
        )
        assert answer.status_code == 200
        with psycopg.connect(database_url) as connection:
            stored = connection.execute("SELECT resident, state FROM inbox").fetchall()
            waiting = connection.execute("SELECT status FROM procrastinate_jobs").fetchall()
        assert stored == [("viber:01234567890A=", "stored")]
        assert waiting == [("todo",)]
        receiver.send_signal(signal.SIGTERM)
        assert receiver.wait(20) == 0
        assert "Traceback" not in log.read_text()
        assert "a-viber-token" not in log.read_text()
