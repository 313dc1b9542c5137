"""Cases for operations that grounds bring: opened once per cause (PN-14, PN-43)."""

from collections.abc import Sequence
from datetime import datetime

from orders.models import RiskCase
from orders.services.cases import open_risk_case
from penalties.rules import CaseGround
from stores.models import Store


def open_cases(*, grounds: Sequence[CaseGround], at: datetime) -> None:
    """Open the cases that are due and not there yet, for governed stores: the platform decides about the others."""
    due = [ground for ground in grounds if ground.opened_at <= at]
    if not due:
        return
    there = RiskCase.objects.filter(
        store__in={ground.store_id for ground in due},
        kind__in={ground.kind for ground in due},
        dedupe__in={ground.cause for ground in due},
    )
    known = set(there.values_list("store_id", "kind", "dedupe"))
    new = [ground for ground in due if (ground.store_id, ground.kind, ground.cause) not in known]
    governed = Store.objects.select_related("company").filter(mode=Store.Mode.GOVERNED)
    stores = governed.in_bulk({ground.store_id for ground in new}) if new else {}
    for ground in sorted(new, key=lambda one: (one.store_id, one.opened_at, one.kind)):
        if ground.store_id in stores:
            open_risk_case(
                store=stores[ground.store_id],
                kind=ground.kind,
                subject_kind=ground.subject_kind,
                subject_key=ground.subject_key,
                facts=ground.facts,
                at=ground.opened_at,
                dedupe=ground.cause,
            )
