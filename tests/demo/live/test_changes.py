"""What a designer saves reaches the bot, or the page says why not; nothing is trained here."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.live.changes import Changes
from demo.live.training import TrainingFailed
from tests.designers.project_copy import ProjectCopy, copy_project

PATIENCE = 10.0
# A save is on the page after so many seconds.
SOON = 4.0
THANKS = "Пожалуйста! Рад помочь."
CONTRADICTION = (
    "- the prediction of the action 'utter_goodbye' in rule 'Thanks' is contradicting with rule(s) "
    "'Says goodbye' which predicted action 'utter_thank'.\n"
)


class FakeBot:
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.responses: dict[str, Any] = {}
        self.models: list[tuple[Path, dict[str, Any]]] = []
        self.answers_with = "model-first.tar.gz"
        self.away = False
        self.changed = asyncio.Event()

    async def texts(self, responses: dict[str, Any]) -> None:
        if self.away:
            raise httpx.ConnectError("away")
        self.responses = responses
        self.changed.set()

    async def model(self, model: Path, responses: dict[str, Any]) -> None:
        self.models.append((model, responses))
        self.answers_with = model.name
        self.responses = responses
        self.changed.set()

    async def answering(self) -> str:
        return self.answers_with

    async def close(self) -> None:
        pass


class FakePage:
    """The notices that are shown, and those that ever were."""

    def __init__(self) -> None:
        self.shown: dict[str, str] = {}
        self.history: list[tuple[str, str]] = []
        self.changed = asyncio.Event()

    async def show(self, kind: str, text: str = "") -> None:
        if text:
            self.shown[kind] = text
            self.history.append((kind, text))
        else:
            self.shown.pop(kind, None)
        self.changed.set()

    async def close(self) -> None:
        pass


class FakeTraining:
    """Ends when the test says so."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.outcome: asyncio.Future[Path] = asyncio.get_running_loop().create_future()
        self.stopped = False
        self.is_known = False

    async def run(self) -> Path:
        self.started.set()
        try:
            return await self.outcome
        except asyncio.CancelledError:
            self.stopped = True
            raise


class Desk:
    """A designer's desk: the files, the page, the bot, and the trainings that were begun."""

    def __init__(self, project: ProjectCopy) -> None:
        self.project = project
        self.bot, self.page = FakeBot(), FakePage()
        self.trainings: list[FakeTraining] = []

    def train(self, _root: Path) -> FakeTraining:
        self.trainings.append(FakeTraining())
        return self.trainings[-1]

    async def until(self, is_so: Callable[[], Any]) -> None:
        """Waits for the page or the bot to be as wanted."""

        async def wait() -> None:
            while not is_so():
                self.page.changed.clear()
                self.bot.changed.clear()
                waits = [
                    asyncio.create_task(self.page.changed.wait()),
                    asyncio.create_task(self.bot.changed.wait()),
                ]
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                for each in waits:
                    each.cancel()

        try:
            await asyncio.wait_for(wait(), PATIENCE)
        except asyncio.TimeoutError:
            pytest.fail(f"the page shows {self.page.shown}")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> ProjectCopy:
    return copy_project(tmp_path_factory.mktemp("desk") / "project")


@pytest.fixture
async def desk(original: ProjectCopy) -> AsyncIterator[Desk]:
    async with at_a_desk(original) as desk:
        yield desk


@contextlib.asynccontextmanager
async def at_a_desk(original: ProjectCopy) -> AsyncIterator[Desk]:
    desk = Desk(original)
    changes = Changes(original.root, desk.bot, desk.page, desk.train)  # type: ignore[arg-type]
    changes.begin()
    following = asyncio.create_task(changes.follow())
    try:
        yield desk
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        original.restore()


def save_a_path(desk: Desk) -> None:
    """A rule answers with another text: that must be learnt."""
    desk.project.change(
        "data/help/rules.yml",
        "      - action: utter_thank\n",
        "      - action: utter_thank\n      - action: utter_contacts\n",
    )


