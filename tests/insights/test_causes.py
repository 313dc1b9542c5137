"""Root causes: found where planted, none where there is none (MX-15)."""

from decimal import Decimal
from fractions import Fraction
from math import comb
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.rules.causes import Group, _tail, find_causes, groups_of

POLICY = {"max_p": Decimal("0.01"), "min_share": Decimal("0.20")}
DIMENSIONS = {"carrier": 6, "prefix": 25, "site": 18, "category": 8, "listing": 60, "weekday": 7, "source": 1}


def sample(rng: Random, orders: int, base: float, planted: tuple[str, str] | None = None, extra: float = 0.0):
    totals, failing, failures = {}, {}, 0
    for _order in range(orders):
        keys = [(name, f"{name}{rng.randrange(size)}") for name, size in DIMENSIONS.items()]
        fails = rng.random() < base + (extra if planted in keys else 0)
        failures += fails
        for key in keys:
            totals[key] = totals.get(key, 0) + 1
            failing[key] = failing.get(key, 0) + fails
    return find_causes(groups_of(totals, failing), orders=orders, failures=failures, **POLICY)


@pytest.mark.rule("MX-15")
def test_planted_cause_is_found():
    for seed in range(20):
        causes = sample(Random(seed), 600, 0.02, planted=("carrier", "carrier3"), extra=0.30)
        assert causes[0].group.value == "carrier3"
        assert causes[0].rate > causes[0].rest


@pytest.mark.slow
@pytest.mark.rule("MX-15")
def test_no_cause_is_named_where_there_is_none():
    named = sum(bool(sample(Random(seed), 250, 0.06)) for seed in range(1000))
    assert named <= 10


@given(st.integers(1, 30), st.integers(1, 30), st.data())
def test_tail_equals_the_exact_hypergeometric_sum(inside, outside, data):
    failures = data.draw(st.integers(0, inside + outside))
    failing = data.draw(st.integers(max(0, failures - outside), min(inside, failures)))
    exact = Fraction(
        sum(
            comb(inside, hits) * comb(outside, failures - hits)
            for hits in range(failing, min(inside, failures) + 1)
            if failures - hits <= outside
        ),
        comb(inside + outside, failures),
    )
    assert _tail(Group("d", "v", inside, failing), inside + outside, failures) == pytest.approx(float(exact), rel=1e-9)


def test_group_that_holds_every_order_is_no_cause():
    group = Group("source", "platform", 50, 20)
    assert find_causes([group], orders=50, failures=20, **POLICY) == []


def test_small_share_is_no_cause_however_unlikely():
    rare = Group("listing", "x", 20, 15)
    causes = find_causes([rare], orders=10_000, failures=100, **POLICY)
    assert causes == []
    assert find_causes([rare], orders=10_000, failures=75, **POLICY)[0].share == Fraction(1, 5)
