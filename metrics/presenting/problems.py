"""The list of a metric's problem orders: filters from the address, columns, rows of the download (PG-04, RL-12)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from metrics import words
from metrics.catalogue import problem_counters
from metrics.forms import ProblemFilter
from metrics.presenting import parts
from metrics.presenting.whatif_links import exclusion_address
from metrics.queries.fault import sync_gaps
from metrics.queries.problems import ORDER_FILTERS, ProblemQuery, ProblemRow, occurring, problem_page
from stores import formats
from stores.sheets import Row
from stores.tables import Column, Sort

FILE_COLUMNS = (
    "day", "counter", "order_no", "complaint_no", "state", "source", "site", "carrier", "tracking_no", "category",
    "sku", "paid_at", "ship_by", "shipped_at", "first_scan_at", "estimated_delivery_at", "delivered_at",
    "cancelled_at", "refunded_at", "total_usd",
)  # fmt: skip
ORDER_COLUMNS = FILE_COLUMNS[4:]
# Failures that compare two instants of the order: what was due, and what was done.
COMPARED: dict[str, tuple[str, str]] = {
    "delivery_late": ("estimated_delivery_at", "delivered_at"),
    "r_delivery_late": ("estimated_delivery_at", "delivered_at"),
    "undelivered": ("estimated_delivery_at", "delivered_at"),
    "trace_incomplete": ("estimated_delivery_at", "delivered_at"),
    "logistics_abnormal": ("estimated_delivery_at", "delivered_at"),
    "dispatch_late": ("ship_by", "shipped_at"),
    "r_dispatch_late": ("ship_by", "shipped_at"),
    "shipped_over_72h": ("ship_by", "shipped_at"),
    "cancelled_by_seller": ("ship_by", "cancelled_at"),
}
# Failures that may be those of a late number alone (BX-13).
SYNCED = frozenset({"dispatch_late", "r_dispatch_late"})
KEPT = ("counter", *ORDER_FILTERS, "first", "last", "sort")


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter form and the query that it stands for."""

    form: ProblemFilter
    query: ProblemQuery


def columns(counters: Sequence[str] = ()) -> list[Column]:
    """The columns of the list: what failed only where there are several kinds of failure, due and done only where the
    failure compares two instants."""
    every = [
        Column("order_no", _("Order"), sortable=True),
        Column("day", _("Day"), sortable=True, descending=True),
        Column("counter", _("Failure")),
        Column("carrier", _("Carrier")),
        Column("site", _("Site")),
        Column("category", _("Category")),
        Column("paid", _("Paid")),
        Column("due", _("Due")),
        Column("done", _("Done")),
        Column("total", _("Total"), figure=True),
    ]
    left_out = set() if len(counters) > 1 else {"counter"}
    if not any(counter in COMPARED for counter in counters):
        left_out |= {"due", "done"}
    return [column for column in every if column.key not in left_out]


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
        "problems": [list_row(row, store_no, names, counters) | {"sync_gap": _gap(row, gaps)} for row in page.rows],
        "earlier": page.earlier,
        "later": page.later,
        "total": page.total,
        "more": page.more,
        "first": found.query.first,
        "last": found.query.last,
        "clear_url": request.path,
        "what_if_url": exclusion_address(store_no, code, page.rows),
        "files": {
            suffix: parts.with_query(f"metrics:problems_{suffix}", store_no, code, kept) for suffix in ("csv", "xlsx")
        },
    }


def file_rows(rows: Iterable[ProblemRow]) -> Iterator[Row]:
    """The cells of `FILE_COLUMNS`."""
    for row in rows:
        order, complaint_no = row.order, row.complaint.complaint_no if row.complaint else None
        of_order = [getattr(order, name) for name in ORDER_COLUMNS] if order else [None] * len(ORDER_COLUMNS)
        yield (row.problem.day, row.problem.counter, order.order_no if order else None, complaint_no, *of_order)


def list_row(
    row: ProblemRow, store_no: str, names: Mapping[str, Mapping[str, str]], counters: Sequence[str]
) -> dict[str, Any]:
    """A row of the list: due and done are the instants that the failure compares; ``names`` by carrier and category."""
    order = row.order
    due, done = _instants(row)
    return {
        "store_no": store_no,
        "url": reverse("orders:order", args=[store_no, order.order_no]) if order else "",
        "order": order,
        "complaint": row.complaint,
        "day": row.problem.day,
        "failure": words.COUNTER_WORDS[row.problem.counter] if len(counters) > 1 else "",
        **{name: names[name].get(value := getattr(order, name, ""), value) if order else "" for name in ORDER_FILTERS},
        "paid": order.paid_at if order else None,
        "timed": any(counter in COMPARED for counter in counters),
        "due": due,
        "done": done,
        "total": formats.money(order.total_usd) if order else formats.NO_VALUE,
    }


def _gap(row: ProblemRow, gaps: Mapping[int, timedelta]) -> timedelta | None:
    """How late the number came, where that alone made the order late (BX-13)."""
    return gaps.get(row.problem.order_id) if row.problem.counter in SYNCED else None


def _instants(row: ProblemRow) -> tuple[Any, Any]:
    names = COMPARED.get(row.problem.counter)
    if names is None or row.order is None:
        return None, None
    return getattr(row.order, names[0]), getattr(row.order, names[1])


def _named(field: Any) -> dict[str, str]:
    return {value: str(name) for value, name in field.choices if value}
