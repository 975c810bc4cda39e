"""Starts the emulator from the command line."""

from __future__ import annotations

import asyncio
import logging
import sys

from demo.emulator.emulator import serve_until_stopped
from demo.emulator.options import OptionsError, read_options


def main() -> int:
    """Runs until interrupted; 2 if an option is wrong, 1 if the port is taken."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    # httpx logs addresses at INFO, and Viber's addresses carry signatures.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        options = read_options(sys.argv[1:])
    except OptionsError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        asyncio.run(serve_until_stopped(options))
    except OSError as error:
        print(
            f"The emulator cannot listen on {options.host}:{options.port}: {error}", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
