"""Notices as tables: the export of the command line (IX-13) and the files of the pages (PN-13)."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from metrics.exports.figures import Row
from metrics.exports.kinds import Export
from metrics.exports.selection import Selection
from notifications.models import Notice, NoticeOrder
from notifications.rules import State, appeal_result

ROWS_AT_ONCE = 1_000
RECORD_COLUMNS = (
    "number", "level", "metric", "triggered_at", "opened_by", "opened_at", "state", "appeal_result", "responsible",
)  # fmt: skip
ORDER_COLUMNS = (
    "day", "counter", "order_no", "complaint_no", "carrier", "tracking_no", "site", "category", "paid_at", "ship_by",
    "shipped_at", "estimated_delivery_at", "delivered_at", "cancelled_at", "refunded_at",
)  # fmt: skip


def notice_rows(selection: Selection) -> Iterator[Row]:
    """Notices by store, performance day and number."""
    for store in selection.stores:
        rows = Notice.objects.filter(store=store, day__gte=selection.first, day__lte=selection.last)
        for notice in rows.select_related("replaces", "opened_by").order_by("day", "id").iterator(ROWS_AT_ONCE):
            yield (
                notice.number,
                store.store_no,
                notice.metric,
                notice.level,
                notice.day,
                notice.triggered_at,
                notice.state,
                notice.value,
                notice.numerator,
                notice.denominator,
                notice.threshold,
                notice.policy_version,
                notice.replaces.number if notice.replaces else None,
                notice.historical,
                notice.predicted,
                notice.opened_at,
                notice.opened_by.email if notice.opened_by else None,
            )


NOTICES = Export(
    (
        "number", "store_no", "metric", "level", "performance_day", "triggered_at", "state", "value", "numerator",
        "denominator", "threshold", "policy_version", "replaces", "historical", "predicted", "opened_at", "opened_by",
    ),
    notice_rows,
)  # fmt: skip


def record_row(notice: Any) -> Row:
    """A notice `with_history` under `RECORD_COLUMNS`."""
    return (
        notice.number,
        notice.level,
        notice.metric,
        notice.triggered_at,
        notice.opened_by.email if notice.opened_by else None,
        notice.opened_at,
        notice.state,
        appeal_result(State(notice.state), has_plan=notice.has_plan) or None,
        notice.assignee.email if notice.assignee else None,
    )


def order_rows(orders: QuerySet[NoticeOrder]) -> Iterator[Row]:
    """The problem orders in the snapshot of a notice."""
    yield from orders.values_list(*ORDER_COLUMNS).iterator(ROWS_AT_ONCE)
