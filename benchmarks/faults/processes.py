"""The bot's processes: started, killed, started again, as a supervisor would."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from demo.billing.running import RunningBilling
from demo.emulator.options import Options

ROOT = Path(__file__).parents[2]
START_TIMEOUT = 180.0


def free_port() -> int:
    """A port of this machine that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def bot_environment(
    database_url: str, billing: RunningBilling, emulator_port: int, data_dir: Path
) -> dict[str, str]:
    """The variables of a bot between the emulator and the demo billing."""
    emulator = Options()
    return {
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": database_url,
        "BILLING_URL": billing.url,
        "BILLING_TOKEN": billing.token,
        "BILLING_BUDGET": "1.5",
        "VIBER_AUTH_TOKEN": emulator.viber_token,
        "VIBER_API_URL": f"http://127.0.0.1:{emulator_port}/viber/pa",
        "VK_ACCESS_TOKEN": emulator.vk_token,
        "VK_API_URL": f"http://127.0.0.1:{emulator_port}/vk/method",
        "VK_GROUP_ID": str(emulator.vk_group_id),
        "VK_CONFIRMATION": emulator.vk_confirmation,
        "VK_SECRET": emulator.vk_secret,
        "PYTHONWARNINGS": "ignore",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "RASA_TELEMETRY_ENABLED": "false",
        "CUDA_VISIBLE_DEVICES": "-1",
    }


class BotProcess:
    """One `python -m server` or `server.receiver`, which is started again whenever it ends."""

    def __init__(self, environment: Mapping[str, str], log: Path, module: str = "server") -> None:
        """`environment` is everything that differs from this process's own."""
        self._module = module
        self.port = free_port()
        self.kills = 0
        self.starts = 0
        self._environment = {**os.environ, **environment, "PORT": str(self.port)}
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._supervisor: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Its address on this machine."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The id of the process that runs now, or None."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    def start(self) -> None:
        """Starts the process and watches over it."""
        self._supervisor = asyncio.create_task(self._supervise())

    async def ready(self) -> bool:
        """True if it says that a turn would succeed."""
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
                answer = await client.get(f"{self.url}/health/ready")
                return answer.status_code == 200
        except httpx.HTTPError:
            return False

    async def until_ready(self) -> None:
        """Waits until it is ready. Raises TimeoutError."""
        deadline = asyncio.get_running_loop().time() + START_TIMEOUT
        while not await self.ready():
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"the bot is not ready, see {self._log}")
            await asyncio.sleep(0.3)

    def kill(self) -> bool:
        """kill -9; False if nothing runs just now."""
        process = self._process
        if process is None or process.returncode is not None:
            return False
        process.kill()
        self.kills += 1
        return True

    async def stop(self) -> None:
        """SIGTERM, and no new start."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 20)
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def receiver(self, log: Path) -> BotProcess:
        """A receiver of webhooks that finds this bot, and gives turns to all on its database."""
        return BotProcess({**self._environment, "BOT_URL": self.url}, log, "server.receiver")

    async def _supervise(self) -> None:
        while True:
            with self._log.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    self._module,
                    cwd=ROOT,
                    env=self._environment,
                    stdout=log,
                    stderr=log,
                )
            self.starts += 1
            await self._process.wait()
            await asyncio.sleep(0.5)
