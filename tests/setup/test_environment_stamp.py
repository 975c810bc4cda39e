"""tools/setup installs a lock file once, and again when the lock or the Python changes."""

from __future__ import annotations

import pytest

from tests.setup.setup_project import Project

INSTALL_RUN = (
    "uv pip sync --compile-bytecode --require-hashes"
    " --python .venv/bin/python requirements/run.lock"
)
INSTALL_DEV = INSTALL_RUN.replace("run.lock", "dev.lock")


def set_up(project: Project, kind: str = "run", **environment: str) -> list[str]:
    done = project.run("tools/setup", kind, **environment)
    assert done.returncode == 0, done.stderr
    return project.calls()


def test_the_first_time_makes_the_environment_and_tells_its_progress(project: Project) -> None:
    project.python()
    done = project.run("tools/setup", "run")
    assert done.returncode == 0
    assert [line[:10] for line in done.stdout.splitlines()] == [
        "setup: 1/3",
        "setup: 2/3",
        "setup: 3/3",
        "setup: don",
    ]
    made, fetched, installed = project.calls()
    assert made == "python -m venv .venv"
    assert "pip install" in fetched
    assert "--require-hashes" in fetched
    assert installed == INSTALL_RUN


def test_the_second_time_does_nothing_and_says_nothing(project: Project) -> None:
    project.python()
    set_up(project)
    done = project.run("tools/setup", "run")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert project.calls() == []


def test_a_changed_lock_is_installed_into_the_same_environment(project: Project) -> None:
    project.python()
    set_up(project)
    (project.root / "requirements" / "run.lock").write_text("rasa==2\nuv==2\n")
    calls = set_up(project)
    assert calls[-1] == INSTALL_RUN
    assert "python -m venv .venv" not in calls


def test_running_needs_no_second_installation_after_the_development_lock(project: Project) -> None:
    project.python()
    assert set_up(project, "dev")[-1] == INSTALL_DEV
    assert set_up(project, "run") == []


def test_the_development_lock_is_installed_over_that_of_running(project: Project) -> None:
    project.python()
    set_up(project, "run")
    assert set_up(project, "dev")[-1] == INSTALL_DEV


def test_an_environment_that_no_longer_answers_is_made_anew(project: Project) -> None:
    project.python()
    set_up(project)
    project.program("python", "exit 127", project.root / ".venv" / "bin")
    assert set_up(project)[0] == "python -m venv .venv"


def test_an_environment_of_another_python_is_made_anew(project: Project) -> None:
    project.python()
    set_up(project)
    project.program("python", "echo Python 3.12.1", project.root / ".venv" / "bin")
    assert set_up(project)[0] == "python -m venv .venv"


def test_an_interrupted_installation_is_not_taken_for_a_whole_one(project: Project) -> None:
    project.python()
    assert project.run("tools/setup", "run", UV_CODE="1", PIP_CODE="1").returncode == 1
    project.calls()
    assert set_up(project)[-1] == INSTALL_RUN


def test_pip_installs_what_uv_could_not(project: Project) -> None:
    project.python()
    calls = set_up(project, UV_CODE="2")
    assert "pip install" in calls[-1]
    assert "--require-hashes -r requirements/run.lock" in calls[-1]


def test_a_failed_installation_ends_with_a_sentence(project: Project) -> None:
    project.python()
    done = project.run("tools/setup", "run", UV_CODE="2", PIP_CODE="1")
    assert done.returncode == 1
    assert "requirements/run.lock could not be installed" in done.stderr.splitlines()[-1]


def test_without_a_python_310_nothing_is_made(project: Project) -> None:
    done = project.run("tools/setup", "run")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert not (project.root / ".venv").exists()


def test_a_python_that_cannot_make_environments_is_explained(project: Project) -> None:
    project.python()
    done = project.run("tools/setup", "run", NO_VENV="1")
    assert done.returncode == 1
    assert "venv package" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("kind", ["production", "../run", ""])
def test_an_unknown_kind_is_refused(project: Project, kind: str) -> None:
    done = project.run("tools/setup", kind)
    # Nothing given means running; everything else must be a lock that exists.
    assert done.returncode == (1 if kind == "" else 2)
