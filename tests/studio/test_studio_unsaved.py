"""The line «what is left to be saved» follows the working tree, whoever changes it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from studio.files import ProjectFiles
from studio.phrases import Gone, Phrases, Refused
from tests.studio.studio_fakes import FILES, add, write_project

HELP, ACCOUNTS = "data/help/nlu.yml", "data/accounts/nlu.yml"


@pytest.fixture
def files(project: Path) -> ProjectFiles:
    return ProjectFiles(project)


@pytest.fixture
def phrases(files: ProjectFiles) -> Phrases:
    return Phrases(files, "Из переписки")


def git(project: Path, *arguments: str) -> None:
    who = ("-c", "user.name=designer", "-c", "user.email=designer@localhost")
    subprocess.run(["git", *who, *arguments], cwd=project, check=True, capture_output=True)


@pytest.fixture
def committed(project: Path) -> Path:
    git(project, "init", "--quiet")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message=all")
    return project


def test_what_was_written_is_named_in_its_order(files: ProjectFiles, phrases: Phrases) -> None:
    assert files.unsaved() == []
    add(phrases, "thank", ["мерси"])
    add(phrases, "list_accounts", ["счета покажи"])
    add(phrases, "thank", ["мерси вам"])
    assert files.unsaved() == [HELP, ACCOUNTS]


def test_what_was_put_back_by_hand_is_forgotten(
    project: Path, files: ProjectFiles, phrases: Phrases
) -> None:
    add(phrases, "thank", ["мерси"])
    add(phrases, "list_accounts", ["счета покажи"])
    (project / HELP).write_text(FILES[HELP], encoding="utf-8")
    assert files.unsaved() == [ACCOUNTS]
    (project / HELP).write_text(FILES[HELP] + "\n# рукой\n", encoding="utf-8")
    assert files.unsaved() == [ACCOUNTS]
    add(phrases, "thank", ["мерси"])
    assert files.unsaved() == [ACCOUNTS, HELP]


def test_what_was_committed_is_saved(
    committed: Path, files: ProjectFiles, phrases: Phrases
) -> None:
    add(phrases, "thank", ["мерси"])
    assert files.unsaved() == [HELP]
    git(committed, "add", HELP)
    assert files.unsaved() == [HELP]
    git(committed, "commit", "--quiet", "--message=thanks")
    assert files.unsaved() == []
    add(phrases, "thank", ["мерси вам"])
    assert files.unsaved() == [HELP]
    git(committed, "checkout", "--", HELP)
    assert files.unsaved() == []


def test_the_project_may_be_a_folder_of_the_repository(tmp_path: Path) -> None:
    files = ProjectFiles(write_project(tmp_path / "bot"))
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message=all")
    add(Phrases(files, "Из переписки"), "thank", ["мерси"])
    assert files.unsaved() == [HELP]
    git(tmp_path, "commit", "--quiet", "--all", "--message=thanks")
    assert files.unsaved() == []


def test_a_file_that_git_does_not_know_is_not_saved(
    committed: Path, files: ProjectFiles, phrases: Phrases
) -> None:
    git(committed, "rm", "--quiet", "--cached", HELP)
    (committed / ".gitignore").write_text("data\n")
    git(committed, "commit", "--quiet", "--message=less")
    add(phrases, "thank", ["мерси"])
    assert files.unsaved() == [HELP]


def test_without_git_the_contents_decide(
    project: Path, files: ProjectFiles, phrases: Phrases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    add(phrases, "thank", ["мерси"])
    assert files.unsaved() == [HELP]
    (project / HELP).write_text(FILES[HELP], encoding="utf-8")
    assert files.unsaved() == []


def test_a_file_that_is_gone_is_a_change(
    project: Path, files: ProjectFiles, phrases: Phrases
) -> None:
    add(phrases, "thank", ["мерси"])
    (project / HELP).unlink()
    assert files.unsaved() == [HELP]


def test_what_is_committed_is_neither_moved_nor_taken_back(
    committed: Path, phrases: Phrases
) -> None:
    done = add(phrases, "thank", ["мерси"])
    git(committed, "commit", "--quiet", "--all", "--message=thanks")
    later = add(phrases, "thank", ["мерси вам"])
    with pytest.raises(Refused):
        add(phrases, "complaint", ["мерси"])
    with pytest.raises(Gone):
        phrases.take_back(done)
    assert [one.phrase for one in add(phrases, "complaint", ["мерси вам"]).moved] == later.added


def test_after_a_restart_git_tells_what_was_recorded(committed: Path, phrases: Phrases) -> None:
    add(phrases, "thank", ["мерси"])
    again = Phrases(ProjectFiles(committed), "Из переписки")
    again.take_back(add(again, "complaint", ["мерси"]))
    assert again.known()["мерси"].intent == "thank"
