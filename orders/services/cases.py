"""Opening and deciding risk cases (TM-07, PN-35, AF-12)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from core.events import SYSTEM, record_event
from orders.cases import case_kind, consequence_of
from orders.models import RiskCase
from stores.claims import free_for, is_of_company
from stores.models import Store, User
from stores.principals import Person
from stores.services.holding import hold_stores


@transaction.atomic
def open_risk_case(
    *,
    store: Store,
    kind: str,
    subject_kind: str,
    subject_key: str,
    facts: Mapping[str, Any],
    at: datetime,
    dedupe: str,
    due_at: datetime | None = None,
    actor: str = SYSTEM,
) -> RiskCase:
    """Open a case for operations, or return the one that was opened for the same cause, decided or not.

    ``dedupe`` names the cause among the store's cases of the kind; ``facts`` are JSON. Without ``due_at`` it waits
    for its turn. Raises LookupError for a kind that no app declares.
    """
    case_kind(kind)
    case, is_new = RiskCase.objects.get_or_create(
        store=store,
        kind=kind,
        dedupe=dedupe,
        defaults={
            "subject_kind": subject_kind,
            "subject_key": subject_key,
            "facts": dict(facts),
            "opened_at": at,
            "due_at": due_at,
        },
    )
    if is_new:
        record_case_event("opened", case, actor, at)
    return case


@transaction.atomic
def decide_risk_case(
    *, case: RiskCase, confirmed: bool, reason: str, reviewer: User, at: datetime, code: str = "", choice: str = ""
) -> bool:
    """Confirm or dismiss an open case; the company is told (`notifications`), and a confirmation brings what the kind's
    consequence says, or ``choice`` among them, in the same transaction.

    False, with the present state in ``case``, where somebody else decided it or has claimed it. Raises ValueError
    without a reason or for a choice that there is not, PermissionDenied for a member of the store's company.
    """
    if not reason.strip():
        raise ValueError("a verdict without a reason")
    consequence = consequence_of(case.kind) if confirmed else None
    if choice not in ((consequence and consequence.choices) or ("",)):
        raise ValueError(f"no consequence {choice!r}")
    if is_of_company(reviewer, case.store.company_id):
        raise PermissionDenied
    # Verdicts on a store take turns: what one brings depends on those before it.
    hold_stores([case.store_id])
    outcome = dict(consequence.outcome(case, at)) if consequence else {}
    state = RiskCase.State.CONFIRMED if confirmed else RiskCase.State.DISMISSED
    rows = RiskCase.objects.filter(free_for(reviewer, at), pk=case.pk, state=RiskCase.State.OPEN)
    decided = rows.update(
        state=state,
        decided_at=at,
        decided_by=reviewer,
        code=code,
        reason=reason.strip(),
        outcome={**outcome, "choice": choice} if choice else outcome,
        claimed_by=None,
        claimed_until=None,
    )
    case.refresh_from_db()
    if decided == 1:
        record_case_event(
            state.value, case, Person(reviewer).actor, at, **({"code": code} if code else {}), reason=case.reason
        )
        if consequence:
            consequence.carry_out(case, reviewer, at)
    return decided == 1


def record_case_event(verb: str, case: RiskCase, actor: str, at: datetime, **more: str) -> None:
    """Append what happened to a case to the audit trail."""
    record_event(
        kind=f"risk_case.{verb}",
        subject_kind="risk_case",
        subject_key=str(case.pk),
        store_no=case.store.store_no,
        company_no=case.store.company.company_no,
        actor=actor,
        at=at,
        after={"case": case.kind, "subject_kind": case.subject_kind, "subject": case.subject_key, **more},
        cause=case_kind(case.kind).rule,
    )
