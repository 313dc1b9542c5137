"""The features of orders at instants (TM-06): each reads only what had happened by its instant.

Training and scoring call the same functions, with many instants or one.
"""

from collections.abc import Mapping

import numpy as np

from insights.queries.warning.history import DAY, NEVER, Floats, History, Ints, Times
from insights.queries.warning.limits import Limits

# Rates are of troubles in the time before an instant, over the orders shipped in a time as long that ended `LAG`
# before: trouble comes about so long after dispatch. Troubles later than `LATEST` after dispatch don't count, so that
# no more has to be loaded than orders shipped in `LOADED`.
LOOKBACK = 90 * DAY
LAG = 15 * DAY
LATEST = 45 * DAY
LOADED = LOOKBACK + LATEST
# A history of a few orders is drawn to the mean as if so many average orders came on top of it.
PRIOR = 20
USUAL_TRANSIT = 14 * DAY
HOUR = 3600.0
# Facts in seconds.
TIMES = frozenset(
    {"pay_delay", "under_way", "usual_transit", "silence", "unanswered", "dispatch_late", "delivery_late", "age"}
)
RATES = ("buyer", "lane", "store", "listing", "method")


class FactFinder:
    """What had happened to orders by an instant, in whole numbers; what all instants share is sorted once."""

    def __init__(self, history: History) -> None:
        self.history = history
        known = np.where(history.trouble_at <= history.shipped_at + LATEST, history.trouble_at, NEVER)
        groups: dict[str, Ints] = {name: getattr(history, name) for name in RATES}
        self.groups = groups
        self.troubles = {name: Times.of(group, known) for name, group in groups.items()}
        self.shipments = {name: Times.of(group, history.shipped_at) for name, group in groups.items()}
        self.transit = _Transit(history)

    def of(self, places: Ints, at: Ints) -> dict[str, Ints]:
        """Fact → values of the orders at ``places``, each at its instant. Times are seconds."""
        h = self.history
        shipped, delivered = h.shipped_at[places] <= at, h.delivered_at[places] <= at
        under_way, left = shipped & ~delivered, np.where(shipped, h.shipped_at[places], at)
        asked_since = h.asked.first(places, np.maximum(h.replied.last(places, at), 0))
        arrived = np.where(delivered, h.delivered_at[places], at)
        facts: dict[str, Ints] = {
            "doubts": h.doubts[places],
            "pay_delay": np.minimum(h.paid_at[places], at) - h.created_at[places],
            "under_way": np.where(under_way, at - left, 0),
            "usual_transit": self.transit.usual(h.lane[places], at),
            "silence": np.where(under_way, at - np.maximum(h.scans.last(places, at), left), 0),
            "trouble_scan": (h.bad_scans.last(places, at) >= 0).astype(np.int64),
            "unanswered": np.where(asked_since <= at, at - asked_since, 0),
            "asked": h.asked.until(places, at) - h.asked.before(places, np.zeros_like(at)),
            "dispatch_late": np.where(h.ship_by[places] < NEVER, left - h.ship_by[places], 0),
            "delivery_late": np.where(h.estimated_at[places] < NEVER, arrived - h.estimated_at[places], 0),
            "refund_asked": ((h.refund_asked[places] <= at) & (h.refund_done[places] > at)).astype(np.int64),
            "age": at - left,
            "shipped": shipped.astype(np.int64),
            "delivered": delivered.astype(np.int64),
            "cents": np.rint(h.amount[places] * 100).astype(np.int64),
        }
        for name in RATES:
            group = self.groups[name][places]
            facts[f"{name}_bad"] = self.troubles[name].count(group, at - LOOKBACK, at)
            facts[f"{name}_orders"] = self.shipments[name].count(group, at - LOOKBACK - LAG, at - LAG)
        return {name: np.maximum(values, 0) for name, values in facts.items()}


def features_of(facts: Mapping[str, Ints], *, base_rate: float, limits: Limits) -> dict[str, Floats]:
    """The features that the model reads, made of facts; thin histories are drawn to ``base_rate``."""
    behind = facts["under_way"] - facts["usual_transit"]
    return {
        "address_doubts": facts["doubts"].astype(np.float64),
        "pay_delay": _hours(facts["pay_delay"]),
        "buyer_known": np.log1p(facts["buyer_orders"]),
        "lane_behind": np.maximum(behind, 0) / DAY,
        "silence": _hours(facts["silence"]),
        "silent": (facts["silence"] >= limits.silence).astype(np.float64),
        "silent_long": (facts["silence"] >= limits.recheck).astype(np.float64),
        "trouble_scan": facts["trouble_scan"].astype(np.float64),
        "unanswered": _hours(facts["unanswered"]),
        "asked": np.log1p(facts["asked"]),
        "dispatch_late": _hours(facts["dispatch_late"]),
        "delivery_late": _hours(facts["delivery_late"]),
        "refund_asked": facts["refund_asked"].astype(np.float64),
        "age": np.log1p(facts["age"] / DAY),
        "shipped": facts["shipped"].astype(np.float64),
        "delivered": facts["delivered"].astype(np.float64),
        "amount": np.log1p(facts["cents"] / 100),
        **{f"{name}_rate": _rate(facts[f"{name}_bad"], facts[f"{name}_orders"], base_rate) for name in RATES},
    }


def _rate(bad: Ints, orders: Ints, base_rate: float) -> Floats:
    """Troubles per order as the logarithm of their ratio to the base rate."""
    relative: Floats = np.log((bad / base_rate + PRIOR) / (orders + PRIOR))
    return relative


class _Transit:
    """How long deliveries of a lane take, from those known by an instant."""

    def __init__(self, history: History) -> None:
        done = (history.delivered_at < NEVER) & (history.shipped_at <= history.delivered_at) & (history.lane >= 0)
        self.arrivals = Times.of(np.where(done, history.lane, -1), history.delivered_at)
        order = np.lexsort((history.delivered_at[done], history.lane[done]))
        taken = (history.delivered_at - history.shipped_at)[done][order]
        self.sums = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(taken)))

    def usual(self, lanes: Ints, at: Ints) -> Ints:
        """Mean seconds from dispatch to delivery of those that arrived lately, drawn to two weeks where few did."""
        first, last = self.arrivals.until(lanes, at - LOOKBACK), self.arrivals.until(lanes, at)
        total = self.sums[last] - self.sums[first] + PRIOR * USUAL_TRANSIT
        mean: Ints = total // (last - first + PRIOR)
        return mean


def _hours(seconds: Ints) -> Floats:
    """Hours on a scale on which the first count most."""
    hours: Floats = np.log1p(seconds / HOUR)
    return hours
