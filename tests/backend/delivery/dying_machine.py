"""A process to be killed: answers everything but «замри», in whose turn it stays for ever."""

from __future__ import annotations

import asyncio
import sys

from sqlalchemy import text

from backend.delivery.turn import Turn
from tests.durability_fakes import Machine


async def main(url: str) -> None:
    async with Machine(url) as machine:

        async def during(turn: Turn) -> None:
            async with machine.database.transaction() as connection:
                await connection.execute(
                    text("INSERT INTO linked_accounts (resident, account) VALUES (:who, '70600')"),
                    {"who": turn.event.resident},
                )
            if turn.event.text == "замри":
                print("begun", flush=True)
                await asyncio.Event().wait()

        machine.talk.during = during
        await machine.start()
        print("started", flush=True)
        await asyncio.Event().wait()


asyncio.run(main(sys.argv[1]))
