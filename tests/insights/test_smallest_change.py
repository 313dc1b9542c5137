"""The smallest change that brings a rate back, against every subset of small worlds (BX-16)."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.rules.smallest_change import Cost, Failing, Share, SmallestChange, smallest_change

pytestmark = pytest.mark.sqlite_only

COSTS = tuple(Cost)
WINDOW = 30


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Share, list[Failing]]:
    failing = [
        Failing(key, draw(st.sampled_from(COSTS)), draw(st.integers(1, 2)), draw(st.integers(0, 2)), leaves_in)
        for key, leaves_in in enumerate(draw(st.lists(st.integers(1, WINDOW), max_size=7)))
    ]
    failures = sum(one.failures for one in failing)
    denominator = failures + sum(one.denominator for one in failing) + draw(st.integers(1, 60))
    allowed = Fraction(draw(st.integers(0, 30)), draw(st.integers(31, 100)))
    return Share(failures, denominator, allowed, draw(st.booleans())), failing


def is_within(share: Share) -> bool:
    """Said a second time, by fractions."""
    value = Fraction(share.failures, share.denominator)
    return value < share.allowed if share.inclusive else value <= share.allowed


def costs(some: Iterable[Failing]) -> tuple[int, ...]:
    """How many of each cost, negated: the smaller tuple is the cheaper set."""
    some = list(some)
    return tuple(-sum(one.cost == cost for one in some) for cost in COSTS)


def every_sufficient(share: Share, failing: Sequence[Failing]) -> list[tuple[Failing, ...]]:
    able = [one for one in failing if one.cost != Cost.WAIT]
    subsets = (some for size in range(len(able) + 1) for some in combinations(able, size))
    return [some for some in subsets if is_within(share.without(some))]


@pytest.mark.rule("BX-16")
@settings(max_examples=150, deadline=None)
@given(worlds())
def test_bx16_no_smaller_and_no_cheaper_set_brings_it_back(world: tuple[Share, list[Failing]]) -> None:
    share, failing = world
    found = smallest_change(share, failing, window_days=WINDOW)
    sufficient = every_sufficient(share, failing)
    assert found.suffices == bool(sufficient)
    assert found.after == share.without(found.chosen)
    if sufficient:
        assert is_within(found.after)
        least = min(map(len, sufficient))
        assert len(found.chosen) == least
        assert costs(found.chosen) == min(costs(some) for some in sufficient if len(some) == least)


@pytest.mark.rule("BX-16", "MX-13")
@settings(max_examples=100, deadline=None)
@given(worlds())
def test_bx16_waiting_alone_is_enough_on_the_first_such_day(world: tuple[Share, list[Failing]]) -> None:
    share, failing = world

    found = smallest_change(share, failing, window_days=WINDOW)
    assert found.wait_days == first_day_within(share, failing)
    beside = [one for one in failing if one not in found.chosen]
    assert found.with_chosen_days == first_day_within(found.after, beside)


def first_day_within(share: Share, failing: Sequence[Failing]) -> int | None:
    """The day on which enough has left the window, of today's denominator and without a new failure."""
    for days in range(WINDOW + 1):
        left = share.failures - sum(one.failures for one in failing if one.leaves_in <= days)
        if is_within(Share(left, share.denominator, share.allowed, share.inclusive)):
            return days
    return None


def twelve_of_24(*, ready: int, able: int) -> SmallestChange:
    """24 late of 272 against 4.75 %, of which some can be appealed."""
    kinds = [Cost.READY] * ready + [Cost.APPEAL] * able + [Cost.WAIT] * (24 - ready - able)
    failing = [Failing(key, cost, leaves_in=key + 1) for key, cost in enumerate(kinds)]
    return smallest_change(Share(24, 272, Fraction("0.0475")), failing, window_days=WINDOW)


@pytest.mark.rule("BX-16")
def test_excluded_orders_stay_in_the_denominator() -> None:
    found = twelve_of_24(ready=9, able=5)
    assert (len(found.chosen), found.suffices) == (12, True)
    assert (found.after.failures, found.after.denominator) == (12, 272)
    assert [one.cost for one in found.chosen].count(Cost.READY) == 9
    assert found.wait_days == 12


@pytest.mark.rule("BX-16")
def test_where_all_that_can_be_appealed_is_not_enough_waiting_does_the_rest() -> None:
    found = twelve_of_24(ready=0, able=10)
    assert (len(found.chosen), found.suffices, found.after.failures) == (10, False, 14)
    assert found.with_chosen_days == 12


@pytest.mark.rule("BX-16")
def test_excluded_reviews_leave_both_sides() -> None:
    """6 of 100 against 5 %: without one it would be 5 of 99, which is over; two are needed."""
    failing = [Failing(key, Cost.APPEAL, denominator=1, leaves_in=9) for key in range(6)]
    found = smallest_change(Share(6, 100, Fraction("0.05")), failing, window_days=WINDOW)
    assert (found.after.failures, found.after.denominator) == (4, 98)


def test_rate_within_its_threshold_needs_nothing() -> None:
    failing = [Failing(0, Cost.ACT, leaves_in=3)]
    found = smallest_change(Share(1, 20, Fraction("0.05")), failing, window_days=WINDOW)
    assert (found.chosen, found.suffices, found.wait_days) == ((), True, 0)
    on_the_line = smallest_change(Share(1, 20, Fraction("0.05"), inclusive=True), failing, window_days=WINDOW)
    assert (len(on_the_line.chosen), on_the_line.wait_days) == (1, 3)
