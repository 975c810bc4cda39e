"""The connection pool and the transaction boundary: one turn, one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NamedTuple

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

# What SQLAlchemy and asyncpg raise when the server is away, stopping or out of connections.
DATABASE_ERRORS: tuple[type[BaseException], ...] = (
    OperationalError,
    InterfaceError,
    DBAPIError,
    PoolTimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
    OSError,
    TimeoutError,
)


class _Pool(NamedTuple):
    engine: AsyncEngine
    single: AsyncEngine


@dataclass
class _Work:
    stack: AsyncExitStack
    connection: AsyncConnection | None = None


_joined: ContextVar[_Work | None] = ContextVar("unit_of_work", default=None)


def engine_url(url: str) -> str:
    """Turns a libpq URL into SQLAlchemy's for asyncpg; `sslmode` becomes asyncpg's `ssl`."""
    parsed = make_url(url)
    query = dict(parsed.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    parsed = parsed.set(drivername="postgresql+asyncpg", query=query)
    return str(parsed.render_as_string(hide_password=False))


class Database:
    """Connections to PostgreSQL: a pool for each event loop, since a connection belongs to one."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        """`url` is a libpq URL; nothing connects before the first use."""
        self.url = url
        self._pool_size = pool_size
        self._pools: dict[asyncio.AbstractEventLoop, _Pool] = {}

    def _pool(self) -> _Pool:
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            engine = create_async_engine(
                engine_url(self.url),
                pool_size=self._pool_size,
                # Two processes and their queues must fit into the 100 connections of a plain
                # server.
                max_overflow=self._pool_size // 2,
                pool_timeout=5,
                connect_args={"timeout": 5, "command_timeout": 30},
            )
            single = engine.execution_options(isolation_level="AUTOCOMMIT")
            pool = self._pools[loop] = _Pool(engine, single)
        return pool

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[None]:
        """All that joins in this task is one transaction, which begins at the first change.

        It is committed at the end; an exception rolls it back and goes on to the caller.
        """
        async with AsyncExitStack() as stack:
            token = _joined.set(_Work(stack))
            try:
                yield
            finally:
                _joined.reset(token)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Joins the unit of work of this task, or opens a transaction and commits it.

        An exception rolls back whatever was opened here and goes on to the caller.
        """
        work = _joined.get()
        if work is None:
            async with self.unit_of_work(), self.transaction() as connection:
                yield connection
            return
        if work.connection is None:
            work.connection = await work.stack.enter_async_context(self.own_transaction())
        yield work.connection

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[AsyncConnection]:
        """For a single statement: in the unit of work if that has begun, else by itself.

        By itself it is one round trip instead of three. A change goes here only if it is the last
        of its unit of work.
        """
        work = _joined.get()
        if work is not None and work.connection is not None:
            yield work.connection
        else:
            async with self.autocommit() as connection:
                yield connection

    @asynccontextmanager
    async def own_transaction(self) -> AsyncIterator[AsyncConnection]:
        """Opens a transaction that commits by itself, whatever becomes of the one around it."""
        async with self._pool().engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose every statement is a transaction of its own, joining nothing."""
        async with self._pool().single.connect() as connection:
            yield connection

    async def ping(self) -> None:
        """Raises one of DATABASE_ERRORS when the database does not answer."""
        async with self._pool().engine.connect() as connection:
            await connection.exec_driver_sql("SELECT 1")

    async def close(self) -> None:
        """Closes every connection of the running event loop."""
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.engine.dispose()
