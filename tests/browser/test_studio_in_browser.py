"""A designer's whole way in the page: not understood, assigned, retrained, understood."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.integration.person import MENU
from tests.integration.stack import Stack, running_stack
from tests.studio.project_copy import copy_project

pytestmark = [pytest.mark.browser]
PASSWORD = "очень секретно"
ACCOUNT = "7060012345"
# One for each resident: whoever has linked an account hears of others who link it.
OTHERS = ["7060100001", "7060100002", "7060100003"]
LAST = "7060100004"
ANOTHER = "7060100005"
# The small model of the copy does not know what these are about.
STRANGE = ["запись на прием", "записаться к вам на прием", "на прием записаться"]

FROM_ELSEWHERE = "мерсибочки преогромные"
TAKEN = "answers with another model"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with few phrases and the model of them."""
    copied = copy_project(tmp_path_factory.mktemp("project"))
    subprocess.run([sys.executable, "-m", "tools.train"], cwd=copied, check=True, timeout=300)
    return copied


@pytest.fixture(scope="module")
def talked(tree: Path) -> Iterator[Stack]:
    """The bot of the copy, to which a few residents have written."""
    with running_stack(tree, STUDIO_PASSWORD=PASSWORD) as stack:
        giver = stack.person("vk")
        giver.open()
        giver.link(ACCOUNT)
        giver.press("Передать показания", "Укажите показания")
        giver.say("56 590", "составил")
        giver.press("Подтверждаю", MENU)
        for number, words in enumerate(STRANGE):
            person = stack.person("viber" if number else "vk")
            person.open()
            person.link(OTHERS[number])
            person.say(words, "")
        # Whoever wrote less than half an hour ago has not left yet.
        with psycopg.connect(stack.database_url, autocommit=True) as database:
            database.execute("UPDATE event_log SET at = at - INTERVAL '31 minutes'")
            database.execute(
                "UPDATE submissions SET submitted_at = submitted_at - INTERVAL '31 minutes',"
                " settled_at = settled_at - INTERVAL '31 minutes'"
            )
        yield stack


@pytest.fixture
async def page(browser: Browser, talked: Stack) -> AsyncIterator[Page]:
    """The page after the login; any error in it fails the test."""
    problems: list[str] = []

    def listen(kind: str, said: str) -> None:
        # That a refusal is a status of its own is no error of the page.
        expected = ("409 (Conflict)", "503 (Service Unavailable)")
        if kind == "error" and not any(status in said for status in expected):
            problems.append(said)

    context = await browser.new_context(
        viewport={"width": 1400, "height": 900},
        locale="ru-RU",
        timezone_id="America/Los_Angeles",
    )
    opened = await context.new_page()
    opened.set_default_timeout(20_000)
    # The first groups wait for the dictionaries and the encoder to be loaded.
    expect.set_options(timeout=20_000)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda said: listen(said.type, said.text))
    await opened.goto(f"{talked.bot_url}/studio")
    await opened.get_by_label("Пароль").fill(PASSWORD)
    await opened.keyboard.press("Enter")
    await expect(opened.get_by_role("link", name="Не поняли")).to_be_visible()
    yield opened
    expect.set_options(timeout=5_000)
    assert problems == []


async def test_a_misunderstood_group_is_assigned_trained_and_understood(
    page: Page, tree: Path, talked: Stack
) -> None:
    groups = page.locator(".item")
    mine = groups.filter(has_text="прием").first
    await expect(mine).to_contain_text("ждёт разбора")
    await mine.focus()
    await page.keyboard.press("Enter")
    texts = page.locator(".phrase-text")
    phrases = [await each.input_value() for each in await texts.all()]
    assert phrases
    assert set(phrases) <= set(STRANGE)
    file = tree / "data/help/nlu.yml"
    before = file.read_text("utf-8")

    await page.get_by_label("другое намерение…").select_option("ask_contacts")
    await page.get_by_role("button", name="Записать", exact=True).click()
    await expect(page.locator(".notice.success")).to_contain_text("data/help/nlu.yml")
    await expect(page.locator(".changed")).to_contain_text("git add data/help/nlu.yml")
    await expect(mine).to_contain_text("записана, ждёт обучения")
    after = file.read_text("utf-8")
    added = [line.strip() for line in after.splitlines() if line not in before.splitlines()]
    assert sorted(added) == sorted(["# Из переписки с жителями", *(f"- {one}" for one in phrases)])

    await page.get_by_role("button", name="Обучить", exact=True).click()
    await expect(page.locator("#training-state")).to_contain_text("обучаю")
    # The old model answers meanwhile.
    resident = talked.person("vk")
    assert resident.open()
    done = page.locator(".notice.success").filter(has_text="Новая модель отвечает")
    await expect(done).to_be_visible(timeout=120_000)
    await expect(groups.filter(has_text=phrases[0]).first).to_contain_text(
        "теперь: Телефон и адрес"
    )
    await expect(page.locator(".phrases .chip.good").first).to_contain_text("Телефон и адрес")
    resident.link(LAST)
    assert "Там ответит человек" in " ".join(resident.say(phrases[0], MENU))


