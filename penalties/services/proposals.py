"""Penalties that need two people: one proposes, another one confirms or refuses (PN-42)."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from core.events import record_event
from orders.models import RiskCase
from penalties.models import Penalty, PenaltyProposal, PointsEntry
from penalties.queries.proposals import OPEN_PROPOSAL
from penalties.rules import PenaltyKind, proposal_gaps
from penalties.services.deriving import derive_penalties
from penalties.services.points import add_points, lift_points
from rulebook.queries import policy_at
from stores.claims import free_for, is_of_company
from stores.models import Store, User
from stores.principals import Person
from stores.services.holding import hold_stores

SOURCE = "manual"


class AlreadyProposedError(Exception):
    """Somebody has proposed the same, and it waits for an answer."""


def propose_penalty(
    *,
    store: Store,
    kind: PenaltyKind,
    reason: str,
    by: User,
    at: datetime,
    subject: str = "",
    days: int | None = None,
    points: int = 0,
    case: RiskCase | None = None,
    rule: str = "PN-42",
) -> PenaltyProposal:
    """Propose a penalty of a governed store; ``days`` None is until lifted.

    Raises ValueError for what makes no sense, AlreadyProposedError where the same waits for an answer, and
    PermissionDenied for a member of the store's company.
    """
    if gaps := proposal_gaps(kind, subject=subject, days=days, points=points):
        raise ValueError(f"a proposal with wrong {', '.join(sorted(gaps))}")
    of_case = {"case": case, "rule": rule}
    return _propose(
        store, by, at, action="apply", kind=kind, reason=reason, subject=subject, days=days, points=points, **of_case
    )


def propose_lift(*, penalty: Penalty, reason: str, by: User, at: datetime) -> PenaltyProposal:
    """Propose to lift a penalty before its time. Raises as `propose_penalty`, ValueError for one that is over."""
    if penalty.ended_at is not None:
        raise ValueError("a penalty that is over")
    return _propose(
        penalty.store,
        by,
        at,
        action="lift",
        kind=penalty.kind,
        subject=penalty.subject,
        penalty=penalty,
        reason=reason,
        rule=penalty.rule,
    )


def propose_points_lift(*, entry: PointsEntry, reason: str, by: User, at: datetime) -> PenaltyProposal:
    """Propose that points count no more. Raises as `propose_penalty`, ValueError for points that were lifted."""
    if entry.lifted_at is not None:
        raise ValueError("points that were lifted")
    kind = PenaltyKind.PENALTY_POINTS
    given = {"points": entry.points, "entry": entry, "rule": entry.rule}
    return _propose(entry.store, by, at, action="lift", kind=kind, reason=reason, **given)


def _propose(store: Store, by: User, at: datetime, *, reason: str, **given: Any) -> PenaltyProposal:
    if not reason.strip():
        raise ValueError("a proposal without a reason")
    if store.mode == Store.Mode.MIRRORED:
        raise ValueError("a mirrored store, whose platform decides")
    if is_of_company(by, store.company_id):
        raise PermissionDenied
    due_at = at + timedelta(hours=policy_at(at).penalties.proposal_hours)
    try:
        with transaction.atomic():
            row = PenaltyProposal.objects.create(
                store=store, reason=reason.strip(), proposed_by=by, proposed_at=at, due_at=due_at, **given
            )
            record_proposal_event("proposed", row, Person(by).actor, at)
    except IntegrityError as error:
        raise AlreadyProposedError from error
    return row


@transaction.atomic
def decide_proposal(*, proposal: PenaltyProposal, confirmed: bool, answer: str, reviewer: User, at: datetime) -> bool:
    """Confirm or refuse what somebody else proposed; what was confirmed takes effect at ``at``.

    False, with the present state in ``proposal``, where it was decided or withdrawn, or another person has claimed it.
    Raises ValueError for a refusal without an answer, PermissionDenied for the person who proposed it and for members
    of the store's company.
    """
    if not confirmed and not answer.strip():
        raise ValueError("a refusal without an answer")
    if proposal.proposed_by_id == reviewer.pk or is_of_company(reviewer, proposal.store.company_id):
        raise PermissionDenied
    state = PenaltyProposal.State.CONFIRMED if confirmed else PenaltyProposal.State.REFUSED
    hold_stores([proposal.store_id])
    decided = _settle(proposal, state, reviewer, at, answer=answer.strip())
    if decided and confirmed:
        _carry_out(proposal, at, Person(reviewer).actor)
    return decided


@transaction.atomic
def withdraw_proposal(*, proposal: PenaltyProposal, by: User, at: datetime) -> bool:
    """Take back one's own proposal; False where it was decided before. Raises PermissionDenied for anybody else."""
    if proposal.proposed_by_id != by.pk:
        raise PermissionDenied
    return _settle(proposal, PenaltyProposal.State.WITHDRAWN, by, at)


def _settle(
    proposal: PenaltyProposal, state: PenaltyProposal.State, by: User, at: datetime, *, answer: str = ""
) -> bool:
    rows = PenaltyProposal.objects.filter(OPEN_PROPOSAL, pk=proposal.pk)
    if state != PenaltyProposal.State.WITHDRAWN:
        rows = rows.filter(free_for(by, at)).exclude(proposed_by=by)
    settled = rows.update(state=state, decided_by=by, decided_at=at, answer=answer, claimed_by=None, claimed_until=None)
    proposal.refresh_from_db()
    if settled == 1:
        record_proposal_event(state.value, proposal, Person(by).actor, at, **({"answer": answer} if answer else {}))
    return settled == 1


def _carry_out(proposal: PenaltyProposal, at: datetime, actor: str) -> None:
    """Points are rows of their own; everything else follows from the proposal's row (`penalties.grounds.manual`)."""
    if proposal.kind != PenaltyKind.PENALTY_POINTS:
        derive_penalties(store_ids=[proposal.store_id], at=at, actor=actor)
    elif proposal.entry is not None:
        lift_points(entry=proposal.entry, at=at, actor=actor)
    else:
        add_points(
            store=proposal.store,
            points=proposal.points,
            source=SOURCE,
            cause=f"proposal {proposal.pk}",
            rule=proposal.rule,
            facts={"reason": proposal.reason},
            at=at,
            actor=actor,
        )


def record_proposal_event(verb: str, proposal: PenaltyProposal, actor: str, at: datetime, **more: Any) -> None:
    """Append what happened to a proposal to the audit trail."""
    given = {"subject": proposal.subject, "days": proposal.days, "points": proposal.points}
    record_event(
        kind=f"penalty_proposal.{verb}",
        subject_kind="penalty_proposal",
        subject_key=str(proposal.pk),
        store_no=proposal.store.store_no,
        company_no=proposal.store.company.company_no,
        actor=actor,
        at=at,
        after={
            "action": proposal.action,
            "penalty": proposal.kind,
            **{name: value for name, value in given.items() if value},
            "reason": proposal.reason,
            **more,
        },
        cause=proposal.rule,
    )
