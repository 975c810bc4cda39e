"""Every test that docs/guarantees.md names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"def test_(\w+)", path.read_text(encoding="utf-8"))
}
FILES = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
ROWS = [line for line in TEXT.splitlines() if re.match(r"\| \d+ \|", line)]
NAMED = re.findall(r"`([a-z0-9_…]+)`", " ".join(row.rpartition(" | ")[2] for row in ROWS))


def test_there_is_a_row_for_each_of_the_ten_promises() -> None:
    assert [int(row.split("|")[1]) for row in ROWS] == list(range(1, 11))


@pytest.mark.parametrize("named", NAMED)
def test_a_named_test_is_there(named: str) -> None:
    parts = [part for part in named.split("…") if part]
    assert any(all(part in name for part in parts) for name in TESTS)


@pytest.mark.parametrize("file", sorted(set(re.findall(r"test_\w+\.py", TEXT))))
def test_a_named_file_is_there(file: str) -> None:
    assert file in FILES
