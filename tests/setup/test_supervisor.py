"""The supervisor of `make run`: all programs are up, or none is left."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from demo.run import CannotRun, Place, demo_accounts, free_port, programs, summary
from demo.supervisor import Program, Supervisor, tail

# Answers every request; writes the name of each signal it gets.
SERVER = """
import http.server, signal, sys
stubborn = "stubborn" in sys.argv
def end(number, frame):
    print("asked to end", flush=True)
    if not stubborn: sys.exit(0)
signal.signal(signal.SIGTERM, end)
class Yes(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
print("listening", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Yes).serve_forever()
"""


def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(folder: Path, name: str, code: str, *arguments: str, grace: float = 5) -> Program:
    number = port()
    return Program(
        name=name,
        command=(sys.executable, "-c", code, str(number), *arguments),
        log=folder / f"{name}.log",
        ready_url=f"http://127.0.0.1:{number}/",
        environment=dict(os.environ),
        grace=grace,
    )


async def test_a_program_that_answers_is_ready_and_ends_when_asked(tmp_path: Path) -> None:
    supervisor, server = Supervisor(), program(tmp_path, "server", SERVER)
    pid = await supervisor.start(server)
    await asyncio.wait_for(supervisor.until_ready(server), 20)
    await supervisor.stop()
    assert not psutil.pid_exists(pid)
    assert server.log.read_text().splitlines() == ["listening", "asked to end"]


async def test_a_program_that_hangs_is_killed_after_its_grace(tmp_path: Path) -> None:
    supervisor = Supervisor()
    hanging = program(tmp_path, "hanging", SERVER, "stubborn", grace=0.3)
    other = program(tmp_path, "other", SERVER)
    pids = [await supervisor.start(each) for each in (hanging, other)]
    for each in (hanging, other):
        await asyncio.wait_for(supervisor.until_ready(each), 20)
    await asyncio.wait_for(supervisor.stop(), 10)
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert "asked to end" in hanging.log.read_text()


async def test_a_second_request_to_stop_does_not_wait_for_the_grace(tmp_path: Path) -> None:
    supervisor = Supervisor()
    hanging = program(tmp_path, "hanging", SERVER, "stubborn", grace=600)
    pid = await supervisor.start(hanging)
    await asyncio.wait_for(supervisor.until_ready(hanging), 20)
    stopping = asyncio.create_task(supervisor.stop())
    supervisor.hurry()
    await asyncio.wait_for(stopping, 10)
    assert not psutil.pid_exists(pid)


async def test_what_a_program_started_itself_goes_too(tmp_path: Path) -> None:
    code = (
        """
import subprocess, sys
print(subprocess.Popen(["sleep", "600"]).pid, flush=True)
"""
        + SERVER
    )
    supervisor, parent = Supervisor(), program(tmp_path, "parent", code)
    await supervisor.start(parent)
    await asyncio.wait_for(supervisor.until_ready(parent), 20)
    child = psutil.Process(int(parent.log.read_text().splitlines()[0]))
    await supervisor.stop()
    assert psutil.wait_procs([child], timeout=5)[1] == []


async def test_the_death_of_a_program_is_told_with_its_last_lines(tmp_path: Path) -> None:
    supervisor = Supervisor()
    dying = program(tmp_path, "dying", "print('no such table'); raise SystemExit(3)")
    await supervisor.start(dying)
    died = await asyncio.wait_for(supervisor.death(), 20)
    assert (died.program.name, died.code) == ("dying", 3)
    assert "no such table" in str(died)
    await supervisor.stop()


async def test_a_killed_supervisor_takes_its_programs_along(tmp_path: Path) -> None:
    code = f"""
import asyncio
from pathlib import Path
from tests.setup.test_supervisor import SERVER, program
from demo.supervisor import Supervisor
async def main():
    supervisor, server = Supervisor(), program(Path({str(tmp_path)!r}), "server", SERVER)
    pid = await supervisor.start(server)
    await supervisor.until_ready(server)
    print(pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
    if sys.platform != "linux":
        pytest.skip("the kernel does this on Linux only")
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    owner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code),
        env={**os.environ, "PYTHONPATH": path},
        stdout=asyncio.subprocess.PIPE,
    )
    assert owner.stdout is not None
    child = psutil.Process(int(await asyncio.wait_for(owner.stdout.readline(), 30)))
    owner.kill()
    await owner.wait()
    _, alive = await asyncio.to_thread(psutil.wait_procs, [child], 10)
    assert alive == []


