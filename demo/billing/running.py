"""Starts demo billings for tests and benchmarks, in a thread or as a process of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from demo.billing.app import Options, create_app
from demo.billing.serving import listen, serve

START_TIMEOUT = 30.0
DEMO_TOKEN = "demo-token"
ROOT = Path(__file__).resolve().parents[2]


class Control:
    """The control routes of a running demo billing, as calls that block."""

    def __init__(self, origin: str) -> None:
        self._client = httpx.Client(base_url=f"{origin}/_demo", trust_env=False, timeout=10)

    def fault(self, mode: str, **options: Any) -> None:
        """Sets a fault: the fields of `demo.billing.faults.Fault`."""
        self._call("POST", "/faults", {"mode": mode, **options})

    def clear_faults(self) -> None:
        """Clears the faults and the counts of calls."""
        self._call("DELETE", "/faults")

    def calls(self) -> dict[str, int]:
        """How many calls of each kind were made since the last clearing."""
        calls: dict[str, int] = self._call("GET", "/faults")["calls"]
        return calls

    def submissions(self) -> list[dict[str, Any]]:
        """Every submission that was answered: key, account, status, readings, requests."""
        submissions: list[dict[str, Any]] = self._call("GET", "/submissions")["submissions"]
        return submissions

    def accounts(self) -> list[dict[str, str]]:
        """The seeded accounts: number, about, address."""
        accounts: list[dict[str, str]] = self._call("GET", "/accounts")["accounts"]
        return accounts

    def set_today(self, today: date | None) -> None:
        """Moves the service's clock; None gives it the real day."""
        self._call("POST", "/today", {"today": today and today.isoformat()})

    def reset(self) -> None:
        """Back to the seeds, without faults."""
        self._call("POST", "/reset")

    def close(self) -> None:
        """Releases the client."""
        self._client.close()

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        response = self._client.request(method, path, json=body)
        response.raise_for_status()
        return response.json()


@dataclass(frozen=True)
class RunningBilling:
    """A demo billing that listens. `url` is what BILLING_URL takes; `pid` None: in this process."""

    url: str
    token: str = field(repr=False)
    control: Control
    pid: int | None = None


@contextmanager
def billing_in_thread(
    *, token: str = DEMO_TOKEN, database: str = ":memory:", today: date | None = None
) -> Iterator[RunningBilling]:
    """A demo billing with its control routes in a thread of this process, on a free port."""
    listener = listen("127.0.0.1", 0)
    app = create_app(Options(token=token, database=database, today=today, control=True))
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    stop: list[asyncio.Event] = []

    failed: list[BaseException] = []

    async def run() -> None:
        started, stopped = asyncio.Event(), asyncio.Event()
        stop.append(stopped)
        started_or_not = asyncio.create_task(started.wait())
        serving = asyncio.create_task(serve(app, listener, started, stopped))
        await asyncio.wait({serving, started_or_not}, return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            ready.set()
        await serving

    def work() -> None:
        try:
            loop.run_until_complete(run())
        except BaseException as error:
            failed.append(error)
        finally:
            ready.set()
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    thread = threading.Thread(target=work, name="demo-billing", daemon=True)
    thread.start()
    if not ready.wait(START_TIMEOUT) or failed:
        raise RuntimeError("the demo billing did not start") from next(iter(failed), None)
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    control = Control(origin)
    try:
        yield RunningBilling(f"{origin}/v1", token, control)
    finally:
        control.close()
        loop.call_soon_threadsafe(stop[0].set)
        thread.join(START_TIMEOUT)


@contextmanager
def billing_process(
    *,
    token: str = DEMO_TOKEN,
    database: str = ":memory:",
    today: date | None = None,
    port: int = 0,
    crowd: int | None = None,
) -> Iterator[RunningBilling]:
    """A demo billing as a process, for load and for being killed; same `port` to come back on.

    `crowd` is how many plain accounts it has.
    """
    command = [sys.executable, "-m", "demo.billing", "--control"]
    command += ["--port", str(port), "--token", token, "--database", database]
    command += ["--today", today.isoformat()] if today else []
    command += [] if crowd is None else ["--crowd", str(crowd)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if "http://" not in line:
            raise RuntimeError("the demo billing did not start")
        url = line.split()[-1]
        control = Control(url.removesuffix("/v1"))
        yield RunningBilling(url, token, control, process.pid)
        control.close()
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
