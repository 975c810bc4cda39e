"""The designers' page in front of a bot that is told what it understands."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect
from sanic import Sanic

from backend.storage.database import Database
from demo.emulator.server import begin_without_rewriting
from studio.access import Access
from studio.bot import Reading
from studio.desk import Desk
from studio.elsewhere import TrainingElsewhere
from studio.routes import studio
from studio.words import words
from tests.studio.studio_fakes import FILES, FakeBot, Log, write_project

pytestmark = [pytest.mark.browser]
PASSWORD = "очень секретно"
ZONE = "Europe/Moscow"
WIDE, NARROW = (1400, 900), (390, 844)
HELP = "data/help/nlu.yml"
GROUPS = ["где скачать приложение", "рустор найдётся?", "квитанция опять пропала"]
RANKING = [["nlu_fallback", 0.5], ["complaint", 0.3], ["thank", 0.2]]
TRAINER = "import os, time; [time.sleep(0.02) for _ in iter(lambda: os.path.exists('wait'), False)]"
TRAINER += "; open('models/new.tar.gz', 'w').write('bad' if os.path.exists('bad') else 'good')"

Open = Callable[..., Awaitable[Page]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    return write_project(tmp_path)


@pytest.fixture
def told() -> FakeBot:
    bot = FakeBot()
    bot.texts["utter_wish_complaint"] = "Пожаловаться"
    return bot


@pytest.fixture
async def log(database: Database) -> Log:
    """Three groups that have nothing in common, of an hour ago."""
    found = Log(database)
    for number, said in enumerate(GROUPS):
        for _ in range(len(GROUPS) - number):
            await found.turn(
                said, "nlu_fallback", 0.5, ranking=RANKING, at=ago(60), resident=f"vk:{number}"
            )
    return found


def ago(minutes: int) -> str:
    return (datetime.now(timezone.utc) - timedelta(minutes=minutes)).isoformat()


@pytest.fixture
def desk(
    database: Database,
    project: Path,
    told: FakeBot,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    # Letters alone tell these groups apart.
    monkeypatch.setattr("studio.desk.installed_encoder", lambda: None)
    train, check = ([sys.executable, "-c", script] for script in (TRAINER, "pass"))
    return Desk(database, told, project, ZONE, words(), train, check)


@pytest.fixture
def elsewhere(desk: Desk) -> TrainingElsewhere:
    """The training of a `make talk` beside the page."""
    desk.training = TrainingElsewhere()
    return desk.training


@pytest.fixture
async def address(desk: Desk) -> AsyncIterator[str]:
    """The page's address."""
    app = Sanic(f"studio_{uuid.uuid4().hex}")
    app.blueprint(studio(desk, Access(PASSWORD), ZONE))
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)
    server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    begin_without_rewriting(app)
    await server.start_serving()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/studio"
    await desk.stop()
    await server.close()
    for connection in list(server.connections):
        connection.abort()
    Sanic._app_registry.pop(app.name, None)


@pytest.fixture
async def enter(browser: Browser, address: str) -> AsyncIterator[Open]:
    """Opens the page and enters; an error in it fails the test."""
    problems: list[str] = []

    def listen(kind: str, said: str) -> None:
        # That a refusal is a status of its own is no error of the page.
        if kind == "error" and "Failed to load resource" not in said:
            problems.append(said)

    async def enter_(size: tuple[int, int] = WIDE, scheme: str = "light") -> Page:
        context = await browser.new_context(
            timezone_id="America/Los_Angeles",
            viewport={"width": size[0], "height": size[1]},
            locale="ru-RU",
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        page = await context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: listen(said.type, said.text))
        await page.goto(address)
        await page.get_by_label("Пароль").fill(PASSWORD)
        await page.keyboard.press("Enter")
        return page

    expect.set_options(timeout=15_000)
    yield enter_
    expect.set_options(timeout=5_000)
    assert problems == []


@pytest.fixture
async def page(enter: Open) -> Page:
    """The page with its groups."""
    opened = await enter()
    await expect(opened.locator(".item")).to_have_count(len(GROUPS))
    return opened


