"""A graph as SVG, readable in the light and in the dark."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from html import escape
from itertools import pairwise
from pathlib import Path

from tools.map.graph import Edge, Graph, Node
from tools.map.layout import Box, layout

WIDTH, END_WIDTH = 208.0, 182.0
LINE, PAD = 17.0, 11.0
# As many as fit in the widest of the page's fonts; a form's name is bold.
CHARACTERS = 24
BOLD = 22
LABEL_CHARACTERS = 19
# Characters of a form's question or a button, which stand in small letters.
SMALL = 26
MOST_LINES = 4
MARGIN = 12.0
# Between words and the blocks beside them.
CLEAR = 10.0
# Between words one above the other.
APART = 6.0
# A page may shrink the picture so far; what is still too wide is scrolled.
SMALLEST = 0.78
# Where words may stand on an arrow, best first: parts of its length.
PLACES = (0.5, 0.56, 0.62, 0.45, 0.4, 0.67, 0.72, 0.35, 0.3, 0.77, 0.82, 0.22)
# Points of an arrow that are looked at when words must not lie on it.
POINTS = 24
Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]
CSS = Path(__file__).with_name("drawing.css").read_text(encoding="utf-8")


def svg(graph: Graph, *, name: str, alone: bool = True) -> str:
    """The picture; `alone` with the colours in it, else for a page that has them."""
    texts = {key: _lines(node) for key, node in graph.nodes.items()}
    sizes = {
        key: (END_WIDTH if node.kind == "end" else WIDTH, _height(node, texts[key]))
        for key, node in graph.nodes.items()
    }
    labelled = {link for link, edge in graph.edges.items() if edge.label}
    placed = layout(sizes, list(graph.edges), labelled)
    taken = list(placed.boxes.values())
    arrows = {
        edge: _arrow(edge, placed.boxes, placed.routes.get(link))
        for link, edge in graph.edges.items()
    }
    parts = [_drawn(path) for path, _ in arrows.values()]
    parts += [_block(graph.nodes[key], box, texts[key]) for key, box in placed.boxes.items()]
    # Above every arrow: none runs through words.
    curves = [curve for _, curve in arrows.values()]
    parts += [_when(edge, curve, taken, curves) for edge, (_, curve) in arrows.items()]
    width, height = placed.width + 2 * MARGIN, placed.height + 2 * MARGIN
    tip = f"tip-{name}"
    body = "\n".join(parts).replace("#TIP", f"#{tip}")
    colours = f"<style>{CSS}svg{{background:var(--ground)}}</style>" if alone else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-MARGIN:.0f} {-MARGIN:.0f} '
        f'{width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'style="min-width:{SMALLEST * width:.0f}px" role="img">{colours}'
        f'<defs><marker id="{tip}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        f'markerHeight="7" orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>'
        f"{body}</svg>"
    )


def _heading(node: Node) -> list[str]:
    return _cut(node.label, 2, BOLD) if node.kind == "form" else _cut(node.label, MOST_LINES)


def _lines(node: Node) -> list[str]:
    if node.kind == "form":
        asked = [_cut(f"{at}. {text}", 1, SMALL) for at, text in enumerate(node.lines, start=1)]
        return [*_heading(node), *(line for one in asked for line in one)]
    if node.kind == "bot":
        buttons = [line for text in node.lines for line in _cut(f"▸ {text}", 2, SMALL)]
        return [*_heading(node), *buttons]
    return _cut(node.label, MOST_LINES, 40 if node.kind == "end" else CHARACTERS)


def _cut(text: str, most: int, characters: int = CHARACTERS) -> list[str]:
    lines = textwrap.wrap(" ".join(text.split()), characters, max_lines=most, placeholder="…")
    return lines or [""]


def _height(node: Node, lines: list[str]) -> float:
    return LINE * len(lines) + 2 * (PAD if node.kind != "end" else 6)


def _block(node: Node, box: Box, lines: list[str]) -> str:
    rounding = 15 if node.kind in ("says", "end") else 8
    drawn = [
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" '
        f'rx="{rounding}"/>'
    ]
    first = box.middle - LINE * (len(lines) - 1) / 2 + 4.5
    names = len(_heading(node))
    first_kind = "name" if node.kind == "form" else "line"
    for at, line in enumerate(lines):
        kind = "ask" if node.lines and at >= names else first_kind
        drawn.append(
            f'<text class="{kind}" x="{box.x + PAD:.1f}" y="{first + at * LINE:.1f}">'
            f"{escape(line)}</text>"
        )
    return (
        f'<g class="node {node.kind}"><title>{escape(node.hint)}</title>' + "".join(drawn) + "</g>"
    )


def _arrow(edge: Edge, boxes: dict[str, Box], route: list[Point] | None) -> tuple[str, Curve]:
    """Its path, and the first bend of it, where its words may stand."""
    source, target = boxes[edge.source], boxes[edge.target]
    if route is None:
        # It leads back: out below the source, into the target from below.
        points = [
            (source.x + source.width / 2, source.y + source.height),
            (target.x + target.width / 2, target.y + target.height + 2),
        ]
        low = max(points[0][1], points[1][1]) + 24
        curve = (points[0], (points[0][0], low), (points[1][0], low), points[1])
        path = _curve(curve)
    else:
        points = [(source.x + source.width, source.middle), *route, (target.x - 2, target.middle)]
        curve = _bend(points[0], points[1])
        path = _curve(curve)
        for at, (here, there) in enumerate(pairwise(points[1:])):
            # Straight through a column, bent between two.
            straight = f"L{there[0]:.1f} {there[1]:.1f}"
            path += straight if at % 2 == 0 else _curve(_bend(here, there), move=False)
    return path, curve


def _drawn(path: str) -> str:
    return f'<path class="arrow" d="{path}" marker-end="url(#TIP)"/>'


def _bend(start: Point, end: Point) -> Curve:
    half = (end[0] - start[0]) / 2
    return start, (start[0] + half, start[1]), (end[0] - half, end[1]), end


def _curve(curve: Curve, *, move: bool = True) -> str:
    start, one, other, end = (f"{x:.1f} {y:.1f}" for x, y in curve)
    return (f"M{start}" if move else "") + f"C{one} {other} {end}"


def _when(edge: Edge, curve: Curve, taken: list[Box], curves: list[Curve]) -> str:
    """The words on an arrow, where no others are yet and, if possible, no other arrow runs."""
    if not edge.label:
        return ""
    lines = textwrap.wrap(edge.label, LABEL_CHARACTERS)
    width, height = 6.6 * max(map(len, lines)), 13.0 * len(lines)
    strangers = [
        _on(other, at / POINTS) for other in curves if other is not curve for at in range(POINTS)
    ]

    def disorder(box: Box) -> tuple[int, int]:
        return (
            sum(_touch(box, other) for other in taken),
            sum(_touch(box, Box(*point, 0, 0)) for point in strangers),
        )

    boxes = [_between(curve, _around(_on(curve, t), width, height)) for t in PLACES]
    box = min(boxes, key=disorder)
    taken.append(Box(box.x, box.y - APART, width, height + 2 * APART))
    ground = (
        f'<rect class="under" x="{box.x - 3:.1f}" y="{box.y - 1:.1f}" width="{width + 6:.1f}" '
        f'height="{height + 2:.1f}"/>'
    )
    return ground + "".join(
        f'<text class="when" text-anchor="middle" x="{box.x + width / 2:.1f}" '
        f'y="{box.y + 10.5 + 13 * at:.1f}">{escape(line)}</text>'
        for at, line in enumerate(lines)
    )


def _on(curve: Curve, t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return (
        sum(weight * point[0] for weight, point in zip(weights, curve, strict=True)),
        sum(weight * point[1] for weight, point in zip(weights, curve, strict=True)),
    )


def _around(point: Point, width: float, height: float) -> Box:
    return Box(point[0] - width / 2, point[1] - height / 2 - 4, width, height)


def _between(curve: Curve, box: Box) -> Box:
    """The box moved sideways so that it covers neither block that the arrow joins."""
    left, right = curve[0][0] + CLEAR, curve[3][0] - CLEAR - box.width
    return replace(box, x=min(max(box.x, left), right)) if left <= right else box


def _touch(one: Box, other: Box) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    apart = one.y + one.height <= other.y or other.y + other.height <= one.y
    return not (beside or apart)
