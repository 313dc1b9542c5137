"""Notices as files for people: the performance record and a notice's problem orders (PN-13, PN-30)."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from core.pages.people_sheets import Code, Field, Sheet
from insights.presenters.figure_files import figure, level_word
from insights.presenters.problem_files import DAY, ORDER, reason_cells, reason_fields
from metrics.reasons.beside import instants_of_order
from notifications.models import Notice
from notifications.presenters.parts import APPEAL_RESULTS, threshold_of, unit_of
from notifications.queries.notices import Orders
from notifications.queries.reasons import with_reasons
from notifications.rules import State, appeal_result
from notifications.titles import counters_of, title_of
from orders.presenters.order_files import FIELDS as ORDER_FIELDS
from orders.queries.names import order_names

ROWS_AT_ONCE = 1_000
RECORD_FIELDS = (
    Field(pgettext_lazy("column", "Notice"), 22),
    Field(pgettext_lazy("column", "Level"), 10),
    Field(pgettext_lazy("column", "Metric"), 20),
    Field(pgettext_lazy("column", "Value"), 12),
    Field(pgettext_lazy("column", "Line"), 12),
    Field(pgettext_lazy("column", "Triggered"), 20, instant=True),
    Field(pgettext_lazy("column", "Opened by"), 26),
    Field(pgettext_lazy("column", "Opened"), 20, instant=True),
    Field(pgettext_lazy("column", "Notice state"), 16),
    Field(pgettext_lazy("column", "Appeal result"), 16),
    Field(pgettext_lazy("column", "Person responsible"), 26),
)
# What a notice kept of its orders, in order of the columns.
TEXTS = ("carrier", "tracking_no", "site", "category")
INSTANTS = (
    "paid_at", "ship_by", "shipped_at", "estimated_delivery_at", "delivered_at", "cancelled_at", "refunded_at",
)  # fmt: skip


def record_cells(notice: Any, store_no: str) -> list[object]:
    """A notice `with_history` under `RECORD_FIELDS`."""
    return [
        Code(notice.number, reverse("dashboard:notice", args=[store_no, notice.number])),
        level_word(notice.level),
        title_of(notice.metric),
        figure(notice.value, unit_of(notice)),
        figure(threshold_of(notice), unit_of(notice)),
        notice.triggered_at,
        notice.opened_by.email if notice.opened_by else None,
        notice.opened_at,
        notice.get_state_display(),
        APPEAL_RESULTS[appeal_result(State(notice.state), has_plan=notice.has_plan)],
        notice.assignee.email if notice.assignee else None,
    ]


def notice_orders_sheet(notice: Notice, orders: Orders) -> Sheet:
    """The problem orders of the snapshot with their reasons; what was open then is measured to when it was issued."""
    counters = counters_of(notice.metric)
    beside = instants_of_order(counters)
    instants = [name for name in INSTANTS if name not in beside]
    fields = [ORDER, DAY, *reason_fields(counters), *(ORDER_FIELDS[name] for name in (*TEXTS, *instants))]

    def rows() -> Iterator[list[object]]:
        names = order_names(notice.store.store_no, notice.triggered_at)
        waiting = orders.iterator(ROWS_AT_ONCE)
        while chunk := list(islice(waiting, ROWS_AT_ONCE)):
            for row, reason in with_reasons(notice, chunk):
                yield [
                    names.order(row.order_no) if row.order_no else Code(row.complaint_no),
                    row.day,
                    *reason_cells(reason, row.counter, counters, notice.triggered_at),
                    names.carrier(row.carrier),
                    Code(row.tracking_no),
                    names.site(row.site),
                    names.category(row.category),
                    *(getattr(row, name) for name in instants),
                ]

    return Sheet(notice.number, fields, rows())
