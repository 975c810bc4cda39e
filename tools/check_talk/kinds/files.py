"""Files that are gone, have the wrong ending or repeat another one; the folders show which.

A feature has one word: domain/<feature>.yml, data/<feature>/, tests/stories/test_<feature>.yml.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from tools.check_talk.code import Code
from tools.check_talk.kinds.names import SECTIONS
from tools.check_talk.kinds.phrases import home, plain
from tools.check_talk.kinds.unused import answered
from tools.check_talk.known_to_code import TECHNICAL
from tools.check_talk.problems import Place, Problem
from tools.check_talk.project import Project

# Windows hides «.txt» of a file that its editor has saved as a text.
_WRONG_ENDING = re.compile(r"(?<!^)\.(?:yaml|ya?ml\.txt)$", re.IGNORECASE)


def lost(root: Path) -> Iterator[Problem]:
    """Files without which the others make no sense: all else would only follow from it."""
    right = set()
    files = {*root.glob("domain.*"), *_below(root, "domain", "data", "tests/stories")}
    for path in sorted(files):
        if _WRONG_ENDING.search(path.name):
            renamed = path.with_name(_WRONG_ENDING.sub(".yml", path.name))
            right.add(renamed)
            yield Problem("wrong_ending", _place(root, path), {"name": renamed.name})
    yml = {path.relative_to(root).as_posix() for path in files | right if path.suffix == ".yml"}
    features = {found[1] for name in yml if (found := re.fullmatch(r"data/([^/]+)/[^/]+", name))}
    domains = {found[1] for name in yml if (found := re.fullmatch(r"domain/([^/]+)\.yml", name))}
    if features and "domain.yml" not in yml:
        yield _gone("domain.yml", "domain/")
    # A file that was renamed is still there under another name.
    strange = sorted(domains - features)
    for feature in sorted(features - domains):
        near = {"near": f"domain/{strange[0]}.yml"} if len(strange) == 1 else {}
        yield _gone(f"domain/{feature}.yml", f"data/{feature}/", **near)
    for feature in strange:
        if f"tests/stories/test_{feature}.yml" in yml:
            yield _gone(f"data/{feature}/", f"domain/{feature}.yml")


def unfit(project: Project) -> Iterator[Problem]:
    """Files that repeat another one; phrases and rules of a whole feature that are gone."""
    yield from _copies(project)
    taught = {phrase.intent for phrase in project.phrases}
    begun = answered(project)
    silent, unanswered = {}, {}
    for intent in project.listed("intents"):
        if intent.name not in taught | TECHNICAL:
            silent[f"data/{home(intent)}/nlu.yml"] = intent
        if intent.name not in begun:
            unanswered[f"data/{home(intent)}/rules.yml"] = intent
    for name, intent in {**silent, **unanswered}.items():
        if not (project.root / name).exists():
            yield _gone(name, f"{intent.place.file} (intents)")


def check(project: Project, _code: Code) -> Iterator[Problem]:
    """Features without conversation tests."""
    features = {block.place.file.split("/")[1] for block in project.flows}
    for feature in sorted(features):
        name = f"tests/stories/test_{feature}.yml"
        if not (project.root / name).exists():
            yield Problem("no_tests", Place(name, 0), {"sign": f"data/{feature}/"})


def _below(root: Path, *folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in (root / folder).rglob("*"):
            if not path.name.startswith("."):
                yield path


def _place(root: Path, path: Path) -> Place:
    return Place(path.relative_to(root).as_posix(), 0)


def _gone(name: str, sign: str, **values: str) -> Problem:
    return Problem("file_gone", Place(name, 0), {"name": name, "sign": sign, **values})


def _copies(project: Project) -> Iterator[Problem]:
    """Files most of whose names stand in another one of the same folder."""
    standing: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for section in SECTIONS:
        for named in project.listed(section):
            standing["domain", section, named.name].add(named.place.file)
    for flow in [*project.flows, *project.tests]:
        folder = flow.place.file.partition("/")[0]
        standing[folder, flow.kind, flow.name].add(flow.place.file)
    for phrase in project.phrases:
        standing["data", "phrase", plain(phrase.text)].add(phrase.place.file)
    sizes = Counter(file for files in standing.values() for file in files)
    # «help — копия.yml», «help2.yml»: what a copy is called is longer.
    shared = Counter(
        pair
        for files in standing.values()
        for pair in combinations(sorted(files, key=lambda file: (len(file), file)), 2)
    )
    originals: dict[str, str] = {}
    for (original, copy), count in shared.items():
        if 2 * count > max(sizes[original], sizes[copy]):
            originals.setdefault(copy, original)
    for copy, original in originals.items():
        yield Problem("copied_file", Place(copy, 0), {"name": original})
