"""What operations decide about disputes in arbitration: once, with a reason that the seller can read (DP-19)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q

from core.deadlines import open_deadline
from disputes.commands.actions import DISPUTE, close_dispute
from disputes.models import Arbitration, ArbitrationDraft, Dispute
from disputes.queries.deadlines import ARBITRATION, SUBJECT
from disputes.services.arbitrations import record_arbitration
from orders.commands import Result
from orders.commands.frame import hold_clocks
from rulebook.calendar import add_working_days
from rulebook.queries import policy_at
from stores.claims import claim, free_for, hand_over, is_of_company, release
from stores.models import User
from stores.principals import Person, System

WAITS = Q(ended_at=None)
LEAST_REASON = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who is liable, what the buyer gets (US dollars), and why, in words for the seller."""

    liability: str
    outcome_usd: Decimal | None
    reason: str


class IncompleteVerdictError(ValueError):
    """A verdict that lacks something; ``codes`` of ``liability``, ``outcome`` and ``reason``."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(codes)
        self.codes = codes


def claim_arbitration(*, arbitration: Arbitration, reviewer: User, at: datetime) -> bool:
    """Claim a waiting arbitration, or extend one's own claim; False where it ended or is somebody else's. Raises
    PermissionDenied for a member of the store's company."""
    _bar(arbitration, reviewer)
    return claim(arbitration, waits=WAITS, person=reviewer, at=at)


def release_arbitration(*, arbitration: Arbitration, reviewer: User) -> bool:
    """Give an arbitration back to the queue."""
    return release(arbitration, waits=WAITS, person=reviewer)


@transaction.atomic
def hand_over_arbitration(*, arbitration: Arbitration, holder: User | None, to: User, by: User, at: datetime) -> bool:
    """Give the claim of ``holder`` (None: nobody's) to a colleague, for whom it begins anew; False where it was not the
    holder's any more. Raises PermissionDenied for a member of the store's company."""
    _bar(arbitration, to)
    if not hand_over(arbitration, waits=WAITS, holder=holder, to=to, at=at):
        return False
    after = {"claimed_by": Person(to).actor}
    record_arbitration(
        "dispute.arbitration_handed_over", arbitration.dispute, actor=Person(by).actor, at=at, after=after
    )
    return True


def save_verdict(*, arbitration: Arbitration, verdict: Verdict, reviewer: User, at: datetime) -> None:
    """Keep what a reviewer has filled in until it is sent."""
    values = {"liability": verdict.liability[:8], "outcome_usd": verdict.outcome_usd, "reason": verdict.reason}
    ArbitrationDraft.objects.update_or_create(
        arbitration=arbitration, reviewer=reviewer, defaults={**values, "saved_at": at}
    )


@transaction.atomic
def decide_arbitration(
    *, arbitration: Arbitration, verdict: Verdict, reviewer: User, at: datetime, version: int
) -> bool:
    """End the dispute with a verdict. A seller without evidence is liable whatever was decided (DP-16).

    False, with the present state in ``arbitration``, where somebody else decided or has claimed it, the dispute ended
    otherwise, or the page was shown an older ``version``. Raises IncompleteVerdictError and PermissionDenied.
    """
    _bar(arbitration, reviewer)
    dispute = arbitration.dispute
    check_verdict(dispute, verdict)
    # As a withdrawal does: the dispute before its arbitration.
    hold_clocks(DISPUTE, dispute)
    Dispute.objects.select_for_update(no_key=True).get(pk=dispute.pk)
    rows = Arbitration.objects.filter(free_for(reviewer, at), WAITS, pk=arbitration.pk, version=version)
    if rows.update(claimed_by=reviewer, version=F("version") + 1) != 1:
        arbitration.refresh_from_db()
        return False
    principal = System(Person(reviewer).actor)
    outcome = close_dispute(
        dispute=dispute, liability=verdict.liability, outcome_usd=verdict.outcome_usd, principal=principal, at=at
    )
    if outcome.result is Result.DONE:
        _keep(arbitration, verdict, reviewer, at)
    arbitration.refresh_from_db()
    return outcome.result is Result.DONE


@transaction.atomic
def mark_complex(*, arbitration: Arbitration, reviewer: User, at: datetime) -> bool:
    """Give an arbitration the time of complex ones, in working days from its beginning; False where it is complex
    already, ended or somebody else's."""
    _bar(arbitration, reviewer)
    hold_clocks(DISPUTE, arbitration.dispute)
    due_at = complex_due_at(arbitration)
    rows = Arbitration.objects.filter(free_for(reviewer, at), WAITS, pk=arbitration.pk, is_complex=False)
    if rows.update(is_complex=True, due_at=due_at, version=F("version") + 1) != 1:
        arbitration.refresh_from_db()
        return False
    arbitration.refresh_from_db()
    dispute = arbitration.dispute
    open_deadline(
        owner_id=dispute.store_id,
        kind=ARBITRATION,
        subject_kind=SUBJECT,
        subject_key=dispute.dispute_no,
        due_at=due_at,
        at=at,
    )
    after = {"due_at": due_at.isoformat()}
    record_arbitration("dispute.arbitration_complex", dispute, actor=Person(reviewer).actor, at=at, after=after)
    return True


def complex_due_at(arbitration: Arbitration) -> datetime:
    """When a complex arbitration is due, never earlier than it is now."""
    policy = policy_at(arbitration.begun_at)
    days = policy.disputes.arbitration_working_days
    return max(arbitration.due_at, add_working_days(arbitration.begun_at, days, plans=policy.calendar.years))


def check_verdict(dispute: Dispute, verdict: Verdict) -> None:
    """See that a verdict names who is liable, an amount up to the order's total, and a reason. Raises
    IncompleteVerdictError."""
    amount = verdict.outcome_usd
    checks = {
        "liability": verdict.liability in Dispute.Liability.values,
        "outcome": amount is not None and 0 <= amount <= dispute.order.total_usd,
        "reason": len(verdict.reason.strip()) >= LEAST_REASON,
    }
    if lacking := [code for code, holds in checks.items() if not holds]:
        raise IncompleteVerdictError(lacking)


def _keep(arbitration: Arbitration, verdict: Verdict, reviewer: User, at: datetime) -> None:
    dispute = arbitration.dispute
    Arbitration.objects.filter(pk=arbitration.pk).update(
        liability=dispute.liability,
        outcome_usd=verdict.outcome_usd,
        reason=verdict.reason.strip(),
        decided_by=reviewer,
        ended_at=at,
        claimed_by=None,
        claimed_until=None,
    )
    ArbitrationDraft.objects.filter(arbitration=arbitration).delete()
    after = {
        "liability": dispute.liability,
        "outcome_usd": str(verdict.outcome_usd),
        "reason": verdict.reason.strip(),
    }
    record_arbitration("dispute.judged", dispute, actor=Person(reviewer).actor, at=at, after=after)


def _bar(arbitration: Arbitration, reviewer: User) -> None:
    if is_of_company(reviewer, arbitration.dispute.store.company_id):
        raise PermissionDenied
