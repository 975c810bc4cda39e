"""The three variants: how each is started, reached and weighed."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import psycopg
import yaml
from sqlalchemy.engine import make_url

from backend.storage.migrate import migrate
from benchmarks.speed.dialogue import Bot, Person
from benchmarks.speed.messenger import TOKEN, FakeViber
from benchmarks.speed.processes import ROOT, Process, free_port, until
from benchmarks.speed.stock import StockBot
from demo.billing.running import billing_process

STOCK_DEFAULT, STOCK_OURS, OURS = "a", "b", "c"
NAMES = {
    STOCK_DEFAULT: "stock Rasa, default pipeline",
    STOCK_OURS: "stock Rasa, our pipeline",
    OURS: "ours",
}


@dataclass
class Variant:
    """One running variant with its own database and billing."""

    key: str
    database: str
    bot: Bot
    channel: str
    processes: list[Process] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)

    @property
    def pids(self) -> list[int]:
        """The bot's own processes."""
        return [process.pid for process in self.processes]

    def know(self, persons: list[Person]) -> None:
        """Links accounts without a dialogue, for those whose first turns are not measured."""
        with psycopg.connect(self.database) as connection, connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO linked_accounts (resident, account) VALUES (%s, %s)",
                [(f"{self.channel}:{one.user_id}", one.account) for one in persons],
            )


class Stage:
    """Starts the variants and stops whatever runs when it is left."""

    def __init__(self, folder: Path, server: str) -> None:
        """`server` is the address of PostgreSQL, `folder` takes databases of billing and logs."""
        self._folder = folder
        self._server = server
        self._stack = ExitStack()
        self._closing: list[StockBot | FakeViber] = []

    async def __aenter__(self) -> Stage:
        return self

    async def __aexit__(self, *_: object) -> None:
        for one in self._closing:
            await (one.close() if isinstance(one, StockBot) else one.stop())
        self._stack.close()

    async def stock(self, key: str, model: Path) -> Variant:
        """`rasa run` and `rasa run actions`, conversations in PostgreSQL, REST channel."""
        database = self._database(f"stock_{key}")
        port, actions_port = free_port(), free_port()
        endpoints = self._folder / f"endpoints-{key}.yml"
        endpoints.write_text(yaml.safe_dump(_endpoints(database, actions_port)))
        credentials = self._folder / f"credentials-{key}.yml"
        credentials.write_text("rest:\n")
        environment = self._environment(database)
        rasa = [sys.executable, "-m", "rasa", "run"]
        server = ["--model", str(model), "--endpoints", str(endpoints)]
        server += ["--credentials", str(credentials), "--interface", "127.0.0.1"]
        bot = StockBot(port)
        self._closing.append(bot)
        variant = Variant(key, database, bot, "rest")

        def start() -> list[Process]:
            log = self._folder / f"{key}.log"
            return [
                Process("rasa run", [*rasa, *server, "--port", str(port)], environment, log),
                Process(
                    "rasa run actions",
                    [*rasa, "actions", "--port", str(actions_port)],
                    environment,
                    self._folder / f"{key}-actions.log",
                ),
            ]

        async def ready() -> bool:
            return await _answers(f"http://127.0.0.1:{port}/") and await _answers(
                f"http://127.0.0.1:{actions_port}/health"
            )

        await self._start(variant, start, ready, 1)
        return variant

    async def ours(self, starts: int) -> Variant:
        """`python -m server`, and `server.receiver` for webhooks, behind a fake Viber."""
        database = self._database("ours")
        viber = FakeViber()
        await viber.start()
        self._closing.append(viber)
        environment = {
            **self._environment(database),
            "VIBER_AUTH_TOKEN": TOKEN,
            "VIBER_API_URL": f"http://127.0.0.1:{viber.port}/viber/pa",
        }
        variant = Variant(OURS, database, viber, "viber")
        self._ours_environment = environment
        port, front = free_port(), free_port()
        self._ours_environment["BOT_URL"] = f"http://127.0.0.1:{port}"

        def start() -> list[Process]:
            return [self._our_process("server.receiver", front), self._our_process("server", port)]

        async def ready() -> bool:
            return await _answers(f"http://127.0.0.1:{front}/health/ready") and await _answers(
                f"http://127.0.0.1:{port}/health/ready"
            )

        await self._start(variant, start, ready, starts)
        viber.connect(front)
        return variant

    async def one_more(self, variant: Variant) -> Process:
        """A second process of turns on the same database: the receiver gives to both."""
        port = free_port()
        process = self._our_process("server", port)
        self._stack.callback(process.stop)

        async def ready() -> bool:
            return await _answers(f"http://127.0.0.1:{port}/health/ready")

        await until(ready, [process])
        variant.processes.append(process)
        return process

    def one_less(self, variant: Variant) -> None:
        """Takes the last process away again."""
        variant.processes.pop().stop()

    def _our_process(self, module: str, port: int) -> Process:
        return Process(
            module,
            [sys.executable, "-m", module],
            {**self._ours_environment, "PORT": str(port)},
            self._folder / "c.log",
        )

    async def _start(self, variant, start, ready, starts: int) -> None:  # type: ignore[no-untyped-def]
        for number in range(starts):
            variant.processes = start()
            for process in variant.processes:
                self._stack.callback(process.stop)
            variant.starts.append(round(await until(ready, variant.processes), 1))
            if number < starts - 1:
                for process in variant.processes:
                    process.stop()

    def _database(self, name: str) -> str:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        url = make_url(self._server).set(database=name)
        address = str(url.render_as_string(hide_password=False))
        migrate(address)
        return address

    def _environment(self, database: str) -> dict[str, str]:
        # A billing for each variant, so that all of them see the same accounts afresh.
        file = self._folder / f"billing-{make_url(database).database}.sqlite"
        billing = self._stack.enter_context(billing_process(database=str(file)))
        return {
            "DATA_DIR": str(self._folder / "data"),
            "DATABASE_URL": database,
            "BILLING_URL": billing.url,
            "BILLING_TOKEN": billing.token,
            "PYTHONPATH": str(ROOT),
        }


def _endpoints(database: str, actions_port: int) -> dict[str, object]:
    url = urlsplit(database)
    host = parse_qs(url.query).get("host", [url.hostname or "localhost"])[0]
    return {
        "action_endpoint": {"url": f"http://127.0.0.1:{actions_port}/webhook"},
        "tracker_store": {
            "type": "SQL",
            "dialect": "postgresql",
            "db": url.path.lstrip("/"),
            "username": url.username,
            "password": url.password,
            "query": {"host": host, "port": str(url.port or 5432)},
        },
    }


async def _answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            async with session.get(url) as response:
                return response.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
