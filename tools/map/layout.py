"""Places the blocks of a graph in columns so that arrows are short and rarely cross."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

ROUNDS = 12
GAP_X, GAP_Y = 70.0, 18.0
# The height that the words on one arrow need where several leave a block.
WORDS = 36.0
Size = tuple[float, float]
Link = tuple[str, str]


@dataclass(frozen=True)
class Box:
    """Where a block is: its left upper corner and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return self.y + self.height / 2


@dataclass(frozen=True)
class Layout:
    """Boxes by block, the points of each arrow from left to right, the size of it all."""

    boxes: dict[str, Box]
    routes: dict[Link, list[tuple[float, float]]]
    width: float
    height: float


def layout(sizes: Mapping[str, Size], links: Sequence[Link], labelled: set[Link]) -> Layout:
    """`sizes` are the blocks in their order; arrows of `labelled` get room for words."""
    forward = _without_cycles(list(sizes), links)
    columns = _columns(list(sizes), forward)
    chains = _chains(forward, columns)
    rows = _rows(sizes, columns, chains)
    ups, downs = _neighbours(chains)
    rows = _untangled(rows, ups, downs)
    leaving = Counter(source for source, _ in labelled)
    heights = defaultdict(
        lambda: 6.0,
        {name: max(size[1], WORDS * leaving[name]) for name, size in sizes.items()},
    )
    middles = _packed(_middles(rows, heights, ups, downs), heights, chains)
    lefts = _lefts(sizes, rows, labelled)
    boxes = {
        name: Box(lefts[columns[name]], middles[name] - height / 2, width, height)
        for name, (width, height) in sizes.items()
    }
    top = min((box.y for box in boxes.values()), default=0.0)
    boxes = {k: Box(b.x, b.y - top, b.width, b.height) for k, b in boxes.items()}
    widths = {at: max(sizes[n][0] for n in row if n in sizes) for at, row in enumerate(rows)}
    routes: dict[Link, list[tuple[float, float]]] = {}
    for link, chain in chains.items():
        points = []
        for column, name in enumerate(chain[1:-1], start=columns[chain[0]] + 1):
            y = middles[name] - top
            points += [(lefts[column], y), (lefts[column] + widths.get(column, 0), y)]
        routes[link] = points
    width = max((box.x + box.width for box in boxes.values()), default=0.0)
    height = max((box.y + box.height for box in boxes.values()), default=0.0)
    return Layout(boxes, routes, width, height)


def _without_cycles(names: list[str], links: Sequence[Link]) -> list[Link]:
    """The arrows but those that lead back to where a path came from."""
    targets = defaultdict(list)
    for source, target in links:
        targets[source].append(target)
    seen: dict[str, bool] = {}
    kept: list[Link] = []

    def visit(name: str) -> None:
        seen[name] = True
        for target in targets[name]:
            if seen.get(target):
                continue  # Still being visited: this arrow closes a circle.
            kept.append((name, target))
            if target not in seen:
                visit(target)
        seen[name] = False

    for name in names:
        if name not in seen:
            visit(name)
    return kept


def _columns(names: list[str], links: list[Link]) -> dict[str, int]:
    """Every block as far right as the longest way to it."""
    sources = defaultdict(list)
    for source, target in links:
        sources[target].append(source)
    found: dict[str, int] = {}

    def column(name: str) -> int:
        if name not in found:
            found[name] = max((column(source) + 1 for source in sources[name]), default=0)
        return found[name]

    return {name: column(name) for name in names}


def _chains(links: list[Link], columns: dict[str, int]) -> dict[Link, list[str]]:
    """Each arrow with a stopover in every column that it crosses."""
    return {
        (source, target): [
            source,
            *(f"{source}→{target}@{at}" for at in range(columns[source] + 1, columns[target])),
            target,
        ]
        for source, target in links
    }


def _rows(
    sizes: Mapping[str, Size], columns: dict[str, int], chains: dict[Link, list[str]]
) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(max(columns.values(), default=-1) + 1)]
    placed = set()
    after = defaultdict(list)
    for chain in chains.values():
        for one, other in pairwise(chain):
            after[one].append(other)

    def place(name: str, at: int) -> None:
        if name in placed:
            return
        placed.add(name)
        rows[columns.get(name, at)].append(name)
        for other in after[name]:
            place(other, columns.get(name, at) + 1)

    for name in sizes:
        if columns[name] == 0:
            place(name, 0)
    return rows


