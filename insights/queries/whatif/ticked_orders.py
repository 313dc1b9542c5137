"""What facts would be had orders been excluded or prevented (BX-04): the same views and counters as the facts' own,
over the stored rows, with exclusions that nobody has made.

Nothing is written but temporary tables of the connection.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.sql import (
    SQL,
    Composable,
    Identifier,
    Literal,
    View,
    drop_temp,
    execute,
    literals,
    make_temp,
    make_views,
)
from insights.rules.whatif import Changes, Counts, both, changes_between, prevented
from metrics.anchors import unit
from metrics.counters import EXCLUSION_MARKS, anchors_of
from metrics.facts.differences import COMPLAINTS, DISPUTES, ORDERS, WAITS, Contribution
from metrics.facts.orderview import complaint_view, dispute_view, order_views, review_view, wait_view
from orders.models import Exclusion, Order

STORED = Exclusion._meta.db_table
SUPPOSED = "tmp_what_if_exclusion"
# The metrics that an exclusion can name; that of a review leaves every counter, whichever it names (DM-34).
EXCLUDABLE = tuple(sorted({code for codes in EXCLUSION_MARKS.values() for code in codes}))

# Kinds of ticks, as addresses and the command name them.
EXCLUDE, EXCLUDE_REVIEW, EXCLUDE_DISPUTE, PREVENT = KINDS = ("exclude", "exclude_review", "exclude_dispute", "prevent")
MOST_ORDERS = 500

ByOrder = Mapping[int, list[Counts]]


@dataclass(frozen=True, slots=True)
class Ticked:
    """Ids of ticked orders: ``excluded`` as orders from every metric, ``reviews`` and ``disputes`` those whose review
    or disputes are excluded, ``prevented`` those in which nothing failed; ``complaints``: ids of copyright complaints
    that are excluded."""

    excluded: frozenset[int] = frozenset()
    reviews: frozenset[int] = frozenset()
    disputes: frozenset[int] = frozenset()
    prevented: frozenset[int] = frozenset()
    complaints: frozenset[int] = frozenset()

    @property
    def supposed(self) -> frozenset[int]:
        """The orders with an exclusion of any kind."""
        return self.excluded | self.reviews | self.disputes

    @property
    def mended(self) -> frozenset[int]:
        """The orders of which no failure is left."""
        return self.excluded | self.prevented


@dataclass(frozen=True, slots=True)
class Chosen:
    """Orders ticked by number. ``numbers``: those that count, by kind of tick. What does not count: ``unknown``
    numbers, ``twice``: exclusions of orders that are prevented too, ``over``: numbers beyond `MOST_ORDERS`."""

    ticked: Ticked
    numbers: Mapping[str, list[str]]
    unknown: list[str]
    twice: list[str]
    over: int


def choose(store_id: int, asked: Mapping[str, Sequence[str]]) -> Chosen:
    """Read ticks: order numbers of the store by kind (`KINDS`)."""
    wanted = {kind: list(dict.fromkeys(filter(None, map(str.strip, asked.get(kind, ()))))) for kind in KINDS}
    every = list(dict.fromkeys(number for kind in KINDS for number in wanted[kind]))
    kept = every[:MOST_ORDERS]
    # PostgreSQL refuses text with NUL as an error of the query.
    sought = [number for number in kept if "\x00" not in number]
    ids = dict(Order.objects.filter(store=store_id, order_no__in=sought).values_list("order_no", "id"))
    going_well = {number for number in wanted[PREVENT] if number in ids}
    numbers = {
        kind: [number for number in wanted[kind] if number in ids and (kind == PREVENT or number not in going_well)]
        for kind in KINDS
    }
    found = {kind: frozenset(ids[number] for number in numbers[kind]) for kind in KINDS}
    return Chosen(
        ticked=Ticked(found[EXCLUDE], found[EXCLUDE_REVIEW], found[EXCLUDE_DISPUTE], found[PREVENT]),
        numbers=numbers,
        unknown=[number for number in kept if number not in ids],
        twice=[
            one for one in kept if one in going_well and any(one in wanted[kind] for kind in KINDS if kind != PREVENT)
        ],
        over=len(every) - len(kept),
    )


def changes_of(ticked: Ticked) -> Changes:
    """The exact differences to the facts."""
    of_complaints = _changes_of_complaints(ticked.complaints) if ticked.complaints else {}
    ids = ticked.supposed | ticked.prevented
    if not ids:
        return of_complaints
    with connection.cursor() as cursor:
        try:
            _batch(cursor, ids)
            now = _contributions(cursor, STORED)
            then = dict(now)
            if ticked.supposed:
                _batch(cursor, ticked.supposed)
                _suppose(cursor, ticked)
                then |= {order_id: [] for order_id in ticked.supposed} | _contributions(cursor, SUPPOSED)
        finally:
            _drop(cursor)
    then |= {order_id: [prevented(counts) for counts in now.get(order_id, [])] for order_id in ticked.prevented}
    return both(of_complaints, changes_between(_every(now), _every(then)))


def _changes_of_complaints(ids: frozenset[int]) -> Changes:
    """What the facts lose without these copyright complaints."""
    select = SQL("SELECT id FROM disputes_copyrightcomplaint WHERE id IN ({ids})").format(ids=literals(sorted(ids)))
    with connection.cursor() as cursor:
        try:
            make_temp(cursor, "tmp_complaint_batch", select, key=("id",))
            make_views(cursor, [complaint_view()])
            execute(cursor, COMPLAINTS.new_rows)
            rows = [dict(zip(COMPLAINTS.columns, row, strict=True)) for row in cursor.fetchall()]
        finally:
            drop_temp(cursor, ["tmp_complaint", "tmp_complaint_batch"])
    return changes_between([_counts(COMPLAINTS, row) for row in rows], [])


def _every(by_order: ByOrder) -> Iterable[Counts]:
    return (counts for subjects in by_order.values() for counts in subjects)


def _batch(cursor: CursorWrapper, ids: Collection[int]) -> None:
    batch = SQL("SELECT id FROM orders_order WHERE id IN ({ids})").format(ids=literals(sorted(ids)))
    make_temp(cursor, "tmp_batch", batch, key=("id",))


def _suppose(cursor: CursorWrapper, ticked: Ticked) -> None:
    """The stored exclusions of the batch together with the supposed ones."""
    kind = Exclusion.Subject
    metrics = SQL(" UNION ALL ").join(SQL("SELECT {code} AS metric").format(code=Literal(code)) for code in EXCLUDABLE)

    def own(subject: str, ids: Collection[int]) -> Composable:
        return SQL("""SELECT o.id AS order_id, {subject} AS subject_kind, o.id AS subject_id, m.metric
            FROM orders_order o CROSS JOIN ({metrics}) m WHERE o.id IN ({ids})""").format(
            subject=Literal(str(subject)), metrics=metrics, ids=literals(sorted(ids))
        )

    supposed = SQL("""SELECT order_id, subject_kind, subject_id, metric FROM orders_exclusion
            WHERE order_id IN (SELECT id FROM tmp_batch)
        UNION ALL {orders}
        UNION ALL {reviews}
        UNION ALL SELECT d.order_id, {dispute}, d.id, m.metric FROM disputes_dispute d CROSS JOIN ({metrics}) m
            WHERE d.order_id IN ({disputes})""").format(
        orders=own(kind.ORDER, ticked.excluded),
        reviews=own(kind.REVIEW, ticked.reviews),
        dispute=Literal(str(kind.DISPUTE)),
        metrics=metrics,
        disputes=literals(sorted(ticked.disputes)),
    )
    make_temp(cursor, SUPPOSED, supposed, key=("order_id",))


def _views(exclusions: str) -> list[View]:
    """The views of the batch, with the exclusions of a table."""
    table = Identifier(exclusions)
    return [review_view(), *order_views(exclusions=table), wait_view(), dispute_view(exclusions=table)]


def _contributions(cursor: CursorWrapper, exclusions: str) -> dict[int, list[Counts]]:
    """What the subjects of each order of the batch add to counters, with the exclusions of a table."""
    make_views(cursor, _views(exclusions))
    found: dict[int, list[Counts]] = defaultdict(list)
    for kind in (ORDERS, WAITS, DISPUTES):
        execute(cursor, kind.new_rows)
        for row in cursor.fetchall():
            values = dict(zip(kind.columns, row, strict=True))
            found[values["order_id"]].append(_counts(kind, values))
    return dict(found)


def _counts(kind: Contribution, values: Mapping[str, int | None]) -> Counts:
    found: dict[str, tuple[int, int]] = {}
    for anchor in anchors_of(kind.subject):
        day = values[anchor.day_column]
        if day is not None:
            found |= {
                counter.name: (int(day), 1 if unit(counter) else int(values[counter.name] or 0))
                for counter in anchor.counters
            }
    return found


def _drop(cursor: CursorWrapper) -> None:
    drop_temp(cursor, [*(view.name for view in _views(SUPPOSED)), "tmp_batch", SUPPOSED])
