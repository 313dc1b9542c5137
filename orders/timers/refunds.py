"""What follows from silence about refunds and returns (TM-12, TM-13). Mirrored stores only follow their platform."""

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import QuerySet

from core.deadlines import Subject, on_lapse
from core.models import Deadline
from orders.commands.refunds import pay_by_default
from orders.commands.returns import accept_by_default
from orders.models import OrderRow, Refund, ReturnParcel
from orders.queries.refunds import ANSWER, INSPECTION
from stores.models import Store

R = TypeVar("R", bound=OrderRow)


@on_lapse(ANSWER)
def refund_by_default(deadlines: Sequence[Deadline]) -> None:
    """Pay refunds in full that nobody answered in time."""
    found = _governed(Refund.objects.all(), "refund_no", deadlines)
    for deadline in deadlines:
        if deadline.subject in found:
            pay_by_default(refund=found[deadline.subject], at=deadline.due_at)


@on_lapse(INSPECTION)
def inspect_by_default(deadlines: Sequence[Deadline]) -> None:
    """Take returns that nobody inspected in time as the buyer described them."""
    found = _governed(ReturnParcel.objects.all(), "return_no", deadlines)
    for deadline in deadlines:
        if deadline.subject in found:
            accept_by_default(parcel=found[deadline.subject], at=deadline.due_at)


def _governed(rows: QuerySet[R], number: str, deadlines: Sequence[Deadline]) -> dict[Subject, R]:
    """The rows of governed stores that deadlines are about."""
    of_stores = rows.filter(store__in={deadline.store_id for deadline in deadlines}, store__mode=Store.Mode.GOVERNED)
    named = of_stores.filter(**{f"{number}__in": [deadline.subject_key for deadline in deadlines]})
    return {(row.store_id, getattr(row, number)): row for row in named.select_related("store", "order")}