def test_a_model_trained_elsewhere_answers_in_the_running_bot(tree: Path, talked: Stack) -> None:
    taken = talked.log.read_text().count(TAKEN)
    file = tree / "data/help/nlu.yml"
    heading = "  - intent: thank\n    examples: |\n"
    before = file.read_text("utf-8")
    assert heading in before
    file.write_text(before.replace(heading, f"{heading}      - {FROM_ELSEWHERE}\n", 1), "utf-8")
    subprocess.run([sys.executable, "-m", "tools.train"], cwd=tree, check=True, timeout=300)
    deadline = time.monotonic() + 60
    while talked.log.read_text().count(TAKEN) == taken:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    resident = talked.person("viber")
    resident.open()
    resident.link(ANOTHER)
    assert "Пожалуйста" in " ".join(resident.say(FROM_ELSEWHERE, MENU))


async def test_a_phrase_of_another_intent_is_refused_in_words(page: Page, tree: Path) -> None:
    await page.locator(".item").first.click()
    await page.locator(".phrase-text").first.fill("Спасибо!")
    await page.get_by_label("другое намерение…").select_option("deny")
    await page.get_by_role("button", name="Записать", exact=True).click()
    notice = page.locator(".notice.error")
    await expect(notice).to_contain_text("уже стоит в намерении «thank» (data/help/nlu.yml:")
    assert "- Спасибо!" not in (tree / "data/help/nlu.yml").read_text("utf-8")


async def test_the_keyboard_alone_leads_through_a_conversation(page: Page) -> None:
    await page.get_by_role("link", name="Разговоры").press("Enter")
    first = page.locator(".item").first
    await first.focus()
    await page.keyboard.press("End")
    await page.keyboard.press("Enter")
    current = page.locator(".turn[aria-current]")
    await expect(current).to_be_focused()
    await expect(page.locator(".stand.real .messages")).to_contain_text("введите номер")
    await page.keyboard.press("ArrowRight")
    await expect(current).to_be_focused()
    await expect(page.locator(".counter")).to_have_text("шаг 2 из 5")
    await expect(current.locator(".thinking")).to_contain_text("action_link_accountпривязать счёт")
    await expect(page.locator("main")).not_to_contain_text(ACCOUNT)
    await page.keyboard.press("End")
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator(".counter")).to_have_text("шаг 4 из 5")
    await page.keyboard.press("t")
    await expect(page.locator("dialog.story")).to_be_visible()
    await page.keyboard.press("Escape")
    await current.focus()
    await page.keyboard.press("Escape")
    await expect(page.locator(".item[aria-pressed=true]")).to_be_focused()
    await page.keyboard.press("/")
    await page.keyboard.type("такого никто не писал")
    await expect(page.locator(".list .empty")).to_contain_text("Ничего не нашлось")


async def test_a_conversation_is_replayed_on_both_phones(page: Page) -> None:
    await page.get_by_role("link", name="Разговоры").click()
    await page.get_by_label("Докуда дошли").select_option("accepted")
    await expect(page.locator(".item")).to_have_count(1)
    await page.locator(".item").click()
    vk, viber = page.locator(".stand.vk"), page.locator(".stand.viber")
    await expect(vk).to_contain_text("разговор шёл здесь")
    await expect(viber).to_contain_text("так это выглядело бы")
    for phone in (vk, viber):
        await expect(phone.locator(".message.own:visible")).to_have_count(0)

    for _ in range(3):
        await page.get_by_role("button", name="Следующий шаг").click()
    await expect(page.locator(".counter")).to_have_text("шаг 4 из 5")
    for phone in (vk, viber):
        await expect(phone.locator(".message.own:visible")).to_have_text(
            [re.compile("•••45"), re.compile("Передать показания"), re.compile("•••90")]
        )
        await expect(phone.locator(".key")).to_have_text(["Подтверждаю", "Не подтверждаю"])
    # Every messenger in its own way: VK has words for colours, Viber any colour.
    await expect(vk.locator(".key").first).to_have_class("key positive")
    green = "getComputedStyle(document.querySelector('.viber .key')).backgroundColor"
    assert await page.evaluate(green) == "rgb(220, 239, 227)"
    thoughts = page.locator(".turn[aria-current] .thinking")
    for words in ("provide_number", "форма «Передать показания»", "Сделал", "requested_slot"):
        await expect(thoughts).to_contain_text(words)
    # A number is nothing else.
    await expect(thoughts).not_to_contain_text("Выбирал между")

    await viber.locator(".message.own:visible").first.click()
    await expect(page.locator(".counter")).to_have_text("шаг 2 из 5")
    await page.locator(".turn[aria-current]").focus()
    await page.keyboard.press("Space")
    await expect(page.get_by_role("button", name="Остановить")).to_be_visible()
    await expect(page.locator(".counter")).to_have_text("шаг 5 из 5")
    await expect(page.get_by_role("button", name="Проиграть")).to_be_visible()


