"""Why the problem orders of a notice failed: from the snapshot, in older notices as their orders are now."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from disputes.models import CopyrightComplaint
from metrics.anchors import Subject
from metrics.counters import ANCHOR_OF
from metrics.models import Problem
from metrics.reasons.lookup import Reason, key_of, reasons_of
from notifications.models import Notice, NoticeOrder
from orders.models import Order


@dataclass(frozen=True)
class _Failing:
    """A problem order of a snapshot as `reasons_of` asks for it."""

    counter: str
    order_id: int
    subject_id: int


def with_reasons(notice: Notice, rows: Sequence[NoticeOrder]) -> Iterator[tuple[NoticeOrder, Reason]]:
    """Each row with its reason; rows of snapshots older than reasons are looked up in a few queries for all."""
    missing = [row for row in rows if not row.reason]
    found = _looked_up(notice, missing) if missing else {}
    for row in rows:
        yield row, _kept(row) if row.reason else found[row.pk]


def reasons_by_order(notice: Notice, order_nos: Iterable[str]) -> dict[str, tuple[NoticeOrder, Reason]]:
    """Why those of some orders failed that are problem orders of a notice: the first failure of each."""
    rows = NoticeOrder.objects.filter(notice=notice, order_no__in=list(order_nos)).exclude(order_no="")
    found: dict[str, tuple[NoticeOrder, Reason]] = {}
    for row, reason in with_reasons(notice, list(rows.order_by("place"))):
        found.setdefault(row.order_no, (row, reason))
    return found


def _kept(row: NoticeOrder) -> Reason:
    also = tuple(dict.fromkeys(code for code in row.reason_also.split() if code != row.reason))
    return Reason(row.reason, row.counted_at, row.since_at, row.until_at, also)


def _looked_up(notice: Notice, rows: Sequence[NoticeOrder]) -> dict[int, Reason]:
    failing = dict(_failing(notice, rows))
    reasons = reasons_of(failing.values())
    return {pk: reasons[key_of(one)] for pk, one in failing.items()}


def _failing(notice: Notice, rows: Iterable[NoticeOrder]) -> Iterator[tuple[int, _Failing]]:
    """The subjects of rows, by the rows' ids. An order that is gone is none: 0 names nothing."""
    rows = list(rows)
    numbers, complaints = ({getattr(row, name) for row in rows} - {""} for name in ("order_no", "complaint_no"))
    orders = dict(Order.objects.filter(store=notice.store, order_no__in=numbers).values_list("order_no", "pk"))
    of_complaints = CopyrightComplaint.objects.filter(store=notice.store, complaint_no__in=complaints)
    ids = dict(of_complaints.values_list("complaint_no", "pk"))
    subjects = _subjects(notice, rows, orders.values())
    for row in rows:
        subject = ANCHOR_OF[row.counter].subject if row.counter in ANCHOR_OF else Subject.ORDER
        order = orders.get(row.order_no, 0)
        if subject == Subject.COMPLAINT:
            yield row.pk, _Failing(row.counter, 0, ids.get(row.complaint_no, 0))
        elif subject == Subject.ORDER:
            yield row.pk, _Failing(row.counter, order, order)
        else:
            yield row.pk, _Failing(row.counter, order, subjects.get((row.counter, row.day, order), 0))


def _subjects(notice: Notice, rows: Sequence[NoticeOrder], orders: Iterable[int]) -> dict[tuple[str, object, int], int]:
    """The disputes and waits that failed on the rows' days: problem rows still name them."""
    several = {
        row.counter
        for row in rows
        if row.counter in ANCHOR_OF and ANCHOR_OF[row.counter].subject in (Subject.WAIT, Subject.DISPUTE)
    }
    if not several:
        return {}
    problems = Problem.objects.filter(store=notice.store, counter__in=several, order_id__in=list(orders))
    return {(one.counter, one.day, one.order_id): one.subject_id for one in problems}
