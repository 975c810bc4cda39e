"""`make talk` before a designer's eyes: files are edited for real, the page and the chat follow."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.designers.project_copy import ProjectCopy, copy_project
from tests.integration.stack import free_port

pytestmark = [pytest.mark.browser, pytest.mark.model]
THANKS = "Пожалуйста! Рад помочь."
START_SECONDS = 120.0
LIVE_MS = 3_000
LEARNT_MS = 480_000  # under a minute on an idle machine; tests run beside others
SHORT_MS = 15_000


@dataclass
class Talk:
    """A running `make talk` over a copy of the project."""

    project: ProjectCopy
    url: str
    bot_url: str
    password: str


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    project = copy_project(tmp_path_factory.mktemp("talk") / "project", model=True)
    # Not under pytest's tmp_path: a Unix socket's path may have 107 characters only.
    with tempfile.TemporaryDirectory(prefix="bot-talk-") as folder:
        command = [sys.executable, "-u", "-m", "demo.run", "--live", f"--data-dir={folder}/data"]
        bot_port = free_port()
        ports = [f"--billing-port={free_port()}", f"--emulator-port={free_port()}"]
        log = Path(folder) / "out"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command, *ports, f"--bot-port={bot_port}"],
                cwd=project.root,
                stdout=output,
                stderr=output,
                env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"},
            )
        try:
            address, password = _summary(process, log)
            yield Talk(project, address, f"http://127.0.0.1:{bot_port}", password)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(40)


def _summary(process: subprocess.Popen[bytes], log: Path) -> tuple[str, str]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        said = log.read_text(errors="replace")
        # The last words before it follows the files.
        if "Правьте файлы" in said:
            # They stand at the end again, where a designer looks.
            found = re.search(r"Телефоны: (http://\S+) +Студия: http://\S+ \(пароль (\w+)\)", said)
            assert found, said
            return found[1], found[2]
        assert process.poll() is None, said
        time.sleep(0.2)
    raise AssertionError(log.read_text(errors="replace"))


class Desk:
    """The page with the Viber phone in which somebody talks."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._phone = page.locator("#phone-viber")

    def notice(self, kind: str) -> Locator:
        return self.page.locator(f".banner.{kind}")

    async def says(self, text: str, answer: str) -> None:
        """Types and waits for an answer."""
        before = await self._phone.locator(".message.bot").filter(has_text=answer).count()
        await self._phone.get_by_role("textbox").fill(text)
        await self._phone.get_by_role("textbox").press("Enter")
        answers = self._phone.locator(".message.bot").filter(has_text=answer)
        await expect(answers).to_have_count(before + 1, timeout=SHORT_MS)

    async def start(self) -> None:
        await self._phone.locator(".start-button").click()
        await self.says("7060012345", "привязан")


@pytest.fixture
async def desk(browser: Browser, talk: Talk) -> Desk:
    page = await browser.new_page(viewport={"width": 1400, "height": 900}, locale="ru-RU")
    page.set_default_timeout(SHORT_MS)
    await page.goto(talk.url)
    await page.locator("#phone-viber .resident[aria-pressed=true]").wait_for(state="attached")
    residents = page.locator("#phone-viber .resident:not(.add)")
    before = await residents.count()
    await page.locator("#phone-viber").get_by_role("button", name="+ житель").click()
    await expect(residents).to_have_count(before + 1)
    await expect(residents.last).to_have_attribute("aria-pressed", "true")
    desk = Desk(page)
    await desk.start()
    return desk


async def test_a_saved_sentence_is_said_in_the_open_chat_within_seconds(
    desk: Desk, talk: Talk
) -> None:
    await desk.says("спасибо", THANKS)
    talk.project.change("domain/help.yml", THANKS, "Не за что, обращайтесь!")
    await expect(desk.notice("success")).to_contain_text("utter_thank", timeout=LIVE_MS)
    await desk.says("спасибо", "Не за что, обращайтесь!")
    talk.project.change("domain/help.yml", "Не за что, обращайтесь!", THANKS)
    await expect(desk.notice("error")).to_have_count(0)


async def test_nobody_else_changes_what_the_bot_says(talk: Talk) -> None:
    async with httpx.AsyncClient(base_url=talk.bot_url, trust_env=False) as client:
        for path in ("/live/texts", "/live/model"):
            for headers in ({}, {"Authorization": "Bearer x"}):
                answer = await client.post(path, json={"responses": {}}, headers=headers)
                assert answer.status_code == 403