async def test_a_phrase_leads_to_its_step_of_the_conversation(page: Page) -> None:
    await page.locator(".item").first.click()
    text = await page.locator(".phrase-text").first.input_value()
    await page.get_by_role("link", name="разговор", exact=True).first.click()
    await expect(page.locator(".turn[aria-current] .said")).to_have_text(text)
    await expect(page.locator(".turn[aria-current] .thinking")).to_contain_text("Выбирал между")
    await expect(page.locator(".item[aria-pressed=true]")).to_have_count(1)


async def test_on_a_narrow_screen_the_phones_stand_one_below_the_other(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.get_by_role("link", name="Разговоры").click()
    await page.locator(".item").filter(has_text="Viber").first.click()
    boxes = [
        await page.locator(selector).bounding_box()
        for selector in (".stand.viber", ".steps", ".stand.vk")
    ]
    tops = [box["y"] for box in boxes if box is not None]
    assert tops == sorted(tops)
    assert len(tops) == 3
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_a_conversation_is_saved_as_a_test(page: Page, tree: Path) -> None:
    await page.get_by_role("link", name="Разговоры").click()
    await page.get_by_label("Докуда дошли").select_option("accepted")
    await expect(page.locator(".item")).to_have_count(1)
    await page.locator(".item").click()
    await page.get_by_role("button", name="Сделать тестом").click()
    await expect(page.locator("#story-result.success")).to_contain_text("делает те же шаги")
    await page.get_by_label("Название").fill("Передаёт показания: целиком")
    await page.get_by_label("Название").press("Tab")
    await page.get_by_role("button", name="Сохранить", exact=True).click()
    await expect(page.locator(".notice.success")).to_contain_text("tests/stories/test_readings.yml")
    content = (tree / "tests/stories/test_readings.yml").read_text("utf-8")
    assert '  - story: "Передаёт показания: целиком"\n' in content
    assert "          56 545\n        intent: provide_number\n" in content


async def test_what_could_not_be_loaded_is_tried_again(page: Page) -> None:
    away = "**/studio/api/funnel*"

    async def refuse(route: Route) -> None:
        await route.fulfill(status=503, json={"problem": "database"})

    await page.route(away, refuse)
    await page.get_by_role("link", name="Воронка").click()
    await expect(page.locator(".notice.error")).to_contain_text("База данных не отвечает")
    await page.unroute(away)
    await page.get_by_role("button", name="Повторить").click()
    await expect(page.locator(".chart.stages")).to_be_visible()
    await expect(page.locator(".notice")).to_have_count(0)


async def test_from_the_funnel_to_a_day_and_to_those_who_left(page: Page) -> None:
    await page.get_by_role("link", name="Воронка").click()
    await page.locator(".day").last.press("Enter")
    await expect(page.locator(".day")).to_have_count(1)
    await page.get_by_role("button", name="Показать две недели").click()
    await expect(page.locator(".day")).to_have_count(14)
    gone = page.locator(".gone:not([disabled])").first
    number = (await gone.inner_text()).split()[0]
    await gone.click()
    await expect(page.locator(".summary")).to_contain_text(number)
    await expect(page.get_by_label("Докуда дошли")).not_to_have_value("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_funnel_shows_the_stages_in_either_scheme(page: Page, scheme: str) -> None:
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await page.get_by_role("link", name="Воронка").click()
    stages = page.locator(".chart.stages .label")
    await expect(stages).to_have_text([
        "Начали разговор", "Есть привязанный счёт", "Спросили показания",
        "Подтвердили показания", "Показания приняты",
    ])  # fmt: skip
    await expect(page.locator(".leavings")).to_contain_text("Я правильно понял?")
    background = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(236, 238, 245)", "dark": "rgb(14, 16, 23)"}[scheme]
    await page.set_viewport_size({"width": 390, "height": 844})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