def item(page: Page, number: int) -> Locator:
    return page.locator(".item").nth(number)


def help_file(project: Path) -> str:
    return (project / HELP).read_text(encoding="utf-8")


def commit_all(project: Path) -> None:
    who = ["-c", "user.name=designer", "-c", "user.email=designer@localhost"]
    for arguments in (["init"], ["add", "."], ["commit", "--message=all"]):
        subprocess.run(["git", *who, *arguments], cwd=project, check=True, capture_output=True)


async def test_the_arrow_keys_work_as_soon_as_the_groups_are_there(page: Page) -> None:
    await page.keyboard.press("ArrowDown")
    await expect(item(page, 0)).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(item(page, 1)).to_be_focused()
    await expect(page.locator(".phrase-text")).to_have_value(GROUPS[1])
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(".phrases input").first).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(item(page, 1)).to_be_focused()


async def test_a_click_beside_everything_does_not_switch_the_keys_off(page: Page) -> None:
    await page.keyboard.press("ArrowDown")
    await page.locator(".top h1").click()
    await page.keyboard.press("ArrowDown")
    await expect(item(page, 1)).to_be_focused()
    await page.locator(".top h1").click()
    await page.keyboard.press("Escape")
    await expect(item(page, 1)).to_be_focused()


async def test_from_the_search_the_keyboard_goes_back_to_the_list(page: Page) -> None:
    await page.keyboard.press("/")
    await page.keyboard.type("рустор")
    await expect(page.locator(".item")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.locator(".list")).to_be_focused()
    await expect(page.get_by_placeholder("Поиск")).to_have_value("рустор")
    await page.keyboard.press("ArrowDown")
    await expect(item(page, 0)).to_be_focused()


async def test_every_part_of_the_page_takes_the_keyboard(page: Page) -> None:
    await page.get_by_role("link", name="Разговоры").click()
    await expect(page.locator(".talks .item")).to_have_count(len(GROUPS))
    await page.keyboard.press("ArrowDown")
    await expect(item(page, 0)).to_be_focused()
    await expect(page.locator(".counter")).to_be_visible()
    await page.get_by_role("link", name="Воронка").press("Enter")
    await expect(page.locator("main")).to_be_focused()
    await page.get_by_role("link", name="Не поняли").click()
    await expect(page.locator(".item.group")).to_have_count(len(GROUPS))
    await page.keyboard.press("End")
    await expect(item(page, len(GROUPS) - 1)).to_be_focused()
    await page.get_by_role("link", name="разговор", exact=True).click()
    await expect(page.locator(".turn[aria-current]")).to_be_focused()


async def test_a_group_says_what_becomes_of_it(page: Page, told: FakeBot, project: Path) -> None:
    first = item(page, 0)
    await expect(first).to_contain_text("ждёт разбора")
    await expect(first).to_contain_text("похоже на «Пожаловаться»")
    await first.click()
    await page.keyboard.press("1")
    await expect(first).to_contain_text("записана, ждёт обучения")
    await expect(first).not_to_contain_text("похоже")
    await expect(page.locator(".notice.success")).to_contain_text("чтобы бот её понял")
    told.known = {GROUPS[0]: Reading("complaint", 1.0, [("complaint", 1.0)])}
    (project / "wait").touch()
    await page.get_by_role("button", name="Обучить").click()
    await expect(page.locator("#training-state")).to_contain_text("обычно 45")
    (project / "wait").unlink()
    await expect(page.locator(".notice.success")).to_contain_text("Новая модель")
    await expect(first).to_contain_text("теперь: Пожаловаться")
    await expect(first).not_to_contain_text("похоже")


async def test_the_key_writes_from_a_phrase_and_says_so(page: Page, project: Path) -> None:
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowRight")

    # A list that can't be read again, just then, must not take the news away.
    async def refuse(route: Route) -> None:
        await route.fulfill(status=503, json={"problem": "database"})

    await page.route("**/studio/api/groups*", refuse)
    await page.keyboard.press("2")
    await expect(page.locator(".notice.error")).to_contain_text("База данных не отвечает")
    await expect(page.locator(".notice.success")).to_contain_text("Записана 1 фраза")
    assert f"- {GROUPS[0]}\n" in help_file(project)
    await page.unroute("**/studio/api/groups*")
    await page.get_by_role("button", name="Повторить").click()
    await expect(page.locator(".notice.error")).to_have_count(0)
    await expect(page.locator(".notice.success")).to_have_count(1)


