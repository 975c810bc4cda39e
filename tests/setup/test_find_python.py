"""tools/find-python takes only a Python 3.10 that really answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.setup.setup_project import Project

SHIM = "echo 'pyenv: python3.10: command not found' >&2; exit 127"


def find(project: Project, **environment: str) -> tuple[str, str, int]:
    done = project.run("tools/find-python", **environment)
    return done.stdout.strip(), done.stderr.strip(), done.returncode


def test_the_named_interpreter_is_preferred(project: Project, tmp_path: Path) -> None:
    project.python()
    mine = project.program("mine", "echo Python 3.10.1", tmp_path / "elsewhere")
    assert find(project, PYTHON=str(mine)) == (str(mine), "", 0)


def test_a_named_interpreter_of_another_version_is_mentioned_and_passed_over(
    project: Project, tmp_path: Path
) -> None:
    right = project.python()
    wrong = project.program("python3.12", "echo Python 3.12.4", tmp_path / "elsewhere")
    found, said, code = find(project, PYTHON=str(wrong))
    assert (found, code) == (str(right), 0)
    assert str(wrong) in said


def test_a_named_interpreter_that_does_not_exist_is_passed_over(project: Project) -> None:
    right = project.python()
    assert find(project, PYTHON="/no/such/python")[0] == str(right)


def test_python3_is_taken_if_it_is_a_310(project: Project) -> None:
    right = project.python("python3")
    assert find(project)[0] == str(right)


def test_a_shim_that_exits_127_leads_to_pyenvs_own_installation(project: Project) -> None:
    project.program("python3.10", SHIM)
    bin_folder = project.home / ".pyenv" / "versions" / "3.10.13" / "bin"
    real = project.program("python3.10", "echo Python 3.10.13", bin_folder)
    assert find(project) == (str(real), "", 0)


def test_the_newest_of_pyenvs_installations_that_answers_is_taken(
    project: Project, tmp_path: Path
) -> None:
    versions = tmp_path / "pyenv root" / "versions"
    project.program("python3.10", "echo Python 3.10.9", versions / "3.10.9" / "bin")
    real = project.program("python3.10", "echo Python 3.10.14", versions / "3.10.14" / "bin")
    project.program("python3.10", "exit 1", versions / "3.10.15" / "bin")
    assert find(project, PYENV_ROOT=str(versions.parent))[0] == str(real)


def test_uv_is_asked_last(project: Project, tmp_path: Path) -> None:
    real = project.program("python3.10", "echo Python 3.10.16", tmp_path / "uv" / "bin")
    project.program("uv", f"[ \"$1 $2\" = 'python find' ] && echo {real}")
    assert find(project)[0] == str(real)


@pytest.mark.parametrize(
    "answer",
    [
        SHIM,
        "exit 0",
        "echo Python 3.11.2",
        "echo Python 3.1.0",
        "echo Python 3.100.1",
        "echo not Python 3.10.1",
        "echo Python 3.10.1; exit 3",
    ],
)
def test_without_one_a_single_sentence_says_what_to_install(project: Project, answer: str) -> None:
    project.program("python3.10", answer)
    found, said, code = find(project)
    assert (found, code) == ("", 1)
    assert len(said.splitlines()) == 1
    assert "Python 3.10" in said
    assert "install" in said


def test_an_interpreter_that_prints_its_version_on_standard_error_counts(project: Project) -> None:
    right = project.program("python3.10", "echo Python 3.10.2 >&2")
    assert find(project)[0] == str(right)
