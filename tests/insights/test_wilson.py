"""Wilson intervals against published values and their own definition (BX-02)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.rules.wilson import wilson

Z = Decimal("1.959963984540054")
pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("BX-02")]


@pytest.mark.parametrize(
    ("hits", "number", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_interval_has_its_published_ends(hits, number, low, high):
    interval = wilson(hits, number, Z)
    assert float(interval.low) == pytest.approx(low, abs=5.1e-5)
    assert float(interval.high) == pytest.approx(high, abs=5.1e-5)


@given(st.integers(1, 5000), st.data())
def test_interval_holds_the_share_and_solves_its_equation(number, data):
    hits = data.draw(st.integers(0, number))
    interval, share = wilson(hits, number, Z), Fraction(hits, number)
    assert 0 <= interval.low <= share <= interval.high <= 1
    for end in (interval.low, interval.high):
        if 0 < end < 1:
            gap = (share - end) ** 2 - Fraction(Z) ** 2 * end * (1 - end) / number
            assert abs(float(gap)) < 1e-18


@given(st.integers(1, 500), st.data())
def test_more_orders_make_it_narrower(number, data):
    hits = data.draw(st.integers(0, number))
    few, many = wilson(hits, number, Z), wilson(10 * hits, 10 * number, Z)
    assert many.high - many.low < few.high - few.low


@pytest.mark.parametrize(("hits", "number"), [(-1, 10), (11, 10), (0, 0)])
def test_what_is_no_share_is_rejected(hits, number):
    with pytest.raises(ValueError, match="is no share"):
        wilson(hits, number, Z)