async def test_what_is_being_written_is_told_and_not_written_twice(page: Page) -> None:
    asked: list[str] = []

    async def wait(route: Route) -> None:
        asked.append(route.request.url)
        await expect(page.locator(".notice")).to_contain_text("Записываю")
        await page.keyboard.press("2")
        await route.continue_()

    await page.route("**/studio/api/phrases", wait)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("2")
    await expect(page.locator(".notice.success")).to_contain_text("Записана 1 фраза")
    assert len(asked) == 1


async def test_several_groups_are_assigned_at_once_by_the_keyboard(
    page: Page, project: Path
) -> None:
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("x")
    await expect(page.locator(".item.marked")).to_have_count(2)
    await expect(page.locator(".assignment h2")).to_have_text("2 группы — это значит:")
    await expect(page.locator(".phrase-text")).to_have_count(2)
    await page.keyboard.press("1")
    await expect(page.locator(".notice.success")).to_contain_text("чтобы бот их понял")
    told = f"«{GROUPS[0]}», «{GROUPS[1]}»"
    await expect(page.locator(".notice.success pre")).to_have_text(told)
    for said in GROUPS[:2]:
        assert f"- {said}\n" in help_file(project)
    assert GROUPS[2] not in help_file(project)
    await expect(page.locator(".item.marked")).to_have_count(0)
    await expect(page.locator(".item.written")).to_have_count(2)


async def test_several_groups_are_marked_by_the_mouse(page: Page) -> None:
    await item(page, 0).click()
    await item(page, 2).click(modifiers=["Control"])
    await expect(page.locator(".item.marked")).to_have_count(1)
    await expect(page.locator(".phrase-text")).to_have_value(GROUPS[2])
    await item(page, 1).locator(".mark").click()
    await item(page, 0).click(modifiers=["Control"])
    await expect(page.locator(".phrase-text")).to_have_count(3)
    await item(page, 0).click(modifiers=["Control"])
    await item(page, 0).click(modifiers=["Control"])
    await page.get_by_role("button", name="Снять отметки").click()
    await expect(page.locator(".item.marked")).to_have_count(0)
    await expect(page.locator(".phrase-text")).to_have_count(1)
    await item(page, 0).click()
    await item(page, 2).click(modifiers=["Shift"])
    await expect(page.locator(".item.marked")).to_have_count(3)
    await page.keyboard.press("Escape")
    await expect(page.locator(".item.marked")).to_have_count(0)
    await page.keyboard.press("Shift+ArrowUp")
    await expect(page.locator(".item.marked")).to_have_count(2)
    await item(page, 0).click()
    await expect(page.locator(".item.marked")).to_have_count(0)


async def test_a_confident_mistake_is_mended_where_it_is_seen(
    page: Page, log: Log, project: Path
) -> None:
    sure = [["list_accounts", 0.93], ["complaint", 0.05], ["thank", 0.02]]
    who, at = "vk:9", ago(50)
    await log.turn("добрый вечер", "greet", 1.0, resident=who, at=at)
    row = await log.turn(
        "горячая еле тёплая", "list_accounts", 0.93, ranking=sure, resident=who, at=at
    )
    await page.goto(f"{page.url.split('#')[0]}#/conversations/{row}")
    await page.get_by_role("button", name="Понял не так").click()
    dialog = page.locator("#wrong")
    await expect(dialog).to_contain_text("Понял как «Мои счета», уверен на 93 %.")
    await expect(dialog.locator(".intent")).to_have_count(2)
    await dialog.get_by_label("Фраза").fill("нет воды")
    await dialog.locator(".intent").nth(1).click()
    await expect(dialog).to_contain_text("уже стоит в намерении «complaint»")
    await dialog.get_by_label("Фраза").fill("горячая еле тёплая")
    await page.keyboard.press("Enter")
    await expect(dialog).to_be_visible()
    await dialog.locator(".intent").first.focus()
    await page.keyboard.press("1")
    await expect(dialog).to_be_hidden()
    await expect(page.locator(".notice.success")).to_contain_text("Записана 1 фраза")
    await expect(page.locator(".turn[aria-current]")).to_contain_text("записана как «Пожаловаться»")
    assert "- горячая еле тёплая\n" in help_file(project)
    await page.locator(".turn[aria-current]").focus()
    await page.keyboard.press("Home")
    await page.keyboard.press("n")
    await expect(dialog).to_be_visible()


