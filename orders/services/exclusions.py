"""Exclusions and protections: rows that change what orders count as, each with its cause, and gone with it (DM-34,
BX-01). Nothing of the orders themselves changes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from core.dirty import mark_complaints_dirty, mark_orders_dirty
from orders.models import Exclusion, Protection
from stores.models import Store

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class ExcludedSubject:
    """What is left out of a metric: an order, its review, the dispute ``subject_id`` of it, or the copyright complaint
    ``subject_id``, which has no order."""

    order_id: int | None
    metric: str
    kind: Exclusion.Subject = Exclusion.Subject.ORDER
    subject_id: int = 0


@transaction.atomic
def exclude_subjects(
    *, store: Store, subjects: Sequence[ExcludedSubject], cause_no: str, at: datetime
) -> frozenset[int]:
    """Leave subjects of a store out of metrics and mark them dirty; returns the ids of the orders for which that is
    new. ``cause_no``: the number of the appeal or protected event, by which it is withdrawn."""
    before = _keys(store, cause_no)
    rows = [
        Exclusion(
            store=store,
            order_id=subject.order_id,
            subject_kind=subject.kind,
            subject_id=subject.subject_id or subject.order_id or 0,
            metric=subject.metric,
            cause_no=cause_no,
            created_at=at,
        )
        for subject in dict.fromkeys(subjects)
    ]
    new = [row for row in rows if (row.subject_kind, row.subject_id, row.metric) not in before]
    Exclusion.objects.bulk_create(new, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)
    return _marked_subjects(store, new)


@transaction.atomic
def withdraw_exclusions(*, store: Store, cause_no: str) -> frozenset[int]:
    """Have the subjects that a cause excluded count again; returns the ids of their orders."""
    rows = Exclusion.objects.filter(store=store, cause_no=cause_no)
    withdrawn = list(rows)
    rows.delete()
    return _marked_subjects(store, withdrawn)


@transaction.atomic
def protect_orders(*, store: Store, order_ids: Collection[int], event_no: str, hours: int) -> frozenset[int]:
    """Extend the deadlines of orders and mark them dirty; returns the ids of those that the event did not protect."""
    there = set(Protection.objects.filter(store=store, event_no=event_no).values_list("order_id", flat=True))
    new = sorted(set(order_ids) - there)
    Protection.objects.bulk_create(
        [Protection(store=store, order_id=order_id, event_no=event_no, extend_hours=hours) for order_id in new],
        batch_size=ROWS_AT_ONCE,
        ignore_conflicts=True,
    )
    return _marked(store, new)


@transaction.atomic
def withdraw_protections(*, store: Store, event_no: str) -> frozenset[int]:
    """Have the deadlines that an event extended act again as they are; returns the ids of the orders."""
    rows = Protection.objects.filter(store=store, event_no=event_no)
    orders = set(rows.values_list("order_id", flat=True))
    rows.delete()
    return _marked(store, orders)


def _keys(store: Store, cause_no: str) -> set[tuple[str, int, str]]:
    rows = Exclusion.objects.filter(store=store, cause_no=cause_no)
    return set(rows.values_list("subject_kind", "subject_id", "metric"))


def _marked_subjects(store: Store, rows: Sequence[Exclusion]) -> frozenset[int]:
    complaints = {row.subject_id for row in rows if row.subject_kind == Exclusion.Subject.COMPLAINT}
    mark_complaints_dirty(complaint_ids=sorted(complaints), store_id=store.pk)
    return _marked(store, {row.order_id for row in rows if row.order_id is not None})


def _marked(store: Store, order_ids: Collection[int]) -> frozenset[int]:
    mark_orders_dirty(order_ids=sorted(order_ids), store_id=store.pk)
    return frozenset(order_ids)
