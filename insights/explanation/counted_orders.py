"""The orders that a number counts and those that it leaves out, each with the rule that left it out (DM-32)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.sql import SQL, Composable, Literal, execute
from core.timebase import day_number, from_day_number
from disputes.models import CopyrightComplaint
from insights.explanation.order_batches import Place, Reach, drop_views, walk_batches
from insights.explanation.tallies import Tally, tallies_of
from metrics.anchors import Subject
from metrics.conditions import Condition
from metrics.counters import EXCLUSION_MARKS
from orders.models import Exclusion, Order

PAGE = 50
# A page looks at this many orders at a time: most of them are on it.
PAGE_BATCH = 1_000
COUNTED, LEFT_OUT = SQL("reason = 0"), SQL("reason > 0")
# Marks that an excluded review sets, whatever metric its exclusion names (DM-34).
REVIEW_MARKS = ("x_review", "x_odr")


@dataclass(frozen=True, slots=True)
class TallyEvent:
    """An order (or complaint) that counts on a day, or would: ``condition`` is what left it out, None where it counts;
    ``cause`` the numbers of the exclusions behind it (DM-34)."""

    number: str
    day: date
    condition: Condition | None
    cause: str

    @property
    def causes(self) -> list[str]:
        """The numbers one by one."""
        return self.cause.split(", ") if self.cause else []


@dataclass
class Listed:
    """A tally's events: totals, and the newest of them. ``left`` has the totals by condition, in their order."""

    tally: Tally
    counted_total: int = 0
    counted: list[TallyEvent] = field(default_factory=list)
    left: list[tuple[Condition, int]] = field(default_factory=list)
    left_out: list[TallyEvent] = field(default_factory=list)

    @property
    def left_total(self) -> int:
        return sum(number for _condition, number in self.left)


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of a tally's events, newest orders first; ``next`` is the cursor of the next page, empty at the end."""

    events: list[TallyEvent]
    next: str


Row = tuple[int, int, int, int]


def order_lists(*, store_id: int, code: str, first: date, last: date, limit: int = PAGE) -> list[Listed]:
    """Every tally of a metric over a window, with its totals and the newest ``limit`` events of either kind; empty for
    composites. Reads each order near the window once, in batches."""
    tallies = tallies_of(code)
    reach = _reach(store_id, tallies, first, last)
    totals: list[Counter[int]] = [Counter() for _tally in tallies]
    rows: list[tuple[list[Row], list[Row]]] = [([], []) for _tally in tallies]
    with connection.cursor() as cursor:
        for _place in walk_batches(cursor, reach) if tallies else ():
            for tally, total, (counted, left) in zip(tallies, totals, rows, strict=True):
                rows_sql = tally.rows_sql(reach.first, reach.last)
                execute(cursor, totals_by_reason(rows_sql))
                total.update(dict(cursor.fetchall()))
                counted += _newest(cursor, rows_sql, COUNTED, limit - len(counted))
                left += _newest(cursor, rows_sql, LEFT_OUT, limit - len(left))
    drop_views()
    return [
        Listed(
            tally,
            total[0],
            _events(tally, counted),
            [(condition, total[place]) for place, condition in enumerate(tally.conditions, 1) if total[place]],
            _events(tally, left),
        )
        for tally, total, (counted, left) in zip(tallies, totals, rows, strict=True)
    ]


def event_page(
    *, store_id: int, code: str, name: str, left_out: bool, first: date, last: date, after: str = ""
) -> EventPage:
    """A page of the events of the tally ``name`` that count, or of those left out; constant work in any store. A cursor
    that makes no sense is as none. Raises KeyError for a tally that the metric has not."""
    tally = {tally.name: tally for tally in tallies_of(code)}[name]
    reach = _reach(store_id, (tally,), first, last)
    wanted = LEFT_OUT if left_out else COUNTED
    with connection.cursor() as cursor:
        found = list(islice(_placed(cursor, tally, reach, wanted, _parsed(after)), PAGE + 1))
    drop_views()
    shown = found[:PAGE]
    more = f"{shown[-1][0]}~{shown[-1][1]}~{shown[-1][3]}" if len(found) > PAGE else ""
    return EventPage(_events(tally, [row[2:] for row in shown]), more)


def _reach(store_id: int, tallies: Sequence[Tally], first: date, last: date) -> Reach:
    anchors = tuple(dict.fromkeys(tally.anchor for tally in tallies))
    return Reach(store_id, anchors, day_number(first), day_number(last))


def totals_by_reason(rows: Composable) -> Composable:
    """How many events there are of each reason."""
    return SQL("SELECT reason, COUNT(*) FROM ({rows}) reasons GROUP BY reason").format(rows=rows)


