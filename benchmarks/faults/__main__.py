"""`python -m benchmarks.faults --seconds 180 --seed 1`: exit code 1 if any promise was broken."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from backend.storage.embedded import EmbeddedPostgres
from backend.storage.migrate import migrate
from benchmarks.faults.chaos import Chaos
from benchmarks.faults.dialogues import FIRST_ACCOUNT, RefusedTalk, Story, Talk
from benchmarks.faults.disk import NoRightToMount, SmallDisk, keep_logs_small
from benchmarks.faults.options import Options, read_options
from benchmarks.faults.processes import BotProcess, bot_environment, free_port
from benchmarks.faults.proxy import Proxy
from benchmarks.faults.records import drain, judge
from benchmarks.faults.verdict import Verdict
from demo.billing.running import RunningBilling, billing_process
from demo.emulator.client import Resident
from demo.emulator.emulator import Emulator
from demo.emulator.faults import Fault
from demo.emulator.options import Options as EmulatorOptions

MOST_ACCOUNTS = 500


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
                bot_environment(postgres.url, billing, emulator_port, folder / "data"),
                folder / f"bot-{n}.log",
            )
            for n in range(options.processes)
        ]
        # Webhooks come in by the receiver and by the bots themselves.
        bots.append(bots[0].receiver(folder / "receiver.log"))
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
        await drain(postgres.url)
        verdict = await judge(stories, emulator, postgres.url, control)
        verdict.figures["starts of processes"] = sum(bot.starts for bot in bots)
        verdict.figures.update(sorted(chaos.done.items()))
        return verdict


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


if __name__ == "__main__":
    sys.exit(main())
