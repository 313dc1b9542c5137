"""The disputes of a store as a desk: what lapses first, then what waits for others, then what is over (PG-08)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Value, When

from core.models import Deadline
from disputes.models import OPEN_STATES, Dispute
from disputes.queries.deadlines import ANSWER, ARBITRATION, SETTLEMENT, SUBJECT
from stores.models import Store

PER_PAGE = 40
TO_ANSWER, WAITING, ENDED = "answer", "waiting", "ended"
OPEN = "open"
UNANSWERED = Q(closed_at=None, state=Dispute.State.OPEN, responded_at=None)
PARTS: dict[str, Q] = {
    OPEN: Q(closed_at=None, state__in=OPEN_STATES),
    TO_ANSWER: UNANSWERED,
    WAITING: Q(closed_at=None, state__in=OPEN_STATES) & ~UNANSWERED,
    ENDED: Q(closed_at__isnull=False),
}


@dataclass(frozen=True, slots=True)
class DeskQuery:
    """What is shown; empty texts filter nothing. ``text``: a dispute's or order's number."""

    part: str = OPEN
    kind: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """A page of a part, and how many disputes each part has."""

    query: DeskQuery
    rows: Sequence[Any]
    page: Page[Any]
    counts: dict[str, int]


def dispute_desk(store: Store, query: DeskQuery, number: str | None) -> Desk:
    """Disputes with their running clock as ``due_at``, in three queries for any number of rows."""
    asked = _asked(store, query)
    counts = {name: asked.filter(PARTS[name]).count() for name in (TO_ANSWER, WAITING, ENDED)}
    page = Paginator(listed_disputes(store, query), PER_PAGE).get_page(number)
    return Desk(query, list(page.object_list), page, counts)


def listed_disputes(store: Store, query: DeskQuery) -> QuerySet[Any]:
    """Every dispute of a part in its order, with its running clock as ``due_at``."""
    return _sorted(with_clocks(_asked(store, query).filter(PARTS[query.part])), query)


def _asked(store: Store, query: DeskQuery) -> QuerySet[Dispute]:
    return Dispute.objects.filter(store=store).filter(*_filters(query))


def open_count(store: Store) -> int:
    """How many disputes wait for the seller or for others."""
    return Dispute.objects.filter(PARTS[OPEN], store=store).count()


def with_clocks(disputes: QuerySet[Dispute]) -> QuerySet[Any]:
    """Disputes with the end of the clock that runs for their state."""
    clocks = Deadline.objects.filter(
        store_id=OuterRef("store"),
        kind__in=(ANSWER, SETTLEMENT, ARBITRATION),
        subject_kind=SUBJECT,
        subject_key=OuterRef("dispute_no"),
        state=Deadline.State.OPEN,
    )
    return disputes.select_related("order", "store").annotate(due_at=Subquery(clocks.values("due_at")[:1]))


def dispute_of(store: Store, number: str) -> Dispute | None:
    """The store's dispute with this number, with order and company."""
    # PostgreSQL refuses text with NUL as an error of the query.
    rows = Dispute.objects.select_related("order", "store__company")
    return None if "\x00" in number else rows.filter(store=store, dispute_no=number).first()


def _sorted(rows: QuerySet[Any], query: DeskQuery) -> QuerySet[Any]:
    if query.part == ENDED:
        return rows.order_by("-closed_at", "-pk")
    waits = Case(When(UNANSWERED, then=Value(0)), default=Value(1))
    return rows.order_by(waits, F("due_at").asc(nulls_last=True), "opened_at", "pk")


def _filters(query: DeskQuery) -> list[Q]:
    text = query.text.replace("\x00", "").strip()
    found = [Q(kind=query.kind)] if query.kind else []
    return [*found, Q(dispute_no=text) | Q(order__order_no=text)] if text else found
