"""What facts would be had orders been excluded or prevented (BX-04): the same views and counters as the facts' own,
over the stored rows, with exclusions that nobody has made.

Nothing is written but temporary tables of the connection.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

from insights.rules.whatif import Changes, Counts, changes_between, prevented
from metrics.counters import EXCLUSION_MARKS, anchors_of, unit
from metrics.facts.differences import DISPUTES, ORDERS, WAITS, Contribution
from metrics.facts.orderview import dispute_view, order_views, review_view, wait_view
from metrics.facts.sql import View, dialect, make_temp, make_views, quoted
from orders.models import Exclusion, Order

STORED = "orders_exclusion e"
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
    or disputes are excluded, ``prevented`` those in which nothing failed."""

    excluded: frozenset[int] = frozenset()
    reviews: frozenset[int] = frozenset()
    disputes: frozenset[int] = frozenset()
    prevented: frozenset[int] = frozenset()

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
    ids = ticked.supposed | ticked.prevented
    if not ids:
        return {}
    with connection.cursor() as cursor:
        try:
            _batch(cursor, ids)
            now = _contributions(cursor)
            then = dict(now)
            if ticked.supposed:
                _batch(cursor, ticked.supposed)
                _suppose(cursor, ticked)
                then |= {order_id: [] for order_id in ticked.supposed} | _contributions(cursor, supposed=True)
        finally:
            _drop(cursor)
    then |= {order_id: [prevented(counts) for counts in now.get(order_id, [])] for order_id in ticked.prevented}
    return changes_between(_every(now), _every(then))


def _every(by_order: ByOrder) -> Iterable[Counts]:
    return (counts for subjects in by_order.values() for counts in subjects)


def _batch(cursor: CursorWrapper, ids: Collection[int]) -> None:
    make_temp(cursor, "tmp_batch", f"SELECT id FROM orders_order WHERE id IN ({_numbers(ids)})", key="id")


def _numbers(ids: Collection[int]) -> str:
    return ", ".join(str(int(one)) for one in sorted(ids)) or "NULL"


def _suppose(cursor: CursorWrapper, ticked: Ticked) -> None:
    """The stored exclusions of the batch and the supposed ones beside them."""
    kind = Exclusion.Subject
    metrics = " UNION ALL ".join(f"SELECT {quoted([code])} AS metric" for code in EXCLUDABLE)

    def own(subject: str, ids: Collection[int]) -> str:
        return f"""SELECT o.id AS order_id, '{subject}' AS subject_kind, o.id AS subject_id, m.metric
            FROM orders_order o CROSS JOIN ({metrics}) m WHERE o.id IN ({_numbers(ids)})"""

    make_temp(
        cursor,
        SUPPOSED,
        f"""SELECT order_id, subject_kind, subject_id, metric FROM orders_exclusion
            WHERE order_id IN (SELECT id FROM tmp_batch)
        UNION ALL {own(kind.ORDER, ticked.excluded)}
        UNION ALL {own(kind.REVIEW, ticked.reviews)}
        UNION ALL SELECT d.order_id, '{kind.DISPUTE}', d.id, m.metric FROM disputes_dispute d CROSS JOIN ({metrics}) m
            WHERE d.order_id IN ({_numbers(ticked.disputes)})""",
        key="order_id",
    )


def _contributions(cursor: CursorWrapper, *, supposed: bool = False) -> dict[int, list[Counts]]:
    """What the subjects of each order of the batch add to counters."""
    views = [review_view(dialect()), *order_views(dialect()), wait_view(), dispute_view()]
    make_views(cursor, [_supposed(view) for view in views] if supposed else views)
    found: dict[int, list[Counts]] = defaultdict(list)
    for kind in (ORDERS, WAITS, DISPUTES):
        cursor.execute(kind.new_rows)
        for row in cursor.fetchall():
            values = dict(zip(kind.columns, row, strict=True))
            found[values["order_id"]].append(_counts(kind, values))
    return dict(found)


def _supposed(view: View) -> View:
    return View(view.name, view.select.replace(STORED, f"{SUPPOSED} e"), view.key)


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
    names = [view.name for view in (review_view(dialect()), *order_views(dialect()), wait_view(), dispute_view())]
    for name in (*names, "tmp_batch", SUPPOSED):
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
