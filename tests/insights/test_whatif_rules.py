"""The arithmetic of what-if: prevented failures, paces, sums over spans, the notices of a course of levels (BX-04)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.rules.forecast import Ahead, Course, Usual, entering
from insights.rules.whatif import (
    USUAL,
    NoticeStep,
    Pace,
    Steps,
    both,
    changes_between,
    failing_at,
    good_at,
    prevented,
    volume_of,
    walk_notices,
)
from metrics.counters import COUNTERS, FAILURES
from notifications.queries.whatif import BOOK

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("BX-04")]
DAY = 20_000
USUALS = st.builds(
    lambda lower, share: Usual(lower * share // 100, lower, 28), st.integers(0, 500), st.integers(0, 100)
)
FACTORS = st.fractions(0, 10, max_denominator=100)


def test_a_prevented_order_fails_nowhere_and_stays_in_every_denominator() -> None:
    counts = {
        **dict.fromkeys(("orders_paid", "dispatch_due", "settled", "outcomes", "delivery_due", "shipped"), (DAY, 1)),
        **dict.fromkeys(sorted(FAILURES - {"reviews_negative", "described_low", "communication_low"}), (DAY + 1, 1)),
    }
    found = prevented(counts)
    assert {name: amount for name, (_day, amount) in found.items() if name in FAILURES} == dict.fromkeys(
        FAILURES & counts.keys(), 0
    )
    assert {name: pair for name, pair in found.items() if name not in FAILURES} == {
        name: pair for name, pair in counts.items() if name not in FAILURES
    }


def test_a_prevented_low_review_counts_as_one_of_five_stars() -> None:
    review = {"reviews_positive": 0, "reviews_neutral": 0, "reviews_negative": 1, "reviews_text": 1}
    rated = {"described_n": 1, "described_sum": 2, "described_low": 1}
    rated |= {"communication_n": 1, "communication_sum": 4, "communication_low": 0}
    counts = {name: (DAY, amount) for name, amount in {**review, **rated}.items()}
    amounts = {name: amount for name, (_day, amount) in prevented(counts).items()}
    assert amounts == {
        "reviews_positive": 1,
        "reviews_neutral": 0,
        "reviews_negative": 0,
        "reviews_text": 1,
        "described_n": 1,
        "described_sum": 5,
        "described_low": 0,
        "communication_n": 1,
        "communication_sum": 4,
        "communication_low": 0,
    }


def test_a_prevented_late_order_is_on_time_in_the_rating() -> None:
    counts = {"r_dispatch_n": (DAY, 1), "r_dispatch_ontime": (DAY, 0), "r_dispatch_late": (DAY, 1)}
    counts |= {"r_delivery_n": (DAY, 0), "r_delivery_ontime": (DAY, 0), "r_delivery_late": (DAY, 0)}
    found = prevented(counts)
    assert [found[name][1] for name in ("r_dispatch_ontime", "r_dispatch_late", "r_delivery_ontime")] == [1, 0, 0]


def test_every_failure_counter_that_is_listed_is_prevented() -> None:
    counts = {counter.name: (DAY, 1) for counter in COUNTERS}
    assert all(prevented(counts)[name] == (DAY, 0) for name in FAILURES | {"u_negative", "u_delivery_late"})


def test_changes_are_exact_and_hold_no_zeros() -> None:
    before = [{"dispatch_due": (1, 1), "dispatch_late": (1, 1)}, {"dispatch_late": (2, 1)}]
    after = [{"dispatch_due": (1, 1), "dispatch_late": (1, 0)}, {"dispatch_late": (3, 1)}]
    changes = changes_between(before, after)
    assert changes == {"dispatch_late": {1: -1, 2: -1, 3: 1}}
    assert both(changes, {"dispatch_late": {1: 1, 4: Fraction(1, 2)}}) == {
        "dispatch_late": {2: -1, 3: 1, 4: Fraction(1, 2)}
    }


@given(st.dictionaries(st.integers(-50, 50), st.fractions(-5, 5)), st.integers(-60, 60), st.integers(0, 60))
def test_steps_sum_any_span(by_day: dict[int, Fraction], first: int, length: int) -> None:
    last = first + length
    assert Steps(by_day).between(first, last) == sum(
        (amount for day, amount in by_day.items() if first <= day <= last), Fraction()
    )


@given(USUALS)
def test_the_usual_pace_stays_as_it_is(usual: Usual) -> None:
    stars = Usual(usual.lower + 4 * usual.upper, usual.lower, 28)
    paced = [failing_at(usual, USUAL), good_at(usual, USUAL, top=1), good_at(stars, USUAL, top=5, least=1)]
    for same, before in zip(paced, (usual, usual, stars), strict=True):
        assert (same.mean, same.rate, same.expected(Fraction(7))) == (
            before.mean, before.rate, before.expected(Fraction(7))
        )  # fmt: skip


@given(USUALS, FACTORS, FACTORS)
def test_a_pace_scales_orders_by_the_volume_and_failures_up_to_every_order(
    usual: Usual, volume: Fraction, failures: Fraction
) -> None:
    pace = Pace(volume, failures)
    failing = failing_at(usual, pace)
    assert failing.mean == usual.mean * volume
    assert failing.rate == min(usual.rate * failures, 1)
    # What is good and what fails of the same orders stay each other's rest.
    good = good_at(Usual(usual.lower - usual.upper, usual.lower, 28), pace, top=1)
    assert good.rate + failing.rate == (1 if usual.lower else 0)


def test_without_new_orders_those_that_stand_fail_at_the_usual_rate() -> None:
    paced = failing_at(Usual(28, 280, 28), Pace(volume=Fraction(0)))
    assert entering(Ahead(40, unsure=40), paced, Course.PACE) == (4, 40)
    assert entering(Ahead(0), paced, Course.PACE) == (0, 0)


def test_stars_never_fall_below_one() -> None:
    """Usually 4.5 stars: the half that lacks becomes one and a half, four at most."""
    usual = Usual(45, 10, 28)
    assert good_at(usual, Pace(failures=Fraction(3)), top=5, least=1).rate == Fraction(7, 2)
    assert good_at(usual, Pace(failures=Fraction(10)), top=5, least=1).rate == 1


def test_a_number_of_orders_needs_usual_ones() -> None:
    assert volume_of(20, Fraction(8)) == Fraction(5, 2)
    assert volume_of(20, Fraction()) is None


WALKS = [
    (["ok", "yellow", "yellow", "red", "red"], None, False, [(1, "issue", "yellow"), (3, "escalate", "red")], "red"),
    (["yellow", "red"], "red", False, [], "red"),
    (["red", "ok", "red"], "red", False, [], "red"),
    (["red", "ok", "red"], "red", True, [(2, "issue", "red")], "red"),
    (["few", "silent", "stale", "no_data"], "yellow", True, [], "yellow"),
    (["red", "na", "red"], "red", True, [(2, "issue", "red")], "red"),
    (["na"], "red", True, [], None),
    (["red"], "yellow", False, [(0, "escalate", "red")], "red"),
    (["ok"], "red", True, [], None),
]


@pytest.mark.rule("PN-06")
@pytest.mark.parametrize(("levels", "current", "ends", "steps", "left"), WALKS)
def test_levels_bring_the_notices_that_judging_issues(
    levels: list[str], current: str | None, ends: bool, steps: list[tuple[int, str, str]], left: str | None
) -> None:
    expected = ([NoticeStep(*step) for step in steps], left)
    assert walk_notices(levels, current, BOOK.step, ends=ends) == expected
