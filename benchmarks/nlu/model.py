"""Finds or trains the model to measure and opens it the way the bot does."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from benchmarks.nlu.measuring import Parse
from benchmarks.nlu.phrases import ROOT


def quiet() -> None:
    """Rasa logs every message it parses; a benchmark must not."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from rasa.utils.log_utils import configure_structlog

    logging.basicConfig(level=logging.ERROR)
    configure_structlog(logging.ERROR)


def newest(folder: Path = ROOT / "models") -> Path | None:
    """The model that was trained last, or None."""
    return max(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, default=None)


def train(output: Path, config: Path = ROOT / "config.yml") -> Path:
    """Trains understanding alone (no dialogue) on the project's phrases; returns the model."""
    from rasa.model_training import train_nlu

    model = train_nlu(str(config), str(ROOT / "data"), str(output))
    if model is None:
        raise RuntimeError("training produced no model")
    return Path(model)


def opened(model: Path) -> Parse:
    """The model's normal parse."""
    from rasa.core.agent import Agent

    agent: Parse = Agent.load(str(model)).parse_message
    return agent
