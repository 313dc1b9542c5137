"""What penalties do beyond being there (PN-42): funds go on when settlements are resumed, and the state of the store.

Suspended settlements hold funds as they fall due (`penalties.holds`), promotions ask for penalties that forbid them
(`penalties.queries.eligibility`), listings go down and come back (`penalties.services.listings`).
"""

from collections.abc import Sequence
from datetime import datetime

from core.models import Event
from core.timebase import performance_day
from orders.models import Settlement
from orders.services.clocks import derive_order_clocks
from penalties.models import Penalty
from penalties.queries.standing import penalties_in_force
from penalties.rules import STATUS_KINDS, PenaltyKind
from stores.models import Store, StorePeriod
from stores.services import change_status

STATUSES = {PenaltyKind.STORE_CLOSED: Store.Status.CLOSED, PenaltyKind.ACCOUNT_FROZEN: Store.Status.RESTRICTED}


def follow_penalties(*, events: Sequence[Event]) -> None:
    """Carry out what penalties of governed stores bring that begin or end (DM-11a)."""
    acting = [event for event in events if event.after["penalty"] in (PenaltyKind.FUNDS_HOLD, *STATUS_KINDS)]
    rows = Penalty.objects.select_related("store__company").in_bulk([int(event.subject_key) for event in acting])
    for event in acting:
        row = rows.get(int(event.subject_key))
        if row is None or row.predicted:
            continue
        if row.kind in STATUS_KINDS:
            _set_status(row, event.at, event.actor)
        elif event.kind == "penalty.ended":
            resume_settlements(store=row.store, at=event.at)


def resume_settlements(*, store: Store, at: datetime) -> None:
    """Have the held funds of a store released if nothing else holds them (TM-04)."""
    held = Settlement.objects.filter(store=store, state="held")
    derive_order_clocks(order_ids=list(held.values_list("order_id", flat=True)), at=at)


def _set_status(row: Penalty, at: datetime, actor: str) -> None:
    """A closed store is closed, one whose account is frozen restricted; without either as it was before."""
    lasting = penalties_in_force([row.store_id], at, kinds=STATUS_KINDS).filter(predicted=False)
    kinds = set(lasting.values_list("kind", flat=True))
    asked = [STATUSES[kind].value for kind in STATUS_KINDS if kind in kinds]
    # Of what operations decided meanwhile nothing is taken back.
    if asked or row.store.status in STATUSES.values():
        status = asked[0] if asked else _status_before(row)
        change_status(store=row.store, status=status, at=at, actor=actor, cause=row.rule)


def _status_before(row: Penalty) -> str:
    day = performance_day(row.starts_at)
    periods = StorePeriod.objects.filter(store=row.store_id, effective_from__lt=day).order_by("-effective_from")
    return periods.values_list("status", flat=True).first() or Store.Status.ACTIVE
