"""The parts of the store rating, and what each problem order takes from them (BX-16)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction

from django.db import connection

from core.sql import SQL, execute
from insights.rules.smallest_change import Cost
from insights.rules.smallest_rating_change import FailingRated, Part
from metrics.anchors import Subject
from metrics.reasons.lookup import view_query
from metrics.rules.rating import STARS, Rating

STAR_COUNTERS = frozenset({"described_low", "communication_low"})
LATE_PARTS = {"r_dispatch_late": "dispatch", "r_delivery_late": "delivery"}


def rating_parts(rating: Rating) -> dict[str, Part]:
    """The parts of a rating as whole sums and counts."""
    parts = {}
    for name, mean in rating.parts.items():
        factor = STARS if name in LATE_PARTS.values() else 1
        count = rating.counts[name]
        total = Fraction() if mean is None else mean * count / factor
        parts[name] = Part(int(total), count, rating.whole_weights[name], factor)
    return parts


def failing_rated(counters: Mapping[int, Collection[str]], cost_of: Callable[[int], Cost]) -> list[FailingRated]:
    """What leaving each order out takes from the parts, as an accepted appeal does: its review where it fails by stars,
    and its lateness. ``counters``: what each order fails, by its id."""
    stars = _stars([order_id for order_id, names in counters.items() if not STAR_COUNTERS.isdisjoint(names)])
    found = []
    for order_id, names in counters.items():
        totals = {LATE_PARTS[name]: -1 for name in names if name in LATE_PARTS}
        leaving = [(name, given) for name, given in stars.get(order_id, ()) if given is not None]
        totals |= dict(leaving)
        found.append(FailingRated(order_id, cost_of(order_id), totals, tuple((name, 1) for name, _given in leaving)))
    return found


def _stars(order_ids: Sequence[int]) -> dict[int, tuple[tuple[str, int | None], ...]]:
    """The stars that the reviews of orders count with."""
    if not order_ids:
        return {}
    select = SQL("SELECT order_id, described, communication FROM tmp_order WHERE reviewed_at IS NOT NULL")
    with connection.cursor() as cursor:
        execute(cursor, view_query(order_ids, [Subject.ORDER], [select]))
        return {
            order_id: (("described", described), ("communication", communication))
            for order_id, described, communication in cursor.fetchall()
        }
