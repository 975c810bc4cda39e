"""Reminders for the operator: `python -m server.reminders count | now [--at TIME]`.

`count` tells how many residents want them and what became of those of the last periods. `now` makes
the running bot remind everybody who asked for it as if it were TIME, if not given the noon of the
last day of the month: for trying out, since the hour does not matter then. What is sent
counts as that period's reminder.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from calendar import monthrange
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from backend.reminders.counting import choices, sent, try_out
from backend.settings import SettingsError, load_settings
from backend.storage.database import Database
from backend.storage.location import database_url
from backend.storage.migrate import migrate


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command against the bot's database; 2: wrong usage or settings."""
    parser = argparse.ArgumentParser(prog="python -m server.reminders", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("count", help="who wants reminders, and which were sent")
    now = commands.add_parser("now", help="remind everybody who asked for it, for trying out")
    now.add_argument("--at", type=datetime.fromisoformat, metavar="TIME", help="2026-11-23T12:00")
    options = parser.parse_args(arguments)
    try:
        settings = load_settings()
        url = database_url(settings)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 (a command line speaks)
        return 2
    migrate(url)
    if options.command == "count":
        print(asyncio.run(_count(url)))  # noqa: T201
        return 0
    at = _moment(options.at, ZoneInfo(settings.time_zone))
    print(f"{asyncio.run(_now(url, at))} residents are looked at as if it were {at}.")  # noqa: T201
    return 0


def _moment(given: datetime | None, zone: ZoneInfo) -> datetime:
    if given is None:
        tomorrow = datetime.now(zone).date() + timedelta(days=1)
        last = monthrange(tomorrow.year, tomorrow.month)[1]
        given = datetime.combine(tomorrow.replace(day=last), time(12))
    return given if given.tzinfo else given.replace(tzinfo=zone)


async def _count(url: str) -> str:
    database = Database(url, pool_size=1)
    try:
        wanted, unreachable, refused = await choices(database)
        lines = [f"wanted by {wanted} ({unreachable} of them unreachable), refused by {refused}"]
        lines += [
            f"{one.period}\t{one.kind}\t{one.state}\t{one.number}" for one in await sent(database)
        ]
    finally:
        await database.close()
    return "\n".join(lines)


async def _now(url: str, at: datetime) -> int:
    database = Database(url, pool_size=1)
    try:
        return await try_out(database, at)
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(main())
