"""A training in its own process: the new model is taken, a failure changes nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from studio.elsewhere import TrainingElsewhere
from studio.training import AlreadyTraining, Training
from studio.usual import Usual
from tests.durability_fakes import eventually
from tests.studio.studio_fakes import FakeBot

GOOD = "open('models/new.tar.gz', 'w').write('good'); print('trained')"
BAD = "open('models/new.tar.gz', 'w').write('bad')"
FAILS = "print('a\\n' * 50); print('line 7 is wrong'); raise SystemExit(3)"
CHILD = "import subprocess, sys; print(subprocess.run([sys.executable, '-c', {!r}]))"
LASTS = "import time; open('begun', 'w'); time.sleep(300)"


@pytest.fixture
def models(project: Path) -> Path:
    folder = project / "models"
    folder.mkdir()
    return folder


def training(project: Path, bot: FakeBot, script: str, check: str = "pass") -> Training:
    command, before = ([sys.executable, "-c", one] for one in (script, check))
    return Training(project, bot.take, command, before)


async def test_the_new_model_answers_after_the_training(
    project: Path, models: Path, bot: FakeBot
) -> None:
    one = training(project, bot, GOOD)
    one.start()
    assert (one.state, bot.model) == ("training", "old.tar.gz")
    await one.wait()
    assert (one.state, bot.model) == ("done", "new.tar.gz")
    assert one.seconds > 0


async def test_files_with_a_mistake_are_not_trained_and_the_mistake_is_told(
    project: Path, models: Path, bot: FakeBot
) -> None:
    check = "print('data/help/rules.yml:7  no such intent'); raise SystemExit(1)"
    one = training(project, bot, GOOD, check)
    one.start()
    await one.wait()
    assert (one.state, bot.model) == ("failed", "old.tar.gz")
    assert one.said == ["data/help/rules.yml:7  no such intent"]
    assert os.listdir(models) == []


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (FAILS, "line 7 is wrong"),
        (BAD, "ValueError: not a model"),
        ("pass", "ValueError"),
        ("import os; os.kill(os.getpid(), 9)", ""),
    ],
)
async def test_a_failure_is_told_and_the_old_model_stays(
    project: Path, models: Path, bot: FakeBot, script: str, said: str
) -> None:
    one = training(project, bot, script)
    one.start()
    await one.wait()
    assert (one.state, bot.model) == ("failed", "old.tar.gz")
    assert said in "\n".join(one.said)
    assert len(one.said) <= 12


async def test_after_a_failure_one_can_try_again(project: Path, models: Path, bot: FakeBot) -> None:
    one = training(
        project, bot, "import os; " + GOOD + "; raise SystemExit(not os.path.exists('ok'))"
    )
    one.start()
    await one.wait()
    assert one.state == "failed"
    (project / "ok").touch()
    one.start()
    await one.wait()
    assert (one.state, one.said) == ("done", [])


@pytest.mark.parametrize("mended", ["data/help/nlu.yml", "models/another.tar.gz"])
@pytest.mark.parametrize(("script", "ended"), [(FAILS, "failed"), (GOOD, "done")])
async def test_how_it_ended_is_told_until_a_file_or_a_model_changes(
    project: Path, models: Path, bot: FakeBot, script: str, ended: str, mended: str
) -> None:
    one = training(project, bot, script)
    one.start()
    await one.wait()
    assert one.state == ended
    (project / "README.md").write_text("no part of a training")
    assert one.state == ended
    (project / mended).write_text("mended")
    assert (one.state, one.said, one.seconds) == ("idle", [], 0)


def test_a_training_elsewhere_is_shown_and_can_not_be_begun_here() -> None:
    one = TrainingElsewhere()
    assert (one.state, one.seconds) == ("idle", 0)
    one.tell("training", usual=60, again=True, said=[])
    assert (one.state, one.again, one.usual.seconds) == ("training", True, 60)
    assert one.seconds > 0
    with pytest.raises(AlreadyTraining):
        one.start()
    one.tell("done", usual=55, again=False, said=[])
    took = one.seconds
    assert took > 0
    assert one.seconds == took
    one.tell("failed", usual=55, again=False, said=["data/help/nlu.yml:7  no"])
    assert (one.seconds, one.said) == (0, ["data/help/nlu.yml:7  no"])


async def test_a_model_that_was_found_again_says_nothing_of_how_long_a_training_takes(
    project: Path, models: Path, bot: FakeBot
) -> None:
    one = training(project, bot, "import time; time.sleep(0.2); " + GOOD)
    guess = one.usual.seconds
    one.start()
    await one.wait()
    took = one.usual.seconds
    assert 0.2 <= took < guess
    one.start()
    await one.wait()
    assert one.state == "done"
    assert one.usual.seconds == took


def test_the_usual_time_is_that_of_the_last_ones() -> None:
    usual = Usual(45)
    assert usual.seconds == 45
    usual.note(160)
    assert usual.seconds == 160
    for seconds in (50, 52, 900, 48, 51):
        usual.note(seconds)
    assert usual.seconds == 51


async def test_there_is_one_training_at_a_time_and_stopping_ends_all_of_it(
    project: Path, models: Path, bot: FakeBot
) -> None:
    one = training(project, bot, CHILD.format(LASTS))
    one.start()
    with pytest.raises(AlreadyTraining):
        one.start()

    async def has_begun() -> bool:
        return (project / "begun").exists()

    await eventually(has_begun)
    children = psutil.Process().children(recursive=True)
    begun = [each for each in children if LASTS in each.cmdline()]
    assert len(begun) == 1
    await one.stop()
    _, alive = psutil.wait_procs(begun, timeout=10)
    assert alive == []
    assert (one.state, bot.model) == ("failed", "old.tar.gz")
