"""Charts as the server draws them, from the dicts that Plotly gets; the ticks of their axes."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.pages.charts import MARGIN_STEP, Annotation, Line, Series, figure
from core.pages.drawing import described, drawing
from core.pages.ticks import day_ticks, fewer, number_ticks

FIRST = date(2026, 11, 1)
DAYS = [FIRST + timedelta(days=place) for place in range(5)]
values = st.lists(st.one_of(st.none(), st.floats(0, 1e6, allow_nan=False)), min_size=1, max_size=40)


def texts(drawn: str) -> list[tuple[str, str]]:
    """The texts of a drawing with their tones."""
    root = ElementTree.fromstring(drawn)
    return [
        (element.get("class", "").removeprefix("tone-"), "".join(element.itertext()).replace("\xa0", " "))
        for element in root.iter("text")
    ]


def simple() -> dict[str, Any]:
    return figure(
        [Series("4 %", DAYS, [Decimal(0), None, Decimal("0.04"), Decimal("0.04"), Decimal("0.04")], "ink")],
        [Line("red 5 %", Decimal("0.05"), "red")],
        [Annotation("1", DAYS[2], "red", until=DAYS[4], hint="1 first<br>2 <second>")],
        percent=True,
        floor=0,
    )


def test_drawing_has_the_curve_the_line_the_mark_and_their_words() -> None:
    drawn = drawing(simple(), "text", labelled="caption")
    assert texts(drawn) == [
        ("", "0 %"), ("", "1 %"), ("", "2 %"), ("", "3 %"), ("", "4 %"), ("", "5 %"),
        ("", "11-01"), ("", "11-02"), ("", "11-03"), ("", "11-04"), ("", "11-05"),
        ("ink", "4 %"), ("red", "red 5 %"), ("red", "1 first\n2 <second>1"),
    ]  # fmt: skip
    root = ElementTree.fromstring(drawn)
    assert (root.get("role"), root.get("aria-labelledby"), root.get("aria-describedby")) == ("img", "caption", "text")
    # The plot is 287 px high (352 less margins) and reaches from 0 % to 5.6 %: the red line is at 5 ÷ 5.6 of it.
    (red,) = [one for one in root.iter("line") if one.get("class") == "tone-red" and one.get("x1") == "0.00%"]
    assert (red.get("y1"), red.get("y2"), red.get("x2")) == ("30.7", "30.7", "100.00%")
    (span,) = root.iter("rect")
    assert (span.get("x"), span.get("width"), span.get("height")) == ("50.00%", "50.00%", "287.0")
    # A lone day is a dot; of a level stretch the ends are enough.
    (path,) = root.iter("path")
    assert re.findall(r"[ML][\d.]+ [\d.]+", path.get("d", "")) == ["M500.0 82.0", "L1000.0 82.0"]
    (dot,) = root.iter("circle")
    assert (dot.get("cx"), dot.get("cy"), dot.get("r")) == ("0.00%", "287.0", "2")


def test_only_a_curve_with_lone_days_has_dots() -> None:
    whole, broken = figure([Series("a", DAYS, [1] * 5), Series("b", DAYS, [None, 2, None, 3, 3], width=2)])["data"]
    assert (whole["mode"], whole["marker"]) == ("lines", {})
    assert (broken["mode"], broken["marker"]["size"]) == ("lines+markers", [0, 4, 0, 0, 0])


def test_description_tells_days_and_labels_from_the_top_down() -> None:
    assert described(simple()).replace("\xa0", " ") == "2026-11-01 … 2026-11-05; red 5 %; 4 %; 2026-11-03: 1"


def test_drawing_has_no_style_of_its_own_and_takes_its_texts_for_text() -> None:
    drawn = drawing(figure([Series("<b>&", DAYS, [1.0] * 5)]), '"x"')
    assert "style=" not in drawn
    assert "<b>" not in drawn
    assert ("accent", "<b>&") in texts(drawn)


@given(points=values, line=st.floats(0, 1e6, allow_nan=False))
def test_any_chart_is_drawn_inside_its_frame_and_accepted_by_plotly(points: list[float | None], line: float) -> None:
    days = [FIRST + timedelta(days=place) for place in range(len(points))]
    made = figure([Series("x", days, points)], [Line("l", line, "red")], [Annotation("m", days[-1])])
    go.Figure(made)
    drawn = drawing(made, "d")
    ElementTree.fromstring(drawn)
    plot = made["layout"]["height"] - made["layout"]["margin"]["t"] - made["layout"]["margin"]["b"]
    spots = re.findall(r"[ML]([\d.-]+) ([\d.-]+)", drawn)
    assert all(0 <= float(x) <= 1000 and 0 <= float(y) <= plot for x, y in spots)
    assert made["layout"]["margin"]["l"] % MARGIN_STEP == made["layout"]["margin"]["r"] % MARGIN_STEP == 0


def test_labels_at_the_edge_stand_apart_around_their_values() -> None:
    """Three within a pixel of each other, and one by itself."""
    made = figure([Series(str(place), DAYS, [value] * 5) for place, value in enumerate((50, 50.1, 50.2, 90))])
    heights = [note["y"] for note in made["layout"]["annotations"]]
    pixel = (made["layout"]["yaxis"]["range"][1] - made["layout"]["yaxis"]["range"][0]) / 304
    assert [round((b - a) / pixel, 6) for a, b in pairwise(heights[:3])] == [20, 20]
    assert heights[1] == pytest.approx(50.1)
    assert heights[3] == 90


def test_labels_stay_beside_the_plot_at_its_foot() -> None:
    made = figure([Series(str(place), DAYS, [0.0] * 4 + [value]) for place, value in enumerate((0, 0, 0, 10))], floor=0)
    assert min(note["y"] for note in made["layout"]["annotations"]) == 0


def test_who_points_at_a_day_reads_names_and_exact_values() -> None:
    texts = ["4.998 %", "5.00 %", "5.01 %", "", ""]
    made = figure(
        [
            Series("5.01 %", DAYS, [1, 2, 3, None, None], title="Late dispatch", texts=texts),
            Series("red 5 %", DAYS, [2] * 5, "red", title="red", texts=["5 %"] * 5),
        ]
    )
    value, red = made["data"]
    assert value["hovertemplate"] == "Late dispatch %{customdata}<extra></extra>"
    assert value["customdata"] == texts
    assert red["hovertemplate"] == "red 5 %<extra></extra>"


# --- ticks ----------------------------------------------------------------------------------------------

AXES = [
    (0, 0.0536, True, False, ["0 %", "1 %", "2 %", "3 %", "4 %", "5 %"]),
    (0.9712, 0.9738, True, False, ["97.15 %", "97.20 %", "97.25 %", "97.30 %", "97.35 %"]),
    (4.59, 4.94, False, False, ["4.6", "4.7", "4.8", "4.9"]),
    (17_170, 19_890, False, False, ["17,500", "18,000", "18,500", "19,000", "19,500"]),
    (0, 1.1, False, True, ["0", "1"]),
    (0, 3.4, False, True, ["0", "1", "2", "3"]),
    (-1, 1, False, False, ["\u22121.0", "\u22120.5", "0.0", "0.5", "1.0"]),
]


@pytest.mark.parametrize(("low", "high", "percent", "whole", "labels"), AXES)
def test_ticks_are_round_and_told_apart(
    low: float, high: float, percent: bool, whole: bool, labels: Sequence[str]
) -> None:
    ticks = number_ticks(low, high, 6, percent=percent, whole=whole)
    assert [text.replace("\xa0", " ") for _number, text in ticks] == labels


@given(
    low=st.floats(-1e6, 1e6, allow_nan=False), reach=st.floats(1e-6, 1e7), percent=st.booleans(), whole=st.booleans()
)
def test_no_axis_repeats_a_label(low: float, reach: float, percent: bool, whole: bool) -> None:
    ticks = number_ticks(low, low + reach, 6, percent=percent, whole=whole)
    labels = [text for _number, text in ticks]
    assert len(set(labels)) == len(labels) <= 7
    assert all(low <= number <= low + reach for number, _text in ticks)


@given(span=st.integers(0, 900))
def test_days_are_even_and_end_on_the_last(span: int) -> None:
    last = FIRST + timedelta(days=span)
    days = day_ticks(FIRST, last, 8)
    assert 1 <= len(days) <= 8
    assert days[-1] == last
    assert min(days) >= FIRST
    assert len({(after - before).days for before, after in pairwise(days)}) <= 1


def test_a_phone_has_fewer_days() -> None:
    days = day_ticks(FIRST, FIRST + timedelta(days=43), 8)
    assert [f"{day:%m-%d}" for day in days] == ["11-02", "11-09", "11-16", "11-23", "11-30", "12-07", "12-14"]
    assert [f"{day:%m-%d}" for day in fewer(days, 13)] == ["11-02", "11-16", "11-30", "12-14"]
    assert fewer([FIRST], 13) == [FIRST]
    drawn = drawing(figure([Series("x", [*DAYS, FIRST + timedelta(days=43)], [1.0] * 6)]), "d")
    assert drawn.count('<g class="wide">') == 3