async def write_slowly(page: Page) -> None:
    async def slowly(route: Route) -> None:
        await asyncio.sleep(0.6)
        await route.continue_()

    await page.route("**/api/phrases", slowly)


async def test_who_types_fast_loses_nothing(page: Page, project: Path) -> None:
    await write_slowly(page)
    await item(page, 0).click()
    for key in ("1", "ArrowDown", "1", "ArrowDown", "1"):
        await page.keyboard.press(key)
    notice = page.locator(".notice.success")
    await expect(notice).to_contain_text(f"Записана 1 фраза в {HELP}: «{GROUPS[2]}»")
    for group in GROUPS:
        assert f"- {group}\n" in help_file(project)
    for number in range(3):
        await expect(item(page, number)).to_contain_text("записана, ждёт обучения")


async def test_an_open_group_keeps_up_with_how_often_it_was_said(page: Page, log: Log) -> None:
    await item(page, 0).click()
    counts = page.locator(".phrases .counts")
    await expect(counts).to_have_text("3 раза1 житель")
    ranking = [["nlu_fallback", 0.5], ["complaint", 0.3]]
    await log.turn(GROUPS[0], "nlu_fallback", 0.5, ranking=ranking, at=ago(60), resident="vk:9")
    await page.keyboard.press("1")
    await expect(counts).to_have_text("4 раза2 жителя")


async def test_what_waits_behind_a_question_is_not_written_over_it(
    page: Page, project: Path
) -> None:
    await write_slowly(page)
    await item(page, 0).click()
    await page.locator(".phrase-text").fill("нет воды")
    await page.locator(".phrase-text").press("Escape")
    for key in ("2", "ArrowDown", "1"):
        await page.keyboard.press(key)
    waited = page.locator(".notice.warning")
    await expect(waited).to_contain_text(f"«{GROUPS[1]}» не записана")
    await expect(page.locator(".notice.error")).to_contain_text("уже стоит в намерении «complaint»")
    assert help_file(project) == FILES[HELP]
    await page.keyboard.press("1")
    await expect(page.locator(".notice.success")).to_contain_text(GROUPS[1])
    await expect(waited).to_have_count(0)


async def test_an_assignment_is_undone_and_moved(page: Page, project: Path) -> None:
    await item(page, 0).click()
    await page.keyboard.press("1")
    await expect(item(page, 0)).to_contain_text("записана, ждёт обучения")
    await page.get_by_label("другое намерение…").select_option("list_accounts")
    await page.get_by_role("button", name="Записать", exact=True).click()
    notice = page.locator(".notice.success")
    await expect(notice).to_contain_text("Перенесено из «Пожаловаться»: 1 фраза")
    await expect(page.locator(".phrases .now")).to_contain_text("записана как «Мои счета»")
    assert help_file(project) == FILES[HELP]
    await page.get_by_role("button", name="Отменить").click()
    await expect(notice).to_contain_text("Отменено: 1 фраза возвращена")
    await expect(page.locator(".phrases .now")).to_contain_text("записана как «Пожаловаться»")
    await item(page, 1).click()
    await page.keyboard.press("1")
    await page.get_by_role("button", name="Отменить").click()
    await expect(notice).to_contain_text("Отменено: 1 фраза убрана")
    await expect(item(page, 1)).to_contain_text("ждёт разбора")
    assert GROUPS[1] not in help_file(project)
    await expect(item(page, 1)).to_be_focused()
    await page.keyboard.press("1")
    await expect(item(page, 1)).to_contain_text("записана, ждёт обучения")
    (project / HELP).write_text(FILES[HELP], encoding="utf-8")
    await page.get_by_role("button", name="Отменить").click()
    await expect(page.locator(".notice.error")).to_contain_text("Отменить не получилось")


