"""The tabs of the order list: which orders each shows, and the one column that it sorts by: what is most urgent first
(PG-06). Tabs about other records of orders are declared by their apps.

Each is a range of one index, so a page costs the same for stores of any size.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from core.timebase import to_epoch
from orders.models import Fulfilment, Order, OrderState
from orders.queries import counts
from orders.queries.counts import Held, Span, second_after
from orders.queries.pool import in_pool_at, is_foreseen
from rulebook.queries import policy_at
from stores.models import Store

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Orders carry what a tab annotates them with, which types can't tell.
Orders = QuerySet[Any]

# Lists of messages and reviews, whose numbers nobody keeps, count no further and say "999+".
MOST_COUNTED = 999


@dataclass(frozen=True)
class Tab:
    """One tab. ``key`` is the path of the instant that sorts it, or an expression; ``tie`` the path of the unique
    number that breaks ties.

    ``select`` gives the index range; ``held`` its orders as they are counted (`orders.queries.counts`), unless all are
    looked at; ``states`` says that the tab has orders of several states; ``shows`` names columns
    of a related row that the list needs; ``within`` is the code of the tab of which this one shows a part.
    """

    code: str
    label: "StrPromise"
    heading: "StrPromise"
    select: Callable[[Orders, Store, datetime], Orders]
    key: str | Combinable = "created_at"
    tie: str = "pk"
    descending: bool = False
    counted: bool = True
    states: bool = False
    shows: tuple[tuple[str, str], ...] = ()
    within: str = ""
    held: Callable[[Store, datetime], Held] | None = None

    def rows(self, store: Store, at: datetime) -> Orders:
        """The index range, keyed."""
        return self.keyed(self.select(Order.objects.filter(store=store), store, at))

    def keyed(self, orders: Orders) -> Orders:
        """The orders with the sort column as ``key`` and its tie-breaker as ``tie``."""
        shown = {name: F(path) for name, path in self.shows}
        key = F(self.key) if isinstance(self.key, str) else self.key
        keyed: Orders = orders.annotate(key=key, tie=F(self.tie), **shown)
        return keyed

    def counted_by(self, store: Store, at: datetime) -> Held:
        """What has to be counted of it: numbers that are kept, or few rows."""
        return self.held(store, at) if self.held else self.select(Order.objects.filter(store=store), store, at)


def confirm_window(at: datetime) -> timedelta:
    """How long after payment the seller confirms dispatch (TM-02)."""
    return timedelta(hours=policy_at(at).counting.confirm_hours)


def soon_window(at: datetime) -> timedelta:
    """How long before its end a dispatch deadline is close."""
    return timedelta(hours=policy_at(at).transactions.dispatch_soon_hours)


def _to_confirm(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(
        state=OrderState.PAID,
        fulfilled_by=Fulfilment.SELLER,
        dispatch_confirmed_at=None,
        is_presale=False,
        paid_at__gte=at - confirm_window(at),
        paid_at__lte=at,
    )


# What the platform ships, nobody in the store dispatches (MX-04a).
SELLER_SHIPS = Q(state=OrderState.PAID, fulfilled_by=Fulfilment.SELLER)


def _to_ship(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(SELLER_SHIPS, ship_by__isnull=False)


def _late(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(SELLER_SHIPS, ship_by__lt=at)


def _soon(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(SELLER_SHIPS, ship_by__gte=at, ship_by__lt=at + soon_window(at))


def _later(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(SELLER_SHIPS, ship_by__gte=at + soon_window(at))


def _undated(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(SELLER_SHIPS, ship_by=None)


def _under_way(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(state=OrderState.SHIPPED)


def _abnormal(orders: Orders, store: Store, at: datetime) -> Orders:
    return in_pool_at(orders, at)


def _to_inspect(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(
        returnparcels__store=store, returnparcels__inspected_at=None, returnparcels__received_at__lte=at
    )


def sync_grace(at: datetime) -> timedelta:
    """How long a tracking number may take to arrive after its dispatch (PN-20)."""
    return timedelta(hours=policy_at(at).notices.sync_grace_hours)


def _without_number(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(
        state=OrderState.SHIPPED,
        fulfilled_by=Fulfilment.SELLER,
        tracking_no="",
        shipped_at__lte=at - sync_grace(at),
    )


def _unsynced(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(SELLER_SHIPS, tracking_no="", dispatch_confirmed_at__lte=at - sync_grace(at))


def _with_data_issues(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(data_issues__gt=0)


def _every(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders


def _pool_held(store: Store, at: datetime) -> Held:
    # Where a scan is dated in the future the pool is judged by scans, order by order.
    orders = Order.objects.filter(store=store)
    return in_pool_at(orders, at) if is_foreseen(orders, at) else Span(counts.ABNORMAL, until=second_after(at))


def _every_of(part: counts.Part) -> Callable[[Store, datetime], Held]:
    return lambda _store, _at: Span(part)


def _late_held(_store: Store, at: datetime) -> Held:
    return Span(counts.TO_SHIP, until=to_epoch(at))


def _soon_held(_store: Store, at: datetime) -> Held:
    return Span(counts.TO_SHIP, since=to_epoch(at), until=to_epoch(at + soon_window(at)))


def _later_held(_store: Store, at: datetime) -> Held:
    return Span(counts.TO_SHIP, since=to_epoch(at + soon_window(at)))


def _unsynced_held(_store: Store, at: datetime) -> Held:
    return Span(counts.UNSYNCED, until=second_after(at - sync_grace(at)))


def _numberless_held(_store: Store, at: datetime) -> Held:
    return Span(counts.NUMBERLESS, until=second_after(at - sync_grace(at)))


CONFIRM = Tab("confirm", _("To confirm"), _("Paid"), _to_confirm, key="paid_at")
SHIP = Tab("ship", _("To ship"), _("Ship by"), _to_ship, key="ship_by", held=_every_of(counts.TO_SHIP))
TRANSIT = Tab("transit", _("In transit"), _("Shipped"), _under_way, key="shipped_at", held=_every_of(counts.UNDER_WAY))
ABNORMAL = Tab("abnormal", _("Abnormal"), _("Shipped"), _abnormal, key="shipped_at", descending=True, held=_pool_held)
INSPECT = Tab(
    "inspect",
    _("To inspect"),
    _("Received back"),
    _to_inspect,
    key="returnparcels__received_at",
    tie="returnparcels__pk",
    states=True,
)
DATA_ISSUES = Tab(
    "data_issues",
    _("Data issues"),
    _("Created"),
    _with_data_issues,
    descending=True,
    states=True,
    held=_every_of(counts.WITH_ISSUES),
)
EVERY = Tab("all", _("All orders"), _("Created"), _every, descending=True, counted=False, states=True)
# Parts of the tab "to ship", to which counts lead. It excludes paid presale orders without a dispatch deadline:
# nothing is due of them.
LATE = Tab(
    "late", _("Past their dispatch deadline"), _("Ship by"), _late, key="ship_by", within="ship", held=_late_held
)
SOON = Tab("soon", _("Due soon"), _("Ship by"), _soon, key="ship_by", within="ship", held=_soon_held)
LATER = Tab("later", _("Due later"), _("Ship by"), _later, key="ship_by", within="ship", held=_later_held)
# What the page of sync health counts (PN-20).
NUMBERLESS = Tab(
    "numberless",
    _("Shipped without a number"),
    _("Shipped"),
    _without_number,
    key="shipped_at",
    within="transit",
    held=_numberless_held,
)
UNSYNCED = Tab(
    "unsynced",
    _("Confirmed without a number"),
    _("Confirmed"),
    _unsynced,
    key="dispatch_confirmed_at",
    within="ship",
    held=_unsynced_held,
)
UNDATED = Tab(
    "undated",
    _("No dispatch deadline"),
    _("Paid"),
    _undated,
    key="paid_at",
    within="ship",
    held=_every_of(counts.UNDATED),
)
