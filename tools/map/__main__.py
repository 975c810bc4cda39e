"""The command: `python -m tools.map`. 1 if the files have mistakes that make them unreadable."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.check_talk.__main__ import tell
from tools.check_talk.checks import check
from tools.map.page import draw

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path("reports") / "map"


def main() -> int:
    """Draws reports/map/."""
    findings = check(ROOT)
    if findings.project is None:
        tell(findings.problems)
        return 1
    for path in draw(findings.project, ROOT / FOLDER):
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
