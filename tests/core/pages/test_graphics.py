"""Where the ink of the small drawings goes."""

import re
from datetime import date, timedelta
from decimal import Decimal

import plotly.graph_objects as go
from hypothesis import given
from hypothesis import strategies as st

from core.pages import graphics
from core.pages.charts import Annotation, Line, Series, figure

numbers = st.floats(-1e6, 1e6, allow_nan=False)


@given(value=numbers, low=numbers, high=numbers)
def test_position_stays_on_the_scale(value: float, low: float, high: float) -> None:
    assert 0 <= float(graphics.position(value, low, high)) <= 100


@given(points=st.lists(st.one_of(st.none(), numbers), max_size=40), line=numbers)
def test_sparkline_stays_in_its_box(points: list[float | None], line: float) -> None:
    drawing = graphics.sparkline(points, [(line, "red")])
    spots = [*drawing.dots, *([drawing.last] if drawing.last else [])]
    spots += [(x, y) for x, y in re.findall(r"[ML](\S+) (\S+)", drawing.path)]
    assert all(0 <= float(x) <= drawing.width and 0 <= float(y) <= drawing.height for x, y in spots)
    assert all(0 <= float(y) <= drawing.height for y, _ in drawing.lines)
    assert (drawing.last is None) == all(point is None for point in points)


def test_sparkline_breaks_where_a_day_has_no_value() -> None:
    drawing = graphics.sparkline([1, 2, None, 3, None, 2, 1])
    assert drawing.path.count("M") == 2
    assert len(drawing.dots) == 1


def test_metric_bar_of_a_ceiling_grows_to_the_right() -> None:
    bar = graphics.metric_bar(Decimal("0.062"), Decimal("0.04"), Decimal("0.05"))
    assert (bar.yellow, bar.red, bar.value) == ("53.33", "66.67", "82.67")


def test_metric_bar_of_a_floor_has_its_red_on_the_left() -> None:
    bar = graphics.metric_bar(Decimal("0.971"), Decimal("0.96"), Decimal("0.95"), floor=True)
    assert float(bar.red or 0) < float(bar.yellow or 0) < float(bar.value or 0)


def test_metric_bar_shows_a_value_far_over_its_lines() -> None:
    bar = graphics.metric_bar(Decimal("0.5"), Decimal("0.04"), Decimal("0.05"))
    assert 90 < float(bar.value or 0) < 100


def test_dimension_bar_reaches_down_for_a_low_value() -> None:
    assert graphics.dimension_bar(Decimal(4), Decimal("4.5")).value == "50.00"
    assert graphics.dimension_bar(Decimal(2), Decimal("4.5")).value == "40.00"


def test_tier_steps_cover_the_scale_and_mark_one() -> None:
    tiers = [(0, "warning"), (Decimal("4.0"), "fair"), (Decimal("4.7"), "outstanding")]
    steps = graphics.tier_steps(Decimal("4.7"), tiers, Decimal("3.8"), 5)
    assert [step.current for step in steps] == [False, False, True]
    assert sum(step.percent for step in steps) == 100


def test_figure_is_one_that_plotly_accepts() -> None:
    days = [date(2026, 11, 1) + timedelta(days=i) for i in range(4)]
    made = figure(
        [Series("6.20 %", days, [Decimal("0.05"), None, Decimal("0.06"), Decimal("0.062")])],
        [Line("red 5 %", Decimal("0.05"), "red"), Line("yellow 4 %", Decimal("0.04"), "yellow")],
        [Annotation("PN…041", days[2], "red")],
        percent=True,
        floor=0,
    )
    go.Figure(made)
    assert made["data"][0]["y"] == [0.05, None, 0.06, 0.062]
    labels = {note["text"]: note["y"] for note in made["layout"]["annotations"] if note["xref"] == "paper"}
    assert labels["yellow 4 %"] < labels["red 5 %"] < labels["6.20 %"]
