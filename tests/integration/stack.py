"""The whole product for end-to-end tests: the emulator, the demo billing and the bot's process."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from backend.storage.embedded import EmbeddedPostgres
from demo.billing.running import RunningBilling, billing_in_thread
from demo.emulator.options import Options
from tests.integration.person import EmulatorThread, Person

ROOT = Path(__file__).parents[2]
START_TIMEOUT = 120.0


@dataclass
class Stack:
    """Everything that runs."""

    emulator: EmulatorThread
    billing: RunningBilling
    bot_url: str
    log: Path
    database_url: str

    def person(self, messenger: str) -> Person:
        """A new resident."""
        return Person(self.emulator, messenger)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running_stack(root: Path = ROOT, *, receiver: bool = False, **settings: str) -> Iterator[Stack]:
    """Starts everything, waits until the bot is ready, and leaves nothing running.

    `root` is the working tree of the bot; `settings` are variables that it gets besides. With a
    `receiver` webhooks go to a process of their own.
    """
    with ExitStack() as stack:
        billing = stack.enter_context(billing_in_thread())
        port = free_port()
        bot_url = f"http://127.0.0.1:{port}"
        front = free_port() if receiver else port
        options = Options(bot_url=f"http://127.0.0.1:{front}", port=0)
        emulator = EmulatorThread(options)
        stack.callback(emulator.stop)
        # Not under pytest's tmp_path: a Unix socket's path may have 107 characters only.
        folder = Path(tempfile.mkdtemp(prefix="bot-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        database = EmbeddedPostgres(folder / "database")
        stack.callback(database.close)
        forget_durability(database.url)
        variables = {
            **os.environ,
            **environment(options, emulator.emulator.url, billing, folder, port),
            "DATABASE_URL": database.url,
            **settings,
        }
        log = folder / "bot.log"

        def start(module: str, **more: str) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=root,
                stdout=subprocess.DEVNULL,
                stderr=stack.enter_context(log.open("a")),
                env={**variables, **more},
            )
            stack.callback(_stop, process)
            return process

        _wait_until_ready(bot_url, start("server"), log)
        if receiver:
            process = start("server.receiver", PORT=str(front), BOT_URL=bot_url)
            _wait_until_ready(options.bot_url, process, log)
        yield Stack(emulator, billing, bot_url, log, database.url)


def forget_durability(url: str) -> None:
    """Nothing here outlives the machine, so nothing needs to reach its disk."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")


def environment(
    options: Options, emulator_url: str, billing: RunningBilling, folder: Path, port: int
) -> dict[str, str]:
    """The bot's variables."""
    return {
        "ENV_FILE": os.devnull,
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATA_DIR": str(folder / "data"),
        "BILLING_URL": billing.url,
        "BILLING_TOKEN": billing.token,
        "BILLING_BUDGET": "1.5",
        "VIBER_AUTH_TOKEN": options.viber_token,
        "VIBER_API_URL": f"{emulator_url}/viber/pa",
        "VK_ACCESS_TOKEN": options.vk_token,
        "VK_API_URL": f"{emulator_url}/vk/method",
        "VK_GROUP_ID": str(options.vk_group_id),
        "VK_CONFIRMATION": options.vk_confirmation,
        "VK_SECRET": options.vk_secret,
        "PYTHONWARNINGS": "ignore",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "RASA_TELEMETRY_ENABLED": "false",
    }


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(
                f"the bot ended with {process.returncode}:\n{log.read_text()[-3000:]}"
            )
        try:
            if httpx.get(f"{url}/health/ready", trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"the bot is not ready:\n{log.read_text()[-3000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
