"""What confirmed risk cases bring: fixed by their kind or chosen, shown before, once (TM-07, PN-35, AF-12, PN-42)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils.translation import override

from orders.cases import consequence_of
from orders.models import OrderLine, RiskCase
from orders.services.cases import decide_risk_case, open_risk_case
from penalties.models import Penalty, PenaltyProposal, PointsEntry
from penalties.services.deriving import derive_penalties
from penalties.services.proposals import decide_proposal
from stores.models import Store, User
from stores.roles import REVIEWER
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.stores.people import make_staff, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store(mode=Store.Mode.GOVERNED)


@pytest.fixture
def judge() -> User:
    return make_staff("judge", REVIEWER, factor=False)


def opened(store: Store, kind: str, dedupe: str = "A-1", **more: Any) -> RiskCase:
    given = {"subject_kind": "order", "subject_key": dedupe, "facts": {}, "at": NOW, **more}
    return open_risk_case(store=store, kind=kind, dedupe=dedupe, **given)


def confirm(case: RiskCase, judge: User, at: datetime = NOW, **more: Any) -> RiskCase:
    assert decide_risk_case(case=case, confirmed=True, reason="Seen", reviewer=judge, at=at, **more)
    return case


def foreseen(case: RiskCase, at: datetime = NOW) -> list[str]:
    consequence = consequence_of(case.kind)
    assert consequence is not None
    with override("en"):
        return [str(text) for text in consequence.words(consequence.outcome(case, at))]


def penalties_of(store: Store) -> list[tuple[str, str, timedelta, timedelta | None]]:
    rows = Penalty.objects.filter(store=store).order_by("starts_at", "pk")
    return [(row.kind, row.subject, row.starts_at - NOW, row.ends_at and row.ends_at - row.starts_at) for row in rows]


def fake(store: Store, number: int, tracking_no: str = "", cause: str = "no_pickup") -> RiskCase:
    facts = {"cause": cause, "tracking_no": tracking_no or f"UB{number}"}
    return opened(store, "fake_dispatch", f"A-{number} {cause}", subject_key=f"A-{number}", facts=facts)


@pytest.mark.rule("TM-07")
def test_fake_dispatch_costs_points_and_the_second_opens_a_closing_case(store: Store, judge: User) -> None:
    first, second = fake(store, 1), fake(store, 2)
    assert foreseen(first) == ["6 points; fake dispatch no. 1 within 365 days"]
    confirm(first, judge)
    assert foreseen(second) == [
        "6 points; fake dispatch no. 2 within 365 days",
        "A case for closing the store is opened; two people decide on that.",
    ]
    confirm(second, judge, NOW + HOUR)
    points = PointsEntry.objects.order_by("at").values_list("points", "source", "cause")
    assert list(points) == [(6, "fake_dispatch", "A-1 UB1"), (6, "fake_dispatch", "A-2 UB2")]
    closing = RiskCase.objects.get(kind="fake_dispatch_closing")
    assert (closing.state, closing.opened_at, closing.facts["number"]) == ("open", NOW + HOUR, 2)
    assert not PenaltyProposal.objects.exists()


@pytest.mark.rule("TM-07")
def test_two_causes_of_one_parcel_are_one_fake_dispatch(store: Store, judge: User) -> None:
    confirm(fake(store, 1), judge)
    again = fake(store, 1, cause="off_route")
    assert foreseen(again) == ["No further points: the parcel was counted with another of its causes."]
    confirm(again, judge)
    assert (PointsEntry.objects.count(), RiskCase.objects.filter(kind="fake_dispatch_closing").exists()) == (1, False)


@pytest.mark.rule("TM-07")
@pytest.mark.parametrize(("after", "closes"), [(timedelta(days=365, seconds=-1), True), (timedelta(days=365), False)])
def test_fake_dispatches_count_together_within_the_window(
    store: Store, judge: User, after: timedelta, closes: bool
) -> None:
    confirm(fake(store, 1), judge)
    confirm(fake(store, 2), judge, NOW + after)
    assert RiskCase.objects.filter(kind="fake_dispatch_closing").exists() is closes


@pytest.mark.rule("TM-07", "PN-42")
def test_confirmed_closing_case_is_a_proposal_that_another_person_confirms(store: Store, judge: User) -> None:
    confirm(fake(store, 1), judge)
    confirm(fake(store, 2), judge)
    closing = confirm(RiskCase.objects.get(kind="fake_dispatch_closing"), judge, NOW + HOUR)
    proposal = PenaltyProposal.objects.get()
    assert (proposal.kind, proposal.proposed_by, proposal.case) == ("store_closed", judge, closing)
    demoted = ("search_demotion", "", timedelta(0), timedelta(days=7))
    assert penalties_of(store) == [demoted]
    other = make_staff("other", REVIEWER, factor=False)
    assert decide_proposal(proposal=proposal, confirmed=True, answer="", reviewer=other, at=NOW + 2 * HOUR)
    assert penalties_of(store) == [demoted, ("store_closed", "", 2 * HOUR, None)]


@pytest.mark.rule("PN-35")
def test_review_manipulation_demotes_and_holds_funds_for_a_time(store: Store, judge: User) -> None:
    case = opened(store, "review_manipulation")
    assert foreseen(case) == ["search demotion for 30 days", "settlements suspended for 30 days"]
    confirm(case, judge, NOW + HOUR)
    expected = [("search_demotion", "", HOUR, 30 * DAY), ("funds_hold", "", HOUR, 30 * DAY)]
    assert penalties_of(store) == expected
    derive_penalties(store_ids=[store.pk], at=NOW + DAY)
    assert penalties_of(store) == expected
    mirrored = make_store("S2", mode=Store.Mode.MIRRORED)
    confirm(opened(mirrored, "review_manipulation"), judge)
    assert set(Penalty.objects.filter(store=mirrored).values_list("predicted", flat=True)) == {True}


@pytest.mark.rule("AF-12")
def test_each_confirmed_inducement_is_one_step_of_the_ladder_in_whatever_sequence(store: Store, judge: User) -> None:
    order = make_order(store, order_no="A-2")
    OrderLine.objects.create(store=store, order=order, line_no="1", sku="SKU-7", quantity=1, source_at=NOW)
    open_cases = {number: opened(store, "inducement", f"A-{number}") for number in range(1, 6)}
    for place, number in enumerate((3, 1, 2, 5, 4)):
        if number == 5:
            decide_risk_case(case=open_cases[5], confirmed=False, reason="No", reviewer=judge, at=NOW + place * HOUR)
        else:
            confirm(open_cases[number], judge, NOW + place * HOUR)
    assert penalties_of(store) == [
        ("warning", "", 0 * HOUR, 30 * DAY),
        ("listing_delisted", "SKU-7", 2 * HOUR, 72 * HOUR),
        ("account_frozen", "", 4 * HOUR, None),
    ]
    assert list(PointsEntry.objects.values_list("points", "at")) == [(6, NOW + HOUR)]
    more = opened(store, "inducement", "A-6")
    assert foreseen(more) == ["Step 4 of the ladder: account frozen, until lifted"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.rule("AF-12")
def test_cases_that_are_confirmed_at_once_are_one_step_each() -> None:
    store, judge = make_store(mode=Store.Mode.GOVERNED), make_staff("judge", REVIEWER, factor=False)
    ids = [opened(store, "inducement", f"A-{number}").pk for number in range(3)]

    def decide(pk: int) -> None:
        try:
            confirm(RiskCase.objects.get(pk=pk), judge)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(decide, ids))
    steps = [case.outcome["step"] for case in RiskCase.objects.all()]
    assert sorted(steps) == ["listing_delisted", "penalty_points", "warning"]
    assert PointsEntry.objects.count() == Penalty.objects.filter(kind="warning").count() == 1


@pytest.mark.rule("PN-42")
def test_reviewer_chooses_where_the_kind_fixes_nothing(store: Store, judge: User) -> None:
    none, frozen = opened(store, "shs_review", "A"), opened(store, "shs_review", "B")
    with pytest.raises(ValueError, match="no consequence"):
        confirm(none, judge)
    confirm(none, judge, choice="nothing")
    confirm(frozen, judge, choice="account_frozen")
    proposals = PenaltyProposal.objects.values_list("kind", "case__subject_key", "reason")
    assert list(proposals) == [("account_frozen", "B", "Seen")]
    assert (frozen.outcome, penalties_of(store)) == ({"choice": "account_frozen"}, [])
