"""The risk flag about disputes (TM-14)."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from core.models import Deadline
from disputes.models import OPEN_STATES, Dispute
from disputes.queries.deadlines import ANSWER, SUBJECT
from orders.queries.flags import Condition, Finder, Flag, FlagGroup, Scope, columns_of

DISPUTE_OPEN = Flag("dispute_open", FlagGroup.BUYER, _("Dispute open"), "DP-10", own_clock=True)


def dispute_open(scope: Scope, at: datetime) -> Iterator[Condition]:
    """Orders with an open dispute, in whatever state they are; the clock is that of the answer, while one runs."""
    unclosed = scope.narrow(Dispute.objects.filter(closed_at=None, state__in=OPEN_STATES))
    open_disputes = unclosed.filter(opened_at__lte=at).order_by("opened_at", "pk")
    rows = list(open_disputes.values_list("order_id", "store_id", "opened_at", "dispute_no"))
    due = _clocks({row[1] for row in rows}, {row[3] for row in rows})
    found: dict[int, Condition] = {}
    for order_id, store_id, opened_at, number in rows:
        known, clock = found.get(order_id), due.get((store_id, number))
        if known is None:
            found[order_id] = Condition(DISPUTE_OPEN.code, order_id, store_id, opened_at, clock)
        elif clock is not None and (known.due_at is None or clock < known.due_at):
            found[order_id] = known._replace(due_at=clock)
    yield from found.values()


def _clocks(store_ids: set[int], numbers: set[str]) -> dict[tuple[int, str], datetime]:
    """When answers are due, by store and dispute number."""
    running = Deadline.objects.filter(
        store_id__in=store_ids, kind=ANSWER, subject_kind=SUBJECT, state=Deadline.State.OPEN
    )
    rows = columns_of(running, "store_id", "subject_key", "due_at")
    return {(store_id, number): due_at for store_id, number, due_at in rows if number in numbers}


FINDERS = (Finder((DISPUTE_OPEN,), dispute_open),)
