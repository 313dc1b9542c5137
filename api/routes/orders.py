"""Orders and problem orders, read (IX-22)."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import AwareDatetime, Field

from api.auth import ApiRequest, granted_store, needs
from api.cursors import Cursor, Limit, Page, instant, invalid, read_cursor, write_cursor
from api.order_schemas import (
    OrderDocument,
    OrderSummary,
    ProblemOrder,
    order_document,
    order_summary,
    problem_document,
)
from api.queries.orders import OrderQuery, order_details, orders_after, updates_settled_at
from metrics.catalogue import METRICS, Kind, problem_counters
from metrics.queries.problems import ProblemQuery, problem_page
from metrics.rules.days import last_complete_day
from orders.models import OrderState
from rulebook.queries import policies_held, policy_at

router = Router(tags=["orders"])
# No data is older or newer.
Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2101, 1, 1, tzinfo=UTC))]
Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2101, 1, 1))]
# Metrics that orders or complaints can fail.
FAILING = tuple(code for code in METRICS if problem_counters(code))


class OrderPage(Page):
    """Orders, the earliest created first; with `updated_since` those first whose last update is the earliest."""

    items: list[OrderSummary]
    updated_until: datetime = Field(
        description="With `updated_since`, all updates before it are on the pages up to this one. The next "
        "`updated_since` is that of the last page."
    )


class ProblemPage(Page):
    """Problem orders, the latest day first; ``total`` counts all pages."""

    items: list[ProblemOrder]
    total: int = Field(examples=[17])
    first: date
    last: date


@router.get(
    "/stores/{store_no}/orders",
    auth=needs("orders:read"),
    response=OrderPage,
    operation_id="listOrders",
    summary="Orders of a store",
)
def orders(
    request: ApiRequest,
    store_no: str,
    state: Annotated[OrderState | None, Query(None)] = None,
    created_from: Annotated[Instant | None, Query(None, description="Created then or later")] = None,
    created_to: Annotated[Instant | None, Query(None, description="Created before that")] = None,
    updated_since: Annotated[Instant | None, Query(None, description="Updated then or later")] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> OrderPage:
    """In the order of their creation, so that pages stay where they are while orders come in; with `updated_since` in
    the order of their last update. A page may hold fewer items than the limit, even none, and have a next one: go on
    until `next_cursor` is null."""
    store = granted_store(request, store_no)
    place: tuple[datetime, int] | None = None
    if cursor:
        created_at, pk = read_cursor(cursor, instant, int)
        place = (created_at, pk)
    until = updates_settled_at()
    query = OrderQuery(state or "", created_from, created_to, updated_since, until)
    found, following = orders_after(store, query, place, limit)
    following_cursor = write_cursor([following[0].isoformat(), following[1]]) if following else None
    return OrderPage(items=[order_summary(order) for order in found], next_cursor=following_cursor, updated_until=until)


@router.get(
    "/stores/{store_no}/orders/{order_no}",
    auth=needs("orders:read"),
    response=OrderDocument,
    operation_id="getOrder",
    summary="One order with what belongs to it",
)
def order(request: ApiRequest, store_no: str, order_no: str) -> OrderDocument:
    """Its lines, parcels, scans, reviews, disputes, refunds and returns, and in which metrics it counts, fails or is
    left out."""
    now = timezone.now()
    with policies_held():
        return order_document(order_details(granted_store(request, store_no), order_no, now), now)


@router.get(
    "/stores/{store_no}/problem-orders",
    auth=needs("metrics:read"),
    response=ProblemPage,
    operation_id="listProblemOrders",
    summary="Orders that fail a metric, with the reasons",
)
def problem_orders(
    request: ApiRequest,
    store_no: str,
    metric: Annotated[str, Query("", description="Must be given: " + ", ".join(FAILING))] = "",
    first: Annotated[
        Day | None, Query(None, alias="from", description="First day; by default that of the metric's window")
    ] = None,
    last: Annotated[
        Day | None, Query(None, alias="to", description="Last day; by default the last complete one")
    ] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> ProblemPage:
    """Of the metric's present window, unless days are given."""
    store, now = granted_store(request, store_no), timezone.now()
    # Asked for only now: who may not see the store learns nothing from the parameters.
    if metric not in FAILING:
        raise invalid("metric", _("One of these is expected: %(expected)s.") % {"expected": ", ".join(FAILING)})
    with policies_held():
        query = _problem_query(store.pk, metric, first, last, now)
        page = problem_page(query, earlier=_problem_cursor(cursor), size=limit)
        items = [problem_document(row, now) for row in page.rows]
    following = write_cursor([page.earlier]) if page.earlier else None
    return ProblemPage(items=items, next_cursor=following, total=page.total, first=query.first, last=query.last)


def _problem_query(store_id: int, code: str, first: date | None, last: date | None, now: datetime) -> ProblemQuery:
    metric, policy = METRICS[code], policy_at(now)
    days = policy.rating.window_days if metric.kind is Kind.STARS else policy.metrics[code].window_days
    last = last or last_complete_day(now, metric.calendar)
    first = first or last - timedelta(days=days - 1)
    if first > last:
        raise invalid("from", _("The first day must not be after the last."))
    return ProblemQuery(store_id, problem_counters(code), first, last)


def _problem_cursor(cursor: str) -> str:
    return str(read_cursor(cursor, str)[0]) if cursor else ""