async def test_a_saved_text_is_live_without_training(desk: Desk) -> None:
    desk.project.change("domain/help.yml", THANKS, "Не за что!")
    await desk.until(lambda: "success" in desk.page.shown)
    assert desk.bot.responses["utter_thank"][0]["text"] == "Не за что!"
    assert desk.bot.responses["utter_main_menu"][0]["buttons"]
    assert "utter_thank" in desk.page.shown["success"]
    assert desk.trainings == []


async def test_a_changed_path_is_learnt_while_the_page_shows_how_long(desk: Desk) -> None:
    save_a_path(desk)
    await desk.until(lambda: "progress" in desk.page.shown)
    assert "прежняя версия" in desk.page.shown["progress"]
    assert desk.bot.models == []
    desk.trainings[0].outcome.set_result(Path("models/new.tar.gz"))
    await desk.until(lambda: "success" in desk.page.shown)
    assert [model for model, _ in desk.bot.models] == [Path("models/new.tar.gz")]
    assert "progress" not in desk.page.shown


async def test_a_text_saved_during_a_training_is_live_at_once_and_stays(desk: Desk) -> None:
    save_a_path(desk)
    await desk.until(lambda: "progress" in desk.page.shown)
    desk.project.change("domain/help.yml", THANKS, "Не за что!")
    await desk.until(lambda: desk.bot.responses)
    assert len(desk.trainings) == 1
    assert not desk.trainings[0].stopped
    desk.trainings[0].outcome.set_result(Path("models/new.tar.gz"))
    await desk.until(lambda: desk.bot.models)
    assert desk.bot.models[0][1]["utter_thank"][0]["text"] == "Не за что!"


async def test_a_newer_change_begins_the_training_anew(desk: Desk) -> None:
    save_a_path(desk)
    await desk.until(lambda: len(desk.trainings) == 1 and "progress" in desk.page.shown)
    await desk.trainings[0].started.wait()
    desk.project.append("data/help/nlu.yml", "      - чем вы можете быть нам полезны сегодня\n")
    await desk.until(lambda: len(desk.trainings) == 2)
    assert desk.trainings[0].stopped


async def test_taking_a_change_back_stops_its_training(desk: Desk) -> None:
    before = desk.project.read("data/help/rules.yml")
    save_a_path(desk)
    await desk.until(lambda: "progress" in desk.page.shown)
    await desk.trainings[0].started.wait()
    desk.project.write("data/help/rules.yml", before)
    await desk.until(lambda: desk.trainings[0].stopped and "progress" not in desk.page.shown)
    assert desk.bot.models == []


async def test_a_mistake_is_shown_with_its_line_and_nothing_reaches_the_bot(desk: Desk) -> None:
    line = desk.project.change("domain/help.yml", f'"{THANKS}"', f'"{THANKS}')
    await desk.until(lambda: "error" in desk.page.shown)
    shown = desk.page.shown["error"]
    assert f"domain/help.yml:{line}" in shown
    assert THANKS in shown
    assert "Кавычка" in shown
    assert "прежняя версия" in shown
    assert desk.bot.responses == {}


async def test_a_mended_mistake_leaves_the_page_and_the_text_goes_live(desk: Desk) -> None:
    desk.project.change("domain/help.yml", THANKS, "Рад помочь, {name}!")
    await desk.until(lambda: "error" in desk.page.shown)
    assert "{name}" in desk.page.shown["error"]
    desk.project.change("domain/help.yml", "Рад помочь, {name}!", "Рад помочь!")
    await desk.until(lambda: "success" in desk.page.shown)
    assert "error" not in desk.page.shown
    assert desk.bot.responses["utter_thank"][0]["text"] == "Рад помочь!"


