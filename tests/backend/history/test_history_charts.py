"""The chart is a picture that every messenger takes, whatever there is to draw."""

from __future__ import annotations

import asyncio
import io
import struct
import threading
from dataclasses import replace
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import image

from backend.history import drawing
from backend.history.charts import Bar, Chart, Charts, Panel
from backend.history.drawing import png
from backend.history.style import FILE, load_style

STYLE = load_style()
VIBER_LIMIT = 1024 * 1024  # bytes of a picture on an iPhone
VK_SIDES = 14000  # width and height together


def bars(*volumes: str | None, estimated: bool = False) -> tuple[Bar, ...]:
    return tuple(
        Bar("ноя\n2026", None if one is None else D(one), one or "—", estimated and one is not None)
        for one in volumes
    )


def chart(*panels: tuple[Bar, ...]) -> Chart:
    return Chart(
        "Расход по месяцам",
        "показаний не было",
        tuple(Panel(f"ГВС №{number}, кухня, м³", shown) for number, shown in enumerate(panels)),
    )


def size(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def pixels(picture: bytes) -> Any:
    return image.imread(io.BytesIO(picture), format="png")


def has_colour(picture: bytes, colour: str) -> bool:
    wanted = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    near = abs(pixels(picture)[:, :, :3] - wanted).max(axis=2) < 0.01
    return bool(near.sum() > 100)


YEAR = bars(*(str(month) for month in range(1, 13)))


@pytest.mark.parametrize("meters", [1, 2, 3, 4])
def test_the_picture_decodes_and_fits_both_messengers(meters: int) -> None:
    drawn = png(chart(*[YEAR] * meters), STYLE)
    width, height = size(drawn)
    assert pixels(drawn).shape[:2] == (height, width)
    assert width == STYLE.width
    assert len(drawn) <= VIBER_LIMIT
    assert width + height <= VK_SIDES
    assert max(width, height) <= 20 * min(width, height)


@pytest.mark.parametrize(
    "shown", [(), bars(None), bars("0"), bars("4.25"), bars("0", None, "0"), bars("999999999.999")]
)
def test_nothing_or_little_to_draw_is_no_reason_to_fail(shown: tuple[Bar, ...]) -> None:
    assert size(png(chart(shown), STYLE))[0] == STYLE.width


def test_the_card_is_light_and_opaque_so_that_a_dark_chat_does_not_show_through() -> None:
    drawn = pixels(png(chart(YEAR), STYLE))
    assert drawn.shape[2] == 3 or float(drawn[:, :, 3].min()) == 1.0
    corners = [drawn[y, x, :3].min() for y in (0, -1) for x in (0, -1)]
    assert min(corners) > 0.95


def test_the_company_s_colour_is_that_of_the_style() -> None:
    assert has_colour(png(chart(YEAR), STYLE), STYLE.bar)
    other = replace(STYLE, bar="#aa0011")
    assert has_colour(png(chart(YEAR), other), "#aa0011")
    assert not has_colour(png(chart(YEAR), other), STYLE.bar)


def test_estimates_look_different_and_are_explained() -> None:
    exact, estimated = png(chart(YEAR), STYLE), png(chart(bars("4", estimated=True)), STYLE)
    assert not has_colour(exact, STYLE.estimated)
    assert has_colour(estimated, STYLE.estimated)
    assert size(estimated)[1] > size(exact)[1]


def test_zero_is_to_be_seen_and_unknown_is_not_drawn() -> None:
    assert has_colour(png(chart(bars("0", "5")), STYLE), STYLE.bar)
    assert not has_colour(png(chart(bars(None, None)), STYLE), STYLE.bar)


def test_text_on_the_card_is_readable() -> None:
    def luminance(colour: str) -> float:
        shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colour in (STYLE.text, STYLE.dim):
        assert (luminance(STYLE.background) + 0.05) / (luminance(colour) + 0.05) >= 4.5


@settings(max_examples=12, deadline=None)
@given(st.text(max_size=80), st.text(max_size=20))
@pytest.mark.filterwarnings("ignore:Glyph")
def test_any_words_can_be_drawn(name: str, month: str) -> None:
    drawn = png(Chart(name, name, (Panel(name, (Bar(month, D(1), month, True),)),)), STYLE)
    assert size(drawn)[0] == STYLE.width


async def test_drawing_happens_off_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    def note(_chart: Chart, _style: Any) -> bytes:
        threads.append(threading.current_thread())
        return b"png"

    monkeypatch.setattr(drawing, "png", note)
    charts = Charts()
    assert await charts.draw([chart(YEAR), chart(YEAR)]) == [b"png", b"png"]
    assert await charts.draw([chart(YEAR)]) == [b"png"]
    assert len(set(threads)) == 1
    assert threads[0] is not threading.main_thread()
    charts.close()


async def test_a_drawing_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(drawing, "png", lambda *_: b"late" if go_on.wait(10) else b"never")
    charts = Charts(patience=0.05)
    assert await charts.draw([chart(YEAR)]) is None
    go_on.set()
    charts.close()


async def test_a_drawing_that_fails_is_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> bytes:
        raise RuntimeError("no font")

    monkeypatch.setattr(drawing, "png", fail)
    charts = Charts()
    assert await charts.draw([chart(YEAR)]) is None
    charts.close()


async def test_after_the_warm_up_the_first_resident_waits_as_little_as_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = []
    monkeypatch.setattr(drawing, "png", lambda one, _style: drawn.append(one) or b"png")
    charts = Charts()
    charts.warm_up()
    assert await charts.draw([chart(YEAR)]) == [b"png"]
    assert [len(one.panels) for one in drawn] == [0, 1]
    charts.close()


async def test_many_at_once_are_all_drawn() -> None:
    charts = Charts(patience=30)
    drawn = await asyncio.gather(*(charts.draw([chart(YEAR)]) for _ in range(6)))
    assert len({one[0] for one in drawn if one}) == 1
    charts.close()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("width: 1080", "width: wide"), "width must be"),
        (("width: 1080", "breadth: 1080"), "breadth, width"),
        (("font: DejaVu Sans", "font: 7"), "font must be"),
    ],
)
def test_a_wrong_style_is_refused_by_name(
    tmp_path: Path, change: tuple[str, str], complaint: str
) -> None:
    changed = tmp_path / "style.yml"
    changed.write_text(FILE.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        load_style(changed)


def test_a_chart_of_no_meter_can_be_drawn() -> None:
    assert size(png(Chart("", "", ()), STYLE))[0] == STYLE.width
