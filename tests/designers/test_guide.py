"""The guide can be followed by the letter: every recipe is, on a copy of the project."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.designers.guide import Recipe, follow, recipes
from tests.designers.project_copy import ROOT, ProjectCopy, copy_project
from tools.check_talk.checks import check
from tools.check_talk.code import Code
from tools.check_talk.coverage.unasked import unasked
from tools.check_talk.kinds.phrases import GOAL, LEAST_MEASURED, LEAST_PHRASES

GUIDE = ROOT / "docs" / "designers.md"
RECIPES = recipes(GUIDE)
EDITING = [recipe for recipe in RECIPES.values() if recipe.edits]
IN_WORDS = {5: "пять", 15: "пятнадцать", 20: "двадцать"}
IN_WORDS_OF = {20: "двадцати", 60: "шестьдесят"}
WANTED = {
    "Изменить фразу бота",
    "Добавить кнопку",
    "Научить понимать новую фразу",
    "Добавить вопрос с ответом",
    "Переименовать намерение",
    "Убрать вопрос",
    "Добавить шаг в форму",
    "Написать проверку разговора",
}
NEW_PHRASES = {
    "вам бы памятник поставить": "thank",
    "как переоформить счёт на себя": "ask_owner_change",
    "подскажите, как переоформить счёт на нового хозяина": "ask_owner_change",
}


def test_the_guide_has_its_recipes() -> None:
    assert {recipe.title for recipe in EDITING} == WANTED
    assert {"Прочитать отчёт", "Отменить", "Как работать"} <= set(RECIPES)


@pytest.mark.parametrize("recipe", EDITING, ids=[recipe.title for recipe in EDITING])
def test_a_recipe_by_itself_leaves_nothing_wrong(recipe: Recipe, project: ProjectCopy) -> None:
    assert follow(recipe, project) > 0
    findings = check(project.root)
    assert [problem.told() for problem in findings.errors] == []
    assert findings.project is not None
    assert [problem.told() for problem in unasked(findings.project, Code(project.root))] == []


def test_the_recipes_change_what_they_say_they_change(project: ProjectCopy) -> None:
    before = check(project.root).project
    for recipe in EDITING:
        follow(recipe, project)
    after = check(project.root).project
    assert before is not None
    assert after is not None
    assert after.responses["utter_thank"].variations[0].text == "Пожалуйста! Обращайтесь."
    menus = [one.responses["utter_main_menu"].variations[0].buttons for one in (before, after)]
    assert len(menus[1]) == len(menus[0]) + 1
    assert {phrase.text for phrase in after.phrases} >= set(list(NEW_PHRASES)[:2])
    assert after.names("intents") - before.names("intents") == {
        "ask_owner_change",
        "submit_complaint",
    }
    assert before.names("intents") - after.names("intents") == {"complaint", "goodbye"}
    assert after.responses["utter_wish_submit_complaint"].variations[0].text == "Пожаловаться"
    assert after.forms["unlink_account_form"] == [
        "account_to_unlink",
        "answer_moving_confirmed",
        "unlink_confirmed",
    ]
    assert len(after.tests) == len(before.tests) + 2


def test_every_command_of_the_guide_is_a_target_of_the_makefile_or_of_git() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = [command for recipe in RECIPES.values() for command in recipe.commands]
    assert {"make talk", "make check-talk", "make nlu", "git diff"} <= set(commands)
    for command in commands:
        tool, what = command.split()[:2]
        assert (tool == "make" and what in targets) or (tool == "git"), command
    mentioned = set(re.findall(r"`make ([a-z-]+)", GUIDE.read_text(encoding="utf-8")))
    assert mentioned <= targets


def test_the_guide_asks_for_as_many_phrases_as_the_check(project: ProjectCopy) -> None:
    said = " ".join(GUIDE.read_text(encoding="utf-8").split())
    aside = f"{IN_WORDS[LEAST_MEASURED['dev.tsv']]} в `tests/nlu/dev.tsv` и "
    assert aside + IN_WORDS[LEAST_MEASURED["test.tsv"]] in said
    assert f"{IN_WORDS[sum(LEAST_MEASURED.values())]} фраз, которых нет в `nlu.yml`" in said
    least, goal = (IN_WORDS_OF[number] for number in (LEAST_PHRASES, GOAL))
    assert f"Начать можно с {least} фраз, для работы нужно {goal}" in said


def test_the_guide_names_every_file_that_names_the_form_of_its_recipe() -> None:
    chapter = (
        GUIDE.read_text(encoding="utf-8").split("## Добавить шаг в форму")[1].split("\n## ")[0]
    )
    table = chapter[chapter.index("| Где | Что |") :]
    naming = {
        path.relative_to(ROOT).as_posix()
        for folder in ("domain", "data/accounts")
        for path in (ROOT / folder).glob("*.yml")
        if "unlink_account_form" in path.read_text(encoding="utf-8")
    }
    assert naming <= set(re.findall(r"`([\w/]+\.yml)`", table))


def test_everything_the_guide_mentions_exists() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text):
        assert (GUIDE.parent / picture).exists()
    for path in re.findall(r"`((?:domain|data|tests)/[\w./]+)`", text):
        assert (ROOT / path).exists(), path


def test_a_change_is_taken_back_as_the_guide_says(tmp_path: Path) -> None:
    project = ProjectCopy(tmp_path)
    (tmp_path / "domain").mkdir()
    (tmp_path / "domain" / "help.yml").write_text((ROOT / "domain" / "help.yml").read_text())
    identity = ["-c", "user.name=d", "-c", "user.email=d@example.org"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    before = project.read("domain/help.yml")
    follow(RECIPES["Изменить фразу бота"], project)
    shown, taken_back = RECIPES["Отменить"].commands
    said = subprocess.run(shown.split(), cwd=tmp_path, check=True, capture_output=True, text=True)
    assert "Обращайтесь" in said.stdout
    subprocess.run(taken_back.split(), cwd=tmp_path, check=True, capture_output=True)
    assert project.read("domain/help.yml") == before


@pytest.mark.model
def test_all_recipes_together_pass_the_whole_check_and_work(tmp_path: Path) -> None:
    """One training: the conversation tests pass, everything is reached, the phrases are known."""
    project = copy_project(tmp_path / "project", model=True)
    for recipe in EDITING:
        follow(recipe, project)
    command = [sys.executable, "-m", "tools.check_talk"]
    done = subprocess.run(
        command, cwd=project.root, capture_output=True, text=True, timeout=900, check=False
    )
    assert "Все разговоры получаются" in done.stdout, done.stdout + done.stderr
    assert "Разговоры и тесты доходят до всего" in done.stdout, done.stdout
    assert understood(project.root, list(NEW_PHRASES)) == list(NEW_PHRASES.values())


@pytest.mark.model
def test_what_the_bot_is_taught_by_the_recipe_it_takes_for_none_of_ours_before() -> None:
    (phrase, *_) = NEW_PHRASES
    recipe = RECIPES["Научить понимать новую фразу"]
    assert f"      - {phrase}\n" in [block.code for block in recipe.blocks]
    assert understood(ROOT, [phrase]) == ["out_of_scope"]
    answer = (ROOT / "domain" / "out_of_scope.yml").read_text(encoding="utf-8")
    (said,) = re.findall(r"отвечает «([^»]+)»", recipe.blocks[0].sentence)
    assert said in answer


def understood(root: Path, phrases: list[str]) -> list[str]:
    """The intents of the phrases for the newest model of a project."""
    code = (
        "import asyncio, sys; from pathlib import Path; from server.models import newest_model; "
        "from rasa.core.agent import Agent; agent = Agent.load(str(newest_model(Path('models')))); "
        "[print('>', asyncio.run(agent.parse_message(t))['intent']['name']) for t in sys.argv[1:]]"
    )
    asked = subprocess.run(
        [sys.executable, "-c", code, *phrases], cwd=root, capture_output=True, text=True, check=True
    )
    return [line[2:] for line in asked.stdout.splitlines() if line.startswith("> ")]
