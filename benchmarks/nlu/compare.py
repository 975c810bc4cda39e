"""Compares classifiers on the same phrases and prints the table of docs/adr/0010-classifier.md.

Run: python -m benchmarks.nlu.compare [--seeds 1] [--epochs 30] [--only NAME] [--out-of-scope FILE]
     [--rows FILE]
DIET takes minutes per training: run nothing beside it. Rows are appended to --rows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from benchmarks.nlu import model
from benchmarks.nlu.measuring import ask, figures
from benchmarks.nlu.phrases import ROOT, read_file, read_table

_FALLBACK = {"name": "FallbackClassifier", "threshold": 0.4, "ambiguity_threshold": 0.08}
_OWN = "nlu.classifier.ResidentIntentClassifier"


def pipelines(seed: int, epochs: int) -> dict[str, list[dict[str, Any]]]:
    """The candidates; every one ends in the same fallback."""
    diet = {
        "name": "DIETClassifier",
        "epochs": epochs,
        "random_seed": seed,
        "entity_recognition": False,
        "constrain_similarities": True,
    }
    letters = {
        "name": "CountVectorsFeaturizer",
        "analyzer": "char_wb",
        "min_ngram": 1,
        "max_ngram": 4,
    }
    words = {"name": "CountVectorsFeaturizer"}
    return {
        "diet": [{"name": "WhitespaceTokenizer"}, words, letters, diet, _FALLBACK],
        "diet+features": [
            {"name": "benchmarks.nlu.diet.NormalisedTokenizer"},
            words,
            letters,
            {"name": "benchmarks.nlu.diet.EncoderFeaturizer"},
            diet,
            _FALLBACK,
        ],
        "linear": [{"name": _OWN, "encoder": False, "seed": seed}, _FALLBACK],
        "linear+encoder": [{"name": _OWN, "encoder": True, "seed": seed}, _FALLBACK],
    }


def measure(name: str, seed: int, epochs: int, public: Path | None) -> dict[str, float | str]:
    """Trains and measures one candidate in this process, so that its memory is its own."""
    model.quiet()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yml"
        pipeline = pipelines(seed, epochs)[name]
        content = {"recipe": "default.v1", "language": "ru", "pipeline": pipeline}
        config.write_text(yaml.safe_dump(content), encoding="utf-8")
        started = time.perf_counter()
        trained = model.train(Path(folder), config)
        spent = time.perf_counter() - started
        parse = model.opened(trained)

        async def run() -> dict[str, float | str]:
            row: dict[str, float | str] = {"name": name, "seed": seed, "training_s": round(spent)}
            for label in ("dev", "test"):
                answers = await ask(parse, read_table(label))
                row |= {f"{label}_{k}": v for k, v in figures(answers).as_dict().items()}
            near = figures(await ask(parse, read_table("near")))
            row["near_false_accept"] = near.as_dict()["false_accept"]
            if public is not None:
                result = figures(await ask(parse, read_file(public)))
                row["public_false_accept"] = result.as_dict()["false_accept"]
            return row

        row = asyncio.run(run())
    row["memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return row


def main() -> int:
    """Each candidate and seed in a process of its own, one after the other."""
    arguments = _arguments()
    if arguments.seed is not None:
        row = measure(arguments.only, arguments.seed, arguments.epochs, arguments.out_of_scope)
        print("ROW " + json.dumps(row))
        return 0
    rows = []
    for name in pipelines(0, 0):
        if arguments.only is None or name in arguments.only.split(","):
            rows += [_apart(name, seed, arguments) for seed in range(1, arguments.seeds + 1)]
    _print(rows)
    return 0


def _apart(name: str, seed: int, arguments: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.nlu.compare", "--only", name]
    command += ["--seed", str(seed), "--epochs", str(arguments.epochs)]
    if arguments.out_of_scope is not None:
        command += ["--out-of-scope", str(arguments.out_of_scope)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if line.startswith("ROW ")]
    if not found:
        raise RuntimeError(f"{name} failed:\n{done.stderr[-2000:]}")
    row: dict[str, Any] = json.loads(found[-1].removeprefix("ROW "))
    print(json.dumps(row), flush=True)
    if arguments.rows is not None:
        with arguments.rows.open("a", encoding="utf-8") as rows:
            rows.write(json.dumps(row) + "\n")
    return row


def _print(rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(str(row[column]) for column in columns) + " |")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=None, help=argparse.SUPPRESS)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--only", default=None)
    parser.add_argument("--rows", type=Path, default=None)
    parser.add_argument("--out-of-scope", type=Path, default=None)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
