"""Variables of texts: each must be filled by whoever says the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.check_talk.code import Code, variables_of
from tools.check_talk.problems import Problem
from tools.check_talk.project import PLACEHOLDER, Project


def check(project: Project, code: Code) -> Iterator[Problem]:
    """Placeholders nobody fills, and braces that belong to none."""
    for response in project.responses.values():
        known = variables_of(project, code, response.name) or set()
        for one in response.variations:
            for name in PLACEHOLDER.findall(one.text):
                if name not in known:
                    shown = ", ".join(f"{{{each}}}" for each in sorted(known))
                    kind = "unknown_placeholder" if known else "no_placeholders"
                    yield Problem(
                        kind, one.place, {"name": name, "text": response.name, "known": shown}
                    )
            if re.search(r"[{}]", PLACEHOLDER.sub("", one.text)):
                yield Problem("stray_brace", one.place)
