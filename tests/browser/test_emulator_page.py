"""A person talks to the bot on the page's two phones."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from demo.emulator.emulator import Emulator
from demo.emulator.options import Options
from demo.emulator.views import Author
from tests.browser.conftest import OpenPage
from tests.demo.emulator.echo_bot import EchoBot

pytestmark = pytest.mark.browser
NARROW = (390, 844)


def phone(page: Page, messenger: str) -> Locator:
    return page.locator(f"#phone-{messenger}")


async def say(on: Locator, text: str) -> None:
    await on.get_by_role("textbox").fill(text)
    await on.get_by_role("textbox").press("Enter")


async def link_account(on: Locator) -> None:
    await on.locator(".start-button").click()
    await expect(on.locator(".message.bot").last).to_contain_text("введите номер")
    await say(on, "7060000001")
    await expect(on.locator(".message.bot").last).to_contain_text("7060000001 привязан")


@pytest.mark.parametrize("messenger", ["viber", "vk"])
async def test_a_reading_is_handed_in_with_typing_and_buttons(
    messenger: str, open_page: OpenPage
) -> None:
    on = phone(await open_page(), messenger)
    await link_account(on)
    buttons = on.get_by_role("group", name="Кнопки бота").get_by_role("button")
    await expect(buttons).to_have_text(["Передать показания", "Мои счета", "Отвязать"])
    await buttons.nth(0).click()
    await expect(on.locator(".message.bot").last).to_contain_text("№1710051")
    await say(on, "56583")
    await expect(on.locator(".message.bot").last).to_contain_text("составил 5 м³")
    await on.get_by_role("button", name="Подтверждаю", exact=True).click()
    await expect(on.locator(".message.bot").last).to_contain_text("Показания приняты")
    await expect(on.locator(".message.own[data-state=delivered]")).to_have_count(
        4 if messenger == "viber" else 5
    )


async def test_keyboards_lie_as_each_messenger_lays_them(open_page: OpenPage) -> None:
    page = await open_page()
    for messenger in ("viber", "vk"):
        on = phone(page, messenger)
        await link_account(on)
        boxes = [
            await on.locator(".keyboard button").nth(index).bounding_box() for index in range(3)
        ]
        first, second, third = (box for box in boxes if box)
        assert first["width"] > 1.9 * second["width"]
        assert second["y"] == third["y"] > first["y"]
    viber = phone(page, "viber").locator(".keyboard button").first
    await expect(viber).to_have_css("background-color", "rgb(115, 96, 242)")
    await expect(viber).to_have_css("color", "rgb(255, 255, 255)")
    negative = phone(page, "vk").get_by_role("button", name="Отвязать")
    await expect(negative).to_have_css("background-color", "rgb(230, 70, 70)")


async def test_what_people_and_bots_say_never_becomes_html(
    open_page: OpenPage, emulator: Emulator
) -> None:
    page = await open_page()
    on = phone(page, "vk")
    await link_account(on)
    nasty = "<img src=x onerror=\"document.title='взлом'\"> javascript:alert(1) https://a.ru/б."
    await say(on, nasty)
    await expect(on.locator(".message.bot").last).to_contain_text("<img src=x")
    assert await on.locator(".message img").count() == 0
    link = on.locator(".message.bot").last.get_by_role("link")
    await expect(link).to_have_attribute("href", "https://a.ru/б")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    assert "взлом" not in await page.title()


@pytest.mark.parametrize("messenger", ["viber", "vk"])
async def test_attachments_are_sent_from_the_menu_by_keyboard(
    messenger: str, open_page: OpenPage
) -> None:
    on = phone(await open_page(), messenger)
    await link_account(on)
    await on.get_by_role("button", name="Прикрепить").press("Enter")
    await on.page.keyboard.press("ArrowDown")
    await on.page.keyboard.press("Enter")
    await expect(on.locator(".message.own img")).to_be_visible()
    await expect(on.locator(".message.own img")).not_to_have_js_property("naturalWidth", 0)
    await on.get_by_role("button", name="Прикрепить").click()
    await on.get_by_role("menuitem", name="Стикер").click()
    await expect(on.get_by_role("img", name="Стикер")).to_be_visible()
    await on.get_by_role("button", name="Прикрепить").click()
    await on.page.keyboard.press("Escape")
    await expect(on.get_by_role("menu")).to_be_hidden()


async def test_each_resident_has_an_own_chat_and_unread_messages(
    open_page: OpenPage, emulator: Emulator
) -> None:
    page = await open_page()
    on = phone(page, "vk")
    await link_account(on)
    await on.get_by_role("button", name="+ житель").click()
    residents = on.get_by_role("group", name="Жители").get_by_role("button")
    await expect(residents).to_have_count(3)
    await expect(on.locator(".message")).to_have_count(0)
    await expect(on.get_by_role("button", name="Начать", exact=True)).to_be_visible()
    first = emulator.population.all()[-2]
    assert first.messenger == "vk"
    first.show(Author.BOT, "text", "Напоминание")
    await expect(residents.nth(0).locator(".unread")).to_have_text("1")
    await residents.nth(0).click()
    await expect(on.locator(".message.bot").last).to_contain_text("Напоминание")
    await expect(on.locator(".unread")).to_have_count(0)


async def test_the_chosen_resident_is_in_sight_after_a_reload(open_page: OpenPage) -> None:
    page = await open_page()
    on = phone(page, "vk")
    for _ in range(11):
        await on.get_by_role("button", name="+ житель").click()
    chosen = on.locator(".resident[aria-pressed=true]")
    await expect(on.locator(".resident:not(.add)")).to_have_count(12)
    await page.reload()
    await expect(on.locator(".resident:not(.add)")).to_have_count(12)
    await expect(chosen).to_be_in_viewport(ratio=1)


async def test_on_a_narrow_screen_one_thing_at_a_time_fits(open_page: OpenPage) -> None:
    page = await open_page(NARROW)
    await expect(phone(page, "viber").locator(".phone")).to_be_visible()
    await expect(phone(page, "vk")).to_be_hidden()
    await page.get_by_role("tab", name="VK").click()
    await expect(phone(page, "viber")).to_be_hidden()
    await link_account(phone(page, "vk"))
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= NARROW[0]
    await page.get_by_role("tab", name="Журнал").click()
    await expect(page.locator("#log-list summary").first).to_be_visible()
    await expect(phone(page, "vk")).to_be_hidden()


@pytest.mark.parametrize(("scheme", "low", "high"), [("light", 150, 255), ("dark", 0, 60)])
async def test_the_page_follows_the_light_or_dark_scheme(
    scheme: str, low: int, high: int, open_page: OpenPage
) -> None:
    page = await open_page(scheme=scheme)
    for messenger in ("viber", "vk"):
        screen = phone(page, messenger).locator(".screen")
        colour = await screen.evaluate("node => getComputedStyle(node).backgroundColor")
        red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
        assert low <= min(red, green, blue) <= max(red, green, blue) <= high


async def test_the_log_shows_and_filters_requests_in_both_directions(
    open_page: OpenPage, bot: EchoBot
) -> None:
    page = await open_page()
    await link_account(phone(page, "viber"))
    await link_account(phone(page, "vk"))
    rows = page.locator("#log-list li")
    await expect(rows.first).to_contain_text("messages.send")
    await page.get_by_label("Мессенджер", exact=True).select_option("viber")
    await page.get_by_label("Направление").select_option("to_bot")
    await expect(rows).to_have_count(2)
    await rows.last.locator("summary").click()
    await expect(rows.last).to_contain_text("x-viber-content-signature")
    await expect(rows.last).to_contain_text('"event": "conversation_started"')
    bot.answers = [500]
    await say(phone(page, "viber"), "Мои счета")
    await page.get_by_label("только ошибки").check()
    await expect(rows).to_have_count(1)
    await expect(rows.first).to_contain_text("500")
    await page.get_by_role("button", name="Очистить").click()
    await expect(rows).to_have_count(0)


async def test_an_account_is_inserted_where_the_person_last_was(open_page: OpenPage) -> None:
    page = await open_page()
    on = phone(page, "vk")
    await on.locator(".start-button").click()
    await on.get_by_role("textbox").focus()
    await page.get_by_role("group", name="Демо-счета").get_by_text("7060000002").click()
    await expect(on.get_by_role("textbox")).to_have_value("7060000002")
    await expect(on.get_by_role("textbox")).to_be_focused()


@pytest.mark.parametrize("width", [1400, 390])
async def test_the_note_of_an_account_is_shown_as_a_whole(open_page: OpenPage, width: int) -> None:
    page = await open_page((width, 844))
    account = page.locator(".account").last
    await expect(account).to_contain_text("от 03.12.2019")
    cut = await account.evaluate("one => one.scrollWidth > one.clientWidth")
    fits = await account.evaluate("one => one.offsetWidth < one.parentElement.clientWidth")
    assert (cut, fits) == (False, True)


async def test_a_banner_appears_and_can_be_dismissed(
    open_page: OpenPage, emulator: Emulator
) -> None:
    page = await open_page()
    async with httpx.AsyncClient(trust_env=False) as other:
        await other.post(
            f"{emulator.url}/api/banner", json={"kind": "error", "text": "строка 12: нет текста"}
        )
    banner = page.locator(".banner.error")
    await expect(banner).to_contain_text("строка 12")
    await banner.get_by_role("button", name="Закрыть").click()
    await expect(banner).to_have_count(0)


REMINDERS = "\n".join(f"data/help/rules.yml:{line}  Нет проверки" for line in range(9))
NOTICES = {"warning": REMINDERS, "progress": "Обучаю: 1 с", "success": "Тексты обновлены"}


async def show(emulator: Emulator, notices: dict[str, str]) -> None:
    async with httpx.AsyncClient(trust_env=False) as other:
        for kind, text in notices.items():
            await other.post(f"{emulator.url}/api/banner", json={"kind": kind, "text": text})


async def test_notices_have_a_line_each_and_leave_the_chats_their_room(
    open_page: OpenPage, emulator: Emulator
) -> None:
    page = await open_page((1280, 720))
    for messenger in ("viber", "vk"):
        await link_account(phone(page, messenger))
    await show(emulator, NOTICES)
    await expect(page.locator(".banner")).to_have_count(3)
    for messenger in ("viber", "vk"):
        box = await phone(page, messenger).locator(".chat").bounding_box()
        assert box is not None
        assert box["height"] >= 300
    warning = page.locator(".banner.warning")
    await expect(warning.locator(".whole")).to_be_hidden()
    await warning.locator(".gist").click()
    await expect(warning.locator(".whole")).to_contain_text("rules.yml:8  Нет проверки")
    await page.keyboard.press("Escape")
    await expect(warning.locator(".whole")).to_be_hidden()


async def test_the_training_stays_in_sight_whatever_is_closed(
    open_page: OpenPage, emulator: Emulator
) -> None:
    page = await open_page()
    await show(emulator, NOTICES)
    await expect(page.locator(".banner")).to_have_count(3)
    await page.locator(".banner.warning").get_by_role("button", name="Закрыть").click()
    await expect(page.locator(".banner.warning")).to_have_count(0)
    await show(emulator, {"progress": "Обучаю: 2 с"})
    await expect(page.locator(".banner.progress")).to_contain_text("2 с")
    await expect(page.locator(".banner.warning")).to_have_count(0)
    await expect(page.locator(".banner.progress").get_by_label("Закрыть")).to_have_count(0)
    await show(emulator, {"warning": "", "progress": ""})
    await expect(page.locator(".banner.progress")).to_have_count(0)
    # What comes again is news.
    await show(emulator, {"warning": REMINDERS})
    await expect(page.locator(".banner.warning")).to_be_visible()


async def test_an_inline_keyboard_stays_in_its_bubble(
    open_page: OpenPage, emulator: Emulator, bot: EchoBot
) -> None:
    page = await open_page()
    on = phone(page, "vk")
    await link_account(on)
    resident = next(r for r in emulator.population.all() if r.messenger == "vk")
    keyboard = (
        '{"inline": true, "buttons": [[{"action": {"type": "callback", "label": "Тариф",'
        ' "payload": "{\\"c\\": 1}"}, "color": "positive"}],'
        ' [{"action": {"type": "open_link", "label": "Сайт", "link": "https://example.ru"}}]]}'
    )
    parameters = {
        "v": "5.199",
        "peer_id": resident.user_id,
        "random_id": "900",
        "message": "Ещё",
        "keyboard": keyboard,
        "access_token": emulator.options.vk_token,
    }
    answer = await emulator.vk_api.call("messages.send", {}, parameters, emulator.url)
    assert "response" in answer
    last = on.locator(".message.bot").last
    await expect(last.get_by_role("link")).to_have_attribute("href", "https://example.ru")
    await last.get_by_role("button", name="Тариф").click()
    await expect(page.locator("#log-list li").first).to_contain_text("message_event")
    await expect(on.locator(".keyboard button")).to_have_count(3)


async def test_starting_afresh_leaves_one_new_resident_each(open_page: OpenPage) -> None:
    page = await open_page()
    await link_account(phone(page, "viber"))
    await page.get_by_role("button", name="Начать заново").click()
    await expect(phone(page, "viber").locator(".message")).to_have_count(0)
    await expect(
        phone(page, "viber").get_by_role("button", name="Написать сообщение")
    ).to_be_visible()
    for messenger in ("viber", "vk"):
        await expect(phone(page, messenger).locator(".resident:not(.add)")).to_have_count(1)


async def test_without_the_emulator_the_page_says_so_in_russian(
    browser: Browser, bot: EchoBot
) -> None:
    page = await browser.new_page(locale="ru-RU")
    on = phone(page, "viber")
    options = Options(port=0, bot_url="http://bot", accounts="[]")
    async with Emulator(options, transport=bot.transport) as emulator:
        bot.emulator = emulator
        await page.goto(emulator.url)
        await link_account(on)
        notice = {"kind": "progress", "text": "Обучаю бота: 5 с"}
        await page.request.post(f"{emulator.url}/api/banner", data=notice)
        await expect(page.locator(".banner.progress")).to_contain_text("Обучаю")
    await say(on, "56583")
    await expect(page.locator(".banner.error")).to_contain_text("нет связи с эмулятором")
    await expect(page.locator(".banner.progress")).to_have_count(0)
