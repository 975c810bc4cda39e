"""The emulator as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

import pytest

SECRETS = {
    "VIBER_AUTH_TOKEN": "a",
    "VK_ACCESS_TOKEN": "b",
    "VK_SECRET": "c",
    "VK_CONFIRMATION": "d",
    "VK_GROUP_ID": "7",
}
COMMAND = [sys.executable, "-m", "demo.emulator"]


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *arguments],
        env={**os.environ, **SECRETS},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_and_stops_quietly(number: signal.Signals) -> None:
    process = start("--port", "0", "--bot-url", "http://127.0.0.1:1")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Emulator: http://127.0.0.1:")
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_a_taken_port_is_explained_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start("--port", str(taken.getsockname()[1]))
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors.startswith("The emulator cannot listen on 127.0.0.1:")
    assert len(errors.splitlines()) == 1
