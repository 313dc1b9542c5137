"""What needs two people: one proposes, another one confirms or refuses (PN-42)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connections, transaction

from core.models import Event
from penalties.models import Penalty, PenaltyProposal, PointsEntry
from penalties.queries.proposals import OPEN_PROPOSAL
from penalties.queries.standing import penalties_in_force
from penalties.rules import PenaltyKind, ProposalGap, proposal_gaps
from penalties.services.deriving import derive_penalties
from penalties.services.points import add_points
from penalties.services.proposals import (
    AlreadyProposedError,
    decide_proposal,
    propose_lift,
    propose_penalty,
    propose_points_lift,
    withdraw_proposal,
)
from stores.claims import claim
from stores.models import Membership, Store, User
from stores.roles import REVIEWER
from tests.orders.build import HOUR, NOW
from tests.stores.people import make_staff, make_store

pytestmark = pytest.mark.rule("PN-42")
CLOSED, FROZEN = PenaltyKind.STORE_CLOSED, PenaltyKind.ACCOUNT_FROZEN


def governed() -> Store:
    return make_store(mode=Store.Mode.GOVERNED)


def reviewer(name: str) -> User:
    return make_staff(name, REVIEWER, factor=False)


def proposed(store: Store, by: User, kind: PenaltyKind = CLOSED, **more: object) -> PenaltyProposal:
    return propose_penalty(store=store, kind=kind, reason="Counterfeit goods", by=by, at=NOW, **more)


def states_of(store: Store) -> list[tuple[str, object, object, str]]:
    rows = Penalty.objects.filter(store=store).order_by("pk")
    return [(row.kind, row.starts_at, row.ended_at, row.ending) for row in rows]


@pytest.mark.django_db
def test_penalty_needs_a_second_person() -> None:
    store, first, second = governed(), reviewer("first"), reviewer("second")
    proposal = proposed(store, first)
    assert proposal.due_at == NOW + timedelta(hours=24)
    with pytest.raises(PermissionDenied):
        decide_proposal(proposal=proposal, confirmed=True, answer="", reviewer=first, at=NOW + HOUR)
    with pytest.raises(IntegrityError), transaction.atomic():
        PenaltyProposal.objects.update(state="confirmed", decided_by=first)
    assert states_of(store) == []
    assert decide_proposal(proposal=proposal, confirmed=True, answer="", reviewer=second, at=NOW + HOUR)
    assert states_of(store) == [("store_closed", NOW + HOUR, None, "")]
    derive_penalties(store_ids=[store.pk], at=NOW + 2 * HOUR)
    assert states_of(store) == [("store_closed", NOW + HOUR, None, "")]
    told = list(Event.objects.order_by("pk").values_list("kind", "actor"))
    assert told == [
        ("penalty_proposal.proposed", f"person:{first.pk}"),
        ("penalty_proposal.confirmed", f"person:{second.pk}"),
        ("penalty.applied", f"person:{second.pk}"),
    ]


@pytest.mark.django_db
def test_refused_and_withdrawn_proposals_bring_nothing() -> None:
    store, first, second = governed(), reviewer("first"), reviewer("second")
    refused = proposed(store, first)
    with pytest.raises(ValueError, match="answer"):
        decide_proposal(proposal=refused, confirmed=False, answer=" ", reviewer=second, at=NOW)
    assert decide_proposal(proposal=refused, confirmed=False, answer="No proof", reviewer=second, at=NOW)
    again = proposed(store, first)
    with pytest.raises(PermissionDenied):
        withdraw_proposal(proposal=again, by=second, at=NOW)
    assert withdraw_proposal(proposal=again, by=first, at=NOW)
    assert not decide_proposal(proposal=again, confirmed=True, answer="", reviewer=second, at=NOW)
    assert (states_of(store), refused.state, again.state) == ([], "refused", "withdrawn")


@pytest.mark.django_db
def test_company_and_claims_stand_against_deciding() -> None:
    store, first, second, third = governed(), reviewer("first"), reviewer("second"), reviewer("third")
    Membership.objects.create(user=third, company=store.company, role="owner")
    proposal = proposed(store, first)
    with pytest.raises(PermissionDenied):
        proposed(store, third, FROZEN)
    with pytest.raises(PermissionDenied):
        decide_proposal(proposal=proposal, confirmed=True, answer="", reviewer=third, at=NOW)
    fourth = reviewer("fourth")
    assert claim(proposal, waits=OPEN_PROPOSAL, person=fourth, at=NOW)
    assert not decide_proposal(proposal=proposal, confirmed=True, answer="", reviewer=second, at=NOW)
    assert decide_proposal(proposal=proposal, confirmed=True, answer="", reviewer=fourth, at=NOW)


@pytest.mark.django_db
def test_the_same_is_proposed_once_at_a_time_and_only_where_this_installation_decides() -> None:
    store, first, second = governed(), reviewer("first"), reviewer("second")
    proposed(store, first)
    with pytest.raises(AlreadyProposedError):
        proposed(store, second)
    proposed(store, second, FROZEN, days=3)
    with pytest.raises(ValueError, match="mirrored"):
        proposed(make_store("S2", mode=Store.Mode.MIRRORED), first)


@pytest.mark.django_db
def test_manual_penalty_ends_with_its_period() -> None:
    store, first, second = governed(), reviewer("first"), reviewer("second")
    proposal = proposed(store, first, PenaltyKind.LISTING_DELISTED, subject="SKU-1", days=2)
    decide_proposal(proposal=proposal, confirmed=True, answer="", reviewer=second, at=NOW)
    end = NOW + timedelta(days=2)
    derive_penalties(store_ids=[store.pk], at=end + HOUR)
    assert states_of(store) == [("listing_delisted", NOW, end, "expired")]


@pytest.mark.django_db
def test_lift_by_hand_ends_a_penalty_for_good() -> None:
    store, first, second = governed(), reviewer("first"), reviewer("second")
    proposal = proposed(store, first, FROZEN)
    decide_proposal(proposal=proposal, confirmed=True, answer="", reviewer=second, at=NOW)
    penalty = Penalty.objects.get()
    lift = propose_lift(penalty=penalty, reason="All goods are genuine", by=second, at=NOW + HOUR)
    with pytest.raises(AlreadyProposedError):
        propose_lift(penalty=penalty, reason="Again", by=first, at=NOW + HOUR)
    assert decide_proposal(proposal=lift, confirmed=True, answer="", reviewer=first, at=NOW + 2 * HOUR)
    derive_penalties(store_ids=[store.pk], at=NOW + 9 * HOUR)
    assert states_of(store) == [("account_frozen", NOW, NOW + 2 * HOUR, "lifted")]
    assert not penalties_in_force([store.pk], NOW + 3 * HOUR).exists()
    penalty.refresh_from_db()
    with pytest.raises(ValueError, match="over"):
        propose_lift(penalty=penalty, reason="Again", by=first, at=NOW + 9 * HOUR)


@pytest.mark.django_db
@pytest.mark.rule("PN-43")
def test_points_are_given_and_lifted_by_two() -> None:
    store, first, second = governed(), reviewer("first"), reviewer("second")
    proposal = proposed(store, first, PenaltyKind.PENALTY_POINTS, points=6)
    decide_proposal(proposal=proposal, confirmed=True, answer="", reviewer=second, at=NOW)
    entry = PointsEntry.objects.get()
    assert (entry.points, entry.source, entry.facts, entry.lifted_at) == (
        6,
        "manual",
        {"reason": "Counterfeit goods"},
        None,
    )
    lift = propose_points_lift(entry=entry, reason="Wrong store", by=first, at=NOW)
    decide_proposal(proposal=lift, confirmed=True, answer="", reviewer=second, at=NOW + HOUR)
    entry.refresh_from_db()
    assert entry.lifted_at == NOW + HOUR
    kept = add_points(store=store, points=1, source="other", cause="x", rule="PN-43", at=NOW)
    assert kept.lifted_at is None


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_does() -> None:
    store, first = governed(), reviewer("first")
    proposal = proposed(store, first)
    others = [reviewer(f"other{place}") for place in range(3)]

    def confirm(person: User) -> bool:
        try:
            row = PenaltyProposal.objects.get(pk=proposal.pk)
            return decide_proposal(proposal=row, confirmed=True, answer="", reviewer=person, at=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(confirm, others)) == [False, False, True]
    assert states_of(store) == [("store_closed", NOW, None, "")]
    assert Event.objects.filter(kind="penalty.applied").count() == 1


def test_proposals_name_what_their_kind_needs() -> None:
    given = [
        (PenaltyKind.LISTING_DELISTED, "", None, 0, {ProposalGap.LISTING}),
        (PenaltyKind.LISTING_DELISTED, "SKU", 3, 0, set()),
        (PenaltyKind.WARNING, "SKU", 3, 0, {ProposalGap.LISTING}),
        (PenaltyKind.PENALTY_POINTS, "", 3, 6, {ProposalGap.PERIOD}),
        (PenaltyKind.PENALTY_POINTS, "", None, 0, {ProposalGap.POINTS}),
        (CLOSED, "", 3, 0, {ProposalGap.PERIOD}),
        (FROZEN, "", 0, 0, {ProposalGap.PERIOD}),
    ]
    for kind, subject, days, points, gaps in given:
        assert proposal_gaps(kind, subject=subject, days=days, points=points) == gaps
