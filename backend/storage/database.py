"""The connection pool and the transaction boundary: one turn, one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

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

_joined: ContextVar[AsyncConnection | None] = ContextVar("transaction", default=None)


def engine_url(url: str) -> str:
    """Turns a libpq URL into SQLAlchemy's for asyncpg; `sslmode` becomes asyncpg's `ssl`."""
    parsed = make_url(url)
    query = dict(parsed.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    parsed = parsed.set(drivername="postgresql+asyncpg", query=query)
    return str(parsed.render_as_string(hide_password=False))


class Database:
    """A pool of connections to PostgreSQL."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        """`url` is a libpq URL; nothing connects before the first use."""
        self.url = url
        self._engine: AsyncEngine = create_async_engine(
            engine_url(url),
            pool_size=pool_size,
            # Two processes and their queues must fit into the 100 connections of a plain server.
            max_overflow=pool_size // 2,
            pool_timeout=5,
            connect_args={"timeout": 5, "command_timeout": 30},
        )
        self._single = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Joins the transaction that is open in this task, or opens one and commits it.

        An exception rolls back whatever was opened here and goes on to the caller.
        """
        joined = _joined.get()
        if joined is not None:
            yield joined
            return
        async with self.own_transaction() as connection:
            token = _joined.set(connection)
            try:
                yield connection
            finally:
                _joined.reset(token)

    @asynccontextmanager
    async def own_transaction(self) -> AsyncIterator[AsyncConnection]:
        """Opens a transaction that commits by itself, whatever becomes of the one around it."""
        async with self._engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose every statement is a transaction: one round trip instead of three."""
        async with self._single.connect() as connection:
            yield connection

    async def ping(self) -> None:
        """Raises one of DATABASE_ERRORS when the database does not answer."""
        async with self._engine.connect() as connection:
            await connection.exec_driver_sql("SELECT 1")

    async def close(self) -> None:
        """Closes every connection."""
        await self._engine.dispose()
