"""Shows and replays what was given up: `python -m server.parked list | replay NAME… | replay all`.

Exit code 1: an entry that was named is not parked. 2: wrong usage or settings.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from backend.delivery.parked import Entry, NotParked, Parked
from backend.settings import SettingsError, load_settings
from backend.storage.database import Database
from backend.storage.location import database_url
from backend.storage.migrate import migrate


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command against the bot's database and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m server.parked", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="what is parked, and submissions that wait for long")
    replay = commands.add_parser("replay", help="try entries again")
    replay.add_argument("names", nargs="+", metavar="NAME", help="in-7, out-8, sub-9 or all")
    options = parser.parse_args(arguments)
    try:
        url = database_url(load_settings())
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 (a command line speaks)
        return 2
    migrate(url)
    return asyncio.run(_run(url, options.names if options.command == "replay" else []))


async def _run(url: str, names: Sequence[str]) -> int:
    database = Database(url, pool_size=1)
    parked = Parked(database)
    failed = False
    try:
        entries = await parked.entries()
        if not names:
            print("\n".join(map(_line, entries)) or "Nothing is parked.")  # noqa: T201
        if list(names) == ["all"]:
            names = [entry.name for entry in entries]
        for name in names:
            try:
                await parked.replay(name)
                print(f"{name}: tried again")  # noqa: T201
            except NotParked:
                failed = True
                print(f"{name}: not parked", file=sys.stderr)  # noqa: T201
    finally:
        await database.close()
    return 1 if failed else 0


def _line(entry: Entry) -> str:
    about = " ".join(entry.about.split())[:60]
    since = entry.since.isoformat(timespec="seconds")
    return f"{entry.name}\t{since}\t{entry.resident}\t{entry.attempts}\t{entry.error}\t{about}"


if __name__ == "__main__":
    sys.exit(main())
