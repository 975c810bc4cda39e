"""The whole demonstration: `python -m demo.run` (or `make run`, which sets everything up first).

Starts the demo billing, the emulator of both messengers and the bot with secrets made up for this
run. Real tokens are never used: settings of the environment and .env are left out.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import os
import secrets
import signal
import socket
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import yaml

from backend.settings import Settings
from demo.emulator.words import load_words
from demo.postgres import stop_server
from demo.supervisor import Program, ProgramDied, Supervisor

if TYPE_CHECKING:
    from demo.live.changes import Changes

HERE = Path(__file__).parent
ROOT = HERE.parent
SEEDS = HERE / "billing" / "seeds.yml"
SUMMARY = HERE / "summary.txt"
HOST = "127.0.0.1"
PORTS_TRIED = 50
# After SIGTERM the bot finishes the turns under way, up to ten seconds, and stops its database.
BOT_GRACE = 15.0
# Settings that make sense here too; all others belong to the real bot.
KEPT = {"LOG_LEVEL", "TIME_ZONE"}


class CannotRun(Exception):
    """One sentence that says why the demonstration cannot start."""


@dataclass(frozen=True)
class DemoAccount:
    """An account number to type, and what is special about it."""

    number: str
    about: str


@dataclass(frozen=True)
class Place:
    """Where everything is: the data folder, and the ports, which are free at this moment."""

    data_dir: Path
    billing: int
    emulator: int
    bot: int
    studio_password: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def logs(self) -> Path:
        """The folder of the logs."""
        return self.data_dir / "logs"

    @property
    def billing_url(self) -> str:
        """The bot's BILLING_URL."""
        return f"http://{HOST}:{self.billing}/v1"

    @property
    def emulator_url(self) -> str:
        """The page with the phones."""
        return f"http://{HOST}:{self.emulator}"

    @property
    def bot_url(self) -> str:
        """Where the webhooks go."""
        return f"http://{HOST}:{self.bot}"

    @property
    def studio_url(self) -> str:
        """The page where designers look at conversations."""
        return f"{self.bot_url}/studio"


def demo_accounts(seeds: Path = SEEDS) -> list[DemoAccount]:
    """The accounts of the demo billing that are meant to be typed."""
    content = yaml.safe_load(seeds.read_text(encoding="utf-8"))
    return [DemoAccount(str(entry["number"]), entry["about"]) for entry in content["accounts"]]