def _neighbours(
    chains: dict[Link, list[str]],
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    ups, downs = defaultdict(list), defaultdict(list)
    for chain in chains.values():
        for one, other in pairwise(chain):
            downs[one].append(other)
            ups[other].append(one)
    return ups, downs


def _untangled(
    rows: list[list[str]], ups: dict[str, list[str]], downs: dict[str, list[str]]
) -> list[list[str]]:
    """Orders every column by the mean place of its neighbours, there and back; keeps the best."""
    best, fewest = [list(row) for row in rows], _crossings(rows, downs)
    for turn in range(ROUNDS):
        near = ups if turn % 2 == 0 else downs
        order = range(1, len(rows)) if turn % 2 == 0 else range(len(rows) - 2, -1, -1)
        for at in order:
            beside = rows[at - 1] if turn % 2 == 0 else rows[at + 1]
            place = {name: index for index, name in enumerate(beside)}
            mean = {}
            for index, name in enumerate(rows[at]):
                known = [place[other] for other in near[name] if other in place]
                mean[name] = sum(known) / len(known) if known else float(index)
            rows[at] = sorted(rows[at], key=lambda name: mean[name])
        crossings = _crossings(rows, downs)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _crossings(rows: list[list[str]], downs: dict[str, list[str]]) -> int:
    total = 0
    for row, following in pairwise(rows):
        place = {name: index for index, name in enumerate(following)}
        ends = [place[other] for name in row for other in downs[name] if other in place]
        total += sum(one > other for at, one in enumerate(ends) for other in ends[at + 1 :])
    return total


def _middles(
    rows: list[list[str]],
    heights: Mapping[str, float],
    ups: dict[str, list[str]],
    downs: dict[str, list[str]],
) -> dict[str, float]:
    """Each block as near to the middle of its neighbours as the others in its column let it."""
    middles: dict[str, float] = {}
    for row in rows:
        y = 0.0
        for name in row:
            middles[name] = y + heights[name] / 2
            y += heights[name] + GAP_Y
    for turn in range(ROUNDS * 4):
        order = rows if turn % 2 == 0 else rows[::-1]
        for row in order:
            wanted = []
            for name in row:
                near = (
                    [*ups[name], *downs[name]]
                    if turn > ROUNDS
                    else (ups if turn % 2 == 0 else downs)[name]
                )
                wanted.append(
                    sum(middles[other] for other in near) / len(near) if near else middles[name]
                )
            middles.update(zip(row, _apart(wanted, [heights[name] for name in row]), strict=True))
    return middles


def _packed(
    middles: dict[str, float], heights: Mapping[str, float], chains: dict[Link, list[str]]
) -> dict[str, float]:
    """Parts of the graph that nothing joins stand close, one below the other."""
    part = {name: name for name in middles}

    def root(name: str) -> str:
        while part[name] != name:
            name = part[name]
        return name

    for chain in chains.values():
        for one, other in pairwise(chain):
            part[root(one)] = root(other)
    parts = defaultdict(list)
    for name in middles:
        parts[root(name)].append(name)
    tops = {
        key: min(middles[name] - heights[name] / 2 for name in names)
        for key, names in parts.items()
    }
    packed, y = {}, 0.0
    for key in sorted(parts, key=lambda one: tops[one]):
        bottom = max(middles[name] + heights[name] / 2 for name in parts[key])
        packed.update({name: middles[name] - tops[key] + y for name in parts[key]})
        y += bottom - tops[key] + GAP_Y
    return packed


def _apart(wanted: list[float], heights: list[float]) -> list[float]:
    """The places nearest to those wanted, in their order and without touching."""
    offsets, offset = [], 0.0
    for at, height in enumerate(heights):
        if at:
            offset += (heights[at - 1] + height) / 2 + GAP_Y
        offsets.append(offset)
    groups: list[list[float]] = []  # [sum, count] of neighbours that must stand side by side
    for want, shift in zip(wanted, offsets, strict=True):
        groups.append([want - shift, 1.0])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] > groups[-1][0] / groups[-1][1]:
            total, count = groups.pop()
            groups[-1][0] += total
            groups[-1][1] += count
    starts = [total / count for total, count in groups for _ in range(int(count))]
    return [start + shift for start, shift in zip(starts, offsets, strict=True)]


def _lefts(sizes: Mapping[str, Size], rows: list[list[str]], labelled: set[Link]) -> list[float]:
    lefts, x = [], 0.0
    for row in rows:
        lefts.append(x)
        wide = any(source in row for source, _ in labelled)
        x += max(sizes[name][0] for name in row if name in sizes) + GAP_X * (2.3 if wide else 0.6)
    return lefts
