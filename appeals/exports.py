"""Appeals as a table: the export of the command line (IX-13)."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q, QuerySet

from appeals.models import Appeal
from appeals.rules import OrderDecision
from core.timebase import performance_day_end, performance_day_start
from metrics.exports.figures import Row
from metrics.exports.kinds import Export
from metrics.exports.selection import Selection
from stores.models import Store

ROWS_AT_ONCE = 1_000
COLUMNS = (
    "number", "store_no", "kind", "subject", "metric", "state", "created_at", "submitted_at", "expedited", "complex",
    "orders", "accepted", "rejected", "files", "previous", "decided_at",
)  # fmt: skip


def appeals_begun(store: Store, selection: Selection) -> QuerySet[Any]:
    """The appeals of a store that were begun on the days of a selection, each with its counts, oldest first."""
    first, last = performance_day_start(selection.first), performance_day_end(selection.last)
    rows = Appeal.objects.filter(store=store, created_at__gte=first, created_at__lt=last)
    return (
        rows.select_related("notice", "previous")
        .annotate(
            named=Count("orders", distinct=True),
            accepted=_decided(OrderDecision.ACCEPTED),
            rejected=_decided(OrderDecision.REJECTED),
            attached=Count("files", distinct=True),
        )
        .order_by("id")
    )


def _decided(decision: OrderDecision) -> Count:
    return Count("orders", filter=Q(orders__decision=decision), distinct=True)


def appeal_rows(selection: Selection) -> Iterator[Row]:
    """Appeals by store and number."""
    for store in selection.stores:
        for appeal in appeals_begun(store, selection).iterator(ROWS_AT_ONCE):
            yield (
                appeal.number,
                store.store_no,
                appeal.kind,
                appeal.subject_key,
                appeal.notice.metric if appeal.notice else None,
                appeal.state,
                appeal.created_at,
                appeal.submitted_at,
                appeal.expedited,
                appeal.is_complex,
                appeal.named,
                appeal.accepted,
                appeal.rejected,
                appeal.attached,
                appeal.previous.number if appeal.previous else None,
                appeal.decided_at,
            )


APPEALS = Export(COLUMNS, appeal_rows)
