"""Measures understanding and writes a report that a conversation designer can read.

Run: python -m benchmarks.nlu.report [--train] [--record] [--out-of-scope FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.nlu import model, pictures
from benchmarks.nlu.measuring import FALLBACK, Answer, Figures, Parse, ask, figures
from benchmarks.nlu.phrases import ROOT, read_file, read_table

OUTPUT = ROOT / "reports" / "nlu"
RECORDED = Path(__file__).with_name("recorded.json")
ALLOWED_DROP = 2.0
THRESHOLD = 0.4
WORST = 60

HIGHER_IS_BETTER = ("accuracy", "macro_f1", "right_among_three")
LOWER_IS_BETTER = ("wrong_action", "false_fallback", "false_accept")

NAMES = {
    "accuracy": "Понял с первого раза, %",
    "macro_f1": "Среднее по намерениям (macro-F1), %",
    "right_among_three": "Верное среди трёх предложенных, %",
    "wrong_action": "Сделал бы не то, %",
    "false_fallback": "Зря переспросил, %",
    "false_accept": "Принял чужое за своё, %",
    "p50_ms": "Мс на фразу, половина быстрее",
    "p95_ms": "Мс на фразу, 95 % быстрее",
}


def main() -> int:
    """Returns 1 if a figure fell by more than two points below the recorded one."""
    arguments = _arguments()
    model.quiet()
    trained = None if arguments.train else model.newest()
    with tempfile.TemporaryDirectory() as folder:
        parse = model.opened(trained or model.train(Path(folder)))
        measured = asyncio.run(measure(parse, arguments.out_of_scope))
    summary = {name: figures(answers) for name, answers in measured.items()}
    write(measured, summary)
    for name, result in summary.items():
        print(name, json.dumps(result.as_dict()))
    if arguments.record:
        recorded = {name: result.as_dict() for name, result in summary.items()}
        RECORDED.write_text(json.dumps(recorded, indent=2) + "\n", encoding="utf-8")
        return 0
    fallen = drops(json.loads(RECORDED.read_text(encoding="utf-8")), summary)
    for line in fallen:
        print("WORSE:", line)
    print(f"report: {OUTPUT.relative_to(ROOT)}/report.md")
    return 1 if fallen else 0


def drops(recorded: dict[str, dict[str, float]], now: dict[str, Figures]) -> list[str]:
    """Every figure that is worse than the recorded one by more than two points."""
    fallen = []
    for name, before in recorded.items():
        if name not in now:
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


def write(measured: dict[str, list[Answer]], summary: dict[str, Figures]) -> None:
    """Writes reports/nlu/report.md and its pictures."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    lines = ["# Как бот понимает жителей", "", _table(summary), ""]
    for name in ("dev", "test"):
        answers = measured[name]
        pictures.confusion(answers, OUTPUT / f"{name}-confusion.png")
        pictures.confidence(answers, THRESHOLD, OUTPUT / f"{name}-confidence.png")
        lines += [f"## Набор «{name}» ({len(answers)} фраз)", ""]
        lines += [f"![Кого с кем путает]({name}-confusion.png)", ""]
        lines += [f"![Насколько уверен]({name}-confidence.png)", ""]
        lines += [_per_intent(answers), "", "### Самые неприятные ошибки", "", _worst(answers), ""]
    (OUTPUT / "report.md").write_text("\n".join(lines), encoding="utf-8")


def _table(summary: dict[str, Figures]) -> str:
    rows = ["| | " + " | ".join(summary) + " |", "|---|" + "---|" * len(summary)]
    for field, caption in NAMES.items():
        values = (str(result.as_dict()[field]) for result in summary.values())
        rows.append(f"| {caption} | " + " | ".join(values) + " |")
    return "\n".join(rows)


def _per_intent(answers: Sequence[Answer]) -> str:
    rows = ["| Намерение | фраз | верно, % | чаще всего путает с |", "|---|---|---|---|"]
    totals = Counter(answer.expected for answer in answers)
    for intent, total in sorted(totals.items()):
        own = [answer for answer in answers if answer.expected == intent]
        right = sum(answer.is_right for answer in own)
        mistaken = Counter(answer.first for answer in own if not answer.is_right).most_common(2)
        others = ", ".join(f"{name} ({count})" for name, count in mistaken)
        rows.append(f"| {intent} | {total} | {100 * right / total:.0f} | {others} |")
    return "\n".join(rows)


def _worst(answers: Sequence[Answer]) -> str:
    wrong = [answer for answer in answers if not answer.is_right]
    wrong.sort(key=lambda answer: (answer.first == FALLBACK, -answer.confidence))
    rows = ["| Фраза | на самом деле | бот понял | уверенность |", "|---|---|---|---|"]
    for answer in wrong[:WORST]:
        text = answer.text.replace("|", "\\|")
        rows.append(f"| {text} | {answer.expected} | {answer.first} | {answer.confidence:.2f} |")
    return "\n".join(rows)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", action="store_true", help="train first, instead of the newest")
    parser.add_argument("--record", action="store_true", help="make today's figures the measure")
    parser.add_argument("--out-of-scope", type=Path, help="a public table to measure on as well")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
