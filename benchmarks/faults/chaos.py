"""Everything that goes wrong, each at moments that the seed decides."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
import httpx

from backend.storage.embedded import EmbeddedPostgres
from benchmarks.faults.disk import SmallDisk
from benchmarks.faults.options import Options
from benchmarks.faults.processes import BotProcess
from demo.emulator.emulator import Emulator
from demo.emulator.faults import Fault

# Billing's troubles: what is stored although no answer comes, and what is not.
_BILLING: tuple[dict[str, Any], ...] = (
    {"mode": "store_then_timeout", "seconds": 3, "on": "submit"},
    {"mode": "store_then_reset", "on": "submit"},
    {"mode": "store_then_garbage", "on": "submit"},
    {"mode": "status", "status": 500},
    {"mode": "status", "status": 503, "retry_after": 4, "on": "submit"},
    {"mode": "status", "status": 429, "retry_after": 3, "on": "submit"},
    {"mode": "reset"},
    {"mode": "garbage"},
    {"mode": "delay", "seconds": 2},
)
_VIBER: tuple[dict[str, Any], ...] = (
    {"mode": "http", "status": 502},
    {"mode": "http", "status": 429},
    {"mode": "error", "code": 12},
    {"mode": "hang", "seconds": 2},
    {"mode": "accept_then_http", "status": 504},
    {"mode": "accept_then_hang", "seconds": 2},
)
_VK: tuple[dict[str, Any], ...] = (
    {"mode": "http", "status": 502},
    {"mode": "http", "status": 429},
    {"mode": "error", "code": 6},
    {"mode": "error", "code": 9},
    {"mode": "error", "code": 10},
    {"mode": "hang", "seconds": 2},
    {"mode": "accept_then_http", "status": 504},
    {"mode": "accept_then_hang", "seconds": 2},
)


class Chaos:
    """Runs all kinds of faults side by side until it is cancelled; `done` counts them."""

    def __init__(
        self,
        options: Options,
        emulator: Emulator,
        billing: str,
        bots: Sequence[BotProcess],
        postgres: EmbeddedPostgres,
        disk: SmallDisk | None,
    ) -> None:
        """`billing` is the address of the demo billing's control routes; `disk` is PostgreSQL's."""
        self._options = options
        self._emulator = emulator
        self._bots = bots
        self._postgres = postgres
        self._disk = disk
        # Of PostgreSQL's troubles one at a time.
        self._database = asyncio.Lock()
        self._http = httpx.AsyncClient(base_url=billing, trust_env=False, timeout=10)
        self._switching: asyncio.Task[None] | None = None
        self.done: Counter[str] = Counter()

    async def run(self) -> None:
        """Until cancelled; what is off then comes back."""
        seed = self._options.seed
        kinds = (
            self._kill,
            self._outage,
            *([self._full_disk] if self._disk else []),
            self._spoil_billing,
            self._away,
            self._spoil_sending,
            self._repeat_webhooks,
        )
        tasks = [
            asyncio.create_task(kind(random.Random(f"{seed} {kind.__name__}"))) for kind in kinds
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._calm_down()

    async def shorten_rests(self) -> None:
        """Messengers ask for rests of up to a quarter of an hour; here five seconds are enough."""
        while True:
            await asyncio.sleep(5)
            try:
                connection = await asyncpg.connect(self._postgres.url, timeout=5)
            except (OSError, asyncpg.PostgresError, asyncio.TimeoutError):
                continue
            try:
                await connection.execute(
                    "UPDATE procrastinate_jobs SET scheduled_at = now()"
                    " WHERE task_name = 'deliver' AND status = 'todo'"
                    " AND scheduled_at > now() + interval '5 seconds'"
                )
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                continue
            finally:
                connection.terminate()

    async def _switch(self, run: Callable[[], None]) -> None:
        # A thread goes on when its awaiter is cancelled: whoever comes next waits for it.
        self._switching = asyncio.create_task(asyncio.to_thread(run))
        await asyncio.shield(self._switching)

    async def _calm_down(self) -> None:
        if self._switching is not None:
            await asyncio.gather(self._switching, return_exceptions=True)
        if self._disk is not None:
            self._disk.free()
        await asyncio.to_thread(self._postgres.start)
        await self._http.delete("/faults")
        self._emulator.faults.clear()
        await self._http.aclose()

    async def _kill(self, dice: random.Random) -> None:
        """Mostly one of several, so that the others take over; sometimes all at once."""
        while True:
            wanted = 1 if len(self._bots) == 1 or dice.random() < 0.2 else 2
            alive: list[BotProcess] = []
            while len(alive) < wanted:
                await asyncio.sleep(0.5)
                alive = [bot for bot in self._bots if await bot.ready()]
            await asyncio.sleep(dice.uniform(0, 2 * self._options.pause_between_kills))
            for bot in alive if dice.random() < 0.2 else [dice.choice(alive)]:
                self.done["kill -9"] += bot.kill()

    async def _outage(self, dice: random.Random) -> None:
        while True:
            await asyncio.sleep(dice.uniform(35, 75))
            async with self._database:
                await self._switch(self._postgres.stop)
                self.done["PostgreSQL stopped"] += 1
                await asyncio.sleep(dice.uniform(1, 8))
                await self._switch(self._postgres.start)

    async def _full_disk(self, dice: random.Random) -> None:
        """Statements are refused first; without room for its log PostgreSQL ends altogether."""
        assert self._disk is not None
        while True:
            await asyncio.sleep(dice.uniform(30, 60))
            async with self._database:
                await self._switch(self._disk.fill)
                self.done["disk full"] += 1
                await asyncio.sleep(dice.uniform(2, 8))
                self._disk.free()
                # As whatever watches over the server would do.
                await self._switch(self._postgres.start)

    async def _spoil_billing(self, dice: random.Random) -> None:
        while True:
            await asyncio.sleep(dice.uniform(0.5, 3))
            fault = {**dice.choice(_BILLING), "calls": dice.randint(1, 2)}
            await self._http.post("/faults", json=fault)
            self.done["billing calls spoiled"] += fault["calls"]

    async def _away(self, dice: random.Random) -> None:
        while True:
            await asyncio.sleep(dice.uniform(40, 80))
            await self._http.post("/faults", json={"mode": "status", "status": 503})
            self.done["billing away"] += 1
            await asyncio.sleep(dice.uniform(5, 20))
            await self._http.delete("/faults")

    async def _spoil_sending(self, dice: random.Random) -> None:
        while True:
            await asyncio.sleep(dice.uniform(0.3, 2))
            for messenger, faults in (("vk", _VK), ("viber", _VIBER)):
                method = "messages.send" if messenger == "vk" else "send_message"
                fault = dice.choice(faults)
                self._emulator.faults.add(Fault(messenger, method=method, **fault))
                self.done["messenger calls spoiled"] += 1
                if messenger == "viber" and fault["mode"].startswith("accept"):
                    self.done["Viber answers lost"] += 1

    async def _repeat_webhooks(self, dice: random.Random) -> None:
        while True:
            await asyncio.sleep(dice.uniform(0.2, 1))
            for messenger in ("vk", "viber"):
                mode, copies = dice.choice(("twice", "at_once")), dice.randint(2, 3)
                self._emulator.faults.add(Fault(messenger, mode, copies=copies))
                self.done["webhooks repeated"] += 1