def free_port(first: int, taken: Sequence[int] = ()) -> int:
    """`first`, or the next port on which nothing listens and which is not in `taken`."""
    for port in range(first, min(first + PORTS_TRIED, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                if port not in taken:
                    probe.bind((HOST, port))
                    return port
    raise CannotRun(f"No port from {first} to {first + PORTS_TRIED - 1} is free.")


def programs(place: Place, surroundings: Mapping[str, str], live_token: str = "") -> list[Program]:
    """The three programs with one set of new secrets, in the order to start them.

    With `live_token` the bot can be given new texts and models while it runs.
    """
    settings = {name.upper() for name in Settings.__fields__} - KEPT
    inherited = {name: value for name, value in surroundings.items() if name not in settings}
    billing_token = secrets.token_hex(16)
    channels = {
        "VIBER_AUTH_TOKEN": secrets.token_hex(16),
        "VIBER_SENDER_NAME": load_words().bot_name,
        "VK_ACCESS_TOKEN": secrets.token_hex(16),
        "VK_SECRET": secrets.token_hex(16),
        "VK_CONFIRMATION": secrets.token_hex(4),
        "VK_GROUP_ID": "1",
    }
    accounts = [{"number": each.number, "note": each.about} for each in demo_accounts()]
    billing = Program(
        name="The demo billing",
        command=_python(
            "demo.billing",
            f"--host={HOST}",
            f"--port={place.billing}",
            f"--database={place.data_dir / 'billing.sqlite'}",
            "--control",
        ),
        log=place.logs / "billing.log",
        ready_url=f"{place.billing_url}/accounts/0",
        ready_status=401,
        environment={**inherited, "BILLING_TOKEN": billing_token},
    )
    emulator = Program(
        name="The emulator",
        command=_python(
            "demo.emulator",
            f"--host={HOST}",
            f"--port={place.emulator}",
            f"--bot-url={place.bot_url}",
        ),
        log=place.logs / "emulator.log",
        ready_url=place.emulator_url,
        environment={
            **inherited,
            **channels,
            "EMULATOR_ACCOUNTS": orjson.dumps(accounts).decode(),
        },
    )
    bot = Program(
        name="The bot",
        command=_python("demo.live.bot" if live_token else "server"),
        log=place.logs / "bot.log",
        ready_url=f"{place.bot_url}/health/ready",
        environment={
            **inherited,
            **channels,
            "ENV_FILE": os.devnull,
            "HOST": HOST,
            "PORT": str(place.bot),
            # Viber fetches pictures from the bot.
            "PUBLIC_URL": place.bot_url,
            "DATA_DIR": str(place.data_dir),
            "BILLING_URL": place.billing_url,
            "READINGS_AFTER_CLOSING": "refused",  # what the demo billing does
            "BILLING_TOKEN": billing_token,
            "VIBER_API_URL": f"{place.emulator_url}/viber/pa",
            "VK_API_URL": f"{place.emulator_url}/vk/method",
            **({"LIVE_TOKEN": live_token} if live_token else {}),
            "STUDIO_PASSWORD": place.studio_password,
        },
        grace=BOT_GRACE,
    )
    return [billing, emulator, bot]


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)


def summary(place: Place, seconds: float) -> str:
    """What to open and what to type."""
    accounts = "\n".join(f"  {each.number}  {each.about}" for each in demo_accounts())
    return SUMMARY.read_text(encoding="utf-8").format(
        seconds=seconds,
        emulator=place.emulator_url,
        bot=place.bot_url,
        studio=place.studio_url,
        password=place.studio_password,
        billing=place.billing_url,
        logs=place.logs,
        accounts=accounts,
    )


async def run(place: Place, *, live: bool = False) -> int:
    """Runs until SIGINT, SIGTERM or the death of a program; 0 if it was asked to stop.

    If `live`, what is saved under domain/ and data/ reaches the running bot.
    """
    started = time.monotonic()
    supervisor, asked = Supervisor(), asyncio.Event()

    def ask() -> None:
        if asked.is_set():
            supervisor.hurry()
        asked.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ask)
    live_token = secrets.token_hex(16) if live else ""
    changes = _changes(place, live_token) if live else None
    starting = asyncio.create_task(_start(supervisor, place, live_token))
    stopping = asyncio.create_task(asked.wait())
    dying = asyncio.create_task(supervisor.death())
    following: asyncio.Task[None] | None = None
    died: ProgramDied | None = None
    try:
        await asyncio.wait({starting, stopping, dying}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done() and not dying.done():
            starting.result()
            print(summary(place, time.monotonic() - started), flush=True)
            if changes is not None:
                following = asyncio.create_task(_follow(changes, place))
            await asyncio.wait({stopping, dying}, return_when=asyncio.FIRST_COMPLETED)
        died = dying.result() if dying.done() else None
        if died is not None:
            print(f"\n{died}\nStopping the others.", file=sys.stderr, flush=True)
        else:
            print("\nStopping · останавливаю …", flush=True)
    finally:
        tasks = [task for task in (starting, stopping, dying, following) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await supervisor.stop()
        await asyncio.to_thread(stop_server, place.data_dir / "postgres")
    print("Nothing is left running · всё остановлено", flush=True)
    return 1 if died else 0


async def _follow(changes: Changes, place: Place) -> None:
    from demo.live.wording import sentence

    # Once more, where the eye is: the summary above ends with a long list.
    password = place.studio_password
    ready = sentence("ready", phones=place.emulator_url, studio=place.studio_url, password=password)
    print(ready, flush=True)
    try:
        await changes.follow()
    except Exception:
        # The bot goes on talking; only what is saved no longer reaches it.
        traceback.print_exc()


def _changes(place: Place, token: str) -> Changes:
    from demo.live.changes import Changes, RunningBot
    from demo.live.page import Page

    bot, page = RunningBot(place.bot_url, token), Page(place.emulator_url)
    changes = Changes(ROOT, bot, page, logs=place.logs)
    changes.begin()
    return changes


async def _start(supervisor: Supervisor, place: Place, live_token: str) -> None:
    print("Starting the demo billing, the emulator and the bot · запускаю …", flush=True)
    all_programs = programs(place, os.environ, live_token)
    for program in all_programs:
        await supervisor.start(program)
    for program in all_programs:
        await supervisor.until_ready(program)


@contextlib.contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    # Two demonstrations over one folder would stop each other's database.
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotRun(f"It runs already: something else uses {data_dir}.") from None
        yield


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. 0 after Ctrl-C, 1 if a program died, 2 if it cannot start."""
    parser = argparse.ArgumentParser(prog="demo.run", description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=Path(".data/demo"))
    parser.add_argument("--billing-port", type=int, default=8090)
    parser.add_argument("--emulator-port", type=int, default=8080)
    parser.add_argument("--bot-port", type=int, default=5005)
    parser.add_argument("--live", action="store_true", help="take saved texts and phrases over")
    chosen = parser.parse_args(arguments)
    try:
        with _alone(chosen.data_dir):
            billing = free_port(chosen.billing_port)
            emulator = free_port(chosen.emulator_port, [billing])
            bot = free_port(chosen.bot_port, [billing, emulator])
            place = Place(chosen.data_dir.absolute(), billing, emulator, bot)
            return asyncio.run(run(place, live=chosen.live))
    except CannotRun as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