async def test_words_of_another_intent_are_written_by_the_second_press(
    page: Page, project: Path
) -> None:
    await item(page, 0).click()
    await page.locator(".phrase-text").fill("воды у нас нет")
    await page.locator(".phrase-text").press("Escape")
    await page.get_by_label("другое намерение…").select_option("list_accounts")
    write = page.get_by_role("button", name="Записать", exact=True)
    await write.click()
    await expect(page.locator(".notice.success")).to_have_count(1)
    await page.locator(".phrase-text").fill("нету воды")
    await write.click()
    warning = page.locator(".notice.warning")
    await expect(warning).to_contain_text(f"«нет воды» в намерении «Пожаловаться» ({HELP}:13)")
    await write.click()
    await expect(page.locator(".notice.success")).to_contain_text("Записана 1 фраза")


async def test_a_key_does_not_silently_write_another_intent_than_before(
    page: Page, log: Log, project: Path
) -> None:
    other = [["nlu_fallback", 0.5], ["list_accounts", 0.3], ["thank", 0.2]]
    for _ in range(9):
        await log.turn("парковка занята", "nlu_fallback", 0.5, ranking=other, at=ago(50))
    await page.reload()
    await expect(page.locator(".item")).to_have_count(len(GROUPS) + 1)
    await item(page, 1).click()
    await page.keyboard.press("1")
    await expect(page.locator(".notice.success")).to_be_visible()
    await item(page, 0).click()
    await page.keyboard.press("1")
    asked = "клавиша 1 — «Мои счета», а в прошлый раз она записала «Пожаловаться»"
    await expect(page.locator(".notice.warning")).to_contain_text(asked)
    await page.keyboard.press("1")
    await expect(page.locator(".notice.success")).to_contain_text("data/accounts/nlu.yml")


async def test_what_another_designer_records_is_seen_and_ticks_stay(
    page: Page, enter: Open
) -> None:
    await item(page, 0).click()
    await page.locator(".phrase-text").fill("где приложение")
    another = await enter()
    await expect(another.locator(".item")).to_have_count(len(GROUPS))
    await another.locator(".item").nth(1).click()
    await another.keyboard.press("1")
    await expect(another.locator(".notice.success")).to_be_visible()
    await page.wait_for_timeout(3_100)
    await page.evaluate("window.dispatchEvent(new Event('focus'))")
    await expect(item(page, 1)).to_contain_text("записана, ждёт обучения")
    await expect(page.locator(".phrase-text")).to_have_value("где приложение")


async def test_like_mistakes_are_mended_together(page: Page, log: Log, project: Path) -> None:
    for said in ("еле тёплая горячая вода", "где мой счёт", "горячая еле тёплая"):
        row = await log.turn(said, "list_accounts", 0.93, resident="vk:9", at=ago(50))
    await page.goto(f"{page.url.split('#')[0]}#/conversations/{row}")
    await page.get_by_role("button", name="Понял не так").last.click()
    dialog = page.locator("#wrong")
    like = dialog.get_by_role("checkbox")
    await expect(like).to_have_count(1)
    await like.check()
    await dialog.get_by_label("другое намерение…").select_option("complaint")
    await dialog.get_by_role("button", name="Записать", exact=True).click()
    await expect(page.locator(".notice.success")).to_contain_text("Записано 2 фразы")
    for said in ("еле тёплая горячая вода", "горячая еле тёплая"):
        assert f"- {said}\n" in help_file(project)
    await page.get_by_role("button", name="Отменить").click()
    await expect(page.locator(".turn[aria-current] .wrong-button")).to_be_visible()
    assert help_file(project) == FILES[HELP]


