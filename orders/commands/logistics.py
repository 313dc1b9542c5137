"""Handing in, withdrawing and deciding pickup proofs and logistics claims (TM-11, AF-08)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from core.deadlines import Owner, hold_deadlines, meet_deadline, open_deadline, void_deadline
from core.events import SYSTEM, record_event
from evidence.models import EvidenceFile
from orders.commands.repairing import record_loss, record_pickup
from orders.models import LogisticsClaim, LogisticsClaimFile, Order
from orders.queries.logistics import OPEN, SUBJECT, clock_of, parcel_of
from orders.rules.logistics import FAULTS, ClaimKind, ClaimState, Refusal, refusal_of, time_refusal
from orders.services.auto_reviews import revoke_auto_review
from orders.services.clocks import derive_order_clocks
from rulebook.queries import policy_at
from stores.access import may_write
from stores.claims import free_for, is_of_company
from stores.models import Store, User
from stores.principals import Area, Person, Principal, System

MOST_LETTERS = 2_000
# A file with the name that it had when it was handed in.
NamedFile = tuple[EvidenceFile, str]


class RefusedClaimError(Exception):
    """What can't be handed in; ``refusal`` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


def submit_claim(
    *,
    order: Order,
    kind: ClaimKind,
    carrier: str,
    tracking_no: str,
    happened_at: datetime | None = None,
    statement: str = "",
    files: Sequence[NamedFile],
    principal: Principal,
    at: datetime,
) -> LogisticsClaim:
    """Hand in a pickup proof or a claim about a parcel of a governed store's order, for operations to judge.

    Raises RefusedClaimError where it can't be handed in or one of the kind waits already, PermissionDenied for those
    who may not change the store.
    """
    if not may_write(principal, order.store, Area.ORDERS):
        raise PermissionDenied
    refusal = claim_refusal(order=order, kind=kind, tracking_no=tracking_no, happened_at=happened_at, at=at)
    refusal = refusal or _file_refusal(kind, files)
    if refusal is not None:
        raise RefusedClaimError(refusal)
    hours = policy_at(at).transactions
    row = LogisticsClaim(
        store=order.store,
        order=order,
        kind=kind,
        carrier=carrier,
        tracking_no=tracking_no,
        happened_at=happened_at if kind is ClaimKind.PICKUP else None,
        statement=statement.strip()[:MOST_LETTERS],
        submitted_at=at,
        submitted_by=principal.user if isinstance(principal, Person) else None,
        due_at=at + timedelta(hours=hours.proof_review_hours if kind is ClaimKind.PICKUP else hours.claim_review_hours),
    )
    try:
        with transaction.atomic():
            return _add(row, files, principal, at)
    except IntegrityError as error:
        # Somebody was faster with the same.
        raise RefusedClaimError(Refusal.WAITING) from error


def claim_refusal(
    *, order: Order, kind: ClaimKind, tracking_no: str, happened_at: datetime | None, at: datetime
) -> Refusal | None:
    """Why a kind can't be handed in about a parcel now, apart from its files."""
    if order.store.mode == Store.Mode.MIRRORED:
        return Refusal.MIRRORED
    parcel = parcel_of(order, tracking_no, at)
    if parcel is None:
        return Refusal.NO_PARCEL
    refusal = refusal_of(kind, parcel)
    if (
        refusal is None
        and LogisticsClaim.objects.filter(OPEN, order=order, tracking_no=tracking_no, kind=kind).exists()
    ):
        return Refusal.WAITING
    return refusal or (time_refusal(happened_at, parcel, at) if kind is ClaimKind.PICKUP else None)


def withdraw_claim(*, claim: LogisticsClaim, principal: Principal, at: datetime) -> bool:
    """The seller takes back what waits; False where it was decided meanwhile. Raises PermissionDenied."""
    if not may_write(principal, claim.store, Area.ORDERS):
        raise PermissionDenied
    return _move(claim, ClaimState.WITHDRAWN, None, principal.actor, at)


def decide_claim(*, claim: LogisticsClaim, accepted: bool, reason: str, reviewer: User, at: datetime) -> bool:
    """Accept or refuse what waits. An accepted pickup proof adds the scan and frees the order; a proven fault records
    the compensation and revokes the automatic review, or stops the one to come (AF-08).

    False, with the present state in ``claim``, where somebody else decided it or has claimed it. Raises ValueError for
    a refusal without a reason, PermissionDenied for a member of the store's company.
    """
    if not accepted and not reason.strip():
        raise ValueError("a refusal without a reason")
    if is_of_company(reviewer, claim.store.company_id):
        raise PermissionDenied
    state = ClaimState.ACCEPTED if accepted else ClaimState.REFUSED
    return _move(claim, state, reviewer, Person(reviewer).actor, at, reason.strip())


