"""Writes reports/nlu/report.md: what a conversation designer wants to know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from benchmarks.nlu import pictures, words
from benchmarks.nlu.certain import Certain
from benchmarks.nlu.measuring import FALLBACK, OUT_OF_SCOPE, Answer, Figures
from benchmarks.nlu.phrases import ROOT
from benchmarks.nlu.words import called

OUTPUT = ROOT / "reports" / "nlu"
THRESHOLD = 0.4
WORST = 60
WEAKEST = 12

NAMES = {
    "accuracy": "Понял с первого раза, %",
    "macro_f1": "В среднем по намерениям, %",
    "right_among_three": "Верное среди трёх предложенных, %",
    "wrong_action": "Сделал бы не то, %",
    "false_fallback": "Зря переспросил, %",
    "false_accept": "Принял чужое за своё, %",
    "p50_ms": "Мс на фразу, половина быстрее",
    "p95_ms": "Мс на фразу, 95 % быстрее",
}


def write(
    measured: Mapping[str, Sequence[Answer]],
    summary: Mapping[str, Figures],
    left_out: Mapping[str, Sequence[Answer]] | None = None,
    certainties: Sequence[Certain] = (),
    serving_mb: float | None = None,
    output: Path = OUTPUT,
    intents: Collection[str] = (),
) -> Path:
    """Writes the report and its pictures into `output`; returns the report's file.

    What was not measured this time has no place in it; `intents` are those that should have been.
    """
    output.mkdir(parents=True, exist_ok=True)
    lines = ["# Как бот понимает жителей", "", words.LEAD, "", _table(summary), ""]
    if serving_mb is not None:
        lines += [f"Память работающего процесса: {serving_mb:.0f} МБ.", ""]
    if certainties:
        lines += _certain(certainties)
    for name in ("dev", "test"):
        answers = measured[name]
        pictures.confusion(answers, output / f"{name}-confusion.png")
        pictures.confidence(answers, THRESHOLD, output / f"{name}-confidence.png")
        lines += [f"## Набор «{words.SETS[name]}»: фраз {len(answers)}", ""]
        lines += [f"![Кого с кем путает]({name}-confusion.png)", ""]
        lines += [f"![Насколько уверен]({name}-confidence.png)", ""]
        lines += [_per_intent(answers, intents), "", "### Слабее всего", "", _weakest(answers), ""]
        lines += ["### Самые неприятные ошибки", "", _worst(answers), ""]
    if left_out:
        lines += _headings(left_out)
    report = output / "report.md"
    report.write_text("\n".join(lines), encoding="utf-8")
    return report


def _table(summary: Mapping[str, Figures]) -> str:
    rows = [
        "| | " + " | ".join(words.SETS[name] for name in summary) + " |",
        "|---|" + "---|" * len(summary),
    ]
    for field, caption in NAMES.items():
        values = (str(result.as_dict()[field]) for result in summary.values())
        rows.append(f"| {caption} | " + " | ".join(values) + " |")
    return "\n".join(rows)


def _certain(certainties: Sequence[Certain]) -> list[str]:
    wrong = [one for one in certainties if not one.is_right]
    share = 100 * (len(certainties) - len(wrong)) / max(1, len(certainties))
    lines = ["## Слова с кнопок и числа", ""]
    lines += [f"Верно {share:.1f} % из {len(certainties)}.", ""]
    if wrong:
        rows = (
            f"| {_cell(one.text)} | {called(one.expected)} | {called(one.understood)} |"
            for one in wrong
        )
        lines += ["| Написали | на самом деле | бот понял |", "|---|---|---|", *rows, ""]
    return lines


def _per_intent(answers: Sequence[Answer], intents: Collection[str]) -> str:
    rows = [
        "| Намерение | фраз | верно, % | не то, % | переспросил, % | чаще всего путает с |",
        "|---|---|---|---|---|---|",
    ]
    for intent in sorted({answer.expected for answer in answers} | set(intents)):
        own = [answer for answer in answers if answer.expected == intent]
        if not own:
            rows.append(f"| {called(intent)} | 0 | | | | {words.NOT_MEASURED} |")
            continue
        right = sum(answer.is_right for answer in own)
        asked = sum(answer.first == FALLBACK for answer in own)
        mistaken = Counter(answer.first for answer in own if not answer.is_right).most_common(2)
        others = ", ".join(f"{called(name)} ({count})" for name, count in mistaken)
        shares = [100 * n / len(own) for n in (right, len(own) - right - asked, asked)]
        figures = " | ".join(f"{share:.0f}" for share in shares)
        rows.append(f"| {called(intent)} | {len(own)} | {figures} | {others} |")
    return "\n".join(rows)


def _weakest(answers: Sequence[Answer]) -> str:
    """The kinds of mistakes that happen most: what was meant and what was understood."""
    kinds = Counter((a.expected, a.first) for a in answers if not a.is_right)
    rows = ["| На самом деле | бот понял | раз |", "|---|---|---|"]
    rows += [
        f"| {called(meant)} | {called(understood)} | {count} |"
        for (meant, understood), count in kinds.most_common(WEAKEST)
    ]
    return "\n".join(rows)


def _worst(answers: Sequence[Answer]) -> str:
    wrong = [answer for answer in answers if not answer.is_right]
    wrong.sort(key=lambda answer: (answer.first == FALLBACK, -answer.confidence))
    rows = ["| Фраза | на самом деле | бот понял | уверенность |", "|---|---|---|---|"]
    for answer in wrong[:WORST]:
        text = _cell(answer.text)
        meant, understood = called(answer.expected), called(answer.first)
        rows.append(f"| {text} | {meant} | {understood} | {answer.confidence:.2f} |")
    return "\n".join(rows)


def _headings(left_out: Mapping[str, Sequence[Answer]]) -> list[str]:
    """How many sentences of each heading are accepted by a model that knows none of them."""
    rows = []
    for heading, answers in left_out.items():
        foreign = [answer for answer in answers if answer.expected == OUT_OF_SCOPE]
        accepted = sum(answer.first not in (FALLBACK, OUT_OF_SCOPE) for answer in foreign)
        if foreign:
            rows.append((100 * accepted / len(foreign), len(foreign), heading))
    lines = ["## Чужие фразы, заголовок которых бот не учил", ""]
    lines += ["| Заголовок | фраз | принял за своё, % |", "|---|---|---|"]
    lines += [f"| {_cell(h)} | {count} | {share:.0f} |" for share, count, h in sorted(rows)[::-1]]
    return [*lines, ""]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
