"""The numbers of orders in the tabs of the order list, exact and without counting orders (PG-06).

Triggers keep the number of a store's orders by part and day of `OrderCount` (migration 0024). What a tab holds at an
instant is the sum of whole days, and at its edge the orders of one day, which are counted: a range of an index, in the
largest stores some hundreds. Tabs of few rows, such as open disputes, or of a few hours, are counted as a whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Func, IntegerField, Q, QuerySet, Sum, Value

from core.counting import count_together
from core.timebase import to_epoch
from orders.models import Fulfilment, Order, OrderCount, OrderState

DAY = 86_400


@dataclass(frozen=True)
class Part:
    """Orders that are counted together; ``instant`` is the column by whose day they are, empty: by none."""

    code: str
    orders: Q
    instant: str = ""


_WAITING = Q(state=OrderState.PAID, fulfilled_by=Fulfilment.SELLER)
_UNDER_WAY = Q(state=OrderState.SHIPPED)

TO_SHIP = Part("ship", _WAITING & Q(ship_by__isnull=False), "ship_by")
UNDATED = Part("undated", _WAITING & Q(ship_by=None))
UNSYNCED = Part("unsynced", _WAITING & Q(tracking_no="", dispatch_confirmed_at__isnull=False), "dispatch_confirmed_at")
UNDER_WAY = Part("transit", _UNDER_WAY)
ABNORMAL = Part("abnormal", _UNDER_WAY & Q(abnormal_from__isnull=False), "abnormal_from")
NUMBERLESS = Part(
    "numberless",
    _UNDER_WAY & Q(fulfilled_by=Fulfilment.SELLER, tracking_no="", shipped_at__isnull=False),
    "shipped_at",
)
WITH_ISSUES = Part("issues", Q(data_issues__gt=0))
PARTS = (TO_SHIP, UNDATED, UNSYNCED, UNDER_WAY, ABNORMAL, NUMBERLESS, WITH_ISSUES)


@dataclass(frozen=True, slots=True)
class Span:
    """The orders of a part whose instant is in [since, until), in epoch seconds; None: without that end."""

    part: Part
    since: int | None = None
    until: int | None = None

    @property
    def ends(self) -> tuple[int, ...]:
        """The ends at which orders of one day are counted."""
        return tuple(end for end in (self.since, self.until) if end is not None)


# What a tab holds: a span that is summed up, or the orders themselves, which are few.
Held = Span | QuerySet[Any]


def counted(store_id: int, held: Mapping[str, Held]) -> dict[str, int]:
    """The number of orders of each, in two statements, by the name that they are given."""
    spans = {name: one for name, one in held.items() if isinstance(one, Span)}
    ends = sorted({(span.part.code, end) for span in spans.values() for end in span.ends})
    sums = _sums(store_id, {span.part for span in spans.values()}, ends)
    parts = {part.code: part for part in PARTS}
    few = {name: one for name, one in held.items() if not isinstance(one, Span)}
    edges = {_name(code, end): _edge(store_id, parts[code], end) for code, end in ends}
    rows = count_together({**few, **edges})

    def until(code: str, end: int) -> int:
        return sums[code, end] + rows[_name(code, end)]

    found = {name: rows[name] for name in few}
    for name, span in spans.items():
        code = span.part.code
        upper = sums[code, None] if span.until is None else until(code, span.until)
        found[name] = upper - (0 if span.since is None else until(code, span.since))
    return {name: found[name] for name in held}


def _name(code: str, end: int) -> str:
    return f"{code}<{end}"


def _sums(store_id: int, parts: Iterable[Part], ends: Iterable[tuple[str, int]]) -> dict[tuple[str, int | None], int]:
    """The orders of a part, and those of whole days before each end, in one range of an index."""
    rows = OrderCount.objects.filter(store=store_id, part__in=sorted(part.code for part in parts)).order_by()
    names = {f"before_{place}": end for place, end in enumerate(ends)}
    before = {
        name: Sum("number", filter=Q(part=code, day__lt=end // DAY), default=0) for name, (code, end) in names.items()
    }
    found: dict[tuple[str, int | None], int] = defaultdict(int)
    summed: QuerySet[Any] = rows.values("part").annotate(every=Sum("number"), **before)
    for row in summed:
        found[row["part"], None] = row["every"]
        for name, (code, end) in names.items():
            if code == row["part"]:
                found[code, end] = row[name]
    return found


def _edge(store_id: int, part: Part, end: int) -> QuerySet[Any]:
    """The orders of the day in which a span ends, up to its end."""
    day = {f"{part.instant}__gte": end - end % DAY, f"{part.instant}__lt": end}
    return Order.objects.filter(part.orders, store=store_id, **day)


def kept_counts(store_ids: Iterable[int] | None = None) -> dict[tuple[int, str, int], int]:
    """The numbers that are kept, by store, part and day, of all stores or some; those of nothing are left out."""
    rows = OrderCount.objects.order_by() if store_ids is None else OrderCount.objects.filter(store__in=store_ids)
    sums = rows.values("store_id", "part", "day").annotate(sum=Sum("number")).order_by()
    return {(row["store_id"], row["part"], row["day"]): row["sum"] for row in sums if row["sum"]}


def true_counts(store_ids: Iterable[int] | None = None) -> dict[tuple[int, str, int], int]:
    """What `kept_counts` has to say, counted from the orders: a range of a partial index for each part."""
    found: dict[tuple[int, str, int], int] = {}
    for part in PARTS:
        orders = Order.objects.filter(part.orders).order_by()
        if store_ids is not None:
            orders = orders.filter(store__in=store_ids)
        rows = orders.annotate(counted_day=_day(part)).values_list("store_id", "counted_day").annotate(Count("pk"))
        found |= {(store_id, part.code, day): number for store_id, day, number in rows}
    return found


def _day(part: Part) -> Any:
    if not part.instant:
        return Value(0)
    return Func(F(part.instant), template=f"(%(expressions)s / {DAY})", output_field=IntegerField())


def second_after(at: Any) -> int:
    """The end of a span that holds what is due at an instant too."""
    return to_epoch(at) + 1
