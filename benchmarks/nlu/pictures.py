"""Draws what the figures of understanding hide: who is mistaken for whom, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np

from benchmarks.nlu.measuring import Answer
from benchmarks.nlu.words import called

mpl.use("Agg")
from matplotlib import pyplot as plt  # the backend must be chosen first


def confusion(answers: Sequence[Answer], path: Path) -> None:
    """A square of expected against understood intents; the diagonal is right."""
    names = sorted({a.expected for a in answers} | {a.first for a in answers})
    table = np.zeros((len(names), len(names)), dtype=int)
    for answer in answers:
        table[names.index(answer.expected), names.index(answer.first)] += 1
    shares = table / np.maximum(1, table.sum(axis=1, keepdims=True))
    figure, axes = plt.subplots(figsize=(12, 11))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    captions = [called(name) for name in names]
    axes.set_xticks(range(len(names)), captions, rotation=90)
    axes.set_yticks(range(len(names)), captions)
    axes.set_xlabel("Бот понял как")
    axes.set_ylabel("На самом деле")
    for row, column in zip(*np.nonzero(table), strict=True):
        colour = "white" if shares[row, column] > 0.6 else "black"
        axes.text(column, row, table[row, column], ha="center", va="center", color=colour)
    _save(figure, path)


def confidence(answers: Sequence[Answer], threshold: float, path: Path) -> None:
    """How sure the bot is when it is right and when it is wrong."""
    right = [a.confidence for a in answers if a.likeliest == a.expected]
    wrong = [a.confidence for a in answers if a.likeliest != a.expected]
    figure, axes = plt.subplots(figsize=(9, 4.5))
    axes.hist(
        [right, wrong],
        bins=np.linspace(0, 1, 21),
        stacked=True,
        label=["понял верно", "понял неверно"],
        color=["#3b7dd8", "#d8563b"],
    )
    axes.axvline(threshold, color="black", linestyle="--", label="порог: ниже бот переспрашивает")
    axes.set_xlabel("Уверенность")
    axes.set_ylabel("Фраз")
    axes.legend()
    _save(figure, path)


def _save(figure: plt.Figure, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
