"""The list of a metric's problem orders: filters from the address, columns, rows of the download (PG-04, RL-12)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from metrics import words
from metrics.catalogue import problem_counters
from metrics.forms import ProblemFilter
from metrics.presenting import parts
from metrics.queries.problems import ORDER_FILTERS, ProblemQuery, ProblemRow, all_problems, occurring, problem_page
from stores import formats
from stores.sheets import Row
from stores.tables import Column, Sort

CSV_COLUMNS = (
    "day", "counter", "order_no", "complaint_no", "state", "source", "site", "carrier", "tracking_no", "category", "sku",
    "paid_at", "ship_by", "shipped_at", "estimated_delivery_at", "delivered_at", "cancelled_at", "refunded_at", "total_usd",
)  # fmt: skip
ORDER_COLUMNS = CSV_COLUMNS[4:]
KEPT = ("counter", *ORDER_FILTERS, "first", "last", "sort")


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter form and the query that it stands for."""

    form: ProblemFilter
    query: ProblemQuery


def columns(*, many: bool = True) -> list[Column]:
    """The columns of the list; what failed is named only where there are several kinds of failure."""
    every = [
        Column("order_no", _("Order"), sortable=True),
        Column("day", _("Day"), sortable=True, descending=True),
        Column("counter", _("Failure")),
        Column("carrier", _("Carrier")),
        Column("site", _("Site")),
        Column("category", _("Category")),
        Column("due", _("Due")),
        Column("done", _("Done")),
        Column("total", _("Total"), figure=True),
    ]
    return [column for column in every if many or column.key != "counter"]


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


def problems_context(request: HttpRequest, store_no: str, code: str, found: Asked) -> dict[str, Any]:
    """What templates/metrics/_problems.html reads."""
    page = problem_page(found.query, earlier=request.GET.get("earlier", ""), later=request.GET.get("later", ""))
    many = len(problem_counters(code)) > 1
    names = {name: dict(found.form.fields[name].choices) for name in ORDER_FILTERS}  # type: ignore[attr-defined]
    kept = {name: request.GET[name] for name in (*KEPT, "day") if request.GET.get(name)}
    return {
        "problem_form": found.form,
        "problem_columns": columns(many=many),
        "problem_sort": Sort.parse(found.query.sort, columns()),
        "sort_given": request.GET.get("sort", ""),
        "problems": [list_row(row, store_no, names, many=many) for row in page.rows],
        "earlier": page.earlier,
        "later": page.later,
        "total": page.total,
        "more": page.more,
        "first": found.query.first,
        "last": found.query.last,
        "clear_url": request.path,
        "csv_url": parts.with_query("metrics:problems_csv", store_no, code, kept),
    }


def list_row(
    row: ProblemRow, store_no: str, names: Mapping[str, Mapping[str, str]], *, many: bool
) -> dict[str, Any]:
    """A row of the list: due and done are the instants that the failure compares; ``names`` by carrier and category."""
    order = row.order
    due, done = _instants(row)
    return {
        "store_no": store_no,
        "order": order,
        "complaint": row.complaint,
        "day": row.problem.day,
        "failure": words.COUNTER_WORDS[row.problem.counter] if many else "",
        **{name: names[name].get(value := getattr(order, name, ""), value) if order else "" for name in ORDER_FILTERS},
        "due": due,
        "done": done,
        "total": formats.money(order.total_usd) if order else formats.NO_VALUE,
    }


def _instants(row: ProblemRow) -> tuple[Any, Any]:
    order, counter = row.order, row.problem.counter
    if order is None:
        return None, row.complaint.resolved_at if row.complaint else None
    if counter in ("delivery_late", "r_delivery_late"):
        return order.estimated_delivery_at, order.delivered_at
    if counter in ("undelivered", "trace_incomplete", "logistics_abnormal"):
        return order.estimated_delivery_at, order.delivered_at
    if counter == "cancelled_by_seller":
        return order.ship_by, order.cancelled_at
    if counter == "refunded_orders":
        return None, order.refunded_at
    if counter == "unconfirmed":
        return None, order.dispatch_confirmed_at
    if counter in ("dispatch_late", "r_dispatch_late", "shipped_over_72h"):
        return order.ship_by, order.shipped_at
    return None, None


def csv_rows(query: ProblemQuery) -> Iterator[Row]:
    """Every problem row as filtered, for the download."""
    for row in all_problems(query):
        order = row.order
        values = [None if order is None else getattr(order, name) for name in ORDER_COLUMNS]
        number = order.order_no if order else None
        complaint = row.complaint.complaint_no if row.complaint else None
        yield (row.problem.day, row.problem.counter, number, complaint, *values)
