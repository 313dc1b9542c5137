"""The orders that can matter for a window, batch by batch, with the views that counters speak of (DM-32)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.sql import SQL, Composable, Identifier, Literal, drop_temp, execute, literals, make_temp, make_views
from metrics.anchors import Anchor, Subject
from metrics.facts.orderview import (
    complaint_view,
    dispute_view,
    longest_delay_seconds,
    order_views,
    review_view,
    wait_view,
)

BATCH = 10_000


@dataclass(frozen=True)
class Near:
    """Which stored rows of an order ``o`` must have an instant near a window: the order's own columns, columns of its
    rows in other tables, the first review of its listing, or a protection, whose instants lie anywhere."""

    own: tuple[str, ...] = ()
    children: tuple[tuple[str, str], ...] = ()
    first_review: bool = False
    protected: bool = False

    def sql(self, first: int, last: int) -> Composable:
        """The condition for a window of epoch seconds."""
        span = SQL("BETWEEN {first} AND {last}").format(first=Literal(first), last=Literal(last))
        parts = [SQL("{column} {span}").format(column=Identifier("o", name), span=span) for name in self.own]
        if self.protected:
            parts.append(SQL("EXISTS (SELECT 1 FROM orders_protection p WHERE p.order_id = o.id)"))
        parts += [
            SQL("EXISTS (SELECT 1 FROM {table} c WHERE c.order_id = o.id AND {column} {span})").format(
                table=Identifier(table), column=Identifier("c", name), span=span
            )
            for table, name in self.children
        ]
        if self.first_review:
            parts.append(
                SQL("""EXISTS (SELECT 1 FROM metrics_listingfirstreview f
    WHERE f.store_id = o.store_id AND f.sku = o.sku AND f.reviewed_at {span})""").format(span=span)
            )
        return SQL(" OR ").join(parts)


_OPENED = ("disputes_dispute", "opened_at")
_SCANNED = ("orders_trackingevent", "at")
_DISPATCHED = ("orders_shipment", "shipped_at")
_REVIEWED = ("orders_review", "created_at")
_DEFECT = Near(("cancelled_at",), (_OPENED, _REVIEWED), first_review=True)

# For each instant of the views: what must lie near a window for it to fall in. A longer list than needed costs time,
# never truth: the views decide.
NEAR: dict[str, Near] = {
    **{
        name: Near((name,))
        for name in ("paid_at", "shipped_at", "cancelled_at", "estimated_delivery_at", "confirmed_at", "refunded_at")
    },
    "ship_by": Near(("ship_by",), protected=True),
    "delivered_at": Near(("delivered_at",)),
    "outcome_at": Near(("shipped_at", "delivered_at"), (_SCANNED,)),
    "abnormal_at": Near(("shipped_at",), (_SCANNED, _DISPATCHED)),
    "disputed_at": Near(children=(_OPENED,)),
    "any_disputed_at": Near(children=(_OPENED,)),
    "settled_at": Near(("confirmed_at",), (_OPENED,)),
    "first_refund_at": Near(("refunded_at",), (("orders_refund", "completed_at"),)),
    "defect_at": _DEFECT,
    "any_defect_at": _DEFECT,
    "counts_at": Near(children=(_REVIEWED,), first_review=True),
    "auto_reviewed_at": Near(children=(_REVIEWED,)),
    "any_auto_at": Near(children=(_REVIEWED,)),
    "released_at": Near(children=(("orders_settlement", "released_at"),)),
    "eligible_at": Near(("confirmed_at",), (_REVIEWED,)),
    "begun_at": Near(children=(("orders_message", "sent_at"),)),
    "closed_at": Near(children=(("disputes_dispute", "closed_at"),)),
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
    def near_sql(self) -> Composable:
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
        parts = [near.sql(first, last) for near in dict.fromkeys(NEAR[name] for name in sorted(names))]
        return SQL("({parts})").format(parts=SQL(" OR ").join(parts)) if parts else SQL("1 = 0")


Place = tuple[int, int]


def walk_batches(
    cursor: CursorWrapper, reach: Reach, *, before: Place | None = None, size: int = BATCH
) -> Iterator[Place | None]:
    """Make the views of the store's near orders, batch by batch, newest first from the order after ``before``; yields
    with each the place (creation, id) of its last order, None with a last batch of complaints alone.

    Complaints belong to no order: they come with the first batch.
    """
    complaints = Subject.COMPLAINT in reach.subjects and before is None
    place = before
    while True:
        taken = _take(cursor, reach, place, size)
        if not taken and not complaints:
            return
        _take_complaints(cursor, reach, complaints)
        complaints = False
        make_views(cursor, [review_view(), *order_views(shadows=True)])
        if Subject.WAIT in reach.subjects:
            make_views(cursor, [wait_view()])
        if Subject.DISPUTE in reach.subjects:
            make_views(cursor, [dispute_view()])
        if taken:
            execute(cursor, SQL("SELECT created_at, id FROM tmp_batch ORDER BY created_at, id LIMIT 1"))
            place = cursor.fetchone()
        yield place
        if taken < size:
            return


def _take(cursor: CursorWrapper, reach: Reach, place: Place | None, size: int) -> int:
    return make_temp(cursor, "tmp_batch", near_orders(reach, place, size), key=("id",))


def near_orders(reach: Reach, place: Place | None, size: int) -> Composable:
    """SELECT of the next ``size`` near orders after a place, newest first."""
    beyond = SQL("AND (o.created_at, o.id) < ({place})").format(place=literals(place)) if place else SQL("")
    return SQL("""SELECT o.id, o.created_at FROM orders_order o
        WHERE o.store_id = {store} AND {near} {beyond}
        ORDER BY o.created_at DESC, o.id DESC LIMIT {size}""").format(
        store=Literal(reach.store_id), near=reach.near_sql, beyond=beyond, size=Literal(size)
    )


def _take_complaints(cursor: CursorWrapper, reach: Reach, wanted: bool) -> None:
    if Subject.COMPLAINT not in reach.subjects:
        return
    of_store = SQL("store_id = {store} AND resolved_at IS NOT NULL").format(store=Literal(reach.store_id))
    select = SQL("SELECT id FROM disputes_copyrightcomplaint WHERE {kept}").format(
        kept=of_store if wanted else SQL("1 = 0")
    )
    make_temp(cursor, "tmp_complaint_batch", select, key=("id",))
    make_views(cursor, [complaint_view()])


def drop_views() -> None:
    """Forget the temporary tables of a walk."""
    names: Iterable[str] = (
        "tmp_batch", "tmp_review", "tmp_exclusion", "tmp_dispute_of_order", "tmp_base", "tmp_abnormal", "tmp_order",
        "tmp_wait", "tmp_dispute", "tmp_complaint_batch", "tmp_complaint",
    )  # fmt: skip
    with connection.cursor() as cursor:
        drop_temp(cursor, names)
