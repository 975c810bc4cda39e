"""Starts the demo billing: `python -m demo.billing --port 8090 --token … --database FILE`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
from datetime import date

import uvloop

from demo.billing.app import Options, create_app
from demo.billing.serving import listen, serve


def main() -> None:
    """Reads the command line and serves until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="demo.billing", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090, help="0 takes a free port")
    parser.add_argument(
        "--token",
        default=os.environ.get("BILLING_TOKEN", "demo-token"),
        help="the bearer token of clients (default: BILLING_TOKEN, else demo-token)",
    )
    parser.add_argument("--database", default=":memory:", help="SQLite file (default: memory)")
    parser.add_argument(
        "--today", type=date.fromisoformat, help="play on this day instead of the real one"
    )
    parser.add_argument("--crowd", type=int, help="plain accounts (default: as in seeds.yml)")
    parser.add_argument("--control", action="store_true", help="add the routes under /_demo/")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    app = create_app(
        Options(options.token, options.database, options.today, options.control, options.crowd)
    )
    listener = listen(options.host, options.port)
    host, port = listener.getsockname()

    async def run() -> None:
        started, stop = asyncio.Event(), asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        serving = asyncio.create_task(serve(app, listener, started, stop))
        await started.wait()
        print(f"Demo billing: http://{host}:{port}/v1", flush=True)
        await serving

    uvloop.install()
    asyncio.run(run())


if __name__ == "__main__":
    main()
