"""Effective lines, factors, scores (DM-31, DP-06, TM-05, MX-06)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.policy import build_policy
from rulebook.rules import (
    Factor,
    category_factor,
    crosses,
    effective_threshold,
    interpolate,
    level_factor,
    metric_factors,
    rounded,
    shown,
    site_factor,
    sla_knots,
)
from rulebook.shipped import SHIPPED

pytestmark = pytest.mark.sqlite_only

POLICY = build_policy(SHIPPED, number=1)
factors = st.lists(
    st.decimals("0.01", "1", places=2).map(lambda value: Factor("level", "x", Fraction(value))), max_size=4
)


def factor(value: str, name: str = "gold") -> Factor:
    return Factor("level", name, Fraction(Decimal(value)))


def test_ceiling_is_scaled_itself() -> None:
    line = effective_threshold(Decimal("0.05"), floor_top=None, factors=[factor("0.95")])
    assert line.value == Fraction("0.0475")
    assert line.explanation() == "5 % × 0.95 gold = 4.75 %"
    assert line.decimal() == Decimal("0.0475000000")


def test_floor_is_scaled_by_its_allowed_failure() -> None:
    line = effective_threshold(Decimal("0.95"), floor_top=Decimal(1), factors=[factor("0.9", "platinum")])
    assert line.value == Fraction("0.955")
    assert line.explanation() == "100 % − 5 % × 0.9 platinum = 95.5 %"


def test_rating_floor_is_scaled_below_five() -> None:
    line = effective_threshold(Decimal("4.6"), floor_top=Decimal(5), factors=[factor("0.95")])
    assert line.value == Fraction("4.62")
    assert line.explanation("stars") == "5 − 0.4 × 0.95 gold = 4.62"


def test_factors_of_one_leave_the_line_alone() -> None:
    line = effective_threshold(Decimal("0.05"), floor_top=None, factors=[factor("1", "basic")])
    assert (line.value, line.factors, line.explanation()) == (Fraction("0.05"), (), "5 %")


@given(st.decimals("0.001", "0.999", places=3), factors)
def test_factors_below_one_make_every_line_stricter(line: Decimal, acting: list[Factor]) -> None:
    ceiling = effective_threshold(line, floor_top=None, factors=acting).value
    floor = effective_threshold(line, floor_top=Decimal(1), factors=acting).value
    assert 0 < ceiling <= Fraction(line) <= floor < 1
    mirrored = effective_threshold(1 - line, floor_top=None, factors=acting).value
    assert floor == 1 - mirrored


@given(st.decimals("0.001", "0.999", places=3), factors)
def test_order_of_factors_does_not_matter(line: Decimal, acting: list[Factor]) -> None:
    forth = effective_threshold(line, floor_top=None, factors=acting)
    back = effective_threshold(line, floor_top=None, factors=reversed(acting))
    assert forth.value == back.value


@pytest.mark.parametrize(
    ("metric", "flags", "expected"),
    [
        ("odr", [], ("", "1")),
        ("odr", ["electronics_3c"], ("electronics_3c", "1")),
        ("odr", ["fast_moving"], ("fast_moving", "0.8")),
        ("odr", ["custom_made", "fast_moving", "virtual"], ("fast_moving", "0.8")),
        ("odr", ["custom_made", "high_value"], ("high_value", "1")),
        ("late_dispatch", ["custom_made"], ("custom_made", "1.5")),
        ("late_dispatch", ["fast_moving"], ("fast_moving", "1")),
        ("late_dispatch", ["virtual"], None),
        ("late_dispatch", ["custom_made", "virtual"], None),
        ("delivered", ["virtual"], None),
        ("delivered", ["custom_made"], ("custom_made", "1")),
    ],
)
def test_category_factor_takes_the_strictest_flag(metric: str, flags: list[str], expected: tuple | None) -> None:
    found = category_factor(POLICY, metric, flags)
    assert (found and (found.name, found.value)) == (expected and (expected[0], Fraction(Decimal(expected[1]))))


def test_level_factor_grows_stricter_with_the_level() -> None:
    values = [level_factor(POLICY, level).value for level in ("basic", "gold", "platinum", "")]
    assert values == [1, Fraction("0.95"), Fraction("0.9"), 1]


def test_site_factor_is_the_mean_over_shipped_orders() -> None:
    assert site_factor(POLICY, {}).value == 1
    assert site_factor(POLICY, {"ES": 0}).value == 1
    assert site_factor(POLICY, {"ES": 1, "RU": 1}).value == 1
    assert site_factor(POLICY, {"FR": 1, "US": 2}) == Factor("site", "FR", Fraction(29, 30))


@given(st.dictionaries(st.sampled_from(["ES", "FR", "RU", "BR", "US", "XX"]), st.integers(0, 10**6)))
def test_site_factor_stays_between_its_extremes(shipped: dict[str, int]) -> None:
    assert Fraction("0.9") <= site_factor(POLICY, shipped).value <= Fraction("1.1")


def test_metric_factors_follow_the_scaled_column() -> None:
    def kinds(metric: str, *flags: str) -> list[str] | None:
        found = metric_factors(POLICY, metric, flags=flags, level="gold", shipped_by_site={"ES": 1})
        return None if found is None else [item.kind for item in found]

    assert kinds("odr") == ["category", "level"]
    assert kinds("delivered") == ["level", "site"]
    assert kinds("delivered", "virtual") is None
    assert kinds("liability_rate") == []


@pytest.mark.parametrize(
    ("value", "line", "top", "inclusive", "expected"),
    [
        ("0.05", "0.05", None, False, False),
        ("0.0500000001", "0.05", None, False, True),
        ("0.035", "0.035", None, True, True),
        ("0.0349999999", "0.035", None, True, False),
        ("0.95", "0.95", "1", False, False),
        ("0.9499999999", "0.95", "1", False, True),
        ("4.6", "4.6", "5", False, False),
    ],
)
def test_line_is_crossed_only_beyond_it(
    value: str, line: str, top: str | None, inclusive: bool, expected: bool
) -> None:
    floor_top = None if top is None else Decimal(top)
    assert crosses(Decimal(value), Decimal(line), floor_top=floor_top, inclusive=inclusive) is expected


@pytest.mark.parametrize("code", sorted(POLICY.shs.knots))
def test_shs_knots_meet_their_points_and_run_between_them(code: str) -> None:
    knots = POLICY.shs.knots[code]
    assert [interpolate(knots, x) for x, _ in knots] == [y for _, y in knots]
    (x0, y0), (x1, y1) = knots[0], knots[1]
    assert interpolate(knots, (x0 + x1) / 2) == Fraction(y0 + y1) / 2


@given(st.sampled_from(sorted(POLICY.shs.knots)), st.fractions(-1, 6), st.fractions(-1, 6))
def test_shs_scores_are_monotone_and_within_bounds(code: str, one: Fraction, other: Fraction) -> None:
    knots = POLICY.shs.knots[code]
    low, high = sorted((one, other))
    scores = [interpolate(knots, low), interpolate(knots, high)]
    rising = knots[0][0] > knots[-1][0]
    assert scores == sorted(scores, reverse=not rising)
    assert all(0 <= score <= 100 for score in scores)


def test_sla_score_has_its_marks() -> None:
    ceiling = sla_knots(POLICY.sla, POLICY.metrics["slow_fulfilment"])
    assert [interpolate(ceiling, Fraction(x)) for x in ("0", "0.12", "0.15", "0.45", "0.9")] == [100, 75, 60, 0, 0]
    floor = sla_knots(POLICY.sla, POLICY.metrics["positive_rate"])
    assert [interpolate(floor, Fraction(x)) for x in ("0", "0.044", "0.055", "0.165")] == [100, 75, 60, 0]


def test_sla_score_needs_both_lines() -> None:
    with pytest.raises(ValueError, match="yellow and a red"):
        sla_knots(POLICY.sla, POLICY.metrics["trace_complete"])


def test_rounding_is_half_up_in_both_directions() -> None:
    assert rounded(Fraction(5, 1000), 2) == Decimal("0.01")
    assert rounded(Fraction(-5, 1000), 2) == Decimal("-0.01")
    assert rounded(Fraction(1, 3), 10) == Decimal("0.3333333333")


@pytest.mark.slow
@given(st.fractions(-(10**12), 10**12))
def test_rounding_errs_by_half_a_place_at_most(value: Fraction) -> None:
    assert abs(Fraction(rounded(value, 10)) - value) <= Fraction(1, 2 * 10**10)


def test_numbers_are_shown_without_trailing_zeros() -> None:
    assert [shown(Decimal("0.0475"), "share"), shown(Decimal("4.60")), shown(100), shown(Fraction(29, 30))] == [
        "4.75 %",
        "4.6",
        "100",
        "0.9667",
    ]
