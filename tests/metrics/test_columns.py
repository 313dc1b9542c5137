"""Scorecards in columns are those of the objects, to the last digit, and their arithmetic is exact at any size."""

import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from core.pages.sheets import BOM, csv_lines
from metrics.exports.figures import rating_rows, scorecard_lines, scorecard_rows
from metrics.exports.selection import Selection
from metrics.rules.swings import is_usual_swing
from metrics.scorecards.batches import scorecards_between
from metrics.scorecards.columns.whole import Whole, choose, decimal_texts, whole
from metrics.scorecards.results import PLACES, result_data
from metrics.scorecards.together import judged_together
from rulebook.rules import Ratio, decimal_text, exact_sum
from stores.models import Store
from stores.reference import resolve_categories
from tests.examples import costly
from tests.metrics.worlds import load_world
from tests.oracle.paces import LAST
from tests.oracle.strategies import worlds
from tests.oracle.world import World

# Around where 64 bits end, and where small ones do.
NUMBERS = st.integers(-(2**70), 2**70) | st.integers(-1000, 1000) | st.sampled_from([2**31, 2**63 - 1, 2**63, -(2**63)])
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.rule("MX-06", "MX-08", "MX-10", "SR-01", "DP-06", "TM-05", "DM-31")
@given(data=worlds(stores=3))
@costly(4)
def test_columns_publish_what_objects_publish(data):
    bundle, facts = data
    with transaction.atomic():
        stores = list(load_world(World(bundle, facts=facts)).values())
        resolve_categories()
        for first in (LAST, LAST - timedelta(days=4)):
            expected = [
                json.dumps({code: result_data(result) for code, result in scorecard.items()})
                for _store, _day, scorecard in scorecards_between(stores, first, LAST)
            ]
            assert [text for part in judged_together(stores, first, LAST) for text in part.published()] == expected
            assert_exports_agree(stores, first)
        transaction.set_rollback(True)


def assert_exports_agree(stores: list[Store], first: date) -> None:
    """Rows of many stores are those of one after the other, and lines of CSV are those of the rows."""
    for kind, rows_of in (("scorecards", scorecard_rows), ("ratings", rating_rows)):
        together = list(rows_of(Selection(stores, first, LAST)))
        assert together == [row for store in stores for row in rows_of(Selection([store], first, LAST))], kind
    rows = list(scorecard_rows(Selection(stores, first, LAST)))
    counts, lines = zip(*scorecard_lines(Selection(stores, first, LAST)), strict=True)
    assert (sum(counts), "".join(lines)) == (len(rows), "".join(csv_lines((), rows)).removeprefix(f"{BOM}\r\n"))


@pytest.mark.rule("MX-06")
@given(ROWS)
def test_columns_count_like_integers(rows: list[tuple[int, int]]) -> None:
    ones, others = ([row[place] for row in rows] for place in (0, 1))
    one, other = whole(ones), whole(others)
    assert (one + other).numbers() == [a + b for a, b in rows]
    assert (one - other).numbers() == [a - b for a, b in rows]
    assert (one * other).numbers() == [a * b for a, b in rows]
    assert (one * other * other).numbers() == [a * b * b for a, b in rows]
    assert abs(one).numbers() == [abs(a) for a in ones]
    assert (one > other).tolist() == [a > b for a, b in rows]
    assert (one >= other).tolist() == [a >= b for a, b in rows]
    assert choose(one > other, one, other).numbers() == [max(a, b) for a, b in rows]
    divisors = choose(other > 0, other, 1)
    assert (one // divisors).numbers() == [a // (b if b > 0 else 1) for a, b in rows]


@pytest.mark.rule("MX-06")
@given(st.lists(st.tuples(NUMBERS, st.integers(1, 2**70) | st.integers(1, 1000)), min_size=1, max_size=5))
def test_columns_are_written_like_single_numbers(rows: list[tuple[int, int]]) -> None:
    uppers, lowers = ([row[place] for row in rows] for place in (0, 1))
    assert decimal_texts(whole(uppers), whole(lowers)) == [decimal_text(Ratio(*row), PLACES) for row in rows]


@pytest.mark.rule("MX-06")
def test_half_of_the_last_place_is_carried_up() -> None:
    uppers, lowers = whole([19_999_999_999, -1, -1, 2**62]), whole([10**10 * 2, 10**11, 2 * 10**10, 1])
    assert decimal_texts(uppers, lowers) == ["1.0000000000", "0.0000000000", "-0.0000000001", f"{2**62}.0000000000"]


@pytest.mark.rule("MX-06")
def test_wide_bounds_are_looked_at_before_integers_grow() -> None:
    column = Whole(np.array([3, 4], dtype=np.int64), 2**62)
    assert (column * 5).array.dtype == np.int64


SHARES = st.fractions(0, 1, max_denominator=50)


@pytest.mark.rule("MX-10")
@given(
    st.one_of(SHARES, SHARES.map(lambda share: share * Fraction(11, 10))),
    st.lists(SHARES, max_size=6),
    st.sampled_from([Decimal("0.10"), Decimal(0), Decimal("1.5")]),
)
def test_usual_swings_are_those_of_the_exact_mean(today: Fraction, before: list[Fraction], share: Decimal) -> None:
    mean = exact_sum(before) / len(before) if before else None
    expected = mean is not None and abs(today - mean) <= Fraction(share) * mean
    assert is_usual_swing(today, before, share) == expected


@pytest.mark.rule("MX-10")
@pytest.mark.parametrize(("upper", "usual"), [(11, True), (12, False), (9, True), (8, False)])
def test_edge_of_the_usual_range_is_decided_exactly(upper: int, usual: bool) -> None:
    before = [Fraction(1, 3), Fraction(2, 3), Fraction(1, 2)]
    assert is_usual_swing(Fraction(upper, 20), before, Decimal("0.10")) is usual
