"""The demo as a process: it keeps what it took and takes enough."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import httpx
import pytest

from demo.billing.running import ROOT, billing_in_thread, billing_process

NUMBER = "7060012345"
BODY = {
    "channel": "vk",
    "submitted_at": "2019-12-20T16:26:05+03:00",
    "readings": [{"meter_id": "m-1", "value": "56590"}],
}


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    database = str(tmp_path / "billing.sqlite")
    today = date(2019, 12, 20)
    with billing_process(database=database, today=today) as demo:
        headers = {"Authorization": f"Bearer {demo.token}", "Idempotency-Key": "k"}
        url = f"/accounts/{NUMBER}/readings"
        first = httpx.post(f"{demo.url}{url}", json=BODY, headers=headers, trust_env=False)
        assert first.status_code == 201
        assert demo.pid
        os.kill(demo.pid, signal.SIGKILL)
    with billing_process(database=database, today=today) as demo:
        again = httpx.post(f"{demo.url}{url}", json=BODY, headers=headers, trust_env=False)
        assert (again.status_code, again.content) == (201, first.content)
        assert len(demo.control.submissions()) == 1


def test_the_command_has_no_control_routes_unless_asked(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo.billing", "--port", "0", "--token", "t"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        url = process.stdout.readline().split()[-1]
        assert httpx.get(f"{url}/health", trust_env=False).json() == {"status": "ok"}
        control = url.replace("/v1", "/_demo/submissions")
        assert httpx.get(control, trust_env=False).status_code == 404
    finally:
        process.terminate()
        assert process.wait(10) == 0
        if process.stdout:
            process.stdout.close()


def test_two_demos_in_one_process_do_not_share_memory() -> None:
    with billing_in_thread() as one, billing_in_thread() as other:
        one.control.fault("status")
        response = httpx.get(
            f"{other.url}/accounts/{NUMBER}",
            headers={"Authorization": f"Bearer {other.token}"},
            trust_env=False,
        )
        assert response.status_code == 200


def test_a_demo_stops_when_its_block_ends() -> None:
    with billing_in_thread() as demo:
        url = demo.url
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health", trust_env=False)
