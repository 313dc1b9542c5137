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

from orders.models import Fulfilment, Order, OrderState
from orders.queries.pool import in_pool_at
from rulebook.queries import policy_at
from stores.models import Store

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Orders carry what a tab annotates them with, which types can't tell.
Orders = QuerySet[Any]

# A tab with more orders than this says "999+".
MOST_COUNTED = 999


@dataclass(frozen=True)
class Tab:
    """One tab. ``key`` is the path of the instant that sorts it, or an expression; ``tie`` the path of the unique
    number that breaks ties.

    ``select`` gives the index range; ``states`` says that the tab has orders of several states; ``shows`` names columns
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

    def rows(self, store: Store, at: datetime) -> Orders:
        """The index range, keyed."""
        return self.keyed(self.select(Order.objects.filter(store=store), store, at))

    def keyed(self, orders: Orders) -> Orders:
        """The orders with the sort column as ``key`` and its tie-breaker as ``tie``."""
        shown = {name: F(path) for name, path in self.shows}
        key = F(self.key) if isinstance(self.key, str) else self.key
        keyed: Orders = orders.annotate(key=key, tie=F(self.tie), **shown)
        return keyed

    def count(self, store: Store, at: datetime) -> int:
        """How many orders it has, at most ``MOST_COUNTED`` + 1."""
        return self.rows(store, at).order_by()[: MOST_COUNTED + 1].count()


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


CONFIRM = Tab("confirm", _("To confirm"), _("Paid"), _to_confirm, key="paid_at")
SHIP = Tab("ship", _("To ship"), _("Ship by"), _to_ship, key="ship_by")
TRANSIT = Tab("transit", _("In transit"), _("Shipped"), _under_way, key="shipped_at")
ABNORMAL = Tab("abnormal", _("Abnormal"), _("Shipped"), _abnormal, key="shipped_at", descending=True)
INSPECT = Tab(
    "inspect",
    _("To inspect"),
    _("Received back"),
    _to_inspect,
    key="returnparcels__received_at",
    tie="returnparcels__pk",
    states=True,
)
DATA_ISSUES = Tab("data_issues", _("Data issues"), _("Created"), _with_data_issues, descending=True, states=True)
EVERY = Tab("all", _("All orders"), _("Created"), _every, descending=True, counted=False, states=True)
# Parts of the tab "to ship", to which counts lead. It excludes paid presale orders without a dispatch deadline:
# nothing is due of them.
LATE = Tab("late", _("Past their dispatch deadline"), _("Ship by"), _late, key="ship_by", within="ship")
SOON = Tab("soon", _("Due soon"), _("Ship by"), _soon, key="ship_by", within="ship")
LATER = Tab("later", _("Due later"), _("Ship by"), _later, key="ship_by", within="ship")
# What the page of sync health counts (PN-20).
NUMBERLESS = Tab(
    "numberless", _("Shipped without a number"), _("Shipped"), _without_number, key="shipped_at", within="transit"
)
UNSYNCED = Tab(
    "unsynced", _("Confirmed without a number"), _("Confirmed"), _unsynced, key="dispatch_confirmed_at", within="ship"
)
UNDATED = Tab("undated", _("No dispatch deadline"), _("Paid"), _undated, key="paid_at", within="ship")
