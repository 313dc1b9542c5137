"""An appeal's way through its states: each transition happens once, together with its event (AP-01, PN-09, RL-06)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from appeals.models import Appeal, AppealCounter
from appeals.queries.deadlines import SUBJECT
from appeals.rules import TRANSITIONS, AppealState, number_of
from core.events import record_event
from core.models import Event
from core.timebase import performance_day

# The event of a move, by where it leads; back to review comes from a supplement.
EVENTS = {
    AppealState.REVIEW: "appeal.submitted",
    AppealState.SUPPLEMENT: "appeal.supplement",
    AppealState.ACCEPTED: "appeal.accepted",
    AppealState.REJECTED: "appeal.rejected",
    AppealState.WITHDRAWN: "appeal.withdrawn",
    AppealState.CLOSED: "appeal.closed",
}
SUPPLEMENTED = "appeal.supplemented"


@transaction.atomic
def move_appeal(
    *,
    appeal: Appeal,
    to: AppealState,
    at: datetime,
    actor: str,
    cause: str,
    version: int | None = None,
    before: AppealState | None = None,
    after: Mapping[str, Any] | None = None,
    **columns: Any,
) -> bool:
    """Change an appeal's state, with other ``columns`` of its row, raise its version and record the event with
    ``after`` as its details; ``before``: the only state to change.

    False, with the appeal's present state and version in ``appeal``, if that state doesn't allow the change or the
    version is no longer the one that the caller saw. State and version are compared as they are swapped, so of two
    concurrent changes one wins, and the other is decided again.
    """
    while True:
        state, present = Appeal.objects.values_list("state", "version").get(pk=appeal.pk)
        was = AppealState(state)
        appeal.state, appeal.version = was, present
        if to not in TRANSITIONS[was] or before not in (None, was) or version not in (None, present):
            return False
        row = Appeal.objects.filter(pk=appeal.pk, state=was, version=present)
        if row.update(state=to, version=F("version") + 1, **columns) == 1:
            break
    appeal.state, appeal.version = to, present + 1
    for name, value in columns.items():
        setattr(appeal, name, value)
    kind = SUPPLEMENTED if was == AppealState.SUPPLEMENT and to == AppealState.REVIEW else EVENTS[to]
    record_appeal_event(
        kind=kind,
        appeal=appeal,
        actor=actor,
        at=at,
        cause=cause,
        before={"state": was},
        after={"state": to, **(after or {})},
    )
    return True


def record_appeal_event(*, kind: str, appeal: Appeal, actor: str, at: datetime, cause: str, **states: Any) -> Event:
    """An event about an appeal; ``states`` are the event's before and after."""
    return record_event(
        kind=kind,
        subject_kind=SUBJECT,
        subject_key=appeal.number,
        actor=actor,
        at=at,
        store_no=appeal.store.store_no,
        company_no=appeal.store.company.company_no,
        cause=cause,
        **states,
    )


def take_appeal_number(at: datetime) -> str:
    """The next number of the day of ``at``. The counter's row is held until the transaction ends, so numbers have no
    gaps: a transaction that fails gives its number back."""
    day = performance_day(at)
    AppealCounter.objects.bulk_create([AppealCounter(day=day)], ignore_conflicts=True)
    AppealCounter.objects.filter(day=day).update(last=F("last") + 1)
    return number_of(day, AppealCounter.objects.values_list("last", flat=True).get(day=day), settings.CELL_MARK)
