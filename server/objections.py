"""Objections to another's link: `python -m server.objections list | unlink NAME WHO | close NAME`.

Exit code 1: there is no such objection or link. 2: wrong usage or settings.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from backend.accounts.service import LinkedAccounts
from backend.privacy.notices import LinkNotices, Objection
from backend.settings import SettingsError, load_settings
from backend.storage.database import Database
from backend.storage.location import database_url
from backend.storage.migrate import migrate


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command against the bot's database and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m server.objections", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="who objects, to which account, and who else has linked it")
    unlink = commands.add_parser("unlink", help="takes the account from one of the others")
    unlink.add_argument("name", metavar="NAME", help="obj-7")
    unlink.add_argument("resident", metavar="WHO", help="one of the others, as listed")
    close = commands.add_parser("close", help="the objection was dealt with")
    close.add_argument("name", metavar="NAME", help="obj-7")
    options = parser.parse_args(arguments)
    try:
        url = database_url(load_settings())
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 (a command line speaks)
        return 2
    migrate(url)
    return asyncio.run(_run(url, options))


async def _run(url: str, options: argparse.Namespace) -> int:
    database = Database(url, pool_size=1)
    notices = LinkNotices(database)
    try:
        open_ones = {f"obj-{one.number}": one for one in await notices.objections()}
        if options.command == "list":
            lines = [_line(name, one) for name, one in open_ones.items()]
            print("\n".join(lines) or "Nobody objects.")  # noqa: T201
            return 0
        objection = open_ones.get(options.name)
        if objection is None:
            print(f"{options.name}: no open objection", file=sys.stderr)  # noqa: T201
            return 1
        if options.command == "close":
            await notices.close(objection.number)
            print(f"{options.name}: closed")  # noqa: T201
            return 0
        if options.resident not in objection.others:
            print(f"{options.resident}: has not linked it", file=sys.stderr)  # noqa: T201
            return 1
        await LinkedAccounts(database).unlink(options.resident, objection.account)
        print(f"{options.resident}: unlinked")  # noqa: T201
        return 0
    finally:
        await database.close()


def _line(name: str, objection: Objection) -> str:
    at = objection.objected_at.isoformat(timespec="seconds")
    others = ", ".join(objection.others) or "nobody else any more"
    # The account is whole, unlike in logs: by it the operator finds its owner in billing.
    return f"{name}\t{at}\t{objection.account}\t{objection.resident} objects to {others}"


if __name__ == "__main__":
    sys.exit(main())
