"""Calls out over aiohttp: what httpx promises, against a real server on this machine."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from backend.http_transport import AiohttpTransport

Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Speaks bytes: every request is given to `answer` with the connection."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.requests: list[bytes] = []
        self.connections = 0
        self._open: list[asyncio.StreamWriter] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        try:
            yield f"http://{host}:{port}"
        finally:
            server.close()
            for writer in self._open:
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.append(writer)
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                return
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length:")
                ),
                0,
            )
            request = head + await reader.readexactly(length)
            self.requests.append(request)
            await self._answer(request, writer)


def says(body: bytes, status: str = "200 OK", head: str = "") -> Answer:
    async def answer(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode())
        writer.write(body)
        await writer.drain()

    return answer


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=AiohttpTransport(environment_proxies=False), timeout=5
    ) as found:
        yield found


async def test_a_body_status_and_headers_go_there_and_come_back(client: httpx.AsyncClient) -> None:
    server = Server(says(b'{"a": 1}', "207 Fine", "X-Kind: test\r\n"))
    async with server.running() as url:
        answer = await client.post(f"{url}/way?x=%D0%B0", json={"да": 1}, headers={"X-Key": "k"})
    assert (answer.status_code, answer.json(), answer.headers["x-kind"]) == (207, {"a": 1}, "test")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /way?x=%D0%B0 HTTP/1.1")
    assert httpx.Response(200, content=body).json() == {"да": 1}
    lines = head.lower().split(b"\r\n")
    assert b"x-key: k" in lines
    assert sum(line.startswith(b"host:") for line in lines) == 1
    assert sum(line.startswith(b"content-length:") for line in lines) == 1
    assert sum(line.startswith(b"user-agent:") for line in lines) == 1


async def test_a_file_is_uploaded_whole(client: httpx.AsyncClient) -> None:
    server = Server(says(b"{}"))
    content = bytes(range(256)) * 1000
    async with server.running() as url:
        await client.post(url, files={"photo": ("chart.png", content, "image/png")})
    assert content in server.requests[0]
    assert b"multipart/form-data; boundary=" in server.requests[0]


async def test_one_connection_serves_one_call_after_another(client: httpx.AsyncClient) -> None:
    server = Server(says(b"{}"))
    async with server.running() as url:
        for _ in range(5):
            await client.get(url)
    assert (len(server.requests), server.connections) == (5, 1)


async def test_a_connection_that_was_idle_for_longer_than_an_answer_may_take_is_as_good_as_new(
    client: httpx.AsyncClient,
) -> None:
    server = Server(says(b"{}"))
    async with server.running() as url:
        await client.get(url, timeout=0.1)
        await asyncio.sleep(0.3)  # the limit of the call before is over
        assert (await client.get(url, timeout=0.1)).status_code == 200
    assert server.connections == 1


async def test_a_redirect_is_an_answer(client: httpx.AsyncClient) -> None:
    server = Server(says(b"", "302 Found", "Location: http://127.0.0.1:1/\r\n"))
    async with server.running() as url:
        assert (await client.get(url)).status_code == 302


async def test_a_compressed_answer_comes_as_it_was_sent(client: httpx.AsyncClient) -> None:
    packed = gzip.compress(b"plain")
    server = Server(says(packed, head="Content-Encoding: gzip\r\n"))
    async with server.running() as url, client.stream("GET", url) as answer:
        assert b"".join([part async for part in answer.aiter_raw()]) == packed


async def test_nobody_listening_is_the_one_error_that_says_nothing_was_sent(
    client: httpx.AsyncClient,
) -> None:
    async with Server(says(b"")).running() as url:
        pass
    with pytest.raises(httpx.ConnectError):
        await client.post(url, json={})


async def test_no_answer_in_time_is_a_timeout(client: httpx.AsyncClient) -> None:
    async def never(_request: bytes, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with Server(never).running() as url:
        with pytest.raises(httpx.TimeoutException) as caught:
            await client.post(url, json={}, timeout=0.2)
    assert not isinstance(caught.value, httpx.ConnectTimeout | httpx.PoolTimeout)


async def test_a_connection_closed_without_an_answer_is_an_error_of_the_transport(
    client: httpx.AsyncClient,
) -> None:
    async def hang_up(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with Server(hang_up).running() as url:
        with pytest.raises(httpx.TransportError) as caught:
            await client.post(url, json={})
    assert not isinstance(caught.value, httpx.ConnectError)


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", b"\0junk"]
)
async def test_an_answer_that_breaks_off_or_is_no_http_is_an_error_of_httpx(
    client: httpx.AsyncClient, answer: bytes
) -> None:
    async def break_off(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with Server(break_off).running() as url:
        with pytest.raises(httpx.TransportError) as caught:
            await client.post(url, json={})
    assert not isinstance(caught.value, httpx.ConnectError)


async def test_an_answer_read_halfway_does_not_spoil_the_next_call(
    client: httpx.AsyncClient,
) -> None:
    server = Server(says(b"x" * 1_000_000))
    async with server.running() as url:
        async with client.stream("GET", url) as answer:
            async for _part in answer.aiter_raw():
                break
        assert len((await client.get(url)).content) == 1_000_000