def test_the_end_of_a_log_is_shown_and_a_missing_log_is_no_error(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert tail(log) == "  (empty)"
    log.write_bytes("\n".join(str(number) for number in range(50)).encode() + b"\n\xff")
    assert tail(log, 3).splitlines()[:2] == ["  48", "  49"]


def test_a_taken_port_gives_way_to_the_next_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = int(taken.getsockname()[1])
        assert free_port(number) > number
        assert free_port(number, [number + 1]) > number + 1


def test_without_any_free_port_a_sentence_says_so() -> None:
    with pytest.raises(CannotRun, match="65535"), socket.create_server(("127.0.0.1", 65535)):
        free_port(65535)


PLACE = Place(Path("/nowhere"), billing=1, emulator=2, bot=3)


def test_real_tokens_of_the_environment_never_reach_the_demonstration() -> None:
    real = {
        "VK_ACCESS_TOKEN": "real-vk",
        "VIBER_AUTH_TOKEN": "real-viber",
        "BILLING_TOKEN": "real-billing",
        "DATABASE_URL": "postgresql://real",
        "PATH": "/bin",
    }
    for each in programs(PLACE, real):
        assert not [value for value in each.environment.values() if "real" in value]
        assert each.environment["PATH"] == "/bin"
    assert programs(PLACE, real)[-1].environment["ENV_FILE"] == os.devnull


def test_secrets_are_new_in_every_run_and_stand_in_no_command_line() -> None:
    first, second = programs(PLACE, {}), programs(PLACE, {})
    for name in ("VK_ACCESS_TOKEN", "VK_SECRET", "VIBER_AUTH_TOKEN", "BILLING_TOKEN"):
        secret = first[-1].environment[name]
        assert secret != second[-1].environment[name]
        assert not [each for each in first if secret in " ".join(each.command)]


def test_the_bot_and_its_peers_share_their_secrets() -> None:
    billing, emulator, bot = programs(PLACE, {})
    assert billing.environment["BILLING_TOKEN"] == bot.environment["BILLING_TOKEN"]
    for name in ("VK_ACCESS_TOKEN", "VK_SECRET", "VK_CONFIRMATION", "VIBER_AUTH_TOKEN"):
        assert emulator.environment[name] == bot.environment[name]


def test_viber_s_emulator_can_fetch_pictures_from_the_bot() -> None:
    assert programs(PLACE, {})[-1].environment["PUBLIC_URL"] == PLACE.bot_url


def test_only_a_live_demonstration_lets_texts_be_exchanged() -> None:
    plain, live = programs(PLACE, {})[-1], programs(PLACE, {}, "t0ken")[-1]
    assert plain.command[-1] == "server"
    assert "LIVE_TOKEN" not in plain.environment
    assert live.command[-1] == "demo.live.bot"
    assert live.environment["LIVE_TOKEN"] == "t0ken"
    assert "t0ken" not in " ".join(live.command)


def test_the_summary_names_every_address_and_every_demo_account() -> None:
    text = summary(PLACE, 12.3)
    for address in (PLACE.billing_url, PLACE.emulator_url, PLACE.bot_url, str(PLACE.logs)):
        assert address in text
    assert len(demo_accounts()) > 10
    for account in demo_accounts():
        assert account.number in text
        assert account.about in text


class Demonstration:
    """`python -m demo.run` on free ports in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command = [sys.executable, "-u", "-m", "demo.run", f"--data-dir={folder}"]
        command += [f"--{name}-port={port()}" for name in ("billing", "emulator", "bot")]
        self.output = folder.parent / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=Path(__file__).parents[2], stdout=output, stderr=output
            )

    def wait_for(self, words: str, seconds: float = 120) -> None:
        until = time.monotonic() + seconds
        while words not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < until, self.output.read_text()
            time.sleep(0.1)

    def left_behind(self) -> list[str]:
        """The command lines of processes that work in the folder or are told of it."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                    continue
                places = [process.cwd(), *process.cmdline(), *process.environ().values()]
            except (psutil.Error, OSError):
                continue
            if any(str(self.folder) in place for place in places):
                found.append(" ".join(process.cmdline()))
        return found

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@pytest.fixture
def demonstration(tmp_path: Path, trained_model: Path):
    running = Demonstration(tmp_path / "demo")
    yield running
    running.stop()


@pytest.mark.model
def test_a_ctrl_c_leaves_nothing_running(demonstration: Demonstration) -> None:
    demonstration.wait_for("Ctrl-C stops everything")
    assert any("postgres" in line for line in demonstration.left_behind())
    demonstration.process.send_signal(signal.SIGINT)
    assert demonstration.process.wait(40) == 0
    assert demonstration.left_behind() == []


@pytest.mark.model
def test_a_killed_bot_stops_the_demonstration_and_its_database(
    demonstration: Demonstration,
) -> None:
    demonstration.wait_for("Ctrl-C stops everything")
    children = psutil.Process(demonstration.process.pid).children()
    (bot,) = [child for child in children if child.cmdline()[-1] == "server"]
    bot.kill()
    assert demonstration.process.wait(40) == 1
    assert "The bot was killed by signal 9" in demonstration.output.read_text()
    assert demonstration.left_behind() == []


@pytest.mark.model
def test_a_sigterm_during_the_start_leaves_nothing_running(demonstration: Demonstration) -> None:
    demonstration.wait_for("Starting the demo billing")
    second = subprocess.run(
        [sys.executable, "-m", "demo.run", f"--data-dir={demonstration.folder}"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
    # Meanwhile another one over the same data is refused with a sentence.
    assert second.returncode == 2
    assert len(second.stderr.splitlines()) == 1
    demonstration.process.send_signal(signal.SIGTERM)
    assert demonstration.process.wait(40) == 0
    assert demonstration.left_behind() == []
