"""A shown value is on the same side of every threshold as the exact one, however near (MX-06)."""

from fractions import Fraction

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core.pages import formats
from metrics import words
from metrics.rules.rating import tier_of
from rulebook.queries import policy_at

LINES = [Fraction(text) for text in ("0.008", "0.0076", "0.01", "0.05", "0.95", "0.9525", "4.6", "4.62", "4.7", "75")]
THIRDS = [Fraction(95, 100) + Fraction(n, 300) for n in range(3)]
places = st.integers(1, 18)


def side(value: Fraction, line: Fraction) -> int:
    return (value > line) - (value < line)


@st.composite
def values_near_lines(draw: st.DrawFn) -> tuple[Fraction, list[Fraction]]:
    """A value on a threshold, off it by some power of ten, or anywhere; and one to three thresholds."""
    lines = draw(st.lists(st.sampled_from(LINES + THIRDS), min_size=1, max_size=3, unique=True))
    hair = Fraction(draw(st.sampled_from([-1, 0, 1])), 10 ** draw(places)) * draw(st.fractions(0, 1, max_denominator=9))
    return draw(st.sampled_from([*lines, draw(st.fractions(0, 5, max_denominator=500))])) + hair, lines


@pytest.mark.slow
@pytest.mark.rule("MX-06")
@given(case=values_near_lines())
def test_shown_value_stands_where_the_value_stands(case: tuple[Fraction, list[Fraction]]) -> None:
    value, lines = case
    shown = Fraction(formats.display(value, lines))
    for line in lines:
        # On a line without an end nothing that can be written stands; else the side is the value's own.
        if value != line or (line * 10**10).denominator == 1:
            assert side(shown, line) == side(value, line)
    assert abs(shown - value) <= Fraction(1, 200)


@pytest.mark.rule("MX-06")
@given(case=values_near_lines())
def test_two_decimals_half_up_wherever_they_do(case: tuple[Fraction, list[Fraction]]) -> None:
    value, lines = case
    plain = (200 * value + 1) // 2 / Fraction(100)
    if all(side(plain, line) == side(value, line) for line in lines):
        assert Fraction(formats.display(value, lines)) == plain


@pytest.mark.clock
@pytest.mark.rule("MX-06", "SR-05")
@pytest.mark.django_db
@given(hair=st.fractions(Fraction(-1, 50), Fraction(1, 50), max_denominator=10**13))
def test_shown_rating_is_of_the_tier_that_the_rating_is_of(hair: Fraction) -> None:
    policy = policy_at(timezone.now())
    for tier in policy.rating.tiers[:-1]:
        value = Fraction(tier.at_least) + hair
        shown = Fraction(formats.score(value, words.score_thresholds("dsr", policy)))
        assert tier_of(shown, policy).code == tier_of(value, policy).code


@pytest.mark.clock
@pytest.mark.rule("MX-06", "DP-06", "TM-05")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("shs", "74.996", "74.996"),
        ("shs", "75", "75.00"),
        ("shs", "59.9999999", "59.9999999"),
        ("sla", "89.995", "89.995"),
        ("sla", "89.984", "89.98"),
        ("sla", "79.99999999999", "79.9999999999"),
        ("dsr", "4.695", "4.695"),
    ],
)
def test_scores_have_two_decimals_and_keep_to_their_grade(code: str, value: str, shown: str) -> None:
    assert formats.score(Fraction(value), words.score_thresholds(code, policy_at(timezone.now()))) == shown
