"""The countdowns of refunds and returns, brought in line with their rows (DM-27, TM-12, TM-13).

Both are promises to the buyer, so they run in mirrored stores too: there nothing happens at their end but that it is
told. Deadlines in the past are never opened.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from core.deadlines import Subject, meet_deadlines, open_deadlines, void_deadlines
from core.events import SYSTEM, record_events
from core.models import Deadline, Event
from core.rules import has_lapsed
from orders.models import Refund, ReturnParcel
from orders.queries.refunds import (
    ANSWER,
    INSPECTION,
    REFUND,
    RETURN,
    answer_due_at,
    inspection_due_at,
)


@transaction.atomic
def derive_refund_clocks(*, order_ids: Collection[int], at: datetime) -> None:
    """Open, meet or void the deadlines of the refunds and returns of orders according to their present state."""
    ids = list(order_ids)
    refunds = list(Refund.objects.filter(order__in=ids).select_related("store"))
    _tell_of_requests(refunds, at)
    _derive_answers(refunds, at)
    _derive_inspections(list(ReturnParcel.objects.filter(order__in=ids)), at)


def _tell_of_requests(refunds: Collection[Refund], at: datetime) -> None:
    """Record the requests whose answer is awaited, each once: when its countdown begins."""
    awaited = [one for one in refunds if one.is_unanswered and not has_lapsed(answer_due_at(one), at)]
    new = _without_countdown(awaited)
    if not new:
        return
    # Of two that derive them at once, the second waits here, and then finds the countdowns of the first.
    rows = Refund.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in new])
    list(rows.order_by("pk").values_list("pk", flat=True))
    record_events([_asked(one, at) for one in _without_countdown(new)])


def _without_countdown(refunds: Collection[Refund]) -> list[Refund]:
    """Those that never had a countdown."""
    known = set(
        Deadline.objects.filter(
            kind=ANSWER,
            store_id__in={one.store_id for one in refunds},
            subject_key__in=[one.refund_no for one in refunds],
        ).values_list("store_id", "subject_key")
    )
    return [one for one in refunds if (one.store_id, one.refund_no) not in known]


def _asked(refund: Refund, at: datetime) -> Event:
    return Event(
        kind="refund.asked",
        subject_kind=REFUND,
        subject_key=refund.refund_no,
        store_no=refund.store.store_no,
        actor=SYSTEM,
        at=at,
        cause="TM-12",
        after={"requested_at": refund.requested_at.isoformat()},
    )


def _derive_answers(refunds: Collection[Refund], at: datetime) -> None:
    due, met, over = {}, {}, []
    for refund in refunds:
        subject = (refund.store_id, refund.refund_no)
        ended = refund.answered_at or refund.completed_at
        if refund.is_unanswered:
            due[subject] = answer_due_at(refund)
        elif ended is not None:
            met[subject] = ended
            over.append(subject)
        else:
            over.append(subject)
    _bring_in_line(ANSWER, REFUND, due, met, over, at)


def _derive_inspections(parcels: Collection[ReturnParcel], at: datetime) -> None:
    due, met, over = {}, {}, []
    for parcel in parcels:
        subject = (parcel.store_id, parcel.return_no)
        due_at = inspection_due_at(parcel)
        if parcel.inspected_at is not None:
            met[subject] = parcel.inspected_at
            over.append(subject)
        elif due_at is not None:
            due[subject] = due_at
    _bring_in_line(INSPECTION, RETURN, due, met, over, at)


def _bring_in_line(
    kind: str,
    subject_kind: str,
    due: Mapping[Subject, datetime],
    met: Mapping[Subject, datetime],
    over: Collection[Subject],
    at: datetime,
) -> None:
    ahead = {subject: due_at for subject, due_at in due.items() if not has_lapsed(due_at, at)}
    if ahead:
        open_deadlines(kind=kind, subject_kind=subject_kind, due=ahead, at=at)
    if met:
        meet_deadlines(kind=kind, subject_kind=subject_kind, happened=met)
    if over:
        # What came too late, or was withdrawn.
        void_deadlines(kind=kind, subject_kind=subject_kind, subjects=over, at=at)
