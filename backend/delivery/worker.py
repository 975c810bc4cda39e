"""procrastinate's worker, made prompt. Touches its internals: pinned to 3.10 by a test.

The original looks for work when a job is inserted and otherwise once per polling interval. So the
next job under a lock, inserted while the lock was taken, waits for the next poll although the lock
is free; and an insertion that is noticed during a look is forgotten after it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any

from procrastinate import job_context, jobs, worker

logger = logging.getLogger(__name__)

# Jobs that a worker holds at most, for each that it runs at a time.
ROOM = 4

_MAY_BE_GIVEN = """
    WITH dead AS (
        DELETE FROM queue_workers
         WHERE NOT EXISTS (SELECT 1 FROM procrastinate_workers WHERE id = worker_id)
    )
    INSERT INTO queue_workers (worker_id, queue, room) VALUES (%(worker)s, %(queue)s, %(room)s)
"""


@dataclass
class Running:
    """The job that a task runs for. `ended`: the task deleted it together with its work."""

    id: int
    attempts: int
    worker_id: int
    ended: bool = False


def taken_job(
    job_id: int,
    worker_id: int | None,
    queue: str,
    lock: str,
    task: str,
    arguments: dict[str, Any],
) -> jobs.Job:
    """A job as `put_job` leaves it in the database when it is a worker's own from birth."""
    return jobs.Job(
        id=job_id,
        status="doing",
        queue=queue,
        lock=lock,
        queueing_lock=None,
        task_name=task,
        task_kwargs=arguments,
        worker_id=worker_id,
    )


class PromptWorker(worker.Worker):
    """Looks for work when one of its jobs may have been in another's way, and never forgets to.

    It also runs jobs that were its own from birth (`adopt`): they are in nobody's way but in that
    of jobs inserted while they run, and of those it hears.
    """

    _woken = 0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.jobs: dict[int, Running] = {}
        self._adopted: set[int] = set()
        self._in_the_way: set[int] = set()

    @property
    def has_room(self) -> bool:
        """False while more jobs wait for their beginning than it is worth to hold."""
        return not self._stop_event.is_set() and len(self._running_jobs) < ROOM * self.concurrency

    def wake(self) -> None:
        """Looks for work now, or once more if a look is under way."""
        self._woken += 1
        self._new_job_event.set()

    async def _run_loop(self) -> None:
        await self.app.connector.execute_query_async(
            _MAY_BE_GIVEN,
            worker=self.worker_id,
            queue=self.worker_name,
            room=ROOM * self.concurrency,
        )
        await super()._run_loop()  # type: ignore[no-untyped-call]

    def adopt(self, job: jobs.Job, given: dict[str, Any]) -> None:
        """Runs a job that was inserted as this worker's; its task is given `given` as well."""
        # Known from now on: the sweeper must not take it for one that nobody runs.
        self._adopted.add(self._known(job).id)
        context = job_context.JobContext(
            app=self.app,
            worker_name=self.worker_name,
            worker_queues=self.queues,
            additional_context=given,
            job=job,
            abort_reason=lambda: self._job_ids_to_abort.get(job.id or 0),
            start_timestamp=time.time(),
        )
        task = asyncio.create_task(self._in_turn(context), name=f"{job.task_name}[{job.id}]")
        self._running_jobs[task] = context
        task.add_done_callback(lambda done: self._running_jobs.pop(done, None))

    def _known(self, job: jobs.Job) -> Running:
        assert job.id is not None
        assert job.worker_id is not None
        return self.jobs.setdefault(job.id, Running(job.id, job.attempts, job.worker_id))

    async def _process_job(self, context: job_context.JobContext) -> None:
        # The task is given the worker's own note of its job, whichever worker is the newest by now.
        given = {**context.additional_context, "job": self._known(context.job)}
        await super()._process_job(context.evolve(additional_context=given))

    async def _in_turn(self, context: job_context.JobContext) -> None:
        async with self._job_semaphore:
            await self._process_job(context)

    async def _handle_notification(self, *, channel: str, notification: Any) -> None:
        if notification["type"] == "job_given":
            if notification["worker_id"] == self.worker_id:
                self._given(notification)
            return
        # The new job may be behind one that runs here: then its turn comes when that one ends.
        self._in_the_way |= {context.job.id or 0 for context in self._running_jobs.values()}
        self._woken += 1
        await super()._handle_notification(channel=channel, notification=notification)

    def _given(self, notification: dict[str, Any]) -> None:
        # Too late for one that is stopping: another takes the job over, as one of a dead process.
        if self._stop_event.is_set() or notification["job_id"] in self.jobs:
            return
        assert self.worker_name is not None
        job = taken_job(
            notification["job_id"],
            self.worker_id,
            self.worker_name,
            notification["lock"],
            notification["task"],
            notification["args"],
        )
        self.adopt(job, {})

    async def _persist_job_status(self, job: jobs.Job, *args: Any, **options: Any) -> None:
        assert job.id is not None
        running = self.jobs.pop(job.id, None)
        if running is None or not running.ended:
            try:
                await super()._persist_job_status(job, *args, **options)
            except Exception as error:
                # Without a database, or deleted by a commit whose answer was lost: the sweeper
                # finds what is left of it.
                logger.warning("job %s could not say that it ended: %s", job.id, error)
                self.wake()
                return
            self.wake()
        elif job.id not in self._adopted or job.id in self._in_the_way:
            self.wake()
        self._adopted.discard(job.id)
        self._in_the_way.discard(job.id)

    async def _fetch_and_process_jobs(self) -> None:
        while True:
            seen = self._woken
            await super()._fetch_and_process_jobs()  # type: ignore[no-untyped-call]
            if self._stop_event.is_set() or seen == self._woken:
                return
