"""The job queue: procrastinate on the bot's own PostgreSQL.

Four queues, so that a slow messenger or billing never starves conversations:

    turns      lock «resident»        one conversation turn per event, in order of arrival
    messages   lock «out:resident»    outgoing messages of a resident, in order
    billing    lock «bill:account»    submissions billing has not answered, in order of confirmation
    reminders  lock «remind:resident» who is due a reminder: a wave waits for billing here
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import procrastinate
import psycopg
import psycopg_pool
from procrastinate import jobs, retry

from backend.delivery.worker import PromptWorker, taken_job

logger = logging.getLogger(__name__)

TURNS, MESSAGES, BILLING, REMINDERS = "turns", "messages", "billing", "reminders"
CONCURRENCY = {TURNS: 16, MESSAGES: 32, BILLING: 8, REMINDERS: 4}

# Jobs that become due later, and those of a worker that died, are found at the next poll.
POLL = 1.0
HEARTBEAT = 2.0
# A worker silent for this long is dead and its jobs go to another: within the promised 10 s.
DEAD_AFTER = 6.0
SWEEP = 1.5
# The pool doubles its pauses between attempts to connect; a short limit makes it begin anew, so
# that a database that was away for long is found within seconds of its return.
RECONNECT = 2.0
# A connection that answered a second ago is taken to be alive.
CHECKED_FOR = 1.0
# What running jobs may take when a worker ends because the database went away.
DRAIN = 20.0

# One statement each, so that two processes that sweep at once never take the same job twice.
_TAKE_OVER = """
    WITH stalled AS MATERIALIZED (
        SELECT jobs.id
          FROM procrastinate_jobs AS jobs
          LEFT JOIN procrastinate_workers AS workers ON workers.id = jobs.worker_id
         WHERE jobs.status = 'doing'
           AND (workers.id IS NULL
                OR workers.last_heartbeat < now() - make_interval(secs => %(silent)s))
           FOR UPDATE OF jobs SKIP LOCKED
    )
    SELECT id, procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM stalled
"""
_DOING = """
    SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = ANY(%(workers)s)
"""
_RUN_AGAIN = """
    WITH ended AS MATERIALIZED (
        SELECT id FROM procrastinate_jobs
         WHERE id = ANY(%(ids)s) AND status = 'doing' AND worker_id = ANY(%(workers)s)
           FOR UPDATE SKIP LOCKED
    )
    SELECT id, procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM ended
"""
_GIVE_NO_MORE = "DELETE FROM queue_workers WHERE worker_id = ANY(%(workers)s)"

Task = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class PutJob:
    """A job as `put_job` left it in the database; `taken`: it is the worker's own already."""

    job_id: int
    lock: str
    taken: bool
    worker_id: int | None


class TryAgain(Exception):
    """The job is not done; it runs again, under its lock, not before `after` seconds."""

    def __init__(self, reason: str, after: float) -> None:
        super().__init__(reason)
        self.after = after


class _AsAsked(retry.BaseRetryStrategy):
    """Retries when the task asks for it, and when it failed in a way nobody foresaw."""

    def get_retry_decision(
        self, *, exception: BaseException, job: jobs.Job
    ) -> retry.RetryDecision | None:
        after = exception.after if isinstance(exception, TryAgain) else 5.0
        return retry.RetryDecision(retry_in={"milliseconds": int(after * 1000)})


async def _configure(connection: psycopg.AsyncConnection[Any]) -> None:
    """Makes taking and ending a job cheap: what a crash of PostgreSQL forgets of it runs again.

    Jobs are deferred elsewhere, together with what they are for; every call here is one statement.
    """
    await connection.set_autocommit(True)
    await connection.execute("SET synchronous_commit = off")


async def _check_unless_just_used(connection: Any) -> None:
    """Finds connections that a restart of the database broke, without a round trip for each use."""
    now = time.monotonic()
    if now - getattr(connection, "checked_at", 0.0) > CHECKED_FOR:
        await psycopg_pool.AsyncConnectionPool.check_connection(connection)
        connection.checked_at = now


