"""Whatever a designer can break is found, at its line, and told in Russian."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.designers.project_copy import ROOT, ProjectCopy
from tools.check_talk.__main__ import main
from tools.check_talk.checks import check
from tools.check_talk.documents import read
from tools.check_talk.problems import WORDING, Place, Problem

HELP = "domain/help.yml"
THANKS = '"Пожалуйста! Рад помочь."'
MISTAKES = yaml.safe_load(Path(__file__).with_name("mistakes.yml").read_text(encoding="utf-8"))[
    "mistakes"
]
SHAPES = [
    "",
    "nlu",
    "- 1\n- 2\n",
    "nlu: 5\n",
    "rules:\n  - 7\n",
    "stories: {a: b}\n",
    "rules:\n  - rule: x\n    steps:\n      - [1]\n",
    "nlu:\n  - intent: x\n",
    "nlu:\n  - intent: thank\n    examples: 5\n",
    "responses: [1]\n",
    "responses:\n  utter_x: 5\n",
    "slots:\n  x: 5\nforms:\n  x: 5\n",
    "\x07: 1\n",
    "a: &b *b\n",
]


def test_the_project_itself_has_nothing_wrong() -> None:
    assert [problem.told() for problem in check(ROOT).problems] == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=[mistake["what"] for mistake in MISTAKES])
def test_a_mistake_is_found_where_it_stands(project: ProjectCopy, mistake: dict[str, Any]) -> None:
    path, new = mistake["file"], mistake["new"]
    line = project.change(path, mistake["old"], new)
    problems = check(project.root).problems
    found = [problem for problem in problems if problem.kind == mistake["kind"]]
    told = [problem.told() for problem in problems]
    assert found, told
    if not mistake.get("elsewhere"):
        lines = range(line, line + new.count("\n") + 1)
        assert any(one.place.file == path and one.place.line in lines for one in found), told
    assert all(re.search("[а-я]{3}", one.sentence) for one in found)
    if wanted := mistake.get("says"):
        assert wanted in told[0]


def test_a_phrase_to_measure_with_is_not_learnt(project: ProjectCopy) -> None:
    measured = project.read("tests/nlu/test.tsv").splitlines()[1].split("\t")[1]
    project.change("data/help/nlu.yml", "      - спасибо\n", f"      - {measured}\n")
    assert "measured_phrase" in {problem.kind for problem in check(project.root).problems}


def test_a_misspelt_name_gets_a_suggestion(project: ProjectCopy) -> None:
    project.change("data/help/rules.yml", "- action: utter_thank\n", "- action: utter_thnk\n")
    (problem,) = [one for one in check(project.root).problems if one.kind == "unknown_response"]
    assert "Может быть, «utter_thank»?" in problem.told()
    assert "- action: utter_thnk" in problem.told()


def test_a_file_of_another_encoding_is_told(project: ProjectCopy) -> None:
    text = project.read(HELP)
    (project.root / HELP).write_bytes(text.encode("cp1251"))
    found = check(project.root).problems
    (project.root / HELP).write_text(text, encoding="utf-8")
    (problem,) = found
    assert problem.kind == "not_utf8"
    # The first line that would be read wrongly, as its writer meant it.
    line = next(at for at, one in enumerate(text.split("\n"), start=1) if not one.isascii())
    assert problem.place == Place(HELP, line, text.split("\n")[line - 1])
    assert "Windows-1251" in problem.told()


def test_a_file_of_two_bytes_a_letter_is_told(project: ProjectCopy) -> None:
    text = project.read(HELP)
    (project.root / HELP).write_bytes(text.encode("utf-16"))
    found = check(project.root).problems
    (project.root / HELP).write_text(text, encoding="utf-8")
    assert [problem.kind for problem in found] == ["not_utf8"]
    assert "UTF-16" in found[0].told()


def test_a_file_that_was_cut_in_the_middle_of_a_letter_is_told(project: ProjectCopy) -> None:
    text = project.read(HELP)
    whole = text[: text.rindex("счётчиком") + 4]
    (project.root / HELP).write_bytes(whole.encode()[:-1])
    (problem,) = check(project.root).problems
    (project.root / HELP).write_text(text, encoding="utf-8")
    assert problem.kind == "cut_file"
    last = whole.split("\n")
    assert problem.place == Place(HELP, len(last), last[-1][:-1])


@pytest.mark.parametrize(
    ("path", "sign"),
    [
        (HELP, "data/help/"),
        ("domain/out_of_scope.yml", "data/out_of_scope/"),
        ("domain.yml", "domain/"),
        ("data/help/nlu.yml", "domain"),
        ("data/help/rules.yml", "domain"),
        ("data/reminders/nlu.yml", "domain/reminders.yml"),
    ],
)
def test_a_file_that_is_gone_is_the_only_thing_told(
    project: ProjectCopy, path: str, sign: str
) -> None:
    project.remove(path)
    (problem,) = check(project.root).problems
    assert (problem.kind, problem.place) == ("file_gone", Place(path, 0))
    assert sign in problem.sentence
    assert f"git checkout -- {path}" in problem.hint


def test_a_file_of_another_name_is_told_where_it_was_and_what_it_is_called_now(
    project: ProjectCopy,
) -> None:
    project.move(HELP, "domain/helps.yml")
    (problem,) = check(project.root).problems
    assert (problem.kind, problem.place.file) == ("file_gone", HELP)
    assert "Может быть, «domain/helps.yml»?" in problem.told()


@pytest.mark.parametrize("ending", [".yaml", ".yml.txt", ".YML.TXT"])
@pytest.mark.parametrize("path", [HELP, "data/help/nlu.yml", "tests/stories/test_help.yml"])
def test_a_file_of_another_ending_is_the_only_thing_told(
    project: ProjectCopy, path: str, ending: str
) -> None:
    renamed = path.replace(".yml", ending)
    project.move(path, renamed)
    (problem,) = check(project.root).problems
    assert (problem.kind, problem.place.file) == ("wrong_ending", renamed)
    assert Path(path).name in problem.hint


def test_a_folder_of_phrases_and_rules_that_is_gone_is_told(project: ProjectCopy) -> None:
    for path in sorted((project.root / "data" / "history").iterdir()):
        project.remove(path.relative_to(project.root).as_posix())
    (problem,) = check(project.root).problems
    assert (problem.kind, problem.place.file) == ("file_gone", "data/history/")


def test_conversation_tests_that_are_gone_are_remarked(project: ProjectCopy) -> None:
    project.remove("tests/stories/test_help.yml")
    (problem,) = check(project.root).problems
    assert (problem.kind, problem.is_error) == ("no_tests", False)
    assert problem.place.file == "tests/stories/test_help.yml"


@pytest.mark.parametrize(
    ("path", "copy"),
    [
        (HELP, "domain/help — копия.yml"),
        ("domain/out_of_scope.yml", "domain/Копия out_of_scope.yml"),
        ("data/help/rules.yml", "data/help/rules (1).yml"),
        ("data/help/nlu.yml", "data/help/nlu2.yml"),
        ("tests/stories/test_help.yml", "tests/stories/test_help — копия.yml"),
    ],
)
def test_a_copied_file_is_told_once_and_is_the_one_to_blame(
    project: ProjectCopy, path: str, copy: str
) -> None:
    project.write(copy, project.read(path))
    (problem,) = check(project.root).problems
    assert (problem.kind, problem.place) == ("copied_file", Place(copy, 0))
    assert path in problem.sentence


def test_a_caption_of_an_intent_that_was_renamed_gets_its_new_name(project: ProjectCopy) -> None:
    for path in (HELP, "data/help/nlu.yml", "data/help/rules.yml", "tests/stories/test_help.yml"):
        project.write(path, re.sub(r"\bcomplaint\b", "submit_complaint", project.read(path)))
    (problem,) = [one for one in check(project.root).problems if "utter_wish" in one.told()]
    assert "Может быть, «utter_wish_submit_complaint»?" in problem.hint


@pytest.mark.parametrize(
    "text", ["|\n        Могу:\n        — принять", '"Могу:\n\n        — принять"']
)
def test_a_text_may_have_a_line_that_begins_with_a_dash(project: ProjectCopy, text: str) -> None:
    project.change(HELP, THANKS, text)
    assert "wrong_dash" not in {problem.kind for problem in check(project.root).problems}


def test_marks_of_a_merge_are_told_in_a_set_to_measure_with(project: ProjectCopy) -> None:
    project.append("tests/nlu/dev.tsv", "<<<<<<< HEAD\n=======\n>>>>>>> phrases\n")
    (problem,) = check(project.root).problems
    assert (problem.kind, problem.place.file) == ("merge_marks", "tests/nlu/dev.tsv")


@pytest.mark.parametrize("path", [HELP, "data/help/nlu.yml", "tests/stories/test_help.yml"])
@pytest.mark.parametrize("text", ["", "\n\n", "# later\n", 'version: "3.1"\n'])
def test_an_empty_file_is_the_only_thing_told(project: ProjectCopy, path: str, text: str) -> None:
    project.write(path, text)
    (problem,) = check(project.root).problems
    assert (problem.kind, problem.place.file) == ("empty_file", path)


@pytest.mark.parametrize("path", [HELP, "data/help/nlu.yml", "tests/stories/test_help.yml"])
def test_line_ends_and_a_mark_of_windows_change_nothing(project: ProjectCopy, path: str) -> None:
    text = project.read(path)
    (project.root / path).write_bytes(("\ufeff" + text.replace("\n", "\r\n")).encode())
    found = check(project.root)
    (project.root / path).write_text(text, encoding="utf-8")
    assert found.problems == ()


def test_a_set_to_measure_with_of_another_encoding_is_told(project: ProjectCopy) -> None:
    path = "tests/nlu/dev.tsv"
    text = project.read(path)
    (project.root / path).write_bytes(text.encode("cp1251", "replace"))
    found = check(project.root).problems
    (project.root / path).write_text(text, encoding="utf-8")
    assert [(one.kind, one.place.file) for one in found] == [("not_utf8", path)]


def test_a_line_to_measure_with_that_has_no_tab_is_told(project: ProjectCopy) -> None:
    path = "tests/nlu/dev.tsv"
    text = project.read(path)
    project.write(path, text.rstrip("\n") + "\nthank большое человеческое мерси\n")
    (problem,) = check(project.root).problems
    assert (problem.kind, problem.place.line) == ("no_tab", text.rstrip("\n").count("\n") + 2)


def test_an_intent_to_measure_that_is_not_there_is_told(project: ProjectCopy) -> None:
    project.append("tests/nlu/dev.tsv", "thanks\tбольшое человеческое мерси\n")
    (problem,) = check(project.root).problems
    assert problem.kind == "unknown_intent"
    assert problem.place.file == "tests/nlu/dev.tsv"
    assert "исправьте имя" in problem.told()
    assert "удалите и это место" in problem.told()


def test_a_button_to_nowhere_is_told_once(project: ProjectCopy) -> None:
    button = '{title: "Мои счета", payload: /list_accounts}'
    project.write(
        "domain.yml",
        project.read("domain.yml").replace(
            button, '{title: "Мои счета", payload: /my_accounts}', 1
        ),
    )
    assert [problem.kind for problem in check(project.root).problems] == ["unknown_payload"]


def test_one_cause_in_many_places_is_told_once(project: ProjectCopy) -> None:
    project.change("domain/help.yml", "  - thank\n", "")
    told = [one.told() for one in check(project.root).problems if one.kind == "unknown_intent"]
    assert len(told) == 1
    assert re.search(r"ещё в \d+ мест", told[0])


def test_a_lost_text_of_the_program_is_told_where_it_belongs(project: ProjectCopy) -> None:
    for name in ("utter_balance_general", "utter_balance_paid"):
        project.write(HELP, re.sub(rf"  {name}:\n.*\n", "", project.read(HELP)))
        (problem,) = check(project.root).problems
        assert problem.kind == "missing_text"
        assert problem.place.file == HELP
        assert problem.place.text == "responses:"
        project.restore()


@pytest.mark.parametrize("text", SHAPES)
@pytest.mark.parametrize("path", [HELP, "data/help/nlu.yml", "tests/stories/test_help.yml"])
def test_a_file_of_any_shape_is_read_without_failing(
    project: ProjectCopy, path: str, text: str
) -> None:
    project.write(path, text)
    for problem in check(project.root).problems:
        assert problem.told()


def test_every_kind_of_problem_has_its_words_and_every_words_a_problem() -> None:
    kinds = yaml.safe_load(WORDING.read_text(encoding="utf-8"))["kinds"]
    code = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "tools" / "check_talk").rglob("*.py")
    )
    named = set(re.findall(r'"([a-z0-9_]+)"', code))
    named |= {f"yaml_{name}" for name in named} | {"unused_actions", "unused_forms"}
    assert set(kinds) <= named
    values = dict.fromkeys(set(re.findall(r"{(\w+)[:}]", WORDING.read_text(encoding="utf-8"))), 1)
    for kind in kinds:
        assert Problem(kind, Place("a.yml", 1, "x"), values).told()


def test_the_command_says_what_is_wrong_and_ends_with_one(project: ProjectCopy) -> None:
    project.change(HELP, THANKS, THANKS[:-1])
    command = [sys.executable, "-m", "tools.check_talk", "--quick"]
    started = time.monotonic()
    done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{HELP}:" in done.stdout
    assert "Кавычка" in done.stdout
    assert time.monotonic() - started < 15
    project.restore()
    done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^  Прочитано: \d+ реплик[аи]?, ", done.stdout, re.MULTILINE)
    assert "\nВсё в порядке. " in done.stdout


def test_what_is_only_remarked_is_counted_and_is_no_error(
    project: ProjectCopy, capsys: pytest.CaptureFixture[str]
) -> None:
    project.change("data/help/nlu.yml", "      - спасибо\n", "      - спасибо\n      - Спасибо!\n")
    assert main(["--quick", str(project.root)]) == 0
    said = capsys.readouterr().out
    assert "\nОшибок нет, 1 замечание (см. выше). " in said
    assert said.count("Ошибок") == 1
    assert "Всё в порядке" not in said


def test_errors_are_counted_in_words_that_fit(
    project: ProjectCopy, capsys: pytest.CaptureFixture[str]
) -> None:
    project.change("data/help/nlu.yml", "      - спасибо\n", "      - спасибо\n      - Спасибо!\n")
    project.change("data/help/rules.yml", "- action: utter_thank\n", "- action: utter_thnk\n")
    project.change("data/help/rules.yml", "- intent: goodbye\n", "- intent: godbye\n")
    assert main(["--quick", str(project.root)]) == 1
    said = capsys.readouterr().out
    assert re.search(r"^Здесь \d (ошибка|ошибки|ошибок) и 1 замечание\.$", said, re.MULTILINE)


def test_lines_are_those_of_the_file_for_every_value(project: ProjectCopy) -> None:
    document, problems = read(project.root, project.root / HELP)
    assert document is not None
    assert problems == []
    for name in document.content["responses"]:
        assert document.place("responses", name).text.strip().startswith(f"{name}:")


def test_nothing_heavy_is_imported_for_the_files(project: ProjectCopy) -> None:
    code = (
        "import sys, pathlib; from tools.check_talk.checks import check; "
        "check(pathlib.Path('.').resolve()); "
        "print(sorted({'rasa', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project.root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_folder_without_a_project_is_no_crash(project: ProjectCopy) -> None:
    assert all(problem.told() for problem in check(project.root / "docs").problems)
