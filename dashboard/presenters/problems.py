"""The list of a metric's problem orders: filters from the address, columns, rows of the download (PG-04, RL-12)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.downloads import file_links
from core.pages.sheets import Row
from core.pages.tables import Column, Sort
from dashboard.forms import ProblemFilter
from dashboard.presenters.whatif_links import exclusion_address
from insights.presenters.reasons import also_text, measured_text
from insights.queries.faults import sync_gaps
from metrics.catalogue import problem_counters
from metrics.queries.problems import ORDER_FILTERS, ProblemQuery, ProblemRow, occurring, problem_page
from metrics.reasons.beside import DUE, headings_of, instants_of

FILE_COLUMNS = (
    "day", "counter", "order_no", "complaint_no", "state", "source", "site", "carrier", "tracking_no", "category",
    "sku", "paid_at", "ship_by", "shipped_at", "first_scan_at", "estimated_delivery_at", "delivered_at",
    "cancelled_at", "refunded_at", "total_usd",
)  # fmt: skip
ORDER_COLUMNS = FILE_COLUMNS[4:]
# Failures that may be those of a late number alone (BX-13).
SYNCED = frozenset({"dispatch_late", "r_dispatch_late"})
# Said beside the row with its span.
SYNCED_LATE = "synced_late"
CANCELLED = "cancelled"
KEPT = ("counter", *ORDER_FILTERS, "first", "last", "sort")


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter form and the query that it stands for."""

    form: ProblemFilter
    query: ProblemQuery


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


def asked(params: QueryDict, *, store_id: int, code: str, last: date, window_days: int) -> Asked:
    """Read the filters; without days the metric's whole window is listed."""
    counters = problem_counters(code)
    whole = ProblemQuery(store_id, counters, last - timedelta(days=window_days - 1), last)
    data = params.copy()
    data["first"] = data.get("first") or whole.first.isoformat()
    data["last"] = data.get("last") or whole.last.isoformat()
    form = ProblemFilter(data, counters=counters, occurring=occurring(whole))
    chosen = form.chosen()
    sort = Sort.parse(params.get("sort"), columns(), "-day")
    return Asked(
        form,
        ProblemQuery(
            store_id,
            (chosen["counter"],) if "counter" in chosen else counters,
            chosen.get("first", whole.first),
            chosen.get("last", whole.last),
            {name: chosen[name] for name in ORDER_FILTERS if name in chosen},
            str(sort),
        ),
    )


def problems_context(request: HttpRequest, store_no: str, code: str, found: Asked, now: datetime) -> dict[str, Any]:
    """What templates/dashboard/_problems.html reads."""
    page = problem_page(found.query, earlier=request.GET.get("earlier", ""), later=request.GET.get("later", ""))
    counters = problem_counters(code)
    names = {name: _named(found.form.fields[name]) for name in ORDER_FILTERS}
    late = (row.order for row in page.rows if row.order is not None and row.problem.counter in SYNCED)
    gaps = sync_gaps(late) if SYNCED.intersection(counters) else {}
    kept = {name: request.GET[name] for name in (*KEPT, "day") if request.GET.get(name)}
    return {
        "problem_form": found.form,
        "problem_columns": columns(counters),
        "problem_sort": Sort.parse(found.query.sort, columns()),
        "sort_given": request.GET.get("sort", ""),
        "problems": [
            list_row(row, store_no, names, counters, now) | {"sync_gap": _gap(row, gaps)} for row in page.rows
        ],
        "earlier": page.earlier,
        "later": page.later,
        "total": page.total,
        "more": page.more,
        "first": found.query.first,
        "last": found.query.last,
        "clear_url": request.path,
        "what_if_url": exclusion_address(store_no, code, page.rows),
        "files": file_links(lambda suffix: reverse(f"dashboard:problems_{suffix}", args=[store_no, code]), kept),
    }


def file_rows(rows: Iterable[ProblemRow]) -> Iterator[Row]:
    """The cells of `FILE_COLUMNS`."""
    for row in rows:
        order, complaint_no = row.order, row.complaint.complaint_no if row.complaint else None
        of_order = [getattr(order, name) for name in ORDER_COLUMNS] if order else [None] * len(ORDER_COLUMNS)
        yield (row.problem.day, row.problem.counter, order.order_no if order else None, complaint_no, *of_order)


def list_row(
    row: ProblemRow, store_no: str, names: Mapping[str, Mapping[str, str]], counters: Sequence[str], now: datetime
) -> dict[str, Any]:
    """A row of the list: why it failed, and the instants under the headings of its metric's failures; ``names`` by
    carrier and category."""
    order, counter = row.order, row.problem.counter
    headings = headings_of(counters)
    due, done = instants_of(row.reason, headings)
    return {
        "store_no": store_no,
        "url": reverse("dashboard:order", args=[store_no, order.order_no]) if order else "",
        "order": order,
        "complaint": row.complaint,
        "day": row.problem.day,
        "failure": measured_text(row.reason.code, row.reason.lasted(now), counter),
        "also": also_text(tuple(code for code in row.reason.also if code != SYNCED_LATE)),
        "remark": order.cancel_reason if order and row.reason.code == CANCELLED else "",
        **{name: names[name].get(value := getattr(order, name, ""), value) if order else "" for name in ORDER_FILTERS},
        "paid": order.paid_at if order else None,
        "headings": headings,
        "due": due,
        "done": done,
        "total": formats.money(order.total_usd) if order else formats.NO_VALUE,
    }


def _gap(row: ProblemRow, gaps: Mapping[int, timedelta]) -> timedelta | None:
    """How late the number came, where that alone made the order late (BX-13)."""
    return gaps.get(row.problem.order_id) if row.problem.counter in SYNCED else None


def _named(field: Any) -> dict[str, str]:
    return {value: str(name) for value, name in field.choices if value}
