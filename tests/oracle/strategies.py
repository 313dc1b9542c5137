"""Hypothesis strategies for bundles, their corrections and splits."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from .bundle import Bundle, split_bundle
from .corrections import make_corrections
from .facts import Exclusion, Facts
from .generator import LEAP_DAY, make_bundle, random_bundle
from .paces import random_world

T = TypeVar("T")


class DrawChooser:
    """Decisions drawn from Hypothesis; the first option, the least number and False are where shrinking goes."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.draw(st.integers(0, len(options) - 1))]

    def whole(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return self.draw(st.integers(least, most))

    def chance(self, percent: int) -> bool:
        """True in about that share of cases."""
        return self.draw(st.integers(0, 99)) >= 100 - percent


@st.composite
def bundles(draw: st.DrawFn, *, stores: int | None = None, orders: int = 6, start: int = LEAP_DAY) -> Bundle:
    """Small nasty bundles: 1–3 stores of up to `orders` orders; sometimes 5–6, of which only the seed is drawn."""
    if stores is None and draw(st.integers(0, 9)) == 9:
        return random_bundle(draw(st.integers(0, 2**20)), stores=draw(st.integers(5, 6)), orders=5, start=start)
    stores = stores if stores is not None else draw(st.integers(1, 3))
    return make_bundle(DrawChooser(draw), stores=stores, orders=orders, start=start)


@st.composite
def corrections(draw: st.DrawFn, bundle: Bundle, *, late_rates: bool = False) -> Bundle:
    """A later bundle that changes and clears cells of the first and adds rows late."""
    return make_corrections(DrawChooser(draw), bundle, late_rates=late_rates)


@st.composite
def bundles_with_corrections(draw: st.DrawFn, *, orders: int = 6) -> tuple[Bundle, Bundle]:
    """A bundle and its corrections."""
    first = draw(bundles(orders=orders))
    return first, draw(corrections(first))


@st.composite
def splits(draw: st.DrawFn, bundle: Bundle, *, most: int = 4) -> list[Bundle]:
    """The rows of a bundle over 2 … `most` bundles; rates go into all of them, for a row needs its rate."""
    rng = random.Random(draw(st.integers(0, 2**16)))
    return split_bundle(bundle, rng, draw(st.integers(2, most)), everywhere=("fx_rates",))


EXCLUDABLE_METRICS = [
    "odr",
    "late_dispatch",
    "dispute_rate",
    "delivered",
    "liability_rate",
    "slow_fulfilment",
    "cancel_rate",
    "delivery_late",
    "logistics_abnormal",
    "reply_missed",
    "trace_complete",
    "refund_rate",
]


@st.composite
def exclusions(draw: st.DrawFn, bundle: Bundle) -> list[Exclusion]:
    """Some orders, reviews and disputes of the bundle left out of metrics (DM-34)."""
    chooser, result = DrawChooser(draw), []
    orders = [(row["store_no"], row["order_no"]) for row in bundle.get("orders", [])]
    disputes = [(row["store_no"], row["dispute_no"]) for row in bundle.get("disputes", [])]
    for _ in range(chooser.whole(0, 4)):
        if orders:
            result.append(("order", chooser.pick(orders), chooser.pick(EXCLUDABLE_METRICS)))
        if orders and chooser.chance(30):
            result.append(("review", chooser.pick(orders), "dsr"))
        if disputes and chooser.chance(30):
            result.append(("dispute", chooser.pick(disputes), chooser.pick(("liability_rate", "dispute_rate", "odr"))))
    return result


@st.composite
def worlds(draw: st.DrawFn, *, stores: int = 2, days: int = 95) -> tuple[Bundle, Facts]:
    """Stores with facts of many days, for judging (one seed is drawn: what shrinks is the seed, not the facts)."""
    return random_world(draw(st.integers(0, 2**20)), stores=stores, days=days)
