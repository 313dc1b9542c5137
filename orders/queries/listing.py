"""One page of the order list by keyset, its filters and its counts (PG-06)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Max, Q

from core.timebase import from_epoch, to_epoch
from orders.models import Order, Review, TrackingEvent
from orders.queries.counts import counted
from orders.queries.search import Found, find_orders
from orders.queries.subsets import Subset
from orders.queries.tabs import MOST_COUNTED, Orders, Tab
from orders.rules.pool import BAD_ENDS, BEFORE_PICKUP
from stores.models import Store

PAGE = 50
# A filter that no index serves looks at this many orders and then says how far it came.
MOST_SIFTED = 20_000

HIDDEN_COLUMNS = ("ship_address", "buyer_ip_hash", "cancel_reason", "payment_method")


@dataclass(frozen=True)
class Filters:
    """What a visitor asked for; ``created_from`` is included, ``created_to`` is not; ``subset``: only its orders;
    ``issue``: the bit of a data issue that orders have."""

    number: str = ""
    carrier: str = ""
    site: str = ""
    source: str = ""
    state: str = ""
    created_from: datetime | None = None
    created_to: datetime | None = None
    subset: Subset | None = None
    issue: int = 0

    def narrow(self, orders: Orders) -> Orders:
        """The orders that pass; the number is not looked at here (`matching`)."""
        equal = {name: getattr(self, name) for name in ("carrier", "site", "source", "state") if getattr(self, name)}
        orders = orders.filter(**equal)
        if self.created_from is not None:
            orders = orders.filter(created_at__gte=self.created_from)
        if self.created_to is not None:
            orders = orders.filter(created_at__lt=self.created_to)
        if self.issue:
            orders = orders.alias(asked_issue=F("data_issues").bitand(self.issue)).filter(asked_issue__gt=0)
        if self.subset is not None:
            orders = orders.filter(order_no__in=self.subset.order_nos)
        return orders

    @property
    def sifts(self) -> bool:
        """Whether rows have to be looked at one by one."""
        return any((self.carrier, self.site, self.source, self.state, self.created_from, self.created_to, self.issue))


@dataclass(frozen=True)
class Cursor:
    """A place in a tab's order: the sort column and the tie-breaker of a row; ``later`` reads towards larger ones."""

    key: datetime
    tie: int
    later: bool

    @classmethod
    def parse(cls, earlier: str | None, later: str | None) -> "Cursor | None":
        """Read the ``earlier`` or ``later`` parameter of an address; an invalid one is the first page."""
        for text, is_later in ((later, True), (earlier, False)):
            parts = (text or "").split(".")
            if len(parts) == 2 and all(_small_number(part) for part in parts):
                return cls(from_epoch(int(parts[0])), int(parts[1]), is_later)
        return None


@dataclass(frozen=True)
class Row:
    """An order of the list with the details that the list shows. ``key`` is the tab's own instant."""

    order: Order
    key: datetime
    last_scan_at: datetime | None = None
    auto_reviewed: bool = False
    bad_end: str = ""

    @property
    def silent_since(self) -> datetime | None:
        """Since when the trace is silent: the last scan, else the dispatch."""
        return self.last_scan_at or self.order.shipped_at


@dataclass(frozen=True)
class Page:
    """Rows of a page, the cursors to its neighbours (empty: none), and how far a sifting page looked."""

    rows: list[Row]
    earlier: str = ""
    later: str = ""
    sifted_to: datetime | None = None
    all_found: bool = True


@dataclass(frozen=True)
class Question:
    """Which orders are asked for: a tab of a store as of an instant, filters, direction, place."""

    store: Store
    tab: Tab
    at: datetime
    filters: Filters = field(default_factory=Filters)
    descending: bool = False
    cursor: Cursor | None = None


def tab_counts(tabs: Iterable[Tab], store: Store, at: datetime) -> dict[str, int]:
    """The number of orders in each tab that is counted."""
    return counted(store.pk, {tab.code: tab.counted_by(store, at) for tab in tabs if tab.counted})


def shown_count(count: int) -> str:
    """The number of a list that is counted up to `MOST_COUNTED`, in words: ``999+`` beyond."""
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)


def matching(question: Question) -> Orders:
    """Every order asked for, unsorted: what an export streams."""
    if question.filters.number:
        return _among(question, find_orders([question.store.pk], question.filters.number))
    return question.filters.narrow(question.tab.rows(question.store, question.at))


