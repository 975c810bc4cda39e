"""The drawing itself, with matplotlib; imported only when a chart is wanted.

Figures are made without pyplot: nothing keeps them, so each is freed with its picture.
"""

from __future__ import annotations

import io
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from backend.history.charts import Chart, Panel
from backend.history.style import Style

POINTS_PER_INCH = 72
BAR_WIDTH = 0.72
# Room above the highest bar for its value, as a share of it.
HEADROOM = 1.22
# No bar at all would look like a missing month: zero is a line that can be seen.
LEAST_SHARE = 0.012
MOST_NAME = 44


def png(chart: Chart, style: Style) -> bytes:
    """The chart as a PNG without transparency."""
    noted = any(bar.estimated for panel in chart.panels for bar in panel.bars)
    foot = style.foot_height if noted else style.margin // 2
    height = style.head_height + style.panel_height * len(chart.panels) + foot
    dots = style.dots_per_inch
    figure = Figure(figsize=(style.width / dots, height / dots), dpi=dots)
    figure.set_facecolor(style.background)
    FigureCanvasAgg(figure)
    draw = _Pen(figure, style, height)
    draw.words(style.margin, style.head_height * 0.5, chart.title, style.title_size, bold=True)
    for index, panel in enumerate(chart.panels):
        draw.panel(panel, style.head_height + index * style.panel_height)
    if noted:
        draw.note(chart.note, height - foot * 0.5)
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=dots, facecolor=style.background)
    figure.clear()
    return written.getvalue()


class _Pen:
    """Draws on one figure; places are pixels from its upper left corner."""

    def __init__(self, figure: Any, style: Style, height: int) -> None:
        self._figure = figure
        self._style = style
        self._height = height

    def words(
        self,
        left: float,
        top: float,
        text: str,
        size: int,
        *,
        bold: bool = False,
        dim: bool = False,
    ) -> None:
        """One line, centred on `top`."""
        style = self._style
        self._figure.text(
            left / style.width,
            1 - top / self._height,
            _plain(text),
            fontsize=self._points(size),
            fontfamily=style.font,
            fontweight="bold" if bold else "normal",
            color=style.dim if dim else style.text,
            va="center",
            parse_math=False,
        )

    def note(self, text: str, top: float) -> None:
        """What a light bar means, beside a sample of it."""
        style, size = self._style, self._style.note_size
        axes = self._axes(style.margin, top - size * 0.5, size, size)
        axes.bar([0], [1], width=2, **self._look(estimated=True))
        axes.set_xlim(-0.5, 0.5)
        axes.set_ylim(0, 1)
        self.words(style.margin + size * 1.6, top, text, size, dim=True)

    def panel(self, panel: Panel, top: float) -> None:
        """The meter's name, its bars with their values, and the months."""
        style = self._style
        name = panel.meter
        shown = name if len(name) <= MOST_NAME else name[: MOST_NAME - 1] + "…"
        self.words(style.margin, top + style.meter_size * 0.7, shown, style.meter_size)
        months_height = style.month_size * 2.9
        names_height = style.meter_size * 1.6
        axes = self._axes(
            style.margin / 2,
            top + names_height,
            style.width - style.margin,
            style.panel_height - names_height - months_height,
        )
        volumes = [float(bar.volume or 0) for bar in panel.bars]
        highest = max([*volumes, 0.0]) or 1.0
        for place, (bar, volume) in enumerate(zip(panel.bars, volumes, strict=True)):
            drawn = max(volume, highest * LEAST_SHARE) if bar.volume is not None else 0.0
            if bar.volume is not None:
                axes.bar([place], [drawn], width=BAR_WIDTH, **self._look(estimated=bar.estimated))
            self._label(axes, place, drawn, bar.value, 5, "bottom", dim=bar.volume is None)
            self._label(axes, place, 0, bar.month, -7, "top", dim=True)
        axes.axhline(0, color=style.line, linewidth=self._points(2), zorder=0, clip_on=False)
        axes.set_xlim(-0.5, max(len(panel.bars), 1) - 0.5)
        axes.set_ylim(0, highest * HEADROOM)

    def _label(
        self, axes: Any, place: int, height: float, text: str, shift: int, side: str, *, dim: bool
    ) -> None:
        style = self._style
        size = style.month_size if side == "top" else style.value_size
        axes.annotate(
            _plain(text),
            (place, height),
            xytext=(0, self._points(shift)),
            textcoords="offset points",
            ha="center",
            va=side,
            fontsize=self._points(size),
            fontfamily=style.font,
            color=style.dim if dim else style.text,
            annotation_clip=False,
            parse_math=False,
        )

    def _look(self, *, estimated: bool) -> dict[str, Any]:
        style = self._style
        if not estimated:
            return {"color": style.bar}
        return {
            "color": style.estimated,
            "edgecolor": style.edge,
            "linewidth": self._points(2),
            "linestyle": (0, (2, 2)),
        }

    def _axes(self, left: float, top: float, width: float, height: float) -> Any:
        style = self._style
        axes = self._figure.add_axes(
            (
                left / style.width,
                1 - (top + height) / self._height,
                width / style.width,
                height / self._height,
            )
        )
        axes.set_axis_off()
        return axes

    def _points(self, pixels: float) -> float:
        return pixels * POINTS_PER_INCH / self._style.dots_per_inch


def _plain(text: str) -> str:
    """Without what a font cannot draw: line breaks stay, other control characters go."""
    return "".join(letter for letter in text if letter == "\n" or letter.isprintable())
