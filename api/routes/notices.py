"""Notices with their problem orders and deadlines (IX-22, PN-01)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from api.auth import ApiRequest, granted_store, needs
from api.cursors import Cursor, Limit, Page, page_of
from core.models import Deadline
from notifications.models import Notice, NoticeOrder
from notifications.queries.notices import deadlines_of
from notifications.rules import NoticeLevel, State
from stores.models import Store

router = Router(tags=["notices"])


class NoticeDeadline(Schema):
    """A countdown of the notice; the latest of its kind."""

    kind: str = Field(examples=["notice_appeal"])
    due_at: datetime
    state: str = Field(description="`open`, `met`, `lapsed` or `void`")


class NoticeItem(Schema):
    """A notice that a metric crossed a threshold, with the figures it was judged by."""

    number: str = Field(examples=["PN20261130-000001"])
    metric: str = Field(examples=["late_dispatch"])
    level: NoticeLevel
    day: date = Field(description="Performance day")
    triggered_at: datetime
    state: State
    value: str = Field(examples=["0.0612000000"])
    numerator: int | None
    denominator: int | None
    threshold: str | None = Field(description="The one that was crossed")
    benchmark: str | None
    policy_version: int
    replaces: str | None = Field(description="Number of the notice that this one escalated")
    historical: bool
    predicted: bool = Field(description="The store mirrors another platform, which decides")
    opened_at: datetime | None
    ended_at: datetime | None = Field(description="Null while it is open")
    deadlines: list[NoticeDeadline]

    @staticmethod
    def resolve_value(row: Notice) -> str | None:
        return _text(row.value)

    @staticmethod
    def resolve_threshold(row: Notice) -> str | None:
        return _text(row.red if row.level == NoticeLevel.RED else row.yellow)

    @staticmethod
    def resolve_benchmark(row: Notice) -> str | None:
        return _text(row.benchmark)

    @staticmethod
    def resolve_replaces(row: Notice) -> str | None:
        return row.replaces.number if row.replaces else None


class NoticePage(Page):
    items: list[NoticeItem] = Field(description="Newest first")


class SnapshotOrder(Schema):
    """A problem order as it was when the notice was issued."""

    counter: str = Field(examples=["late_dispatch"])
    day: date
    order_no: str
    complaint_no: str = Field(description="Of a copyright complaint, which has no order")
    reason: str = Field(description="Why it failed; empty in old notices")
    carrier: str
    tracking_no: str
    site: str
    paid_at: datetime | None
    ship_by: datetime | None
    shipped_at: datetime | None
    estimated_delivery_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    refunded_at: datetime | None


class SnapshotPage(Page):
    items: list[SnapshotOrder]


@router.get(
    "/stores/{store_no}/notices",
    auth=needs("notices:read"),
    response=NoticePage,
    operation_id="listNotices",
    summary="Notices",
)
def list_notices(
    request: ApiRequest,
    store_no: str,
    state: Annotated[State | None, Query(None, description="Only those in this state")] = None,
    level: Annotated[NoticeLevel | None, Query(None)] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """Notices of the store with their deadlines; predicted and historical ones as well."""
    store = granted_store(request, store_no)
    rows = _notices(store)
    if state:
        rows = rows.filter(state=state)
    if level:
        rows = rows.filter(level=level)
    items, following = page_of(rows, cursor=cursor, limit=limit)
    return {"items": _with_deadlines(store, items), "next_cursor": following}


@router.get(
    "/stores/{store_no}/notices/{number}",
    auth=needs("notices:read"),
    response=NoticeItem,
    operation_id="getNotice",
    summary="One notice",
)
def get_notice(request: ApiRequest, store_no: str, number: str) -> Notice:
    """The notice as it stands now."""
    store = granted_store(request, store_no)
    (notice,) = _with_deadlines(store, [_notice(store, number)])
    return notice


@router.get(
    "/stores/{store_no}/notices/{number}/orders",
    auth=needs("notices:read"),
    response=SnapshotPage,
    operation_id="listNoticeOrders",
    summary="Problem orders of a notice",
)
def list_notice_orders(
    request: ApiRequest, store_no: str, number: str, cursor: Cursor = "", limit: Limit = 50
) -> dict[str, Any]:
    """The orders that the notice counted, as they were then."""
    store = granted_store(request, store_no)
    rows = NoticeOrder.objects.filter(notice=_notice(store, number))
    items, following = page_of(rows, cursor=cursor, limit=limit)
    return {"items": items, "next_cursor": following}


def _notices(store: Store) -> QuerySet[Notice]:
    return Notice.objects.filter(store=store).select_related("replaces")


def _notice(store: Store, number: str) -> Notice:
    found = _notices(store).filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _with_deadlines(store: Store, notices: list[Notice]) -> list[Notice]:
    found: dict[str, dict[str, Deadline]] = deadlines_of(store, [notice.number for notice in notices])
    for notice in notices:
        vars(notice)["deadlines"] = list(found[notice.number].values())
    return notices


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
