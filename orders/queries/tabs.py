"""The tabs of the order list: which orders each shows, and the one column that it sorts by: what is most urgent first
(PG-06).

Each is a range of one index, so a page costs the same whatever the store's size; open disputes are few, and sorted by
the clock that runs. Disputes are reached over the reverse relation: this app imports nothing to its left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Case, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from core.fields import InstantField
from core.models import Deadline
from core.timebase import from_epoch
from orders.models import Fulfilment, Order, OrderState
from orders.queries.deadlines import DISPUTE, DISPUTE_ANSWER
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
# Disputes without a running clock stand behind all that have one: the unanswered, then those that wait for others.
_NO_CLOCK = 4_102_444_800
NO_CLOCK_FROM = from_epoch(_NO_CLOCK)


@dataclass(frozen=True)
class Tab:
    """One tab. ``key`` is the path of the instant that sorts it, or an expression; ``tie`` the path of the unique
    number that breaks ties.

    ``select`` gives the index range; ``sift``, where there is one, what has to be looked at row by row; ``states``
    says that orders of several states stand here; ``shows`` names columns of a related row that the list needs;
    ``within`` is the code of the tab of which this one shows a part.
    """

    code: str
    label: "StrPromise"
    heading: "StrPromise"
    select: Callable[[Orders, Store, datetime], Orders]
    key: str | Combinable = "created_at"
    tie: str = "pk"
    descending: bool = False
    counted: bool = True
    sift: Callable[[Orders, datetime], Orders] | None = None
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
        rows = self.rows(store, at)
        return (self.sift(rows, at) if self.sift else rows).order_by()[: MOST_COUNTED + 1].count()


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
_SELLER_SHIPS = Q(state=OrderState.PAID, fulfilled_by=Fulfilment.SELLER)


def _to_ship(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(_SELLER_SHIPS, ship_by__isnull=False)


def _late(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(_SELLER_SHIPS, ship_by__lt=at)


def _soon(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(_SELLER_SHIPS, ship_by__gte=at, ship_by__lt=at + soon_window(at))


def _later(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(_SELLER_SHIPS, ship_by__gte=at + soon_window(at))


def _undated(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(_SELLER_SHIPS, ship_by=None)


def _under_way(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(state=OrderState.SHIPPED)


def _in_dispute(orders: Orders, store: Store, at: datetime) -> Orders:
    # Closed ones are left out twice: the index holds what has no end, the state decides.
    return orders.filter(disputes__store=store, disputes__closed_at=None, disputes__state__in=OPEN_DISPUTES)


def _to_answer(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(
        disputes__store=store, disputes__closed_at=None, disputes__state="open", disputes__responded_at=None
    )


def _to_act_on(orders: Orders, store: Store, at: datetime) -> Orders:
    answer = Q(pk__in=_to_answer(Order.objects.filter(store=store), store, at).values("pk"))
    return orders.filter(Q(_SELLER_SHIPS, ship_by__isnull=False) | answer)


def _to_inspect(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(
        returnparcels__store=store, returnparcels__inspected_at=None, returnparcels__received_at__lte=at
    )


def _doubtful(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(doubts__gt=0)


def _every(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders


def _clock_of_answer() -> Combinable:
    """When the running clock of a dispute's answer ends (DM-27); without one, behind all that have one."""
    clocks = Deadline.objects.filter(
        store=OuterRef("store"),
        kind=DISPUTE_ANSWER,
        subject_kind=DISPUTE,
        subject_key=OuterRef("disputes__dispute_no"),
        state=Deadline.State.OPEN,
    )
    behind = Case(When(disputes__responded_at=None, then=Value(_NO_CLOCK)), default=Value(2 * _NO_CLOCK))
    without = ExpressionWrapper(F("disputes__opened_at") + behind, output_field=InstantField())
    return Coalesce(Subquery(clocks.values("due_at")[:1]), without, output_field=InstantField())


_OF_DISPUTE = (("dispute_no", "disputes__dispute_no"), ("dispute_state", "disputes__state"))

TABS: tuple[Tab, ...] = (
    Tab("confirm", _("To confirm"), _("Paid"), _to_confirm, key="paid_at"),
    Tab("ship", _("To ship"), _("Ship by"), _to_ship, key="ship_by"),
    Tab("transit", _("In transit"), _("Shipped"), _under_way, key="shipped_at"),
    Tab("abnormal", _("Abnormal"), _("Shipped"), _under_way, key="shipped_at", descending=True, sift=in_pool_at),
    Tab(
        "dispute",
        _("In dispute"),
        _("Answer due"),
        _in_dispute,
        key=_clock_of_answer(),
        tie="disputes__pk",
        states=True,
        shows=_OF_DISPUTE,
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
# Parts of tabs, to which counts lead: what is late, what is close, what waits for an answer. Paid presale orders
# without a dispatch deadline stand apart from the tab "to ship": nothing is due of them.
LATE = Tab("late", _("Past their dispatch deadline"), _("Ship by"), _late, key="ship_by", within="ship")
SOON = Tab("soon", _("Due soon"), _("Ship by"), _soon, key="ship_by", within="ship")
LATER = Tab("later", _("Due later"), _("Ship by"), _later, key="ship_by", within="ship")
UNDATED = Tab("undated", _("No dispatch deadline"), _("Paid"), _undated, key="paid_at", within="ship")
ANSWER = Tab(
    "answer",
    _("Waiting for your answer"),
    _("Answer due"),
    _to_answer,
    key=_clock_of_answer(),
    tie="disputes__pk",
    states=True,
    shows=_OF_DISPUTE,
    within="dispute",
)
# Nobody leads here but those who narrow it to some orders, such as those of a notice.
ACT = Tab("act", _("Can be acted on"), _("Created"), _to_act_on, descending=True, states=True, within="all")
PARTS = (LATE, SOON, LATER, UNDATED, ANSWER, ACT)

BY_CODE = {tab.code: tab for tab in (*TABS, *PARTS)}
EVERY = BY_CODE["all"]
