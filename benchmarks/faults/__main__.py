"""`python -m benchmarks.faults --seconds 180 --seed 1`: exit code 1 if any promise was broken."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from backend.delivery.parked import NotParked, Parked
from backend.storage.database import Database
from backend.storage.embedded import EmbeddedPostgres
from backend.storage.migrate import migrate
from benchmarks.faults.chaos import Chaos
from benchmarks.faults.dialogues import FIRST_ACCOUNT, RefusedTalk, Story, Talk
from benchmarks.faults.disk import NoRightToMount, SmallDisk, keep_logs_small
from benchmarks.faults.options import Options, read_options
from benchmarks.faults.processes import BotProcess, free_port
from benchmarks.faults.proxy import Proxy
from benchmarks.faults.verdict import Verdict, judge_messages, judge_residents, judge_submissions
from demo.billing.running import RunningBilling, billing_process
from demo.emulator.client import Resident
from demo.emulator.emulator import Emulator
from demo.emulator.faults import Fault
from demo.emulator.options import Options as EmulatorOptions

MOST_ACCOUNTS = 500
DRAIN_TIMEOUT = 120.0


def main() -> int:
    """Runs everything, prints the table, leaves nothing running."""
    options = read_options(sys.argv[1:])
    # The emulator tells about every delivery that fails, and here nearly all of them do once.
    logging.getLogger("demo").setLevel(logging.ERROR)
    print(f"seed {options.seed}", flush=True)
    # Not deeper: a Unix socket's path may have 107 characters only.
    folder = Path(tempfile.mkdtemp(prefix="bot-faults-"))
    disk = _small_disk(folder / "disk")
    postgres = EmbeddedPostgres(folder if disk is None else disk.path)
    try:
        migrate(postgres.url)
        if disk is not None:
            keep_logs_small(postgres.url)
        with billing_process(database=str(folder / "billing.sqlite")) as billing:
            verdict = asyncio.run(_run(options, folder, postgres, disk, billing))
    finally:
        postgres.close()
        if disk is not None:
            disk.close()
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(verdict.table())
    print("every promise held" if verdict.is_good else f"broken; seed {options.seed} repeats it")
    return 0 if verdict.is_good else 1


def _small_disk(path: Path) -> SmallDisk | None:
    try:
        return SmallDisk(path)
    except NoRightToMount as error:
        print(f"no full disk in this run: {error}", flush=True)
        return None


async def _run(
    options: Options,
    folder: Path,
    postgres: EmbeddedPostgres,
    disk: SmallDisk | None,
    billing: RunningBilling,
) -> Verdict:
    control = f"{billing.url.removesuffix('/v1')}/_demo"
    async with contextlib.AsyncExitStack() as stack:
        task = asyncio.current_task()
        assert task is not None
        # So that nothing is left running when this is ended from outside.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        emulator_port = free_port()
        bots = [
            BotProcess(
                _environment(postgres, billing, emulator_port, folder), folder / f"bot-{n}.log"
            )
            for n in range(options.processes)
        ]
        proxy = Proxy([bot.port for bot in bots])
        await proxy.start()
        stack.push_async_callback(proxy.stop)
        emulator = await stack.enter_async_context(
            Emulator(
                EmulatorOptions(
                    bot_url=f"http://127.0.0.1:{proxy.port}",
                    port=emulator_port,
                    retry_after=(0.5, 1, 2, 4, 8, *[10] * 20),
                )
            )
        )
        for bot in bots:
            stack.push_async_callback(bot.stop)
            bot.start()
        for bot in bots:
            await bot.until_ready()
        print(f"{len(bots)} processes are ready", flush=True)
        chaos = Chaos(options, emulator, control, bots, postgres, disk)
        stories = await _talk(options, emulator, chaos)
        await _drain(postgres)
        return await _judge(stories, emulator, postgres, control, chaos, bots)


async def _talk(options: Options, emulator: Emulator, chaos: Chaos) -> list[Story]:
    """Dialogues follow one another, several at a time, for as long as faults happen."""
    stories: list[Story] = []
    ends = time.monotonic() + options.seconds

    async def one_after_another(number: int) -> None:
        dice = random.Random(f"{options.seed} resident {number}")
        while len(stories) < MOST_ACCOUNTS and (time.monotonic() < ends or not spoiling.done()):
            story = Story(str(FIRST_ACCOUNT + len(stories)), ("vk", "viber")[len(stories) % 2])
            story.refused = dice.random() < 0.1
            stories.append(story)
            resident = story.resident = await Resident.create(emulator, story.messenger)
            if story.refused:
                await RefusedTalk(resident, story, refusing(resident)).run()
            else:
                await Talk(resident, story, dice).run()

    def refusing(resident: Resident) -> Callable[[int], None]:
        method = "messages.send" if resident.messenger == "vk" else "send_message"

        def refuse(code: int) -> None:
            chaos.done["messages refused"] += 1
            emulator.faults.add(
                Fault(
                    resident.messenger, "error", code=code, method=method, user_id=resident.user_id
                )
            )

        return refuse

    spoiling = asyncio.create_task(chaos.run())
    talking = [asyncio.create_task(one_after_another(n)) for n in range(options.residents)]
    beside = [
        asyncio.create_task(_progress(stories, chaos, ends)),
        asyncio.create_task(chaos.shorten_rests()),
    ]
    # Residents go on as long as faults do, at most for twice the time.
    enough = asyncio.gather(*talking)
    done, _ = await asyncio.wait(
        {spoiling, asyncio.create_task(_enough(stories, chaos, options, ends))},
        return_when=asyncio.FIRST_COMPLETED,
    )
    if spoiling in done:
        spoiling.result()
    spoiling.cancel()
    await asyncio.gather(spoiling, return_exceptions=True)
    await enough
    for task in beside:
        task.cancel()
    return stories


async def _enough(stories: list[Story], chaos: Chaos, options: Options, ends: float) -> None:
    """Returns when the time is over and there were dialogues and kills enough."""
    await asyncio.sleep(max(ends - time.monotonic(), 0))
    for _ in range(int(options.seconds)):
        if len(stories) >= options.dialogues and chaos.done["kill -9"] >= options.kills:
            return
        await asyncio.sleep(1)


async def _progress(stories: list[Story], chaos: Chaos, ends: float) -> None:
    while True:
        await asyncio.sleep(30)
        finished = sum(story.finished for story in stories)
        left = max(ends - time.monotonic(), 0)
        print(f"{finished} dialogues, {chaos.done['kill -9']} kills, {left:.0f} s left", flush=True)


async def _drain(postgres: EmbeddedPostgres) -> None:
    """Everything that waits is tried now, as an operator would, until nothing waits."""
    database = Database(postgres.url, pool_size=2)
    parked = Parked(database)
    deadline = time.monotonic() + DRAIN_TIMEOUT
    try:
        while time.monotonic() < deadline:
            connection = await asyncpg.connect(postgres.url)
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


async def _judge(
    stories: list[Story],
    emulator: Emulator,
    postgres: EmbeddedPostgres,
    control: str,
    chaos: Chaos,
    bots: list[BotProcess],
) -> Verdict:
    verdict = Verdict()
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        submissions: list[dict[str, Any]] = (await client.get(f"{control}/submissions")).json()[
            "submissions"
        ]
    connection = await asyncpg.connect(postgres.url)
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
    verdict.figures["starts of processes"] = sum(bot.starts for bot in bots)
    verdict.figures.update(sorted(chaos.done.items()))
    return verdict


def _environment(
    postgres: EmbeddedPostgres, billing: RunningBilling, emulator_port: int, folder: Path
) -> dict[str, str]:
    emulator = EmulatorOptions()
    return {
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": postgres.url,
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


if __name__ == "__main__":
    sys.exit(main())
