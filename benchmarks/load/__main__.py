"""`python -m benchmarks.load` (`make load`): exit code 1 if a promise or a bound was broken."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

from backend.storage.embedded import EmbeddedPostgres
from backend.storage.migrate import migrate
from benchmarks.faults.dialogues import FIRST_ACCOUNT, Story, Talk
from benchmarks.faults.processes import BotProcess, bot_environment, free_port
from benchmarks.faults.records import drain, judge
from benchmarks.faults.verdict import Verdict
from benchmarks.load.options import Options, arrivals, read_options
from benchmarks.load.picture import draw
from benchmarks.load.timeline import Timeline
from benchmarks.load.verdict import judge_load
from benchmarks.speed.processes import end_on_sigterm
from demo.billing.running import RunningBilling, billing_process
from demo.emulator.client import Resident
from demo.emulator.emulator import Emulator
from demo.emulator.options import Options as EmulatorOptions


def main() -> int:
    """Runs the load, prints the table, leaves nothing running."""
    options = read_options(sys.argv[1:])
    logging.getLogger("demo").setLevel(logging.ERROR)
    folder = Path(tempfile.mkdtemp(prefix="bot-load-"))
    postgres = EmbeddedPostgres(folder)
    try:
        migrate(postgres.url)
        with billing_process(
            database=str(folder / "billing.sqlite"), crowd=options.residents
        ) as billing:
            verdict, timeline = asyncio.run(_run(options, folder, postgres, billing))
    finally:
        postgres.close()
        shutil.rmtree(folder, ignore_errors=True)
    options.out.mkdir(parents=True, exist_ok=True)
    written = {
        "options": {**vars(options), "out": str(options.out)},
        "figures": verdict.figures,
        "violations": verdict.violations,
        "buckets": timeline.buckets(),
        "samples": [vars(sample) for sample in timeline.samples],
    }
    (options.out / "load.json").write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n")
    draw(options, timeline, options.out / "load.png")
    print(f"{'second':>8}{'answers':>9}{'p50, s':>9}{'p95, s':>9}")
    for begins, count, p50, p95 in timeline.buckets():
        print(f"{begins:>8.0f}{count:>9}{p50:>9.2f}{p95:>9.2f}")
    print(verdict.table())
    print(f"written to {options.out}/load.json and load.png")
    print("every promise held" if verdict.is_good else f"broken; seed {options.seed} repeats it")
    return 0 if verdict.is_good else 1


async def _run(
    options: Options, folder: Path, postgres: EmbeddedPostgres, billing: RunningBilling
) -> tuple[Verdict, Timeline]:
    end_on_sigterm()
    async with contextlib.AsyncExitStack() as stack:
        emulator_port = free_port()
        environment = bot_environment(postgres.url, billing, emulator_port, folder / "data")
        environment["LOG_LEVEL"] = "WARNING"
        bots = [
            BotProcess(environment, folder / f"bot-{number}.log")
            for number in range(options.processes)
        ]
        receiver = bots[0].receiver(folder / "receiver.log")
        bots.append(receiver)
        emulator = await stack.enter_async_context(
            Emulator(
                EmulatorOptions(
                    bot_url=receiver.url,
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
        stories, timeline = await _talk(options, emulator, bots)
        await drain(postgres.url)
        verdict = await judge(
            stories, emulator, postgres.url, f"{billing.url.removesuffix('/v1')}/_demo"
        )
        starts = sum(bot.starts for bot in bots)
        judge_load(verdict, options, timeline, list(emulator.traffic.acks), starts)
        return verdict, timeline


async def _talk(
    options: Options, emulator: Emulator, bots: list[BotProcess]
) -> tuple[list[Story], Timeline]:
    """Residents come when it is their time and leave when their dialogue is at its end."""
    stories: list[Story] = []
    timeline = Timeline()
    on_vk = random.Random(options.seed)
    bar = tqdm(total=options.residents, desc="residents", mininterval=2)

    async def visit(number: int, arrives: float) -> None:
        await asyncio.sleep(arrives - timeline.now)
        messenger = "vk" if on_vk.random() < options.vk_share else "viber"
        story = Story(str(FIRST_ACCOUNT + number), messenger)
        stories.append(story)
        resident = story.resident = await Resident.create(emulator, messenger)
        dice = random.Random(f"{options.seed} resident {number}")

        def heard(started: float, took: float) -> None:
            timeline.answered(messenger, started, took)

        await Talk(resident, story, dice, heard=heard, pace=options.pace, submissions=1).run()
        bar.update(1)

    def talking() -> int:
        return sum(not story.finished and story.unanswered is None for story in stories)

    watching = asyncio.create_task(
        timeline.watch(lambda: [bot.pid for bot in bots if bot.pid is not None], talking)
    )
    try:
        await asyncio.gather(
            *(visit(number, arrives) for number, arrives in enumerate(arrivals(options)))
        )
        # What memory is when all is quiet again.
        await asyncio.sleep(max(options.seconds - timeline.now, 5))
    finally:
        watching.cancel()
        bar.close()
    return stories, timeline


if __name__ == "__main__":
    sys.exit(main())
