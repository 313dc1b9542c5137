"""Whether something can be appealed, and until when (PN-08, DP-08, BX-05)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from appeals.models import Appeal, AppealOrder
from appeals.queries.kinds import KINDS, Subject
from appeals.rules import DECIDED_STATES, OPEN_STATES, AppealState, OrderDecision, Refusal
from core.rules import has_lapsed
from notifications.rules import State
from rulebook.queries import policy_at


@dataclass(frozen=True, slots=True)
class Eligibility:
    """``refusal``: why no appeal can be started, None if one can; ``until``: the last second at which it can be
    submitted; ``present``: the appeal that is drafted or under review; ``previous``: the decided one that a second
    appeal is against (BX-05)."""

    refusal: Refusal | None
    until: datetime | None
    present: Appeal | None = None
    previous: Appeal | None = None


def eligibility_of(subject: Subject, at: datetime) -> Eligibility:
    """What can be done about a subject at an instant; the whole second of ``until`` is in time (RL-05)."""
    found = judge(subject, appeals_against([subject]), at)
    if found.refusal is None and not KINDS[subject.kind].orders(subject).exists():
        return replace(found, refusal=Refusal.NOTHING_TO_NAME)
    return found


def appeals_against(subjects: Collection[Subject]) -> list[Appeal]:
    """The appeals against subjects of one store that are open or decided, oldest first."""
    stores, kinds, keys = ({getattr(one, name) for one in subjects} for name in ("store", "kind", "key"))
    rows = Appeal.objects.filter(store__in=stores, kind__in=kinds, subject_key__in=keys)
    return list(rows.filter(state__in=OPEN_STATES | DECIDED_STATES).order_by("id"))


def judge(subject: Subject, appeals: Iterable[Appeal], at: datetime) -> Eligibility:
    """`eligibility_of` by known appeals, those against other subjects among them."""
    known = [appeal for appeal in appeals if (appeal.kind, appeal.subject_key) == (subject.kind, subject.key)]
    present = next((appeal for appeal in known if appeal.state in OPEN_STATES), None)
    decided = [appeal for appeal in known if appeal.state in DECIDED_STATES]
    previous = decided[-1] if decided else None
    until = subject.until if previous is None else second_window_end(previous)
    refusal = subject.refusal or _refusal_by_appeals(subject, present, decided)
    if refusal is None and until is not None and has_lapsed(until, at):
        refusal = Refusal.TOO_LATE
    return Eligibility(refusal, until, present, previous)


def second_window_end(rejected: Appeal) -> datetime:
    """The last second at which a second appeal can be submitted (BX-05)."""
    assert rejected.decided_at is not None
    return rejected.decided_at + timedelta(days=policy_at(rejected.decided_at).appeals.second_window_days)


def _refusal_by_appeals(subject: Subject, present: Appeal | None, decided: list[Appeal]) -> Refusal | None:
    if present is not None and present.state != AppealState.DRAFT:
        return Refusal.UNDER_REVIEW
    if not decided:
        # A plan without an appeal that led to it: nothing can be appealed a second time.
        standing = subject.notice is not None and subject.notice.state == State.PLAN
        return Refusal.DECIDED if standing else None
    has_second = KINDS[subject.kind].has_second and len(decided) == 1
    return None if has_second and _is_left(subject, decided[0]) else Refusal.DECIDED


def _is_left(subject: Subject, decided: Appeal) -> bool:
    """Whether a decision left the notice standing for want of orders that it rejected."""
    rejected = AppealOrder.objects.filter(appeal=decided, decision=OrderDecision.REJECTED)
    return subject.notice is not None and subject.notice.state == State.PLAN and rejected.exists()