def newest_events(rows: Composable, wanted: Composable, limit: int) -> Composable:
    """The newest events that are wanted."""
    return SQL("""SELECT e.order_id, e.subject_id, e.day, e.reason FROM ({rows}) e
        LEFT JOIN tmp_batch b ON b.id = e.order_id
        WHERE {wanted} ORDER BY b.created_at DESC, e.order_id DESC, e.subject_id DESC LIMIT {limit}""").format(
        rows=rows, wanted=wanted, limit=Literal(limit)
    )


def _newest(cursor: CursorWrapper, rows: Composable, wanted: Composable, limit: int) -> list[Row]:
    if limit <= 0:
        return []
    execute(cursor, newest_events(rows, wanted, limit))
    return list(cursor.fetchall())


def _placed(
    cursor: CursorWrapper, tally: Tally, reach: Reach, wanted: Composable, after: tuple[int, int, int] | None
) -> Iterator[tuple[int, ...]]:
    """Rows (creation, order, order, subject, day, reason) after the cursor, newest first."""
    # The order of the cursor may have further subjects: the walk begins with it once more.
    in_orders = tally.anchor.subject != Subject.COMPLAINT
    before: Place | None = (after[0], after[1] + 1) if after and in_orders else None
    statement = events_beyond(tally.rows_sql(reach.first, reach.last), wanted, after)
    for _place in walk_batches(cursor, reach, before=before, size=PAGE_BATCH):
        execute(cursor, statement)
        yield from cursor.fetchall()


def events_beyond(rows: Composable, wanted: Composable, after: tuple[int, int, int] | None) -> Composable:
    """The events of a batch that are wanted and lie after a place (creation, order, subject), newest first."""
    beyond: Composable = SQL("")
    if after:
        created, order, subject = map(Literal, after)
        beyond = SQL("AND (e.order_id < {order} OR b.created_at < {created} OR e.subject_id < {subject})").format(
            order=order, created=created, subject=subject
        )
    return SQL("""SELECT COALESCE(b.created_at, 0), e.order_id, e.order_id, e.subject_id, e.day, e.reason
            FROM ({rows}) e LEFT JOIN tmp_batch b ON b.id = e.order_id WHERE {wanted} {beyond}
            ORDER BY b.created_at DESC, e.order_id DESC, e.subject_id DESC""").format(
        rows=rows, wanted=wanted, beyond=beyond
    )


def _parsed(after: str) -> tuple[int, int, int] | None:
    parts = after.split("~")
    try:
        created, order_id, subject_id = (int(part) for part in parts)
    except ValueError:
        return None
    return (created, order_id, subject_id) if max(abs(created), abs(order_id), abs(subject_id)) < 2**62 else None


def _events(tally: Tally, rows: Iterable[Sequence[int]]) -> list[TallyEvent]:
    rows = list(rows)
    if tally.anchor.subject == Subject.COMPLAINT:
        named = CopyrightComplaint.objects.filter(id__in={row[1] for row in rows}).values_list("id", "complaint_no")
        numbers = dict(named)
        kept = Exclusion.objects.filter(subject_kind=Exclusion.Subject.COMPLAINT, subject_id__in=numbers)
        by_complaint: dict[int, list[Exclusion]] = defaultdict(list)
        for exclusion in kept.order_by("cause_no"):
            by_complaint[exclusion.subject_id].append(exclusion)
        return [
            TallyEvent(
                numbers.get(subject, "–"),
                from_day_number(day),
                condition := tally.condition(reason),
                _cause(by_complaint[subject], None, condition),
            )
            for _order, subject, day, reason in rows
        ]
    orders = {row[0] for row in rows}
    numbers = dict(Order.objects.filter(id__in=orders).values_list("id", "order_no"))
    excluded = {row[0] for row in rows if (condition := tally.condition(row[3])) and condition.mark}
    exclusions = list(Exclusion.objects.filter(order__in=excluded).order_by("cause_no")) if excluded else []
    return [
        TallyEvent(
            numbers.get(order_id, "–"),
            from_day_number(day),
            condition := tally.condition(reason),
            _cause(exclusions, order_id, condition),
        )
        for order_id, _subject, day, reason in rows
    ]


def _cause(exclusions: Sequence[Exclusion], order_id: int | None, condition: Condition | None) -> str:
    if condition is None or not condition.mark:
        return ""
    codes = EXCLUSION_MARKS.get(condition.mark, ())
    causes = [
        row.cause_no
        for row in exclusions
        if row.order_id == order_id
        and (row.metric in codes or (row.subject_kind == "review" and condition.mark in REVIEW_MARKS))
    ]
    return ", ".join(dict.fromkeys(causes))