async def test_a_mistake_stands_on_the_page_until_it_is_mended(desk: Desk, talk: Talk) -> None:
    line = talk.project.change("domain/help.yml", "До свидания!", "До свидания, {name}!")
    shown = desk.notice("error")
    await expect(shown).to_contain_text(f"domain/help.yml:{line}", timeout=LIVE_MS)
    await expect(shown).to_contain_text("До свидания, {name}!")
    await expect(shown).to_contain_text("Пока отвечает прежняя версия")
    if folder := os.environ.get("PICTURES"):
        await desk.page.screenshot(path=f"{folder}/mistake.png")
    await desk.says("до свидания", "До свидания! Пишите")
    talk.project.change("domain/help.yml", "До свидания, {name}!", "Всего доброго!")
    await expect(shown).to_have_count(0, timeout=LIVE_MS)
    await desk.says("до свидания", "Всего доброго! Пишите")


@contextlib.asynccontextmanager
async def studio(talk: Talk) -> AsyncIterator[Callable[[], Awaitable[dict[str, Any]]]]:
    """Asks the studio how the training goes."""
    async with httpx.AsyncClient(base_url=f"{talk.bot_url}/studio/api", trust_env=False) as client:
        entered = await client.post("/login", json={"password": talk.password})
        assert entered.status_code == 204

        async def training() -> dict[str, Any]:
            return dict((await client.get("/training")).json())

        yield training


async def test_a_new_phrase_is_learnt_while_the_old_version_answers(desk: Desk, talk: Talk) -> None:
    phrase = "абракадабра шестнадцать тонн благодати"
    talk.project.change(
        "data/help/nlu.yml", "      - спасибо\n", f"      - спасибо\n      - {phrase}\n"
    )
    await expect(desk.notice("progress")).to_contain_text("прежняя версия", timeout=SHORT_MS)
    if folder := os.environ.get("PICTURES"):
        await desk.page.screenshot(path=f"{folder}/learning.png")
    async with studio(talk) as training:
        now = await training()
        assert (now["state"], now["by_itself"]) == ("training", True)
        await desk.says("где номер счётчика", "выбит на его лицевой панели")
        await expect(desk.notice("success")).to_contain_text("Новая версия", timeout=LEARNT_MS)
        learnt = await training()
        assert learnt["state"] == "done"
        assert learnt["model"] != now["model"]
    await expect(desk.notice("progress")).to_have_count(0)
    await desk.says(phrase, THANKS)


async def test_rules_that_contradict_each_other_are_told_with_their_places(
    desk: Desk, talk: Talk
) -> None:
    rules = talk.project.read("data/help/rules.yml")
    talk.project.append(
        "data/help/rules.yml",
        "\n  - rule: Thanks in another way\n    steps:\n      - intent: thank\n"
        "      - action: utter_goodbye\n      - action: action_continue\n",
    )
    line = (
        talk.project.read("data/help/rules.yml")
        .splitlines()
        .index("      - action: utter_goodbye", rules.count("\n"))
    )
    shown = desk.notice("error")
    await expect(shown).to_contain_text("противоречит правилу", timeout=LEARNT_MS)
    await expect(shown).to_contain_text(f"data/help/rules.yml:{line + 1}")
    await expect(shown).to_contain_text("→ ")
    await expect(desk.notice("progress")).to_have_count(0)
    if folder := os.environ.get("PICTURES"):
        await desk.page.screenshot(path=f"{folder}/contradiction.png")
        (Path(folder) / "contradiction.txt").write_text(await shown.inner_text())
    talk.project.write("data/help/rules.yml", rules)
    await expect(shown).to_have_count(0, timeout=LIVE_MS)


async def test_an_emptied_file_is_told_at_once_and_forgotten_at_once(
    desk: Desk, talk: Talk
) -> None:
    text = talk.project.read("domain/help.yml")
    talk.project.write("domain/help.yml", "")
    shown = desk.notice("error")
    await expect(shown).to_contain_text("Файл пуст", timeout=LIVE_MS)
    talk.project.write("domain/help.yml", text)
    await expect(shown).to_have_count(0, timeout=LIVE_MS)
