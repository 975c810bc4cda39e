"""A headless Chromium in front of the emulator's page, with the small bot behind it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from demo.emulator.emulator import Emulator
from demo.emulator.options import Options
from tests.demo.emulator.echo_bot import EchoBot

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ACCOUNTS = """[{"number": "7060000001", "note": "один счётчик"}, {"number": "7060000002",
"note": "Счёт из руководства, счётчик ГВС №1710051, последнее показание 56578 от 03.12.2019"}]"""
WIDE = (1400, 900)

OpenPage = Callable[..., Awaitable[Page]]


@pytest.fixture
def bot() -> EchoBot:
    """A bot that links an account."""
    return EchoBot()


@pytest.fixture
async def emulator(bot: EchoBot) -> AsyncIterator[Emulator]:
    """Both messengers in front of the bot."""
    options = Options(
        port=0, bot_url="http://bot", accounts=ACCOUNTS, retry_after=(0.05, 0.05, 0.05)
    )
    async with Emulator(options, transport=bot.transport) as running:
        bot.emulator = running
        yield running


def _is_installed() -> bool:
    return Path(CHROMIUM).exists()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium; where it is missing the test is skipped, but never in continuous integration."""
    if not _is_installed() and not os.environ.get("CI"):
        pytest.skip(f"Chromium is not installed at {CHROMIUM}; set CHROMIUM to its path")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"], headless=True
        )
        yield running
        await running.close()


@pytest.fixture
async def open_page(browser: Browser, emulator: Emulator) -> AsyncIterator[OpenPage]:
    """Opens the page in a window of a size; any error in the page fails the test."""
    problems: list[str] = []

    async def open_(size: tuple[int, int] = WIDE, scheme: str = "light") -> Page:
        context: Any = await browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            locale="ru-RU",
            reduced_motion="reduce",
        )
        page: Page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda said: problems.append(said.text) if said.type == "error" else None,
        )
        await page.goto(emulator.url)
        for messenger in ("viber", "vk"):
            chosen = page.locator(f"#phone-{messenger} .resident[aria-pressed=true]")
            await chosen.wait_for(state="attached")
        return page

    yield open_
    assert problems == []
