"""Exact numbers that are not reduced give what fractions give (MX-06)."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.rules import Ratio, decimal_text, distance, exact_sum, fraction_of, weighted_mean, whole_weights

pytestmark = pytest.mark.sqlite_only

ratios = st.builds(Ratio, st.integers(-(10**12), 10**12), st.integers(1, 10**6))
weights = st.decimals(min_value="0.01", max_value=1, places=2)


@pytest.mark.rule("MX-06")
@given(value=ratios, times=st.integers(1, 1000), places=st.integers(0, 12))
def test_text_is_rounded_half_up_however_the_number_is_written(value, times, places):
    with localcontext(prec=60):
        expected = (Decimal(abs(value.upper)) / value.lower).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    sign = "-" if value.upper < 0 and expected else ""
    assert decimal_text(value, places) == f"{sign}{expected:f}"
    assert decimal_text(Ratio(value.upper * times, value.lower * times), places) == f"{sign}{expected:f}"
    assert decimal_text(fraction_of(value), places) == f"{sign}{expected:f}"


@pytest.mark.rule("MX-06", "MX-11")
@given(values=st.lists(ratios, max_size=40))
def test_sum_of_many_is_exact(values):
    assert exact_sum(values) == sum(map(fraction_of, values), Fraction())


@pytest.mark.rule("MX-06")
@given(parts=st.lists(st.tuples(weights, ratios), min_size=1, max_size=6))
def test_mean_weighs_as_fractions_do(parts):
    whole = whole_weights({str(place): weight for place, (weight, _value) in enumerate(parts)})
    found = weighted_mean((whole[str(place)], value) for place, (_weight, value) in enumerate(parts))
    mass = sum(Fraction(weight) for weight, _value in parts)
    assert fraction_of(found) == sum(Fraction(weight) * fraction_of(value) for weight, value in parts) / mass


@pytest.mark.rule("MX-06")
@given(value=ratios, other=ratios)
def test_distance_is_that_of_fractions(value, other):
    assert fraction_of(distance(value, other)) == abs(fraction_of(value) - fraction_of(other))