async def test_the_footer_follows_the_files(page: Page, project: Path) -> None:
    await item(page, 0).click()
    await page.keyboard.press("1")
    footer = page.locator("#changed")
    await expect(footer).to_contain_text(f"git add {HELP}")
    (project / HELP).write_text(FILES[HELP], encoding="utf-8")
    await expect(footer).to_be_hidden()
    await page.keyboard.press("2")
    await expect(footer).to_be_visible()
    commit_all(project)
    await page.reload()
    await expect(page.locator(".item")).to_have_count(len(GROUPS))
    await expect(footer).to_be_hidden()


async def test_a_model_that_somebody_else_trained_is_noticed(page: Page, told: FakeBot) -> None:
    await item(page, 0).click()
    await page.keyboard.press("1")
    await expect(page.locator("#changed")).to_be_visible()
    told.known = {GROUPS[0]: Reading("complaint", 1.0, [("complaint", 1.0)])}
    told.model = "another.tar.gz"
    await expect(item(page, 0)).to_contain_text("теперь: Пожаловаться")


async def test_beside_make_talk_the_training_is_shown_and_not_offered(
    elsewhere: TrainingElsewhere, page: Page, told: FakeBot
) -> None:
    await expect(page.get_by_role("button", name="Обучить")).to_have_count(0)
    state = page.locator("#training-state")
    await expect(state).to_contain_text("бот учится сам")
    await item(page, 0).click()
    await page.keyboard.press("1")
    await expect(page.locator(".notice.success")).to_contain_text("Бот учится сам, нажимать")
    elsewhere.tell("training", usual=60, again=True, said=[])
    await expect(state).to_contain_text("обычно 60; потом ещё раз: файлы изменились")
    elsewhere.tell("training", usual=-3, again=False, said=[])
    await expect(state).to_contain_text("дольше обычного")
    told.model = "another.tar.gz"
    elsewhere.tell("done", usual=60, again=False, said=[])
    await expect(page.locator(".notice")).to_contain_text(["Новая модель отвечает"])
    elsewhere.tell("failed", usual=60, again=False, said=["data/help/nlu.yml:7  Плохо"])
    await expect(page.locator(".notice.error pre")).to_have_text("data/help/nlu.yml:7  Плохо")
    await page.reload()
    await expect(page.locator(".notice.error pre")).to_have_text("data/help/nlu.yml:7  Плохо")
    await item(page, 1).click()
    await page.keyboard.press("1")
    await expect(page.locator(".notice.success")).to_contain_text("когда в файлах не станет ошибки")
    await expect(page.locator(".notice.error pre")).to_have_text("data/help/nlu.yml:7  Плохо")
    await page.get_by_role("button", name="Закрыть").first.click()
    elsewhere.tell("idle", usual=60, again=False, said=[])
    await expect(page.locator(".notice")).to_have_count(0)


async def test_a_failure_is_told_until_the_files_are_mended(page: Page, project: Path) -> None:
    (project / "bad").touch()
    await page.get_by_role("button", name="Обучить").click()
    failed = page.locator(".notice.error")
    await expect(failed).to_contain_text("not a model")
    await expect(page.locator("#training-state")).to_contain_text("не удалось")
    (project / HELP).write_text(FILES[HELP] + "# mended\n", encoding="utf-8")
    await expect(failed).to_have_count(0)
    await expect(page.locator("#training-state")).to_have_text("")


async def test_what_was_put_back_is_not_told_to_be_written(page: Page, project: Path) -> None:
    await item(page, 0).click()
    await page.keyboard.press("1")
    await expect(page.locator(".notice.success")).to_contain_text("Записана 1 фраза")
    (project / HELP).write_text(FILES[HELP], encoding="utf-8")
    await expect(page.locator(".notice")).to_have_count(0)


async def test_a_bot_that_is_away_is_told_once_and_until_it_is_back(page: Page) -> None:
    async def cut(route: Route) -> None:
        await route.abort()

    await item(page, 0).click()
    await page.route("**/studio/api/**", cut)
    notice = page.locator(".notice")
    await expect(notice).to_contain_text(["остановлен или перезапускается"])
    await page.get_by_label("Какие группы").select_option("waiting")
    await expect(page.get_by_role("button", name="Повторить")).to_be_visible()
    await expect(notice).to_have_count(1)
    await page.locator(".detail .intent").first.click()
    await expect(notice).to_have_text([re.compile("остановлен или перезапускается")])
    await page.unroute("**/studio/api/**")
    await expect(notice).to_have_count(0)
    await expect(page.locator(".item")).to_have_count(len(GROUPS))


