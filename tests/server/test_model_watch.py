"""A running bot takes newer models by itself, and no broken ones."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from rasa.core.agent import Agent
from sanic import Sanic

from server.model_watch import ModelWatch
from server.turns import RasaTurns
from tests.durability_fakes import eventually


class Bot:
    """A running bot whose agents are the names of their files."""

    def __init__(self, model: Path) -> None:
        self.model = model
        self.turns: RasaTurns | None = RasaTurns(cast(Agent, model.name))

    @property
    def answers_with(self) -> Any:
        return self.turns and self.turns.agent


class Loader:
    """Loads a file that says «good»; waits for `may_end`, outside of the loop as Rasa does."""

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.begun = threading.Event()
        self.may_end = threading.Event()
        self.may_end.set()

    def __call__(self, model: Path) -> Agent:
        self.loaded.append(model.name)
        self.begun.set()
        assert threading.current_thread() is not threading.main_thread()
        assert self.may_end.wait(5)
        if model.read_text() != "good":
            raise ValueError("not a model")
        return cast(Agent, model.name)


Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Writes a model; later ones are newer."""
    clock = iter(range(1, 100))

    def save_(name: str, content: str = "good") -> Path:
        path = tmp_path / name
        path.write_text(content)
        moment = next(clock)
        os.utime(path, (moment, moment))
        return path

    return save_


@pytest.fixture
def bot(save: Save) -> Bot:
    return Bot(save("old.tar.gz"))


@pytest.fixture
def load() -> Loader:
    return Loader()


@pytest.fixture
def watch(bot: Bot, load: Loader) -> ModelWatch:
    return ModelWatch(bot, 0.01, load)


async def look_twice(watch: ModelWatch) -> None:
    await watch.look()
    await watch.look()


async def test_a_newer_model_answers_from_now_on(
    bot: Bot, load: Loader, watch: ModelWatch, save: Save
) -> None:
    new = save("new.tar.gz")
    await look_twice(watch)
    assert (bot.answers_with, bot.model) == ("new.tar.gz", new)
    await look_twice(watch)
    assert load.loaded == ["new.tar.gz"]


async def test_the_model_of_the_start_is_not_loaded_again(load: Loader, watch: ModelWatch) -> None:
    await look_twice(watch)
    assert load.loaded == []


async def test_the_old_model_answers_while_the_new_one_loads(
    bot: Bot, load: Loader, watch: ModelWatch, save: Save
) -> None:
    save("new.tar.gz")
    load.may_end.clear()
    await watch.look()
    looking = asyncio.create_task(watch.look())
    assert await asyncio.to_thread(load.begun.wait, 5)
    assert bot.answers_with == "old.tar.gz"
    load.may_end.set()
    await looking
    assert bot.answers_with == "new.tar.gz"


async def test_a_file_that_is_still_being_written_is_left_alone(
    bot: Bot, load: Loader, watch: ModelWatch, save: Save
) -> None:
    for part in ("g", "go", "goo"):
        save("new.tar.gz", part)
        await watch.look()
    assert load.loaded == []
    save("new.tar.gz")
    await look_twice(watch)
    assert bot.answers_with == "new.tar.gz"


async def test_a_broken_model_is_told_of_once_and_tried_again_when_it_changes(
    bot: Bot,
    load: Loader,
    watch: ModelWatch,
    save: Save,
    caplog: pytest.LogCaptureFixture,
) -> None:
    save("new.tar.gz", "bad")
    for _ in range(4):
        await watch.look()
    assert bot.answers_with == "old.tar.gz"
    assert load.loaded == ["new.tar.gz"]
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "the model new.tar.gz can't be used; the old one stays"
    ]
    save("new.tar.gz")
    await look_twice(watch)
    assert bot.answers_with == "new.tar.gz"


async def test_when_the_newest_model_goes_the_one_before_it_answers(
    bot: Bot, watch: ModelWatch, save: Save
) -> None:
    new = save("new.tar.gz")
    await look_twice(watch)
    new.unlink()
    await look_twice(watch)
    assert bot.answers_with == "old.tar.gz"


async def test_an_empty_folder_changes_nothing(bot: Bot, watch: ModelWatch) -> None:
    bot.model.unlink()
    await look_twice(watch)
    assert bot.answers_with == "old.tar.gz"


async def test_nothing_is_taken_before_the_first_model_answers(
    bot: Bot, load: Loader, watch: ModelWatch, save: Save
) -> None:
    bot.turns = None
    save("new.tar.gz")
    await look_twice(watch)
    assert load.loaded == []


async def test_two_that_want_the_same_model_load_it_once(
    bot: Bot, load: Loader, watch: ModelWatch, save: Save
) -> None:
    new = save("new.tar.gz")
    await asyncio.gather(watch.take(new), watch.take(new))
    await look_twice(watch)
    assert load.loaded == ["new.tar.gz"]
    assert bot.answers_with == "new.tar.gz"


async def test_who_asks_for_a_broken_model_is_told(
    bot: Bot, load: Loader, watch: ModelWatch, save: Save
) -> None:
    with pytest.raises(ValueError, match="not a model"):
        await watch.take(save("new.tar.gz", "bad"))
    await look_twice(watch)
    assert load.loaded == ["new.tar.gz"]
    assert bot.answers_with == "old.tar.gz"


async def test_it_watches_from_the_start_of_the_server_to_its_stop(
    bot: Bot, watch: ModelWatch, save: Save
) -> None:
    listeners: dict[str, Any] = {}

    class App:
        def listener(self, event: str) -> Callable[[Any], None]:
            return lambda handler: listeners.update({event: handler})

    watch.attach(cast(Sanic, App()))
    await listeners["after_server_start"](None, asyncio.get_running_loop())
    save("new.tar.gz")

    async def is_taken() -> bool:
        return bool(bot.answers_with == "new.tar.gz")

    await eventually(is_taken)
    await listeners["before_server_stop"](None, asyncio.get_running_loop())
    save("newer.tar.gz")
    await asyncio.sleep(0.1)
    assert bot.answers_with == "new.tar.gz"
