"""After a run: waits until nothing is under way, then compares everybody's records."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import asyncpg
import httpx

from backend.delivery.parked import NotParked, Parked
from backend.storage.database import Database
from benchmarks.faults.dialogues import Story
from benchmarks.faults.verdict import Verdict, judge_messages, judge_residents, judge_submissions
from demo.emulator.emulator import Emulator

DRAIN_TIMEOUT = 120.0


async def drain(url: str) -> None:
    """Everything that waits is tried now, as an operator would, until nothing waits."""
    database = Database(url, pool_size=2)
    parked = Parked(database)
    deadline = time.monotonic() + DRAIN_TIMEOUT
    try:
        while time.monotonic() < deadline:
            connection = await asyncpg.connect(url)
            try:
                waiting = await connection.fetch(
                    "SELECT id FROM submissions WHERE state NOT IN ('accepted', 'refused')"
                )
                busy = await connection.fetchval(
                    "SELECT (SELECT count(*) FROM inbox WHERE state = 'stored')"
                    " + (SELECT count(*) FROM outbox WHERE state = 'queued')"
                    " + (SELECT count(*) FROM submissions WHERE state = 'accepted'"
                    "    AND told IS DISTINCT FROM 'accepted')"
                )
            finally:
                await connection.close()
            if not waiting and not busy:
                return
            for row in waiting:
                with contextlib.suppress(NotParked):
                    await parked.replay(f"sub-{row['id']}")
            await asyncio.sleep(2)
    finally:
        await database.close()


async def judge(stories: list[Story], emulator: Emulator, url: str, control: str) -> Verdict:
    """What was lived through, said, stored and billed, held against each other.

    `url` is the database's, `control` the address of the demo billing's control routes.
    """
    verdict = Verdict()
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        submissions: list[dict[str, Any]] = (await client.get(f"{control}/submissions")).json()[
            "submissions"
        ]
    connection = await asyncpg.connect(url)
    try:
        done = await connection.fetch("SELECT channel, event_id FROM inbox WHERE state = 'done'")
        sent = await connection.fetch(
            "SELECT resident, count(*) FROM outbox WHERE state = 'sent' GROUP BY resident"
        )
        parked = await connection.fetch(
            "SELECT 'event ' || id || ' ' || coalesce(error, '') AS what FROM inbox"
            " WHERE state <> 'done' UNION ALL"
            " SELECT 'message ' || id || ' ' || coalesce(error, '') FROM outbox"
            " WHERE state NOT IN ('sent', 'unreachable') AND NOT resident = ANY($1)",
            [
                f"{story.messenger}:{story.resident.user_id}"
                for story in stories
                if story.refused and story.resident
            ],
        )
    finally:
        await connection.close()
    judge_residents(verdict, stories)
    judge_submissions(verdict, stories, submissions)
    events = {
        # VK's ids are stored with the community's number before them.
        (row["channel"], row["event_id"].rpartition(":")[2])
        for row in done
    }
    judge_messages(verdict, stories, emulator, events, {row[0]: row[1] for row in sent})
    for row in parked:
        verdict.violations["turns or messages parked"].append(row["what"][:200])
    verdict.figures["dialogues"] = sum(story.finished for story in stories)
    verdict.figures["slowest answer, s"] = round(max(story.slowest for story in stories), 1)
    return verdict
