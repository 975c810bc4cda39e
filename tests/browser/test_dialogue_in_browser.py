"""The manual's dialogue, clicked on both phones of the emulator's page against the real bot."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from demo.billing.running import Control
from tests.integration.conftest import billing, stack
from tests.integration.stack import Stack

__all__ = ["billing", "stack"]

pytestmark = [pytest.mark.browser, pytest.mark.model]
ONE, THREE = "7060012345", "7060020003"
ASK_NUMBER = "Пожалуйста, введите номер вашего лицевого счёта:"
ASK_READING = (
    "Укажите показания по счётчику ГВС №1710051 (предыдущие показания: 56578 от 03.12.2019)"
)
MENU = "Выберите действие:"


class Phone:
    """One of the two phones, as a person sees and touches it."""

    def __init__(self, page: Page, messenger: str) -> None:
        self._on = page.locator(f"#phone-{messenger}")
        self._last = self._on.locator(".message.bot").last
        self._buttons = self._on.get_by_role("group", name="Кнопки бота").get_by_role("button")

    async def start(self) -> None:
        await self._on.locator(".start-button").click()

    async def type(self, text: str) -> None:
        await self._on.get_by_role("textbox").fill(text)
        await self._on.get_by_role("textbox").press("Enter")

    async def click(self, caption: str) -> None:
        await self._on.get_by_role("button", name=caption, exact=True).click()

    async def reads(self, text: str) -> None:
        """Waits until the bot's last message contains the text."""
        await expect(self._last).to_contain_text(text, timeout=15_000)

    async def sees(self, *captions: str) -> None:
        """Waits until these are the buttons under the chat."""
        await expect(self._buttons).to_have_text(list(captions))

    def message(self, text: str) -> Locator:
        """The bot's messages that contain the text."""
        return self._on.locator(".message.bot").filter(has_text=text)


@pytest.fixture
async def page(browser: Browser, stack: Stack) -> Page:
    """The emulator's page with a new resident in each phone."""
    opened = await browser.new_page(viewport={"width": 1400, "height": 900}, locale="ru-RU")
    opened.set_default_timeout(15_000)
    await opened.goto(stack.emulator.emulator.url)
    for messenger in ("viber", "vk"):
        on = opened.locator(f"#phone-{messenger}")
        await on.get_by_role("button", name="+ житель").click()
    return opened


@pytest.mark.parametrize("messenger", ["viber", "vk"])
async def test_the_whole_manual_is_clicked(messenger: str, page: Page, billing: Control) -> None:
    phone = Phone(page, messenger)
    await phone.start()
    await phone.reads(ASK_NUMBER)
    await phone.type(ONE)
    await phone.reads(MENU)
    await phone.sees("Передать показания", "Мои счета", "Мои показания")

    await phone.click("Передать показания")
    await phone.reads(ASK_READING)
    await phone.type("56588")
    await phone.reads("Объем потребления по счётчику ГВС №1710051 составил 10 м³")
    await phone.click("Не подтверждаю")
    await phone.reads(ASK_READING)
    await phone.type("56578")
    await phone.reads("Объем потребления по счётчику ГВС №1710051 составил 0 м³")
    await phone.sees("Подтверждаю", "Не подтверждаю")
    await phone.click("Подтверждаю")
    await expect(phone.message("Показания приняты")).to_contain_text("Квитанция №")
    await phone.reads(MENU)
    assert [one["readings"] for one in billing.submissions()] == [{"m-1": "56578"}]

    await phone.click("Мои счета")
    await expect(phone.message("Список ваших лицевых счетов:")).to_contain_text(f"1. {ONE}")
    await phone.sees("Добавить счёт", "Удалить счёт", "Назад")
    await phone.click("Добавить счёт")
    await phone.reads(ASK_NUMBER)
    await phone.type(THREE)
    await expect(phone.message(f"Лицевой счёт {THREE} привязан")).to_be_visible()
    await phone.reads(MENU)

    await phone.click("Передать показания")
    await phone.reads("Выберите лицевой счёт")
    await phone.click(THREE)
    await phone.reads("ГВС №2000301, кухня")
    await phone.type("170")
    await phone.reads("ГВС №2000302, ванна")
    await phone.click("Отмена")
    await phone.reads(MENU)

    for account in (THREE, ONE):
        await phone.click("Мои счета")
        await phone.sees("Добавить счёт", "Удалить счёт", "Назад")
        await phone.click("Удалить счёт")
        await phone.reads("Выберите номер лицевого счёта")
        await phone.click(account)
        await phone.reads(f"Отвязать лицевой счёт {account}?")
        await phone.click("Подтверждаю")
        await expect(phone.message(f"Лицевой счёт {account} отвязан")).to_be_visible()
        await phone.reads(MENU if account == THREE else ASK_NUMBER)


@pytest.mark.parametrize("messenger", ["viber", "vk"])
async def test_the_chart_is_seen_as_a_picture(messenger: str, page: Page, billing: Control) -> None:
    phone = Phone(page, messenger)
    await phone.start()
    await phone.reads(ASK_NUMBER)
    await phone.type(THREE)
    await phone.reads(MENU)
    await phone.click("Мои показания")
    await expect(phone.message("последние показания")).to_contain_text("ГВС №2000301, кухня")
    shown = phone.message(f"Расход по месяцам, лицевой счёт {THREE}").locator("img.picture")
    await expect(shown).to_be_visible(timeout=15_000)
    assert (
        await shown.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 1080
    )
    width = await shown.evaluate("picture => picture.getBoundingClientRect().width")
    assert width > 240
    await phone.reads(MENU)
