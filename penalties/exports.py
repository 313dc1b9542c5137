"""Penalties as a table: the export of the command line (IX-13)."""

from collections.abc import Iterator

from django.db.models import Q, QuerySet

from core.timebase import performance_day_end, performance_day_start
from metrics.exports.figures import Row
from metrics.exports.kinds import Export
from metrics.exports.selection import Selection
from penalties.models import Penalty
from penalties.rules import SCOPES, PenaltyKind
from stores.models import Store

ROWS_AT_ONCE = 1_000


def penalties_between(store: Store, selection: Selection) -> QuerySet[Penalty]:
    """The penalties of a store that held on a day of a selection, oldest first."""
    first, last = performance_day_start(selection.first), performance_day_end(selection.last)
    lasting = Q(ended_at=None) | Q(ended_at__gt=first)
    unexpired = Q(ends_at=None) | Q(ends_at__gt=first)
    return Penalty.objects.filter(lasting, unexpired, store=store, starts_at__lt=last).order_by("starts_at", "id")


def penalty_rows(selection: Selection) -> Iterator[Row]:
    """Penalties by store and begin."""
    for store in selection.stores:
        for row in penalties_between(store, selection).iterator(ROWS_AT_ONCE):
            yield (
                store.store_no,
                row.kind,
                SCOPES[PenaltyKind(row.kind)],
                row.subject or None,
                row.source,
                row.cause,
                row.rule,
                row.starts_at,
                row.ends_at,
                row.ended_at,
                row.ending or None,
                row.predicted,
            )


PENALTIES = Export(
    (
        "store_no", "kind", "scope", "listing", "source", "cause", "rule", "starts_at", "ends_at", "ended_at", "ending",
        "predicted",
    ),
    penalty_rows,
)  # fmt: skip
