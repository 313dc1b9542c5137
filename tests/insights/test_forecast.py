"""The arithmetic of the forecast (MX-14): order of the courses, pure sliding without pace, exact days of crossing."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.rules.forecast import (
    Ahead,
    Bounds,
    Course,
    Flow,
    Past,
    Point,
    Turn,
    Usual,
    Zone,
    entering,
    entering_marks,
    share_points,
    slide,
    turns,
)

pytestmark = pytest.mark.rule("MX-14")

LINES = Bounds(Fraction(4, 100), Fraction(5, 100), None, inclusive=False, least=10)
COUNTS = st.integers(min_value=0, max_value=50)


@st.composite
def usuals(draw: st.DrawFn) -> Usual:
    lower = draw(st.integers(min_value=0, max_value=300))
    return Usual(draw(st.integers(min_value=0, max_value=lower)), lower, 28)


@st.composite
def days_ahead(draw: st.DrawFn) -> list[Ahead]:
    def day() -> Ahead:
        standing = draw(COUNTS)
        lost = draw(st.integers(min_value=0, max_value=standing))
        return Ahead(standing, certain=lost, open=draw(st.integers(min_value=0, max_value=standing - lost)))

    return [day() for _place in range(14)]


@st.composite
def flows(draw: st.DrawFn, usual: st.SearchStrategy[Usual] | None = None) -> tuple[Flow, list[int], list[int]]:
    """A flow over 30 days, with the failures and denominators of these days."""
    lower = draw(st.lists(COUNTS, min_size=30, max_size=30))
    upper = [min(number, draw(COUNTS)) for number in lower]
    flow = Flow(
        Past(sum(upper), upper[:14]),
        Past(sum(lower), lower[:14]),
        draw(days_ahead()),
        draw(usuals() if usual is None else usual),
    )
    return flow, upper, lower


@given(flows())
def test_all_in_time_is_never_worse_than_the_usual_pace_nor_that_than_nothing(
    made: tuple[Flow, list[int], list[int]],
) -> None:
    flow, _upper, _lower = made
    by_course = [flow.windows(course) for course in (Course.IN_TIME, Course.PACE, Course.NOTHING)]
    for (best, best_lower), (middle, middle_lower), (worst, worst_lower) in zip(*by_course, strict=True):
        assert best_lower == middle_lower == worst_lower
        assert 0 <= best <= middle <= worst <= worst_lower
    if any(day.open for day in flow.ahead):
        assert by_course[0] != by_course[2]


@given(flows(st.just(Usual(0, 0, 28))))
def test_without_a_pace_the_window_only_slides(made: tuple[Flow, list[int], list[int]]) -> None:
    flow, upper, lower = made
    failures = upper + [day.certain + day.open for day in flow.ahead]
    denominators = lower + [day.standing for day in flow.ahead]
    expected = [(sum(failures[place : place + 30]), sum(denominators[place : place + 30])) for place in range(1, 15)]
    assert flow.windows(Course.NOTHING) == expected
    done = upper + [day.certain for day in flow.ahead]
    assert [pair[0] for pair in flow.windows(Course.IN_TIME)] == [sum(done[n : n + 30]) for n in range(1, 15)]


@given(st.lists(COUNTS, min_size=1, max_size=20), st.lists(st.fractions(0, 50), min_size=1, max_size=20))
def test_windows_of_any_length_slide(past: list[int], entered: list[Fraction]) -> None:
    """Also over a window shorter than what lies ahead, from which entered days leave again."""
    window, days = len(past), [*past, *entered]
    expected = [sum(days[place : place + window]) for place in range(1, len(entered) + 1)]
    assert slide(Past(sum(past), past[: len(entered)]), entered) == expected


@given(days_ahead(), usuals())
def test_marks_keep_the_order_of_the_courses(ahead: list[Ahead], usual: Usual) -> None:
    for day in ahead:
        best, middle, worst = (
            entering_marks(day, usual, course) for course in (Course.IN_TIME, Course.PACE, Course.NOTHING)
        )
        assert day.certain <= best <= middle <= worst
        assert worst >= day.certain + day.open


def test_what_stands_is_filled_up_to_a_usual_day_that_fails_at_the_usual_rate() -> None:
    """Usually 10 a day of which 1 fails. 6 stand, of them 2 open and 1 lost: 4 are new and bring 0.4 failures."""
    usual, day = Usual(28, 280, 28), Ahead(6, certain=1, open=2)
    new = Fraction(4, 10)
    assert entering(day, usual, Course.NOTHING) == (3 + new, 10)
    assert entering(day, usual, Course.IN_TIME) == (1 + new, 10)
    assert entering(day, usual, Course.PACE) == (1 + Fraction(2, 10) + new, 10)


def test_a_day_on_which_more_stands_than_usual_is_not_filled_up() -> None:
    assert entering(Ahead(40, open=5), Usual(28, 280, 28), Course.NOTHING) == (5, 40)


def test_what_depends_on_carriers_and_buyers_goes_at_the_usual_rate_whatever_the_facts_say() -> None:
    """40 parcels count as late until they arrive; usually 1 of 10 is."""
    assert entering(Ahead(40, unsure=40), Usual(28, 280, 28), Course.NOTHING) == (4, 40)


def test_failures_without_a_denominator_in_the_pace_go_on_per_day() -> None:
    assert entering(Ahead(0), Usual(7, 0, 28), Course.PACE) == (Fraction(1, 4), 0)


def test_crossing_days_are_exact_at_the_line() -> None:
    """100 orders a window, one leaves and one enters each day: 4 failures lie on the yellow threshold, not past it."""
    past_upper, past_lower = Past(4, [0] * 14), Past(100, [1] * 14)
    ahead = [Ahead(1, open=1 if place in (2, 5) else 0) for place in range(14)]
    flow = Flow(past_upper, past_lower, ahead, Usual(0, 28, 28))
    points = share_points(flow.windows(Course.NOTHING), LINES, is_floor=False)
    assert [point.value for point in points[:6]] == [Fraction(n, 100) for n in (4, 4, 5, 5, 5, 6)]
    assert turns(Zone.OK, points) == [Turn(2, Zone.OK, Zone.YELLOW), Turn(5, Zone.YELLOW, Zone.RED)]
    calm = share_points(flow.windows(Course.IN_TIME), LINES, is_floor=False)
    assert turns(Zone.OK, calm) == []


def test_a_value_on_an_inclusive_line_is_past_it_and_a_floor_is_crossed_downwards() -> None:
    inclusive = Bounds(Fraction(35, 1000), Fraction(5, 100), None, inclusive=True, least=10)
    assert inclusive.zone(Fraction(5, 100), 100) == Zone.RED
    assert LINES.zone(Fraction(5, 100), 100) == Zone.YELLOW
    floor = Bounds(Fraction(96, 100), Fraction(95, 100), Decimal(1), inclusive=False, least=10)
    (point,) = share_points([(Fraction(51, 10), Fraction(100))], floor, is_floor=True)
    assert point == Point(1 - Fraction(51, 1000), Zone.RED)
    assert floor.zone(Fraction(95, 100), 100) == Zone.YELLOW


def test_too_few_orders_have_no_zone_and_turn_nothing() -> None:
    assert LINES.zone(Fraction(1), 9) is None
    assert LINES.zone(None, 0) is None
    few, red, ok = Point(Fraction(1), None), Point(Fraction(1), Zone.RED), Point(Fraction(0), Zone.OK)
    assert turns(None, [few, red, few, red, ok]) == [Turn(1, Zone.OK, Zone.RED), Turn(4, Zone.RED, Zone.OK)]