def page_of(question: Question) -> Page:
    """The page asked for, with details of each order, in a fixed number of queries."""
    if question.filters.number:
        return _found(question)
    upwards = question.cursor.later if question.cursor else not question.descending
    horizon = _horizon(question, upwards)
    wanted = _beyond(matching(question), question.cursor)
    if horizon is not None:
        wanted = _up_to(wanted, horizon, upwards)
    read = list(_in_order(wanted, upwards).defer(*HIDDEN_COLUMNS)[: PAGE + 1])
    shown, more = read[:PAGE], len(read) > PAGE
    onward = _place(shown[-1].key, shown[-1].tie) if more else _place(*horizon) if horizon else ""
    back = _place(shown[0].key, shown[0].tie) if shown and question.cursor else ""
    if upwards == question.descending:
        shown.reverse()
    return Page(
        rows=_described(shown),
        earlier=back if upwards else onward,
        later=onward if upwards else back,
        sifted_to=horizon[0] if horizon and not more else None,
    )


def _found(question: Question) -> Page:
    """The result of a search by number, all on one page."""
    found = find_orders([question.store.pk], question.filters.number)
    orders = sorted(_among(question, found), key=lambda order: (order.key, order.tie), reverse=question.descending)
    return Page(rows=_described(orders), all_found=found.all_found)


def _among(question: Question, found: Found) -> Orders:
    # Their ids alone: with the store beside them SQLite would walk along all its orders.
    return question.filters.narrow(question.tab.keyed(Order.objects.filter(pk__in=list(found.matches))))


# ── Keyset ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _in_order(rows: Orders, upwards: bool) -> Orders:
    return rows.order_by("key", "tie") if upwards else rows.order_by("-key", "-tie")


def _beyond(rows: Orders, cursor: Cursor | None) -> Orders:
    """The rows on the far side of the cursor: a range of the index, then the ties at its edge."""
    if cursor is None:
        return rows
    if cursor.later:
        return rows.filter(key__gte=cursor.key).filter(Q(key__gt=cursor.key) | Q(tie__gt=cursor.tie))
    return rows.filter(key__lte=cursor.key).filter(Q(key__lt=cursor.key) | Q(tie__lt=cursor.tie))


def _up_to(rows: Orders, edge: tuple[datetime, int], upwards: bool) -> Orders:
    key, tie = edge
    if upwards:
        return rows.filter(key__lte=key).filter(Q(key__lt=key) | Q(tie__lte=tie))
    return rows.filter(key__gte=key).filter(Q(key__gt=key) | Q(tie__gte=tie))


def _horizon(question: Question, upwards: bool) -> tuple[datetime, int] | None:
    """Where a page that has to look at rows one by one stops looking; a walk along the index alone."""
    if not question.filters.sifts:
        return None
    span = _in_order(_beyond(question.tab.rows(question.store, question.at), question.cursor), upwards)
    return span.values_list("key", "tie")[MOST_SIFTED : MOST_SIFTED + 1].first()


def _place(key: datetime, tie: int) -> str:
    return f"{to_epoch(key)}.{tie}"


def _small_number(text: str) -> bool:
    # Beyond these nothing is stored, and dates end.
    return text.isascii() and text.isdigit() and len(text) <= 11


# ── What the list says of each order ───────────────────────────────────────────────────────────────────────────────


def _described(orders: Sequence[Any]) -> list[Row]:
    ids = [order.pk for order in orders]
    automatic = Review.objects.filter(order__in=ids, kind=Review.Kind.AUTO, revoked_at=None)
    reviewed = set(automatic.values_list("order_id", flat=True))
    scans = TrackingEvent.objects.filter(order__in=ids).exclude(kind=BEFORE_PICKUP).order_by()
    last = dict(scans.values("order_id").annotate(last=Max("at")).values_list("order_id", "last"))
    ends = {event.order_id: str(event.get_kind_display()) for event in scans.filter(kind__in=BAD_ENDS)}
    return [
        Row(
            order=order,
            key=order.key,
            last_scan_at=last.get(order.pk),
            auto_reviewed=order.pk in reviewed,
            bad_end=ends.get(order.pk, ""),
        )
        for order in orders
    ]
