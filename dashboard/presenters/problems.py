"""The list of a metric's problem orders: columns, rows, rows of the download (PG-04, RL-12)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from appeals.presenters.protected_events import ProtectionRow, protection_rows
from core.pages import formats
from core.pages.sheets import Row
from core.pages.tables import Column, Sort
from dashboard.forms.problems import ProblemFilter
from dashboard.presenters.whatif_links import exclusion_address
from dashboard.queries.problems import SYNCED, ProblemList
from disputes.models import CopyrightComplaint
from insights.presenters.reasons import also_text, measured_text
from metrics.catalogue import problem_counters
from metrics.queries.problems import ORDER_FILTERS, ProblemRow
from metrics.reasons.beside import DUE, headings_of, instants_of
from orders.models import Order

FILE_COLUMNS = (
    "day", "counter", "order_no", "complaint_no", "state", "source", "site", "carrier", "tracking_no", "category",
    "sku", "paid_at", "ship_by", "shipped_at", "first_scan_at", "estimated_delivery_at", "delivered_at",
    "cancelled_at", "refunded_at", "total_usd",
)  # fmt: skip
ORDER_COLUMNS = FILE_COLUMNS[4:]
# Said beside the row with its span.
SYNCED_LATE = "synced_late"
CANCELLED = "cancelled"


def columns(counters: Sequence[str] = ()) -> list[Column]:
    """The columns of the list: beside the reason stand the instants that the failures speak of."""
    due, done = headings_of(counters) if counters else DUE
    every = [
        Column("order_no", _("Order"), sortable=True),
        Column("day", _("Day"), sortable=True, descending=True),
        Column("failure", _("Reason")),
        Column("due", str(due)),
        Column("done", str(done)),
        Column("carrier", _("Carrier")),
        Column("site", _("Site")),
        Column("category", _("Category")),
        Column("paid", _("Paid")),
        Column("total", _("Total"), figure=True),
    ]
    return [column for column in every if column.label]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A row of the list: why an order or complaint failed, and the instants under the headings of its metric's
    failures. ``also``: what else would have made it fail; ``note``: what the buyer gave as the reason; ``sync_gap``:
    how late the number came, where that alone made the order late (BX-13); ``protections``: the events that protect
    the order (BX-01)."""

    store_no: str
    url: str
    order: Order | None
    complaint: CopyrightComplaint | None
    day: date
    failure: str
    also: str
    note: str
    carrier: str
    site: str
    category: str
    paid: datetime | None
    headings: tuple[str, str]
    due: datetime | None
    done: datetime | None
    total: str
    sync_gap: timedelta | None = None
    protections: Sequence[ProtectionRow] = ()


@dataclass(frozen=True, slots=True)
class ProblemsPart:
    """What templates/dashboard/_problems.html reads."""

    store_no: str
    code: str
    form: ProblemFilter
    columns: list[Column]
    sort: Sort
    sort_given: str
    rows: list[OrderRow]
    earlier: str
    later: str
    total: int
    more: bool
    first: date
    last: date
    clear_url: str
    what_if_url: str


def problems_part(
    request: HttpRequest, store_no: str, code: str, form: ProblemFilter, found: ProblemList, now: datetime
) -> ProblemsPart:
    """The list of a metric's problem orders."""
    page, counters = found.page, problem_counters(code)
    names = filter_names(form)
    return ProblemsPart(
        store_no=store_no,
        code=code,
        form=form,
        columns=columns(counters),
        sort=Sort.parse(found.query.sort, columns()),
        sort_given=request.GET.get("sort", ""),
        rows=[
            replace(
                list_row(row, store_no, names, counters, now),
                sync_gap=_gap(row, found),
                protections=protection_rows(found.protections.get(row.problem.order_id, ()), store_no),
            )
            for row in page.rows
        ],
        earlier=page.earlier,
        later=page.later,
        total=page.total,
        more=page.more,
        first=found.query.first,
        last=found.query.last,
        clear_url=request.path,
        what_if_url=exclusion_address(store_no, code, page.rows),
    )


def file_rows(rows: Iterable[ProblemRow]) -> Iterator[Row]:
    """The cells of `FILE_COLUMNS`."""
    for row in rows:
        order, complaint_no = row.order, row.complaint.complaint_no if row.complaint else None
        of_order = [getattr(order, name) for name in ORDER_COLUMNS] if order else [None] * len(ORDER_COLUMNS)
        yield (row.problem.day, row.problem.counter, order.order_no if order else None, complaint_no, *of_order)


def list_row(
    row: ProblemRow, store_no: str, names: Mapping[str, Mapping[str, str]], counters: Sequence[str], now: datetime
) -> OrderRow:
    """A row of the list; ``names`` by carrier, site and category."""
    order, counter = row.order, row.problem.counter
    headings = headings_of(counters)
    due, done = instants_of(row.reason, headings)

    def named(filtered: str) -> str:
        code = getattr(order, filtered, "")
        return names[filtered].get(code, code)

    return OrderRow(
        store_no=store_no,
        url=reverse("dashboard:order", args=[store_no, order.order_no]) if order else "",
        order=order,
        complaint=row.complaint,
        day=row.problem.day,
        failure=measured_text(row.reason.code, row.reason.lasted(now), counter),
        also=also_text(tuple(code for code in row.reason.also if code != SYNCED_LATE)),
        note=order.cancel_reason if order and row.reason.code == CANCELLED else "",
        carrier=named("carrier"),
        site=named("site"),
        category=named("category"),
        paid=order.paid_at if order else None,
        headings=(str(headings[0]), str(headings[1])),
        due=due,
        done=done,
        total=formats.money(order.total_usd) if order else formats.NO_VALUE,
    )


def filter_names(form: ProblemFilter) -> dict[str, dict[str, str]]:
    """The names of carriers, sites and categories by code, as the filters offer them."""
    return {name: _named(form.fields[name]) for name in ORDER_FILTERS}


def _gap(row: ProblemRow, found: ProblemList) -> timedelta | None:
    return found.gaps.get(row.problem.order_id) if row.problem.counter in SYNCED else None


def _named(field: Any) -> dict[str, str]:
    return {value: str(name) for value, name in field.choices if value}
