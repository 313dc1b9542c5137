"""The smallest change that brings a rating back, against every subset of small worlds (BX-16)."""

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.rules.smallest_change import Cost
from insights.rules.smallest_rating_change import FailingRated, Part, rating_of, smallest_rating_change

pytestmark = pytest.mark.sqlite_only
BOTH, ONE = (("described", 1), ("communication", 1)), (("described", 1),)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, Part], Fraction, list[FailingRated]]:
    failing = []
    for key in range(draw(st.integers(0, 6))):
        cost, stars = draw(st.sampled_from(list(Cost))), st.integers(1, 3)
        late = {"dispatch": -1} if draw(st.booleans()) else {}
        match draw(st.integers(0, 2)):
            case 0:
                totals, counts = {"described": draw(stars), "communication": draw(stars)}, BOTH
            case 1:
                totals, counts = {"described": draw(stars)}, ONE
            case _:
                totals, counts, late = {}, (), {"dispatch": -1}
        failing.append(FailingRated(key, cost, {**totals, **late}, counts))
    fives = draw(st.integers(1, 6))
    taken = {name: sum(one.totals.get(name, 0) for one in failing) for name in ("described", "communication")}
    number = {name: sum(dict(one.counts).get(name, 0) for one in failing) for name in taken}
    late_orders = sum("dispatch" in one.totals for one in failing)
    parts = {
        "described": Part(taken["described"] + 5 * fives, number["described"] + fives, 4),
        "communication": Part(taken["communication"] + 5 * fives, number["communication"] + fives, 3),
        "dispatch": Part(fives, fives + late_orders, 2, 5),
        "delivery": Part(0, 0, 1, 5),
    }
    return parts, Fraction(draw(st.integers(20, 50)), 10), failing


@pytest.mark.rule("BX-16", "SR-01")
@settings(max_examples=100, deadline=None)
@given(worlds())
def test_bx16_no_smaller_set_brings_the_rating_back(
    world: tuple[dict[str, Part], Fraction, list[FailingRated]],
) -> None:
    parts, least, failing = world
    found = smallest_rating_change(parts, least, failing)
    able = [one for one in failing if one.cost != Cost.WAIT]
    subsets = [some for size in range(len(able) + 1) for some in combinations(able, size)]
    sufficient = [some for some in subsets if (rating_of(parts, some) or 0) >= least]
    assert found.suffices == bool(sufficient)
    assert found.after == rating_of(parts, found.chosen)
    if sufficient:
        assert len(found.chosen) == min(map(len, sufficient))
        assert (found.after or 0) >= least
        dearest = max((one.cost for one in found.chosen), default=Cost.ACT)
        equal = [some for some in sufficient if len(some) == len(found.chosen)]
        assert dearest <= min(max((one.cost for one in some), default=Cost.ACT) for some in equal)


@pytest.mark.rule("BX-16")
def test_two_low_reviews_of_twenty_are_enough() -> None:
    """18 five-star and 4 one-star reviews: (94 - n) ÷ (22 - n) is 4.6 or more from two on."""
    failing = [FailingRated(key, Cost.APPEAL, {"described": 1}, ONE) for key in range(4)]
    found = smallest_rating_change({"described": Part(94, 22, 1)}, Fraction(23, 5), failing)
    assert (len(found.chosen), found.after) == (2, Fraction(92, 20))
