"""Measures understanding against the recorded figures and writes the report."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from dataclasses import dataclass

from rasa.core.agent import Agent

from benchmarks.nlu import pages, report
from benchmarks.nlu.measuring import figures
from tools.check_talk.problems import Place, Problem, word


@dataclass(frozen=True)
class Understanding:
    """The figures (by caption: tuning set, held-out set, recorded) and what became worse."""

    rows: tuple[tuple[str, float, float, float], ...]
    problems: tuple[Problem, ...]


def understanding(agent: Agent, intents: Collection[str] = ()) -> Understanding:
    """Asks the model about every phrase of tests/nlu/; `intents` are those it was taught."""
    measured = asyncio.run(report.measure(agent.parse_message, None))
    summary = {name: figures(answers) for name, answers in measured.items()}
    pages.write(measured, summary, intents=intents)
    recorded = json.loads(report.RECORDED.read_text(encoding="utf-8"))
    dev, test = summary["dev"].as_dict(), summary["test"].as_dict()
    rows = [
        (word(f"figure_{name}"), dev[name], test[name], recorded["test"][name])
        for name in pages.NAMES
    ]
    place = Place("reports/nlu/report.md", 0)
    problems = []
    for line in report.drops(recorded, summary):
        name, figure, before, _, after = line.split()
        values = {"set": word(f"set_{name.rstrip(':')}"), "figure": word(f"figure_{figure}")}
        problems.append(
            Problem("understands_worse", place, {**values, "before": before, "after": after})
        )
    return Understanding(tuple(rows), tuple(problems))
