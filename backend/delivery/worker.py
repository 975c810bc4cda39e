"""procrastinate's worker, made prompt. Touches its internals: pinned to 3.10 by a test.

The original looks for work when a job is inserted and otherwise once per polling interval. So the
next job under a lock, inserted while the lock was taken, waits for the next poll although the lock
is free; and an insertion that is noticed during a look is forgotten after it.
"""

from __future__ import annotations

from typing import Any

from procrastinate import jobs, worker


class PromptWorker(worker.Worker):
    """Looks for work also when one of its own jobs has ended, and never forgets to look."""

    _woken = 0

    def wake(self) -> None:
        """Looks for work now, or once more if a look is under way."""
        self._woken += 1
        self._new_job_event.set()

    async def _handle_notification(self, *, channel: str, notification: jobs.Notification) -> None:
        self._woken += 1
        await super()._handle_notification(channel=channel, notification=notification)

    async def _persist_job_status(self, *args: Any, **options: Any) -> None:
        await super()._persist_job_status(*args, **options)
        self.wake()

    async def _fetch_and_process_jobs(self) -> None:
        while True:
            seen = self._woken
            await super()._fetch_and_process_jobs()  # type: ignore[no-untyped-call]
            if self._stop_event.is_set() or seen == self._woken:
                return
