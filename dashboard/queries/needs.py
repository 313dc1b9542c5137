"""Which store needs its seller today: what falls due first in each, and how much is overdue or close (PG-02, DM-27)."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Least

from core.fields import InstantField
from core.models import Deadline
from core.timebase import from_epoch
from disputes.queries.deadlines import ANSWER
from notifications.queries.notices import APPEAL, VIEW
from orders.models import Fulfilment, Order, OrderState
from orders.queries import confirm_window
from stores.models import Feed, Store

# What falls due within these hours is urgent whatever it is.
SOON = timedelta(hours=24)
SHIP, CONFIRM = "ship", "confirm"
# Deadlines that wait for the seller, of all that a store has.
SELLER_KINDS = (ANSWER, VIEW, APPEAL)
# Behind every instant that is stored.
_NEVER = 10**11 - 1


@dataclass(frozen=True, slots=True)
class Due:
    """What a store's next deadline is: when, and of which kind: `SHIP` and `CONFIRM` mirror instants of orders, others
    are kinds of deadlines."""

    at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class Need:
    """``overdue``, ``soon``: how many things are past their deadline, and how many end within `SOON`, of each kind;
    ``subject``: the key of what the first open deadline is about."""

    overdue: Mapping[str, int] = field(default_factory=dict)
    soon: Mapping[str, int] = field(default_factory=dict)
    subject: str = ""


def with_first_dues(stores: QuerySet[Any], at: datetime) -> QuerySet[Any]:
    """The stores with the instant of what falls due first: ``due_ship``, ``due_confirm``, one for each of
    `SELLER_KINDS`, and ``due_first`` to sort by. Each is one look into an index per store: of several kinds at once the
    databases would sort all that the store has."""
    waiting = Order.objects.filter(store=OuterRef("pk"), state=OrderState.PAID, fulfilled_by=Fulfilment.SELLER)
    confirmations = Feed.objects.filter(store=OuterRef("pk"), kind=Feed.Kind.CONFIRMATIONS)
    to_confirm = _unconfirmed(waiting, at).order_by("paid_at").annotate(due=_confirm_by(at))
    first = {
        "due_ship": Subquery(waiting.filter(ship_by__isnull=False).order_by("ship_by").values("ship_by")[:1]),
        "due_confirm": Case(When(Exists(confirmations), then=Subquery(to_confirm.values("due")[:1]))),
        **{_name(kind): Subquery(_first_of(kind).values("due_at")[:1]) for kind in SELLER_KINDS},
    }
    never = Value(_NEVER, InstantField())
    known = [Coalesce(F(name), never, output_field=InstantField()) for name in first]
    sortable: QuerySet[Any] = stores.annotate(**first).annotate(due_first=Least(*known, output_field=InstantField()))
    return sortable


def first_due(store: Any) -> Due | None:
    """What falls due first in a store of `with_first_dues`."""
    found = ((getattr(store, _name(kind)), kind) for kind in (SHIP, CONFIRM, *SELLER_KINDS))
    dues = [Due(_instant(at), kind) for at, kind in found if at is not None]
    return min(dues, key=lambda due: due.at, default=None)


def needs_of(store_ids: Collection[int], at: datetime) -> dict[int, Need]:
    """What is urgent in the stores of a page, in a fixed number of queries."""
    overdue: dict[int, Counter[str]] = {store_id: Counter() for store_id in store_ids}
    soon: dict[int, Counter[str]] = {store_id: Counter() for store_id in store_ids}
    for store_id, kind, late, close in (*_orders(store_ids, at), *_clocks(store_ids, at)):
        overdue[store_id][kind] += late
        soon[store_id][kind] += close
    subjects = _subjects(store_ids)
    return {store_id: Need(+overdue[store_id], +soon[store_id], subjects.get(store_id, "")) for store_id in store_ids}


def _orders(store_ids: Collection[int], at: datetime) -> list[tuple[int, str, int, int]]:
    mine = Order.objects.filter(store_id__in=store_ids, state=OrderState.PAID, fulfilled_by=Fulfilment.SELLER)
    paid = mine.order_by().values_list("store_id")
    late, close = Count("pk", filter=Q(ship_by__lt=at)), Count("pk", filter=Q(ship_by__gte=at))
    ship = paid.filter(ship_by__lte=at + SOON).annotate(late=late, close=close)
    told = Feed.objects.filter(store_id__in=store_ids, kind=Feed.Kind.CONFIRMATIONS).values("store_id")
    confirm = _unconfirmed(paid.filter(store_id__in=told), at).annotate(close=Count("pk"))
    return [
        *((store_id, SHIP, late, close) for store_id, late, close in ship),
        *((store_id, CONFIRM, 0, close) for store_id, close in confirm),
    ]


def _clocks(store_ids: Collection[int], at: datetime) -> list[tuple[int, str, int, int]]:
    rows = _running().filter(store_id__in=store_ids, due_at__lte=at + SOON).order_by()
    late, close = Count("pk", filter=Q(due_at__lt=at)), Count("pk", filter=Q(due_at__gte=at))
    return list(rows.values_list("store_id", "kind").annotate(late=late, close=close))


def _name(kind: str) -> str:
    return f"due_{kind}"


def _first_of(kind: str) -> QuerySet[Deadline]:
    """The open deadlines of one kind of an outer store, first due first."""
    running = Deadline.objects.filter(store_id=OuterRef("pk"), kind=kind, state=Deadline.State.OPEN)
    return running.order_by("due_at")


def _running() -> QuerySet[Deadline]:
    """The countdowns that a seller has to act on."""
    return Deadline.objects.filter(kind__in=SELLER_KINDS, state=Deadline.State.OPEN)


def _subjects(store_ids: Collection[int]) -> dict[int, str]:
    """The subject of each store's first open deadline."""
    clocks = {_name(kind): Subquery(_first_of(kind).values("pk")[:1]) for kind in SELLER_KINDS}
    stores = Store.objects.filter(pk__in=store_ids).order_by().annotate(**clocks)
    firsts = {pk for row in stores.values_list(*clocks) for pk in row if pk is not None}
    rows = Deadline.objects.filter(pk__in=firsts).order_by("-due_at", "-id")
    return {row.subject[0]: row.subject_key for row in rows}


def _unconfirmed(paid: QuerySet[Any], at: datetime) -> QuerySet[Any]:
    """Those of paid orders whose dispatch can still be confirmed in time (TM-02)."""
    return paid.filter(
        dispatch_confirmed_at=None, is_presale=False, paid_at__gte=at - confirm_window(at), paid_at__lte=at
    )


def _confirm_by(at: datetime) -> Combinable:
    return F("paid_at") + Value(int(confirm_window(at).total_seconds()), InstantField())


def _instant(value: Any) -> datetime:
    # An expression over instants comes as its integer where the database can't tell what it is.
    return from_epoch(value) if isinstance(value, int) else value
