"""Measures understanding and writes a report that a conversation designer can read.

Run: python -m benchmarks.nlu.report [--train] [--record] [--headings] [--out-of-scope FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.nlu import certain, headings, model, pages
from benchmarks.nlu.measuring import Answer, Figures, Parse, ask, figures
from benchmarks.nlu.phrases import ROOT, read_file, read_table, read_training
from benchmarks.nlu.serving import serving_memory

RECORDED = Path(__file__).with_name("recorded.json")
ALLOWED_DROP = 2.0
ALLOWED_MEGABYTES = 30.0
LEFT_OUT = "left_out"

HIGHER_IS_BETTER = ("accuracy", "macro_f1", "right_among_three")
LOWER_IS_BETTER = ("wrong_action", "false_fallback", "false_accept")


@dataclass(frozen=True)
class Others:
    """What is no table of phrases: per cent of button words and numbers right, megabytes."""

    certain_right: float
    serving_mb: float


def main() -> int:
    """Returns 1 if a figure fell by more than two points below the recorded one."""
    arguments = _arguments()
    model.quiet()
    with tempfile.TemporaryDirectory() as folder:
        trained = None if arguments.train else model.newest()
        trained = trained or model.train(Path(folder))
        parse = model.opened(trained)
        measured = asyncio.run(measure(parse, arguments.out_of_scope))
        certainties = asyncio.run(_certain(parse))
        right = 100 * sum(one.is_right for one in certainties) / len(certainties)
        others = Others(round(right, 1), serving_memory(trained))
    left_out = headings.ask_left_out(headings.read_examples()) if arguments.headings else {}
    if left_out:
        measured[LEFT_OUT] = [answer for answers in left_out.values() for answer in answers]
    summary = {name: figures(answers) for name, answers in measured.items()}
    report = pages.write(
        measured, summary, left_out, certainties, others.serving_mb, intents=taught()
    )
    for name, result in summary.items():
        print(name, json.dumps(result.as_dict()))
    print("button words and numbers right, %:", others.certain_right)
    print("memory of the serving process, MB:", others.serving_mb)
    if arguments.record:
        record(summary, others)
        return 0
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    fallen = drops(recorded, summary) + weaker(recorded["others"], others)
    for line in fallen:
        print("WORSE:", line)
    print(f"report: {report.relative_to(ROOT)}")
    return 1 if fallen else 0


def record(summary: dict[str, Figures], others: Others) -> None:
    """Makes today's figures the measure; what was not asked today stays as it was."""
    content: dict[str, dict[str, float]] = json.loads(RECORDED.read_text(encoding="utf-8"))
    content |= {name: result.as_dict() for name, result in summary.items()}
    content["others"] = vars(others)
    RECORDED.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def weaker(recorded: dict[str, float], now: Others) -> list[str]:
    """What of the other figures is worse than recorded by more than is allowed."""
    fallen = []
    if now.certain_right < recorded["certain_right"] - 0.2:
        fallen.append(f"certain_right {recorded['certain_right']} -> {now.certain_right}")
    if now.serving_mb > recorded["serving_mb"] + ALLOWED_MEGABYTES:
        fallen.append(f"serving_mb {recorded['serving_mb']} -> {now.serving_mb}")
    return fallen


def taught() -> set[str]:
    """The intents that the model can understand."""
    return {phrase.intent for phrase in read_training()}


async def _certain(parse: Parse) -> list[certain.Certain]:
    return [*await certain.ask_buttons(parse), *await certain.ask_numbers(parse)]


def drops(recorded: dict[str, dict[str, float]], now: dict[str, Figures]) -> list[str]:
    """Every figure that is worse than the recorded one by more than two points."""
    fallen = []
    for name, before in recorded.items():
        if name not in now:  # not asked this time, or no table of phrases
            continue
        after = now[name].as_dict()
        for figure in (*HIGHER_IS_BETTER, *LOWER_IS_BETTER):
            loss = before[figure] - after[figure]
            if figure in LOWER_IS_BETTER:
                loss = -loss
            if loss > ALLOWED_DROP:
                fallen.append(f"{name}: {figure} {before[figure]} -> {after[figure]}")
    return fallen


async def measure(parse: Parse, public: Path | None) -> dict[str, list[Answer]]:
    """The answers to every phrase of each set."""
    sets = {name: read_table(name) for name in ("dev", "test", "near")}
    if public is not None:
        sets["public_out_of_scope"] = read_file(public)
    await ask(parse, sets["dev"][:20])  # the first messages fill the caches
    return {name: await ask(parse, phrases) for name, phrases in sets.items()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", action="store_true", help="train first, instead of the newest")
    parser.add_argument("--record", action="store_true", help="make today's figures the measure")
    parser.add_argument("--headings", action="store_true", help="left-out headings too: minutes")
    parser.add_argument("--out-of-scope", type=Path, help="a public table to measure on as well")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
