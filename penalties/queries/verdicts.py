"""What a confirmed risk case brings, by what was confirmed before it (TM-07, PN-35, AF-12, PN-42)."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from orders.models import OrderLine, RiskCase
from penalties.rules import PenaltyKind
from rulebook.policy import Policy
from rulebook.queries import policy_at

CONFIRMED = RiskCase.State.CONFIRMED
# The choice of a reviewer who proposes no penalty.
NOTHING = "nothing"


def fake_dispatch_outcome(case: RiskCase, at: datetime) -> Mapping[str, Any]:
    """Points once per parcel, however many causes it shows; the second parcel within the window opens a closing
    case (TM-07)."""
    policy = policy_at(at).transactions
    since = at - timedelta(days=policy.fake_dispatch_window_days)
    before = {parcel_of(one): one.decided_at for one in _confirmed_before(case).order_by("-decided_at")}
    recent = {parcel for parcel, decided_at in before.items() if decided_at and decided_at > since}
    is_new = parcel_of(case) not in before
    number = len(recent) + is_new
    return {
        "points": policy.fake_dispatch_points if is_new else 0,
        "number": number,
        "days": policy.fake_dispatch_window_days,
        "closing": is_new and number >= policy.fake_dispatch_close_count,
    }


def parcel_of(case: RiskCase) -> str:
    """Which parcel a case of fake dispatch is about."""
    return f"{case.subject_key} {case.facts.get('tracking_no', '')}"[:160]


def manipulation_outcome(_case: RiskCase, at: datetime) -> Mapping[str, Any]:
    """Search demotion and suspended settlements (PN-35)."""
    return {"days": policy_at(at).notices.manipulation_penalty_days}


def inducement_outcome(case: RiskCase, at: datetime) -> Mapping[str, Any]:
    """One step of the ladder per confirmed case, the last one from then on (AF-12); counted when it is decided, so that
    cases which are open side by side take one step each in whatever sequence they are decided."""
    policy = policy_at(at)
    ladder = policy.feedback.soliciting_ladder
    place = min(_confirmed_before(case).count(), len(ladder) - 1)
    step = ladder[place]
    return {"step": step, "place": place + 1, **dict(_terms(case, step, policy)), **needs_two(step, policy)}


def _terms(case: RiskCase, step: str, policy: Policy) -> Iterator[tuple[str, Any]]:
    if step == PenaltyKind.WARNING:
        yield "days", policy.feedback.soliciting_warning_days
    if step == PenaltyKind.PENALTY_POINTS:
        yield "points", policy.feedback.soliciting_points
    if step == PenaltyKind.LISTING_DELISTED:
        yield "hours", policy.disputes.relist_hours
        yield "listings", listings_of(case)


def listings_of(case: RiskCase) -> list[str]:
    """The listings of the orders that a case names."""
    orders = {case.subject_key, *(one["order"] for one in case.facts.get("said", ()))}
    lines = OrderLine.objects.filter(store=case.store_id, order__order_no__in=orders).exclude(sku="")
    return sorted(set(lines.values_list("sku", flat=True)))


def needs_two(kind: str, policy: Policy) -> dict[str, Any]:
    """Whether policy has two people decide on a kind of penalty: it is then proposed (PN-42)."""
    return {"proposed": kind} if kind in policy.penalties.two_reviewers else {}


def _confirmed_before(case: RiskCase) -> QuerySet[RiskCase]:
    return RiskCase.objects.filter(store=case.store_id, kind=case.kind, state=CONFIRMED).exclude(pk=case.pk)


def closing_outcome(_case: RiskCase, _at: datetime) -> Mapping[str, Any]:
    """A confirmed closing case is a proposal to close the store, which a second person answers (PN-42)."""
    return {"proposed": PenaltyKind.STORE_CLOSED.value}


def chosen_outcome(_case: RiskCase, _at: datetime) -> Mapping[str, Any]:
    """What the reviewer chooses is added to it."""
    return {}