def note_overdue(*, claim: LogisticsClaim, due_at: datetime) -> None:
    """Nobody judged it in time: it stays open, first in its queue, and the audit trail says so (TM-11)."""
    if claim.state == ClaimState.OPEN:
        record_claim_event("overdue", claim, SYSTEM, due_at, due_at=due_at.isoformat())


@transaction.atomic
def _move(
    claim: LogisticsClaim, to: ClaimState, reviewer: User | None, actor: str, at: datetime, reason: str = ""
) -> bool:
    """Compare and swap the state; the clock ends, and what follows from an acceptance is done in the same
    transaction."""
    _hold_clock(claim)
    rows = LogisticsClaim.objects.filter(OPEN, pk=claim.pk)
    if reviewer is not None:
        rows = rows.filter(free_for(reviewer, at))
    moved = rows.update(
        state=to, decided_at=at, decided_by=reviewer, reason=reason, claimed_by=None, claimed_until=None
    )
    claim.refresh_from_db()
    if moved != 1:
        return False
    _stop_clock(claim, at)
    if to is ClaimState.ACCEPTED:
        _follow(claim, actor, at)
    money = {"compensation": str(claim.compensation), "currency": claim.currency} if claim.compensation else {}
    record_claim_event(to.value, claim, actor, at, **({"reason": reason} if reason else {}), **money)
    return True


def _follow(claim: LogisticsClaim, actor: str, at: datetime) -> None:
    if claim.kind == ClaimKind.PICKUP:
        claim.scan = record_pickup(claim=claim, actor=actor, at=at)
    if claim.kind == ClaimKind.LOSS:
        claim.scan = record_loss(claim=claim, actor=actor, at=at)
    if claim.kind in FAULTS and claim.order.shipping_amount is not None:
        claim.compensation, claim.currency = claim.order.shipping_amount, claim.order.currency
    claim.save(update_fields=["scan", "compensation", "currency"])
    if claim.kind in FAULTS:
        revoke_auto_review(order=claim.order, cause=claim.kind, at=at, principal=System(actor))
        derive_order_clocks(order_ids=[claim.order_id], at=at)


def _file_refusal(kind: ClaimKind, files: Sequence[NamedFile]) -> Refusal | None:
    if not files:
        return Refusal.NO_FILE
    needs_pdf = kind is ClaimKind.PICKUP and all(file.kind != EvidenceFile.Kind.PDF for file, _name in files)
    return Refusal.NO_PDF if needs_pdf else None


def _add(row: LogisticsClaim, files: Sequence[NamedFile], principal: Principal, at: datetime) -> LogisticsClaim:
    row.save()
    named = {file.pk: (file, name) for file, name in files}
    LogisticsClaimFile.objects.bulk_create(
        LogisticsClaimFile(claim=row, file=file, place=place, name=name[:255])
        for place, (file, name) in enumerate(named.values(), 1)
    )
    open_deadline(
        owner_id=row.store_id,
        kind=clock_of(row),
        subject_kind=SUBJECT,
        subject_key=str(row.pk),
        due_at=row.due_at,
        at=at,
    )
    record_claim_event("submitted", row, principal.actor, at, due_at=row.due_at.isoformat())
    return row


# ── Clock and audit trail ──────────────────────────────────────────────────────────────────────────────────────────


def _hold_clock(claim: LogisticsClaim) -> None:
    """Hold the running deadline before the claim's row, as sweeps do: so neither waits for the other's row."""
    hold_deadlines(owner=Owner.STORE, owner_id=claim.store_id, subject_kind=SUBJECT, subject_key=str(claim.pk))


def _stop_clock(claim: LogisticsClaim, at: datetime) -> None:
    named: dict[str, Any] = {"owner_id": claim.store_id, "subject_kind": SUBJECT, "subject_key": str(claim.pk)}
    if not meet_deadline(kind=clock_of(claim), at=at, **named):
        void_deadline(kind=clock_of(claim), at=at, **named)


def record_claim_event(verb: str, claim: LogisticsClaim, actor: str, at: datetime, **more: Any) -> None:
    """Append what happened to a claim to the audit trail."""
    record_event(
        kind=f"logistics_claim.{verb}",
        subject_kind=SUBJECT,
        subject_key=str(claim.pk),
        store_no=claim.store.store_no,
        company_no=claim.store.company.company_no,
        actor=actor,
        at=at,
        after={
            "claim": claim.kind,
            "order": claim.order.order_no,
            "tracking_no": claim.tracking_no,
            **more,
        },
        cause="TM-11",
    )
