"""Problem orders as a file for people: why each failed, in the reader's words (PG-04, RL-12)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import pgettext_lazy

from core.pages.people_sheets import Code, Field, Sheet
from insights.presenters.reasons import also_text, measured_text, reason_text
from metrics.catalogue import METRICS
from metrics.queries.problems import ProblemRow
from metrics.reasons.beside import headings_of, instants_of, instants_of_order
from metrics.reasons.lookup import Reason
from orders.models import Order
from orders.presenters.order_files import FIELDS, order_cells
from orders.queries.names import OrderNames

ORDER = Field(pgettext_lazy("column", "Order or complaint"), 22)
DAY = Field(pgettext_lazy("column", "Counted on"), 12)
REASON = Field(pgettext_lazy("column", "Reason"), 34)
ALSO = Field(pgettext_lazy("column", "Other reasons"), 34)
ORDER_COLUMNS = (
    "carrier", "tracking_no", "site", "category", "sku", "state", "source", "paid_at", "ship_by", "shipped_at",
    "first_scan_at", "estimated_delivery_at", "delivered_at", "cancelled_at", "refunded_at", "total_amount", "currency",
    "total_usd",
)  # fmt: skip


def reason_fields(counters: Sequence[str]) -> list[Field]:
    """Reason, other reasons, and the instants that the failures speak of."""
    instants = [Field(title, 20, instant=True) for title in headings_of(counters) if title]
    return [REASON, ALSO, *instants]


def reason_cells(reason: Reason, counter: str, counters: Sequence[str], at: datetime) -> list[object]:
    """The cells under `reason_fields`."""
    headings = headings_of(counters)
    instants = [value for title, value in zip(headings, instants_of(reason, headings), strict=True) if title]
    return [measured_text(reason.code, reason.lasted(at), counter), also_text(reason.also), *instants]


def reasoned_sheet(
    orders: Iterable[tuple[Order, str, Reason | None]], columns: Sequence[str], names: OrderNames, at: datetime
) -> Sheet:
    """A list of orders as a table, each with the counter in which it failed and why, beside its number."""
    cells = (_reasoned_cells(*one, columns, names, at) for one in orders)
    fields = [FIELDS[name] for name in columns]
    return Sheet(pgettext_lazy("sheet", "Orders"), [fields[0], REASON, *fields[1:]], cells)


def _reasoned_cells(
    order: Order, counter: str, reason: Reason | None, columns: Sequence[str], names: OrderNames, at: datetime
) -> list[object]:
    first, *rest = order_cells(order, names, columns)
    return [first, reason_text(reason, counter, at) if reason else "", *rest]


def problem_sheet(
    rows: Iterable[ProblemRow], code: str, counters: Sequence[str], names: OrderNames, at: datetime
) -> Sheet:
    """The problem orders of a metric as a table."""
    cells = (problem_cells(row, names, counters, at) for row in rows)
    return Sheet(METRICS[code].title, problem_fields(counters), cells)


def problem_fields(counters: Sequence[str]) -> list[Field]:
    """The columns of problem orders."""
    return [ORDER, DAY, *reason_fields(counters), *(FIELDS[name] for name in order_columns(counters))]


def order_columns(counters: Sequence[str]) -> list[str]:
    """The columns of the order, but for those that stand beside the reason."""
    beside = instants_of_order(counters)
    return [name for name in ORDER_COLUMNS if name not in beside]


def problem_cells(row: ProblemRow, names: OrderNames, counters: Sequence[str], at: datetime) -> list[object]:
    """A problem order under `problem_fields`."""
    order, problem = row.order, row.problem
    number: object = names.order(order.order_no) if order else Code(row.complaint.complaint_no) if row.complaint else ""
    columns = order_columns(counters)
    of_order = order_cells(order, names, columns) if order else [None] * len(columns)
    return [number, problem.day, *reason_cells(row.reason, problem.counter, counters, at), *of_order]
