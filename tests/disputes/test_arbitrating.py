"""Arbitration: verdicts, claims, complex cases, what follows; two reviewers at once (DP-19)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections

from core.models import Deadline, DirtySubject, Event
from disputes.commands import withdraw_dispute
from disputes.commands.arbitrating import (
    IncompleteVerdictError,
    Verdict,
    claim_arbitration,
    decide_arbitration,
    mark_complex,
    release_arbitration,
)
from disputes.models import Arbitration, Dispute
from disputes.rules.reading import Because, Sides, read_sides
from disputes.services.evidence import cite_trace
from orders.models import Refund
from stores.models import Membership, Store
from stores.roles import REVIEWER
from tests.disputes.build import DAY, HOUR, NOW, erp, make_dispute, sweep
from tests.stores.people import make_staff, make_store

pytestmark = pytest.mark.rule("DP-19")
SECOND = timedelta(seconds=1)
ENDS = NOW - HOUR + 5 * DAY
VERDICT = Verdict("buyer", Decimal("7.5"), "The trace shows the delivery to the buyer's door.")


def in_arbitration(store: Store, *, proves: bool = True) -> Arbitration:
    dispute = make_dispute(store, order={"tracking_no": "LP1", "shipped_at": NOW - DAY})
    if proves:
        cite_trace(dispute=dispute, tracking_no="LP1", principal=erp(store), at=NOW)
    sweep(at=ENDS + SECOND)
    return Arbitration.objects.select_related("dispute__order", "dispute__store").get(dispute=dispute)


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="governed")


@pytest.mark.rule("TM-12", "DM-33")
def test_a_verdict_closes_the_dispute_pays_the_buyer_and_is_told(store: Store) -> None:
    found, reviewer = in_arbitration(store), make_staff("reviewer", REVIEWER)
    DirtySubject.objects.all().delete()
    assert claim_arbitration(arbitration=found, reviewer=reviewer, at=ENDS + HOUR)
    assert decide_arbitration(
        arbitration=found, verdict=VERDICT, reviewer=reviewer, at=ENDS + HOUR, version=found.version
    )
    kept = Arbitration.objects.get()
    assert (kept.liability, kept.outcome_usd, kept.reason, kept.decided_by, kept.ended_at, kept.claimed_by) == (
        "buyer", Decimal("7.5"), VERDICT.reason, reviewer, ENDS + HOUR, None,
    )  # fmt: skip
    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.liability, dispute.outcome_usd) == ("closed", "buyer", Decimal("7.5"))
    assert Refund.objects.values_list("state", "amount_usd").get() == ("completed", Decimal("7.5"))
    assert DirtySubject.objects.filter(kind="order", subject_id=dispute.order_id).exists()
    clock = Deadline.objects.get(kind="dispute_arbitration")
    assert (clock.state, clock.due_at) == ("met", ENDS + 48 * HOUR)
    judged = Event.objects.get(kind="dispute.judged")
    assert (judged.actor, judged.after["reason"]) == (f"person:{reviewer.pk}", VERDICT.reason)


@pytest.mark.rule("DP-16")
def test_a_seller_without_evidence_is_liable_whatever_the_reviewer_says(store: Store) -> None:
    found, reviewer = in_arbitration(store, proves=False), make_staff("reviewer", REVIEWER)
    decide_arbitration(arbitration=found, verdict=VERDICT, reviewer=reviewer, at=ENDS + HOUR, version=found.version)
    assert (Dispute.objects.get().liability, Arbitration.objects.get().liability) == ("seller", "seller")


def test_a_full_outcome_refunds_the_order(store: Store) -> None:
    found, reviewer = in_arbitration(store), make_staff("reviewer", REVIEWER)
    verdict = Verdict("carrier", Decimal(20), "The carrier lost the parcel.")
    decide_arbitration(arbitration=found, verdict=verdict, reviewer=reviewer, at=ENDS + HOUR, version=found.version)
    assert Dispute.objects.get().order.state == "refunded"


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-06")
def test_over_every_state_of_an_arbitration_only_the_right_actions_work(store: Store) -> None:
    first, second = make_staff("first", REVIEWER), make_staff("second", REVIEWER)
    at = ENDS + HOUR

    free = in_arbitration(store)
    assert not release_arbitration(arbitration=free, reviewer=first)
    assert claim_arbitration(arbitration=free, reviewer=first, at=at)
    assert not claim_arbitration(arbitration=free, reviewer=second, at=at)
    assert not mark_complex(arbitration=free, reviewer=second, at=at)
    assert not decide_arbitration(arbitration=free, verdict=VERDICT, reviewer=second, at=at, version=free.version)
    assert not release_arbitration(arbitration=free, reviewer=second)
    assert not decide_arbitration(arbitration=free, verdict=VERDICT, reviewer=first, at=at, version=9)
    assert release_arbitration(arbitration=free, reviewer=first)
    withdraw_dispute(dispute=free.dispute, principal=erp(store), at=at)
    free.refresh_from_db()
    assert not claim_arbitration(arbitration=free, reviewer=first, at=at)
    assert not mark_complex(arbitration=free, reviewer=first, at=at)
    assert not decide_arbitration(arbitration=free, verdict=VERDICT, reviewer=first, at=at, version=free.version)
    assert Dispute.objects.get().state == "withdrawn"


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("verdict", "codes"),
    [
        (Verdict("", None, ""), ["liability", "outcome", "reason"]),
        (Verdict("buyer", Decimal("20.01"), "Long enough a reason."), ["outcome"]),
        (Verdict("nobody", Decimal(0), "Too short"), ["liability", "reason"]),
    ],
)
def test_a_verdict_says_who_how_much_and_why(store: Store, verdict: Verdict, codes: list[str]) -> None:
    found = in_arbitration(store)
    with pytest.raises(IncompleteVerdictError) as error:
        decide_arbitration(
            arbitration=found, verdict=verdict, reviewer=make_staff("one", REVIEWER), at=ENDS, version=found.version
        )
    assert error.value.codes == codes


@pytest.mark.rule("DM-02")
def test_nobody_judges_their_own_company(store: Store) -> None:
    found, member = in_arbitration(store), make_staff("member", REVIEWER)
    Membership.objects.create(user=member, company=store.company, role="owner")
    with pytest.raises(PermissionDenied):
        claim_arbitration(arbitration=found, reviewer=member, at=ENDS)
    with pytest.raises(PermissionDenied):
        decide_arbitration(arbitration=found, verdict=VERDICT, reviewer=member, at=ENDS, version=found.version)


@pytest.mark.rule("RL-05")
def test_an_overdue_arbitration_is_noted_after_its_last_second(store: Store) -> None:
    in_arbitration(store)
    due = ENDS + 48 * HOUR
    sweep(at=due)
    assert not Event.objects.filter(kind="dispute.arbitration_overdue").exists()
    sweep(at=due + SECOND)
    assert Event.objects.get(kind="dispute.arbitration_overdue").at == due
    assert Arbitration.objects.get().ended_at is None


@pytest.mark.rule("DM-26")
def test_a_complex_arbitration_has_five_working_days_over_holidays(store: Store) -> None:
    """Begun on 30 September 2026: the National Day holiday lasts until 7 October; Saturday 10 October is worked."""
    dispute = make_dispute(store, opened_at=datetime(2026, 9, 25, 4, tzinfo=UTC))
    sweep(at=datetime(2026, 9, 30, 5, tzinfo=UTC))
    found = Arbitration.objects.select_related("dispute__store").get(dispute=dispute)
    assert mark_complex(arbitration=found, reviewer=make_staff("one", REVIEWER), at=found.begun_at)
    clock = Deadline.objects.get(kind="dispute_arbitration", state="open")
    assert (found.is_complex, found.due_at, clock.due_at) == (True, clock.due_at, found.due_at)
    assert found.due_at == datetime(2026, 10, 13, 16, tzinfo=UTC)
    assert not mark_complex(arbitration=found, reviewer=make_staff("two", REVIEWER), at=found.begun_at)


@pytest.mark.rule("RL-06")
@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_decides() -> None:
    found = in_arbitration(make_store(mode="governed"))
    people = [make_staff(f"reviewer{place}", REVIEWER) for place in range(4)]

    def decide(place: int) -> bool:
        try:
            mine = Arbitration.objects.select_related("dispute__order", "dispute__store").get(pk=found.pk)
            verdict = Verdict("buyer", Decimal(place), "The trace shows the delivery.")
            return decide_arbitration(
                arbitration=mine, verdict=verdict, reviewer=people[place], at=ENDS + HOUR, version=found.version
            )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(people)) as pool:
        results = list(pool.map(decide, range(len(people))))
    assert results.count(True) == 1
    kept = Arbitration.objects.get()
    assert kept.outcome_usd == Dispute.objects.get().outcome_usd == Decimal(results.index(True))
    assert Event.objects.filter(kind="dispute.judged").count() == 1


SIDES = Sides(
    kind="not_received", claimed_usd=Decimal(20), has_evidence=True, given=frozenset({"full_trace"}),
    needed=("full_trace",), contradictions=0, delivered=True, lost=False, buyer_gave=False, offered_usd=Decimal(0),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "liability", "outcome", "reasons"),
    [
        ({"has_evidence": False}, "seller", 20, [Because.NO_EVIDENCE]),
        ({"given": frozenset({"withdrawal"})}, "none", 0, [Because.WITHDRAWN]),
        ({"lost": True}, "carrier", 20, [Because.PARCEL_LOST]),
        ({"contradictions": 2}, "seller", 20, [Because.CONTRADICTED]),
        ({}, "none", 0, [Because.DELIVERED]),
        ({"delivered": False}, "carrier", 20, [Because.NOT_DELIVERED]),
        ({"kind": "quality", "needed": ("quality_report",)}, "seller", 20, [Because.KINDS_MISSING]),
        ({"kind": "chargeback", "buyer_gave": True}, "none", 0, [Because.KINDS_COMPLETE, Because.BUYER_PROVES]),
        ({"kind": "chargeback", "offered_usd": Decimal(5)}, "none", 5, [Because.KINDS_COMPLETE, Because.OFFERED]),
    ],
)
def test_the_first_reading_says_what_it_recommends_and_why(
    changes: dict[str, Any], liability: str, outcome: int, reasons: list[Because]
) -> None:
    reading = read_sides(replace(SIDES, **changes))
    assert (reading.liability, reading.outcome_usd) == (liability, outcome)
    assert [code for code, _params in reading.reasons] == reasons
