"""The tabs of the order list: which orders each shows, and the one column that it sorts by (PG-06).

Each is a range of one index, so a page costs the same whatever the store's size. Disputes are reached over the reverse
relation: this app imports nothing to its left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from orders.models import Order, OrderState
from orders.queries.pool import in_pool_at
from rulebook.queries import policy_at
from stores.models import Store

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Orders carry what a tab annotates them with, which types can't tell.
Orders = QuerySet[Any]

OPEN_DISPUTES = ("open", "responded", "arbitration")
# A tab with more orders than this says "999+".
MOST_COUNTED = 999


@dataclass(frozen=True)
class Tab:
    """One tab. ``key`` is the path of the instant that sorts it, ``tie`` of the unique number that breaks ties.

    ``select`` gives the index range; ``sift``, where there is one, what has to be looked at row by row; ``states``
    says that orders of several states stand here; ``shows`` names columns of a related row that the list needs.
    """

    code: str
    label: "StrPromise"
    heading: "StrPromise"
    select: Callable[[Orders, Store, datetime], Orders]
    key: str = "created_at"
    tie: str = "pk"
    descending: bool = False
    counted: bool = True
    sift: Callable[[Orders, datetime], Orders] | None = None
    states: bool = False
    shows: tuple[tuple[str, str], ...] = ()

    def rows(self, store: Store, at: datetime) -> Orders:
        """The index range, keyed."""
        return self.keyed(self.select(Order.objects.filter(store=store), store, at))

    def keyed(self, orders: Orders) -> Orders:
        """The orders with the sort column as ``key`` and its tie-breaker as ``tie``."""
        shown = {name: F(path) for name, path in self.shows}
        keyed: Orders = orders.annotate(key=F(self.key), tie=F(self.tie), **shown)
        return keyed

    def count(self, store: Store, at: datetime) -> int:
        """How many orders it has, at most ``MOST_COUNTED`` + 1."""
        rows = self.rows(store, at)
        return (self.sift(rows, at) if self.sift else rows).order_by()[: MOST_COUNTED + 1].count()


def confirm_window(at: datetime) -> timedelta:
    """How long after payment the seller confirms dispatch (TM-02)."""
    return timedelta(hours=policy_at(at).counting.confirm_hours)


def _to_confirm(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(
        state=OrderState.PAID,
        dispatch_confirmed_at=None,
        is_presale=False,
        paid_at__gte=at - confirm_window(at),
        paid_at__lte=at,
    )


def _to_ship(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(state=OrderState.PAID, ship_by__isnull=False)


def _undated(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(state=OrderState.PAID, ship_by=None)


def _under_way(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(state=OrderState.SHIPPED)


def _in_dispute(orders: Orders, store: Store, at: datetime) -> Orders:
    # Closed ones are left out twice: the index holds what has no end, the state decides.
    return orders.filter(disputes__store=store, disputes__closed_at=None, disputes__state__in=OPEN_DISPUTES)


def _to_inspect(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(
        returnparcels__store=store, returnparcels__inspected_at=None, returnparcels__received_at__lte=at
    )


def _doubtful(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(doubts__gt=0)


def _every(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders


TABS: tuple[Tab, ...] = (
    Tab("confirm", _("To confirm"), _("Paid"), _to_confirm, key="paid_at"),
    Tab("ship", _("To ship"), _("Ship by"), _to_ship, key="ship_by"),
    Tab("transit", _("In transit"), _("Shipped"), _under_way, key="shipped_at"),
    Tab("abnormal", _("Abnormal"), _("Shipped"), _under_way, key="shipped_at", descending=True, sift=in_pool_at),
    Tab(
        "dispute",
        _("In dispute"),
        _("Opened"),
        _in_dispute,
        key="disputes__opened_at",
        tie="disputes__pk",
        states=True,
        shows=(("dispute_no", "disputes__dispute_no"), ("dispute_state", "disputes__state")),
    ),
    Tab(
        "inspect",
        _("To inspect"),
        _("Received back"),
        _to_inspect,
        key="returnparcels__received_at",
        tie="returnparcels__pk",
        states=True,
    ),
    Tab("doubts", _("Data doubts"), _("Created"), _doubtful, descending=True, states=True),
    Tab("all", _("All orders"), _("Created"), _every, descending=True, counted=False, states=True),
)
# Paid presale orders without a dispatch deadline: nothing is due, so they stand apart from the tab "to ship".
UNDATED = Tab("undated", _("No dispatch deadline"), _("Paid"), _undated, key="paid_at", counted=True)

BY_CODE = {tab.code: tab for tab in (*TABS, UNDATED)}
EVERY = BY_CODE["all"]