async def test_a_session_that_ended_elsewhere_is_told_and_takes_no_keys(page: Page) -> None:
    await item(page, 0).click()
    await page.context.clear_cookies()
    await expect(page.locator("#login-problem")).to_contain_text("Сеанс закончился")
    await page.keyboard.press("1")
    await expect(page.get_by_label("Пароль")).to_have_value("")


async def test_the_old_list_stays_until_the_new_one_is_there(page: Page) -> None:
    loading = asyncio.Event()

    async def wait(route: Route) -> None:
        await loading.wait()
        await route.continue_()

    for address, tab in (("groups", "Не поняли"), ("conversations", "Разговоры")):
        await page.get_by_role("link", name=tab).click()
        await expect(page.locator(".item")).to_have_count(len(GROUPS))
        loading.clear()
        await page.route(f"**/studio/api/{address}*", wait)
        await page.get_by_placeholder("Поиск").fill("рустор")
        await expect(page.locator("main")).to_have_attribute("aria-busy", "true")
        await expect(page.locator(".item")).to_have_count(len(GROUPS))
        loading.set()
        await expect(page.locator(".item")).to_have_count(1)
        await expect(page.locator("main")).to_have_attribute("aria-busy", "false")
        await page.get_by_placeholder("Поиск").fill("")


async def test_a_conversation_that_a_link_opens_is_in_sight_in_the_list(
    page: Page, log: Log
) -> None:
    rows = [
        await log.turn("добрый день", "greet", 1.0, resident=f"viber:{one}", at=ago(50 - one))
        for one in range(20)
    ]
    await page.goto(f"{page.url.split('#')[0]}#/conversations/{rows[0]}")
    chosen = page.locator(".item[aria-pressed=true]")
    await expect(chosen).to_be_in_viewport()


async def test_what_the_bot_thought_is_readable_on_a_small_screen(enter: Open, log: Log) -> None:
    ranking = [["complaint", 0.48], ["list_accounts", 0.3], ["provide_number", 0.2]]
    row = await log.turn("и что теперь", "provide_number", 0.48, ranking=ranking, at=ago(50))
    page = await enter((1280, 800))
    await expect(page.locator(".item")).to_have_count(len(GROUPS) + 1)
    await page.goto(f"{page.url.split('#')[0]}#/conversations/{row}")
    await expect(page.locator(".turn[aria-current] .meter")).to_have_count(3)
    cut = "all => all.filter((one) => one.scrollWidth > one.clientWidth + 1).length"
    for part in (".meter span", ".chip"):
        assert await page.locator(f".steps {part}").evaluate_all(cut) == 0
    narrow = "all => Math.min(...all.map((one) => one.clientWidth))"
    assert await page.locator(".turn[aria-current] .meter span").evaluate_all(narrow) >= 80


async def test_on_a_narrow_screen_a_notice_lies_over_no_control(enter: Open) -> None:
    page = await enter((400, 844))
    await item(page, 0).click()
    await page.get_by_label("другое намерение…").select_option("complaint")
    await page.get_by_role("button", name="Записать", exact=True).click()
    notice = page.locator(".notice.success")
    await expect(notice).to_be_in_viewport()
    for one in (notice, page.locator(".offers select")):
        await one.click(trial=True)
    boxes = [await one.bounding_box() for one in (notice, page.locator(".assignment"))]
    assert all(boxes)
    tops = [(box["y"], box["y"] + box["height"]) for box in boxes if box]
    assert tops[0][0] >= tops[1][1]
    await notice.get_by_role("button", name="Закрыть").click()
    await expect(notice).to_have_count(0)


