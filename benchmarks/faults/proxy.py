"""The smallest load balancer: passes connections on to whichever process listens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence


class Proxy:
    """Listens on a free port of this machine; each new connection goes to the next process."""

    def __init__(self, ports: Sequence[int]) -> None:
        """`ports` of 127.0.0.1, tried in turn."""
        self._ports = list(ports)
        self._next = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self) -> None:
        """Starts listening on `port`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Closes everything."""
        if self._server is not None:
            self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        upstream: asyncio.StreamWriter | None = None
        try:
            found = await self._connect()
            if found is None:
                return
            answers, upstream = found
            there = asyncio.create_task(_copy(reader, upstream))
            back = asyncio.create_task(_copy(answers, writer))
            # When either side ends, so does the other: a killed process must be noticed.
            _, left = await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            for one in left:
                one.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
        except asyncio.CancelledError:
            pass
        finally:
            self._open.discard(task)
            for side in (writer, upstream):
                if side is not None:
                    side.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in self._ports:
            port = self._ports[self._next % len(self._ports)]
            self._next += 1
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        return None


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
