"""The command: `python -m tools.check_talk [--quick] [folder]`. 1 if something is wrong.

First the files, in seconds; then Rasa's own checks, the conversation tests, the report on
understanding, and what the tests reach.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from tools.check_talk.checks import Findings, check
from tools.check_talk.problems import Problem, word

ROOT = Path(__file__).resolve().parents[2]
MOST_TOLD = 25


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the parts one after another; a part whose ground is not firm is left out."""
    parser = argparse.ArgumentParser(prog="tools.check_talk", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the files only")
    parser.add_argument("root", nargs="?", type=Path, default=ROOT, help="another project")
    chosen = parser.parse_args(arguments)
    started = time.monotonic()
    root = chosen.root.resolve()
    say(word("heading_files"))
    findings = check(root)
    tell(findings.problems)
    good = not findings.errors
    if good:
        say(f"  {_counted(findings)}")
    if findings.project is None or (findings.errors and not chosen.quick):
        say(f"\n{word('skipped')}")
    elif not chosen.quick:
        good = _thorough(root, findings) and good
    say(f"\n{_verdict(good, findings)} {_seconds(started)}")
    return 0 if good else 1


def _thorough(root: Path, findings: Findings) -> bool:
    # Rasa takes long to import and talks about things no designer can act on.
    from tools.check_talk.thorough import thorough

    assert findings.project is not None
    os.chdir(root)
    return thorough(root, findings.project)


def tell(problems: Iterable[Problem]) -> None:
    """Prints findings, errors first, at most so many that they can be read."""
    every = list(problems)
    for problem in every[:MOST_TOLD]:
        say(problem.told())
    if len(every) > MOST_TOLD:
        say(word("more", count=len(every) - MOST_TOLD))
    errors = sum(problem.is_error for problem in every)
    remarks = len(every) - errors
    if errors:
        say(word("found_both" if remarks else "found", errors=errors, warnings=remarks))


def _verdict(good: bool, findings: Findings) -> str:
    # Only the files give cause for remarks.
    remarks = len(findings.problems) - len(findings.errors)
    if not good:
        return word("verdict_bad")
    return word("verdict_remarks", count=remarks) if remarks else word("verdict_good")


def say(line: str) -> None:
    """Prints a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _counted(findings: Findings) -> str:
    project = findings.project
    assert project is not None
    return word(
        "all_good",
        responses=len(project.responses),
        intents=len(project.names("intents")),
        phrases=len(project.phrases),
        rules=sum(flow.kind == "rule" for flow in project.flows),
        stories=sum(flow.kind == "story" for flow in project.flows),
        tests=len(project.tests),
    )


def _seconds(started: float) -> str:
    return word("seconds", seconds=f"{time.monotonic() - started:.0f}")


if __name__ == "__main__":
    sys.exit(main())
