"""How fast the bot is: `python -m benchmarks` (`make bench`). Prints tables and writes JSON.

Everything is real: signed webhooks in, Rasa, PostgreSQL, billing over HTTP, messages out. The
emulator and the demo billing run on the same processors, so these figures are lower bounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.faults.processes import BotProcess, free_port
from benchmarks.turns import Turns, growth, load
from demo.billing.running import billing_process
from demo.emulator.emulator import Emulator
from demo.emulator.options import Options


def main(arguments: Sequence[str]) -> int:
    """Runs the benchmarks; returns the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--residents", type=int, default=50, help="residents who talk at once")
    parser.add_argument("--rounds", type=int, default=3, help="dialogues of each resident")
    parser.add_argument("--turns", type=int, default=200, help="turns of the growth run")
    parser.add_argument("--out", type=Path, default=Path("reports/bench.json"))
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, billing_process() as billing:
        figures = asyncio.run(_measure(options, Path(folder), billing.url, billing.token))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"\nwritten to {options.out}")
    return 0


async def _measure(
    options: argparse.Namespace, folder: Path, billing_url: str, billing_token: str
) -> dict[str, object]:
    settings = Options()
    emulator_port = free_port()
    api = f"http://127.0.0.1:{emulator_port}"
    bot = BotProcess(
        {
            "ENV_FILE": "/dev/null",
            "DATA_DIR": str(folder / "data"),
            "BILLING_URL": billing_url,
            "BILLING_TOKEN": billing_token,
            "VIBER_AUTH_TOKEN": settings.viber_token,
            "VIBER_API_URL": f"{api}/viber/pa",
            "LOG_LEVEL": "WARNING",
        },
        folder / "bot.log",
    )
    options_of_emulator = Options(bot_url=f"http://127.0.0.1:{bot.port}", port=emulator_port)
    async with Emulator(options_of_emulator) as emulator:
        bot.start()
        try:
            await bot.until_ready()
            alone = Turns()
            print("One resident at a time, ms from the message to the answer on the phone:")
            await load(emulator, alone, residents=1, rounds=options.rounds * 5, first_account=1)
            print(alone.table())
            together = Turns()
            print(f"\n{options.residents} residents at once:")
            rate = await load(
                emulator,
                together,
                residents=options.residents,
                rounds=options.rounds,
                first_account=100,
            )
            print(together.table())
            print(f"{rate:.1f} messages of residents a second")
            print("\nThe same turn late in a conversation, ms:")
            grown = await growth(emulator, options.turns)
            print(f"turns 10-30: {grown['early']:.1f}   last 20: {grown['late']:.1f}")
        finally:
            await bot.stop()
        return {
            "one resident": alone.figures(),
            f"{options.residents} residents": together.figures(),
            "messages per second": round(rate, 1),
            "growth": grown,
        }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
