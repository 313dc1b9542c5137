"""How much of a store's shipments goes with one carrier (PN-36)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import Count

from core.timebase import performance_day_end, performance_day_start, window_start
from orders.models import Fulfilment, Order
from rulebook.policy import Policy


@dataclass(frozen=True, slots=True)
class Dependence:
    """The carrier with the most of a store's shipments, with how many of how many."""

    carrier: str
    shipped: int
    total: int

    @property
    def share(self) -> Fraction:
        return Fraction(self.shipped, self.total)


def dependence_of(store_ids: Collection[int], day: date, policy: Policy) -> Mapping[int, Dependence]:
    """The carrier most used in the window up to a performance day, by store. Orders that count are counted once, with
    their first parcel; those that the platform ships are not (MX-04, MX-04a)."""
    first = performance_day_start(window_start(day, policy.notices.carrier_dependence_days))
    end = performance_day_end(day)
    # Orders shipped later than that after their creation are too few to matter: one range of the index by creation.
    reach = first - timedelta(days=policy.counting.outcome_days)
    shipped = Order.objects.filter(
        store_id__in=store_ids,
        created_at__gte=reach,
        created_at__lt=end,
        shipped_at__gte=first,
        shipped_at__lt=end,
        source__in=policy.counting.performance_sources,
    ).exclude(fulfilled_by=Fulfilment.PLATFORM)
    found: dict[int, Dependence] = {}
    totals: dict[int, int] = {}
    rows = shipped.values("store_id", "carrier").annotate(orders=Count("pk")).order_by("store_id", "-orders", "carrier")
    for store_id, carrier, orders in rows.values_list("store_id", "carrier", "orders"):
        totals[store_id] = totals.get(store_id, 0) + orders
        if carrier and store_id not in found:
            found[store_id] = Dependence(carrier, orders, 0)
    return {pk: Dependence(one.carrier, one.shipped, totals[pk]) for pk, one in found.items()}
