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
        # What the studio shows of the training, the last at the end.
        self.told: list[dict[str, Any]] = [{"state": "idle"}]

    async def learning(self, told: dict[str, Any]) -> bool:
        self.told.append(told)
        self.changed.set()
        return True

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


async def test_a_newer_change_begins_a_training_anew_that_has_only_just_begun(desk: Desk) -> None:
    save_a_path(desk)
    await desk.until(lambda: len(desk.trainings) == 1 and "progress" in desk.page.shown)
    await desk.trainings[0].started.wait()
    desk.project.append("data/help/nlu.yml", "      - чем вы можете быть нам полезны сегодня\n")
    await desk.until(lambda: len(desk.trainings) == 2)
    assert desk.trainings[0].stopped


def save_a_phrase(desk: Desk, phrase: str) -> None:
    desk.project.append("data/help/nlu.yml", f"      - {phrase}\n")


async def begin_a_training_that_goes_on(desk: Desk, patch: pytest.MonkeyPatch) -> FakeTraining:
    patch.setattr("demo.live.changes.JUST_BEGUN", 0.0)
    save_a_path(desk)
    await desk.until(lambda: len(desk.trainings) == 1 and "progress" in desk.page.shown)
    await desk.trainings[0].started.wait()
    return desk.trainings[0]


async def test_a_training_goes_on_while_files_are_saved_and_one_more_follows(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await begin_a_training_that_goes_on(desk, monkeypatch)
    for phrase in ("чем вы можете быть нам полезны", "чем вы можете быть ему полезны"):
        save_a_phrase(desk, phrase)
        await desk.until(lambda: "ещё раз: файлы изменились" in desk.page.shown["progress"])
        desk.page.shown["progress"] = ""
    assert desk.bot.told[-1]["again"] is True
    first.outcome.set_result(Path("models/first.tar.gz"))
    await desk.until(lambda: len(desk.trainings) == 2)
    assert desk.bot.answers_with == "first.tar.gz"
    await desk.until(lambda: desk.bot.told[-1]["state"] == "training")
    assert desk.bot.told[-1]["again"] is False
    desk.trainings[1].outcome.set_result(Path("models/second.tar.gz"))
    await desk.until(lambda: desk.bot.told[-1]["state"] == "done")
    assert desk.bot.answers_with == "second.tar.gz"
    assert (len(desk.trainings), first.stopped) == (2, False)


async def test_what_waits_is_not_learnt_once_it_has_been_taken_back_or_spoilt(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await begin_a_training_that_goes_on(desk, monkeypatch)
    before = desk.project.read("data/help/nlu.yml")
    for spoilt in (before, before + "  - intent: [\n"):
        save_a_phrase(desk, "чем вы можете быть нам полезны")
        await desk.until(lambda: desk.bot.told[-1]["again"])
        desk.project.write("data/help/nlu.yml", spoilt)
        await desk.until(lambda: not desk.bot.told[-1]["again"])
    first.outcome.set_result(Path("models/first.tar.gz"))
    await desk.until(lambda: desk.bot.told[-1]["state"] == "failed")
    assert (len(desk.trainings), desk.bot.answers_with) == (1, "first.tar.gz")


async def test_a_refusal_of_files_that_have_changed_since_is_not_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await begin_a_training_that_goes_on(desk, monkeypatch)
    save_a_phrase(desk, "чем вы можете быть нам полезны")
    await desk.until(lambda: desk.bot.told[-1]["again"])
    first.outcome.set_exception(TrainingFailed(CONTRADICTION))
    await desk.until(lambda: len(desk.trainings) == 2)
    assert "error" not in desk.page.shown


async def test_a_text_that_was_taken_away_stays_with_the_training_that_knows_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.live.changes.JUST_BEGUN", 0.0)
    desk.project.append("domain/help.yml", '  utter_short:\n    - text: "Коротко."\n')
    desk.project.change(
        "data/help/rules.yml",
        "      - action: utter_thank\n",
        "      - action: utter_thank\n      - action: utter_short\n",
    )
    await desk.until(lambda: desk.trainings and "utter_short" in desk.bot.responses)
    await desk.trainings[0].started.wait()
    desk.project.change("data/help/rules.yml", "utter_short", "utter_contacts")
    desk.project.change("domain/help.yml", '  utter_short:\n    - text: "Коротко."\n', "")
    desk.project.change("domain/help.yml", THANKS, "Не за что!")
    await desk.until(lambda: desk.bot.told[-1]["again"] and "utter_short" not in desk.bot.responses)
    desk.trainings[0].outcome.set_result(Path("models/first.tar.gz"))
    await desk.until(lambda: desk.bot.models)
    responses = desk.bot.models[0][1]
    assert responses["utter_short"][0]["text"] == "Коротко."
    assert responses["utter_thank"][0]["text"] == "Не за что!"


async def test_the_studio_is_told_of_the_training_and_why_there_is_none(desk: Desk) -> None:
    save_a_path(desk)
    await desk.until(lambda: desk.bot.told[-1]["state"] == "training")
    assert desk.bot.told[-1]["usual"] == 40
    await desk.trainings[0].started.wait()
    desk.trainings[0].outcome.set_result(Path("models/new.tar.gz"))
    await desk.until(lambda: desk.bot.told[-1]["state"] == "done")
    assert "loading" in [told["state"] for told in desk.bot.told]
    line = desk.project.change("domain/help.yml", f'"{THANKS}"', f'"{THANKS}')
    await desk.until(lambda: desk.bot.told[-1]["state"] == "failed")
    assert f"domain/help.yml:{line}" in desk.bot.told[-1]["said"][0]
    desk.project.change("domain/help.yml", f'"{THANKS}', f'"{THANKS}"')
    await desk.until(lambda: desk.bot.told[-1]["state"] == "done")
    assert desk.bot.told[-1]["said"] == []


async def test_a_training_that_takes_longer_than_usual_says_so(
    original: ProjectCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.live.changes.USUAL_SECONDS", 0.0)
    async with at_a_desk(original) as desk:
        save_a_path(desk)
        await desk.until(lambda: "progress" in desk.page.shown)
        assert "с, дольше обычного" in desk.page.shown["progress"]


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


async def test_a_mistake_that_is_taken_back_is_told_to_be_gone(desk: Desk) -> None:
    before = desk.project.read("domain/help.yml")
    desk.project.change("domain/help.yml", THANKS, "Рад помочь, {name}!")
    await desk.until(lambda: "error" in desk.page.shown)
    desk.project.write("domain/help.yml", before)
    await desk.until(lambda: "Ошибок больше нет" in desk.page.shown.get("success", ""))
    assert "error" not in desk.page.shown
    assert desk.bot.responses == {}


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
