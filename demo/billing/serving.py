"""Runs the application on a socket until told to stop; used by the command and by tests."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from sanic import Sanic


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(512)
    return listener


async def serve(
    app: Sanic, listener: socket.socket, started: asyncio.Event, stop: asyncio.Event
) -> None:
    """Serves from when `started` is set until `stop` is set, then drops what is still open."""
    server = await app.create_server(
        sock=listener, return_asyncio_server=True, access_log=False, backlog=512
    )
    await server.startup()
    await server.start_serving()
    started.set()
    try:
        await stop.wait()
    finally:
        server.server.close()
        for connection in list(server.connections):
            with contextlib.suppress(Exception):
                connection.abort()
        await asyncio.sleep(0)
        await server.after_stop()