async def test_what_was_turned_away_is_grouped_as_well(page: Page, log: Log, project: Path) -> None:
    ranking = [["out_of_scope", 0.8], ["thank", 0.15]]
    for _ in range(2):
        await log.turn("где памятник", "out_of_scope", 0.8, ranking=ranking, at=ago(60))
    await page.get_by_label("Какие группы").select_option("turned_away")
    await expect(page.locator(".item")).to_have_count(1)
    await item(page, 0).click()
    await expect(page.locator(".detail .intent")).to_have_count(1)
    await page.keyboard.press("1")
    await expect(page.locator(".notice.success")).to_contain_text("«где памятник»")
    assert "- где памятник\n" in help_file(project)


async def test_days_and_hours_are_the_utilitys_wherever_the_browser_is(
    page: Page, log: Log
) -> None:
    row = await log.turn("привет", "greet", 1.0, at=ago(90), resident="vk:77")
    said = datetime.fromisoformat(ago(90)).astimezone(ZoneInfo(ZONE))
    today = datetime.now(ZoneInfo(ZONE)).date()
    await expect(page.get_by_label("по", exact=True)).to_have_value(today.isoformat())
    await page.goto(f"{page.url.split('#')[0]}#/conversations/{row}")
    await expect(page.locator(".turn[aria-current] time")).to_have_text(f"{said:%H:%M}")


async def test_where_nobody_left_the_funnel_says_so(page: Page, log: Log) -> None:
    today = datetime.now(ZoneInfo(ZONE)).date().isoformat()
    await log.submission("vk:77", ago(2), "accepted")
    await log.turn("привет", "greet", 1.0, at=ago(2), resident="vk:77")
    await page.get_by_role("link", name="Воронка").click()
    await page.get_by_label("Мессенджер").select_option("viber")
    await expect(page.locator(".empty")).to_contain_text("никто не писал")
    await log.submission("viber:77", ago(2), "accepted")
    await log.turn("привет", "greet", 1.0, at=ago(2), resident="viber:77")
    await page.get_by_label("по", exact=True).fill(today)
    await page.get_by_label("Мессенджер").select_option("")
    await page.get_by_label("Мессенджер").select_option("viber")
    await expect(page.locator(".card .empty")).to_contain_text("никто не ушёл")


async def test_the_funnel_tells_who_left_from_who_is_still_there(
    page: Page, log: Log, told: FakeBot
) -> None:
    told.texts["utter_linked"] = "К лицевому счёту {account} привязано: {meters}"
    for number in range(2):
        await log.turn("привет", "greet", 1.0, at=ago(1), resident=f"viber:{number}")
    row = {"text": "К лицевому счёту 7060012345", "response": "utter_linked", "buttons": []}
    await log.row("vk:0", 9, "bot", row, ago(60))
    await page.get_by_role("link", name="Воронка").click()
    first = page.locator(".stage-row").first
    await expect(first).to_contain_text("3 ушли здесь (60 %)")
    await expect(first).to_contain_text("2 ещё идут")
    table = page.locator(".leavings")
    await expect(table).to_contain_text("К лицевому счёту … привязано: …")
    await expect(table).not_to_contain_text("{")
    await first.get_by_role("button", name="ещё идут").click()
    await expect(page.locator(".item")).to_have_count(2)
    await expect(item(page, 0)).to_contain_text("начал разговор, ещё идёт")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_narrow_screen_nothing_is_cut(enter: Open, project: Path, scheme: str) -> None:
    page = await enter(NARROW, scheme)
    await expect(page.locator(".item")).to_have_count(len(GROUPS))
    (project / "wait").touch()
    await page.get_by_role("button", name="Обучить").click()
    await expect(page.locator("#training-state")).to_contain_text("обучаю")
    tops = [
        await page.locator(selector).evaluate("one => one.getBoundingClientRect().top")
        for selector in ("#train", "#logout")
    ]
    assert abs(tops[0] - tops[1]) < 3
    await page.get_by_role("link", name="Воронка").click()
    await expect(page.locator(".leavings tbody tr").first).to_be_visible()
    cut = "table => table.scrollWidth - table.clientWidth"
    assert await page.locator(".leavings").evaluate(cut) <= 0
    assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
    (project / "wait").unlink()
