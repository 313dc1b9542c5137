"""Headroom by exact arithmetic against counting one by one (MX-13)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.rules.headroom import Headroom, clean_orders, headroom, most_failures

pytestmark = pytest.mark.sqlite_only

LINES = st.fractions(min_value=0, max_value=1, max_denominator=1000)
COUNTS = st.integers(min_value=1, max_value=400)


def crosses(failures: int, denominator: int, allowed: Fraction, inclusive: bool) -> bool:
    share = Fraction(failures, denominator)
    return share >= allowed if inclusive else share > allowed


@pytest.mark.rule("MX-13")
@given(COUNTS, LINES, st.booleans())
def test_most_failures_is_the_last_that_does_not_cross(denominator: int, allowed: Fraction, inclusive: bool) -> None:
    most = most_failures(denominator, allowed, inclusive=inclusive)
    assert most < 0 or not crosses(most, denominator, allowed, inclusive)
    assert crosses(most + 1, denominator, allowed, inclusive)


@pytest.mark.rule("MX-13")
@given(st.integers(min_value=0, max_value=60), COUNTS, LINES.filter(lambda line: line > 0), st.booleans())
def test_clean_orders_is_the_least_that_brings_it_back(
    failures: int, denominator: int, allowed: Fraction, inclusive: bool
) -> None:
    denominator = max(denominator, failures)
    clean = clean_orders(failures, denominator, allowed, inclusive=inclusive)
    assert clean is not None
    assert not crosses(failures, denominator + clean, allowed, inclusive)
    assert clean == 0 or crosses(failures, denominator + clean - 1, allowed, inclusive)


@pytest.mark.rule("MX-13")
@given(st.integers(min_value=0, max_value=60), COUNTS, LINES, st.booleans())
def test_headroom_says_either_what_fits_or_what_is_over(
    failures: int, denominator: int, allowed: Fraction, inclusive: bool
) -> None:
    denominator = max(denominator, failures)
    room = headroom(failures, denominator, allowed, inclusive=inclusive)
    if crosses(failures, denominator, allowed, inclusive):
        assert room.fits is None
        assert room.over > 0
        assert not crosses(failures - room.over, denominator, allowed, inclusive) or failures == room.over - 1
    else:
        assert room.fits is not None
        assert (room.over, room.clean) == (0, 0)
        assert not crosses(failures + room.fits, denominator, allowed, inclusive)
        assert crosses(failures + room.fits + 1, denominator, allowed, inclusive)


def test_headroom_of_the_example_of_the_specification() -> None:
    """14 late of 226 due against 4.75 %: at most 10 fit, so 4 are over; 14 ÷ 0.0475 = 294.7, so 69 clean orders."""
    assert headroom(14, 226, Fraction(475, 10_000)) == Headroom(None, 4, 69)


def test_headroom_finds_the_day_on_which_old_failures_have_left() -> None:
    leaving = [14, 14, 12, 11, 10, 10]
    room = headroom(14, 226, Fraction(475, 10_000), remaining=lambda days: leaving[days], window_days=5)
    assert room.leaves_in == 4


def test_no_number_of_clean_orders_helps_against_a_line_of_zero() -> None:
    assert headroom(1, 100, Fraction(0)) == Headroom(None, 1, None)
    assert headroom(0, 100, Fraction(0)) == Headroom(0, 0, 0)


def test_a_share_on_the_line_crosses_only_where_the_line_is_inclusive() -> None:
    assert headroom(5, 100, Fraction(5, 100)).fits == 0
    assert headroom(5, 100, Fraction(5, 100), inclusive=True).over == 1