class Queue:
    """Runs jobs in this process and takes over those of processes that died."""

    def __init__(self, url: str) -> None:
        """`url` is a libpq URL; `open` connects."""
        self._url = url
        self._pool: psycopg_pool.AsyncConnectionPool | None = None
        self._connector = procrastinate.PsycopgConnector(conninfo=url)
        self.app = procrastinate.App(connector=self._connector)
        self._workers: dict[str, PromptWorker] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def task(self, name: str, queue: str, run: Task) -> None:
        """Registers `run` as the task `name` of `queue`.

        It gets the job's arguments by keyword, the job itself as `job`, and what `adopt` was given.
        """

        async def tracked(context: procrastinate.JobContext, /, **arguments: Any) -> None:
            await run(**context.additional_context, **arguments)

        self.app.task(name=name, queue=queue, retry=_AsAsked(), pass_context=True)(tracked)

    def owner(self, queue: str) -> int | None:
        """Whom a job that is made now may belong to from birth; None: it waits to be taken."""
        active = self._workers.get(queue)
        return active.worker_id if active is not None and active.has_room else None

    def adopt(
        self, put: PutJob, queue: str, task: str, arguments: dict[str, Any], **given: Any
    ) -> None:
        """Runs a job that was put for `owner(queue)`, once what put it is committed.

        `given` is passed to the task beside the arguments, this one time. May be called from any
        thread. If the owner is gone meanwhile, another takes the job over as one of a dead process.
        """
        if not put.taken or self._loop is None:
            return
        job = taken_job(put.job_id, put.worker_id, queue, put.lock, task, arguments)
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._adopt, queue, job, given)

    def _adopt(self, queue: str, job: jobs.Job, given: dict[str, Any]) -> None:
        active = self._workers.get(queue)
        if active is not None and active.worker_id == job.worker_id and not self._stopping:
            active.adopt(job, given)

    def periodic(self, name: str, queue: str, cron: str, run: Task) -> None:
        """Registers `run` to be called at the times of `cron`, once among all processes."""

        async def due(timestamp: int) -> None:
            await run()

        self.app.periodic(cron=cron)(self.app.task(name=name, queue=queue)(due))

    @property
    def is_working(self) -> bool:
        """True while every queue has a worker that is registered in the database."""
        return len(self._workers) == len(CONCURRENCY) and all(
            active.worker_id is not None for active in self._workers.values()
        )

    async def open(self) -> None:
        """Opens the connections; with the database away they open when it is back."""
        self._pool = psycopg_pool.AsyncConnectionPool(
            self._url,
            min_size=2,
            max_size=12,
            timeout=5,
            reconnect_timeout=RECONNECT,
            kwargs={"connect_timeout": 5},
            configure=_configure,
            check=_check_unless_just_used,
            open=False,
        )
        await self._pool.open()
        await self.app.open_async(self._pool)

    def start(self) -> None:
        """Starts the workers and the sweeper in the running loop."""
        self._loop = asyncio.get_running_loop()
        for name in CONCURRENCY:
            self._tasks.append(asyncio.create_task(self._work(name), name=f"queue {name}"))
        self._tasks.append(asyncio.create_task(self._sweep(), name="queue sweeper"))

    async def stop(self, timeout: float) -> None:
        """Takes no new job, gives running ones `timeout` seconds, then leaves them to others."""
        self._stopping = True
        with contextlib.suppress(Exception):
            await self._connector.execute_query_async(_GIVE_NO_MORE, workers=self._ids())
        for active in self._workers.values():
            active.shutdown_graceful_timeout = timeout
            active.stop()  # type: ignore[no-untyped-call]
        if self._tasks:
            self._tasks[-1].cancel()
            await asyncio.wait(self._tasks, timeout=timeout + 2)
        for task in self._tasks:
            task.cancel()
        if self._pool is not None:
            with contextlib.suppress(Exception):
                await self._pool.close(timeout=1)

    def _ids(self) -> list[int]:
        return [one.worker_id for one in self._workers.values() if one.worker_id is not None]

    async def _work(self, name: str) -> None:
        # procrastinate's worker ends when the database goes away; a new one begins when it is back.
        while not self._stopping:
            active = PromptWorker(
                self.app,
                queues=[name],
                name=name,
                concurrency=CONCURRENCY[name],
                fetch_job_polling_interval=POLL,
                # Jobs of this queue are for later: hearing of one would only be a look in vain.
                listen_notify=name != BILLING,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=DEAD_AFTER,
                shutdown_graceful_timeout=DRAIN,
                delete_jobs="always",
                install_signal_handlers=False,
            )
            self._workers[name] = active
            try:
                await active.run()  # type: ignore[no-untyped-call]
            except Exception as error:
                logger.warning("queue %s stopped: %s", name, type(error).__name__)
            if not self._stopping:
                await asyncio.sleep(1)

    async def _sweep(self) -> None:
        """Gives jobs back that nobody works on: a dead process's, or an unreported end of ours."""
        suspects: set[int] = set()
        while True:
            await asyncio.sleep(SWEEP)
            try:
                for row in await self._connector.execute_query_all_async(
                    _TAKE_OVER, silent=DEAD_AFTER
                ):
                    logger.warning("job %s of a dead process is taken over", row["id"])
                suspects = await self._unreported(suspects)
            except Exception as error:
                logger.warning("queue sweep failed: %s", type(error).__name__)

    async def _unreported(self, suspects: set[int]) -> set[int]:
        workers = self._ids()
        rows = await self._connector.execute_query_all_async(_DOING, workers=workers)
        running = {job for active in self._workers.values() for job in active.jobs}
        idle = {row["id"] for row in rows} - running
        if idle & suspects:
            for row in await self._connector.execute_query_all_async(
                _RUN_AGAIN, ids=sorted(idle & suspects), workers=workers
            ):
                logger.warning("job %s ended but could not say so; it runs again", row["id"])
        return idle - suspects


def put_sql(queue: str, task: str, lock: str, arguments: str, worker: str) -> str:
    """SQL for FROM that puts a job inside the caller's transaction: columns `job_id`, `taken`.

    The job belongs to `worker` (an id or NULL) from birth if no other has its lock; then whoever
    put it calls `Queue.adopt`. The parts are SQL expressions. See migration 0004.
    """
    return f"put_job('{queue}', '{task}', {lock}, {arguments}, {worker})"


def give_sql(queue: str, task: str, lock: str, arguments: str) -> str:
    """SQL for FROM that puts a job where this process has no worker: columns `job_id`, `taken`.

    It belongs to a living worker with room from birth, which is told; without one, or with its lock
    taken, it waits like any other. The parts are SQL expressions. See migration 0005.
    """
    return f"give_job('{queue}', '{task}', {lock}, {arguments})"


def ended_sql(job_id: str, worker_id: str) -> str:
    """SQL that deletes a job together with what it has done, if it still is the worker's."""
    return (
        f"DELETE FROM procrastinate_jobs WHERE id = {job_id} AND worker_id = {worker_id}"
        " AND status = 'doing'"
    )


def defer_sql(queue: str, task: str, lock: str, arguments: str, at: str = "NULL") -> str:
    """SQL that defers a job inside the caller's transaction; the parts are SQL expressions."""
    return (
        f"procrastinate_defer_jobs_v1(ARRAY[ROW('{queue}', '{task}', 0, {lock}, NULL,"
        f" {arguments}, {at})::procrastinate_job_to_defer_v1])"
    )