async def test_a_mistake_in_what_is_measured_comes_and_goes_with_its_saves(desk: Desk) -> None:
    phrases = desk.project.read("tests/nlu/dev.tsv")
    desk.project.append("tests/nlu/dev.tsv", "thank большое человеческое мерси\n")
    await desk.until(lambda: "tests/nlu/dev.tsv:" in desk.page.shown.get("error", ""))
    desk.project.write("tests/nlu/dev.tsv", phrases)
    await desk.until(lambda: "error" not in desk.page.shown)
    assert desk.trainings == []


async def test_a_file_that_is_gone_is_told_until_it_is_back(desk: Desk) -> None:
    desk.project.move("domain/help.yml", "domain/help.yaml")
    await desk.until(lambda: "domain/help.yaml  У файла" in desk.page.shown.get("error", ""))
    desk.project.restore()
    await desk.until(lambda: "error" not in desk.page.shown)


async def test_what_training_refuses_is_told_with_its_place_and_not_tried_again(desk: Desk) -> None:
    save_a_path(desk)
    await desk.until(lambda: desk.trainings)
    await desk.trainings[0].started.wait()
    desk.trainings[0].outcome.set_exception(TrainingFailed(CONTRADICTION))
    await desk.until(lambda: "error" in desk.page.shown)
    assert "«Thanks» противоречит правилу «Says goodbye" in desk.page.shown["error"]
    assert "data/help/rules.yml:" in desk.page.shown["error"]
    desk.project.change("domain/help.yml", THANKS, "Не за что!")
    await desk.until(lambda: "success" in desk.page.shown)
    assert len(desk.trainings) == 1
    assert "error" in desk.page.shown


@pytest.mark.parametrize("refuses", [True, False])
async def test_a_save_is_seen_soon_where_the_system_tells_of_none(
    original: ProjectCopy, monkeypatch: pytest.MonkeyPatch, refuses: bool
) -> None:
    async def silent(*_paths: Path, **_options: Any) -> AsyncIterator[set[Any]]:
        if refuses:
            raise OSError("OS file watch limit reached")
        await asyncio.Event().wait()
        yield set()

    monkeypatch.setattr("demo.live.changes.awatch", silent)
    async with at_a_desk(original) as desk:
        text = original.read("domain/help.yml")
        before = time.monotonic()
        original.write("domain/help.yml", "")
        await desk.until(lambda: "Файл пуст" in desk.page.shown.get("error", ""))
        original.write("domain/help.yml", text)
        await desk.until(lambda: "error" not in desk.page.shown)
        assert time.monotonic() - before < 2 * SOON


async def test_a_bot_that_is_away_is_told(desk: Desk) -> None:
    desk.bot.away = True
    desk.project.change("domain/help.yml", THANKS, "Не за что!")
    await desk.until(lambda: "error" in desk.page.shown)
    assert "Бот не взял изменения" in desk.page.shown["error"]


async def test_files_taken_back_are_learnt_again_when_the_studio_gave_the_bot_another_model(
    desk: Desk,
) -> None:
    desk.project.change("domain/help.yml", THANKS, "Не за что!")
    await desk.until(lambda: "success" in desk.page.shown)
    save_a_path(desk)
    await desk.until(lambda: len(desk.trainings) == 1)
    desk.bot.answers_with = "model-of-the-studio.tar.gz"
    desk.project.restore()
    await desk.until(lambda: len(desk.trainings) == 2)
    desk.trainings[1].outcome.set_result(Path("model-of-the-files.tar.gz"))
    await desk.until(lambda: desk.bot.models)
    assert desk.bot.answers_with == "model-of-the-files.tar.gz"


async def test_a_model_that_was_there_says_nothing_of_how_long_a_training_takes(
    desk: Desk,
) -> None:
    save_a_path(desk)
    await desk.until(lambda: len(desk.trainings) == 1)
    desk.trainings[0].is_known = True
    desk.trainings[0].outcome.set_result(Path("model-known.tar.gz"))
    await desk.until(lambda: desk.bot.models and "progress" not in desk.page.shown)
    desk.project.restore()
    await desk.until(lambda: len(desk.trainings) == 2 and "progress" in desk.page.shown)
    assert "обычно 40" in desk.page.shown["progress"]
