"""The orders that can matter for a window, batch by batch, with the views that counters speak of (DM-32)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

from metrics.counters import Anchor, Subject
from metrics.facts.orderview import (
    complaint_view,
    dispute_view,
    longest_delay_seconds,
    order_views,
    review_view,
    wait_view,
)
from metrics.facts.sql import dialect, make_temp, make_views

BATCH = 10_000
RANGE = "BETWEEN {first} AND {last}"


def _own(column: str) -> str:
    return f"o.{column} {RANGE}"


def _child(table: str, column: str) -> str:
    return f"EXISTS (SELECT 1 FROM {table} c WHERE c.order_id = o.id AND c.{column} {RANGE})"


_OPENED = _child("disputes_dispute", "opened_at")
_SCANNED = _child("orders_trackingevent", "at")
_REVIEWED = f"""{_child("orders_review", "created_at")} OR EXISTS (SELECT 1 FROM metrics_listingfirstreview f
    WHERE f.store_id = o.store_id AND f.sku = o.sku AND f.reviewed_at {RANGE})"""

# For each instant of the views: which stored rows of an order must lie near a window for it to fall in. A longer list
# than needed costs time, never truth: the views decide.
NEAR: dict[str, str] = {
    **{
        name: _own(name)
        for name in ("paid_at", "shipped_at", "cancelled_at", "estimated_delivery_at", "confirmed_at", "refunded_at")
    },
    "ship_by": f"{_own('ship_by')} OR EXISTS (SELECT 1 FROM orders_protection p WHERE p.order_id = o.id)",
    "delivered_at": _own("delivered_at"),
    "outcome_at": f"{_own('shipped_at')} OR {_own('delivered_at')} OR {_SCANNED}",
    "abnormal_at": f"{_own('shipped_at')} OR {_SCANNED}",
    "disputed_at": _OPENED,
    "any_disputed_at": _OPENED,
    "settled_at": f"{_own('confirmed_at')} OR {_OPENED}",
    "first_refund_at": f"{_own('refunded_at')} OR {_child('orders_refund', 'completed_at')}",
    "defect_at": f"{_OPENED} OR {_own('cancelled_at')} OR {_REVIEWED}",
    "any_defect_at": f"{_OPENED} OR {_own('cancelled_at')} OR {_REVIEWED}",
    "counts_at": _REVIEWED,
    "auto_reviewed_at": _child("orders_review", "created_at"),
    "any_auto_at": _child("orders_review", "created_at"),
    "released_at": _child("orders_settlement", "released_at"),
    "eligible_at": f"{_own('confirmed_at')} OR {_child('orders_review', 'created_at')}",
    "begun_at": _child("orders_message", "sent_at"),
    "closed_at": _child("disputes_dispute", "closed_at"),
}
_NAMES = re.compile(rf"\b({'|'.join(NEAR)})\b")


@dataclass(frozen=True, slots=True)
class Reach:
    """What a walk looks for: a store's subjects that the anchors place on the days ``first`` … ``last`` (numbers)."""

    store_id: int
    anchors: tuple[Anchor, ...]
    first: int
    last: int

    @property
    def subjects(self) -> frozenset[Subject]:
        return frozenset(anchor.subject for anchor in self.anchors)

    @property
    def near_sql(self) -> str:
        """Whether an order has stored instants near the window; nothing for complaints, which have no order."""
        names = {
            name
            for anchor in self.anchors
            if anchor.subject != Subject.COMPLAINT
            for name in _NAMES.findall(anchor.would or anchor.at)
        }
        # Both calendars' days lie within one day more on either side.
        first = (self.first - 1) * 86_400 - longest_delay_seconds()
        last = (self.last + 2) * 86_400
        parts = [NEAR[name].format(first=first, last=last) for name in sorted(names)]
        return f"({' OR '.join(parts)})" if parts else "1 = 0"


Place = tuple[int, int]


def walk_batches(
    cursor: CursorWrapper, reach: Reach, *, before: Place | None = None, size: int = BATCH
) -> Iterator[Place | None]:
    """Make the views of the store's near orders, batch by batch, newest first from the order after ``before``; yields
    with each the place (creation, id) of its last order, None with a last batch of complaints alone.

    Complaints hang on no order: they come with the first batch of all.
    """
    complaints = Subject.COMPLAINT in reach.subjects and before is None
    place = before
    while True:
        taken = _take(cursor, reach, place, size)
        if not taken and not complaints:
            return
        _take_complaints(cursor, reach, complaints)
        complaints = False
        make_views(cursor, [review_view(dialect()), *order_views(dialect(), shadows=True)])
        if Subject.WAIT in reach.subjects:
            make_views(cursor, [wait_view()])
        if Subject.DISPUTE in reach.subjects:
            make_views(cursor, [dispute_view()])
        if taken:
            cursor.execute("SELECT created_at, id FROM tmp_batch ORDER BY created_at, id LIMIT 1")
            place = cursor.fetchone()
        yield place
        if taken < size:
            return


def _take(cursor: CursorWrapper, reach: Reach, place: Place | None, size: int) -> int:
    beyond = f"AND (o.created_at, o.id) < ({place[0]}, {place[1]})" if place else ""
    return make_temp(
        cursor,
        "tmp_batch",
        f"""SELECT o.id, o.created_at FROM orders_order o
        WHERE o.store_id = {reach.store_id} AND {reach.near_sql} {beyond}
        ORDER BY o.created_at DESC, o.id DESC LIMIT {size}""",
        key="id",
    )


def _take_complaints(cursor: CursorWrapper, reach: Reach, wanted: bool) -> None:
    if Subject.COMPLAINT in reach.subjects:
        kept = f"store_id = {reach.store_id} AND resolved_at IS NOT NULL" if wanted else "1 = 0"
        make_temp(
            cursor,
            "tmp_complaint_batch",
            f"SELECT id FROM disputes_copyrightcomplaint WHERE {kept}",
            key="id",
        )
        make_views(cursor, [complaint_view()])


def drop_views() -> None:
    """Forget the temporary tables of a walk."""
    names: Iterable[str] = (
        "tmp_batch", "tmp_review", "tmp_exclusion", "tmp_dispute_of_order", "tmp_base", "tmp_abnormal", "tmp_order",
        "tmp_wait", "tmp_dispute", "tmp_complaint_batch", "tmp_complaint",
    )  # fmt: skip
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
