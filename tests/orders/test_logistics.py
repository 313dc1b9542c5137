"""Pickup proofs and logistics claims: from handing in to what a verdict changes (TM-11, AF-08)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections

from core.models import Deadline, DirtySubject, Event
from core.sweeping import sweep
from evidence.models import EvidenceFile
from orders.commands.logistics import (
    RefusedClaimError,
    decide_claim,
    submit_claim,
    withdraw_claim,
)
from orders.models import LogisticsClaim, Order, OrderHold, Review, TrackingEvent
from orders.queries.logistics import OPEN, PROOF_REVIEW
from orders.queries.pool import in_pool_at
from orders.rules.logistics import CLAIM_TRANSITIONS, ClaimKind, ClaimState, Refusal
from orders.services.clocks import derive_order_clocks
from stores.claims import claim
from stores.models import Membership, Store, User
from stores.principals import Person
from stores.roles import REVIEWER
from tests.orders.build import DAY, HOUR, NOW, make_order, scan
from tests.stores.people import make_person, make_staff, make_store

pytestmark = [pytest.mark.django_db, pytest.mark.rule("TM-11")]
PICKUP, LOSS, DAMAGE, FALSE = ClaimKind.PICKUP, ClaimKind.LOSS, ClaimKind.DAMAGE, ClaimKind.FALSE_DELIVERY


@dataclass
class World:
    store: Store
    seller: Person
    judge: User
    order: Order

    def hand_in(self, kind: ClaimKind = PICKUP, at: datetime = NOW, **more: Any) -> LogisticsClaim:
        given = {
            "carrier": "YANWEN",
            "tracking_no": "UB1",
            "happened_at": NOW - 2 * DAY if kind is PICKUP else None,
            "files": [(pdf_of(self.store), "proof.pdf")],
            "principal": self.seller,
        }
        return submit_claim(order=self.order, kind=kind, at=at, **{**given, **more})


def pdf_of(store: Store, kind: str = "pdf") -> EvidenceFile:
    return EvidenceFile.objects.get_or_create(
        company=store.company, sha256=kind, defaults={"kind": kind, "name": "p", "size": 1, "uploaded_at": NOW}
    )[0]


def build(**more: Any) -> World:
    """A governed store with an order whose parcel nobody scanned for three days."""
    store = make_store(mode="governed")
    given = {
        "paid_at": NOW - 4 * DAY,
        "shipped_at": NOW - 3 * DAY,
        "created_at": NOW - 4 * DAY,
        "carrier": "YANWEN",
        "tracking_no": "UB1",
        "shipping_amount": Decimal("3.5"),
    }
    order = make_order(store, **{**given, **more})
    return World(store, Person(make_person("seller", store.company)), make_staff("judge", REVIEWER), order)


def in_pool(order: Order, at: datetime = NOW) -> bool:
    return in_pool_at(Order.objects.filter(pk=order.pk), at).exists()


def test_accepted_proof_adds_the_pickup_and_brings_the_order_out_of_the_pool() -> None:
    world = build()
    later = NOW + HOUR
    assert in_pool(world.order)
    proof = world.hand_in(happened_at=NOW - 30 * HOUR)
    assert decide_claim(claim=proof, accepted=True, reason="", reviewer=world.judge, at=later)
    added = TrackingEvent.objects.get()
    assert (added.kind, added.at, added.tracking_no) == ("pickup", NOW - 30 * HOUR, "UB1")
    world.order.refresh_from_db()
    assert (world.order.first_scan_at, world.order.state) == (NOW - 30 * HOUR, "shipped")
    assert (proof.state, proof.scan, proof.decided_by, proof.compensation) == ("accepted", added, world.judge, None)
    assert not in_pool(world.order, later)
    assert DirtySubject.objects.filter(kind="order", subject_id=world.order.pk).exists()
    proven = Event.objects.get(kind="order.pickup_proven")
    assert (proven.actor, proven.after["scanned_at"]) == (f"person:{world.judge.pk}", added.at.isoformat())
    assert Deadline.objects.get(kind=PROOF_REVIEW).state == "met"


def test_refused_proof_changes_nothing_and_may_be_handed_in_again() -> None:
    world = build()
    proof = world.hand_in()
    with pytest.raises(ValueError, match="reason"):
        decide_claim(claim=proof, accepted=False, reason=" ", reviewer=world.judge, at=NOW)
    assert decide_claim(claim=proof, accepted=False, reason="Another number", reviewer=world.judge, at=NOW + HOUR)
    assert (TrackingEvent.objects.count(), in_pool(world.order)) == (0, True)
    event = Event.objects.get(kind="logistics_claim.refused")
    assert (event.store_no, event.after["reason"]) == (world.store.store_no, "Another number")
    assert world.hand_in(at=NOW + HOUR).state == "open"


def _accept(world: World, row: LogisticsClaim) -> bool:
    return decide_claim(claim=row, accepted=True, reason="", reviewer=world.judge, at=NOW)


def _refuse(world: World, row: LogisticsClaim) -> bool:
    return decide_claim(claim=row, accepted=False, reason="no", reviewer=world.judge, at=NOW)


def _withdraw(world: World, row: LogisticsClaim) -> bool:
    return withdraw_claim(claim=row, principal=world.seller, at=NOW)


WAYS: dict[ClaimState, Callable[[World, LogisticsClaim], bool]] = {
    ClaimState.ACCEPTED: _accept,
    ClaimState.REFUSED: _refuse,
    ClaimState.WITHDRAWN: _withdraw,
}


def test_every_state_allows_what_the_table_says() -> None:
    world = build()
    assert set(WAYS) | {ClaimState.OPEN} == set(ClaimState)
    row = world.hand_in()
    for before in ClaimState:
        for after, way in WAYS.items():
            LogisticsClaim.objects.filter(pk=row.pk).update(state=before)
            moved = way(world, row)
            assert moved == (after in CLAIM_TRANSITIONS[before])
            assert row.state == (after if moved else before)


@pytest.mark.parametrize(
    ("order", "handed_in", "refusal"),
    [
        ({"carrier": ""}, {"tracking_no": "OTHER"}, Refusal.NO_PARCEL),
        ({"shipped_at": NOW - HOUR}, {}, Refusal.NOT_ABNORMAL),
        ({}, {"files": []}, Refusal.NO_FILE),
        ({}, {"happened_at": None}, Refusal.TIME_MISSING),
        ({}, {"happened_at": NOW + HOUR}, Refusal.TIME_AHEAD),
        ({}, {"happened_at": NOW - 5 * DAY}, Refusal.TIME_BEFORE_ORDER),
        ({}, {"kind": FALSE}, Refusal.NOT_DELIVERED),
        ({"delivered_given": NOW - HOUR}, {"kind": LOSS}, Refusal.DELIVERED),
    ],
)
def test_what_does_not_fit_the_parcel_is_refused(order: Any, handed_in: Any, refusal: Refusal) -> None:
    world = build(**order)
    with pytest.raises(RefusedClaimError) as raised:
        world.hand_in(**handed_in)
    assert raised.value.refusal == refusal


def test_proof_is_a_pdf_and_one_waits_at_a_time() -> None:
    world = build()
    with pytest.raises(RefusedClaimError) as picture:
        world.hand_in(files=[(pdf_of(world.store, "jpeg"), "photo.jpg")])
    world.hand_in()
    with pytest.raises(RefusedClaimError) as second:
        world.hand_in()
    assert (picture.value.refusal, second.value.refusal) == (Refusal.NO_PDF, Refusal.WAITING)
    assert world.hand_in(LOSS).kind == "loss"


def test_mirrored_store_hands_in_on_its_platform() -> None:
    world = build()
    Store.objects.update(mode="mirrored")
    world.order.store.refresh_from_db()
    with pytest.raises(RefusedClaimError) as raised:
        world.hand_in()
    assert raised.value.refusal == Refusal.MIRRORED


def test_strangers_and_the_company_itself_decide_nothing() -> None:
    world = build()
    with pytest.raises(PermissionDenied):
        world.hand_in(principal=Person(make_person("stranger")))
    proof = world.hand_in()
    Membership.objects.create(user=world.judge, company=world.store.company, role="analyst")
    with pytest.raises(PermissionDenied):
        decide_claim(claim=proof, accepted=True, reason="", reviewer=world.judge, at=NOW)


@pytest.mark.parametrize(("kind", "hours"), [(PICKUP, 2), (LOSS, 48)])
def test_late_review_stays_open_and_is_on_record(kind: ClaimKind, hours: int) -> None:
    world = build()
    row = world.hand_in(kind)
    sweep(at=NOW + hours * HOUR)
    assert not Event.objects.filter(kind="logistics_claim.overdue").exists()
    for _run in range(2):
        sweep(at=NOW + hours * HOUR + timedelta(seconds=1))
    row.refresh_from_db()
    assert (row.state, row.due_at) == ("open", NOW + hours * HOUR)
    assert Event.objects.get(kind="logistics_claim.overdue").at == row.due_at
    assert decide_claim(claim=row, accepted=False, reason="late", reviewer=world.judge, at=NOW + 3 * DAY)


@pytest.mark.sqlite_only
@pytest.mark.rule("AF-08")
@pytest.mark.parametrize("kind", [FALSE, LOSS, DAMAGE])
def test_proven_fault_revokes_the_auto_review_and_records_the_compensation(kind: ClaimKind) -> None:
    delivered = {} if kind is LOSS else {"delivered_given": NOW - HOUR}
    world = build(**delivered)
    review = Review.objects.create(store=world.store, order=world.order, kind="auto", created_at=NOW - HOUR)
    row = world.hand_in(kind)
    assert _accept(world, row)
    review.refresh_from_db()
    assert review.revoked_at == NOW
    assert (row.compensation, row.currency) == (Decimal("3.5"), "USD")
    event = Event.objects.get(kind="logistics_claim.accepted")
    assert (event.after["compensation"], event.after["claim"]) == ("3.5000", kind)
    world.order.refresh_from_db()
    assert (world.order.delivered_at is not None) == bool(delivered)
    assert list(TrackingEvent.objects.values_list("kind", flat=True)) == (["lost"] if kind is LOSS else [])


@pytest.mark.rule("AF-08", "AF-06", "TM-11")
def test_a_proven_fault_revokes_the_automatic_review_and_a_proof_ends_the_hold() -> None:
    world = build(delivered_given=NOW - HOUR)
    derive_order_clocks(order_ids=[world.order.pk], at=NOW - HOUR)
    review = Review.objects.create(store=world.store, order=world.order, kind="auto", created_at=NOW - HOUR)
    for kind in (PICKUP, FALSE):
        assert _accept(world, world.hand_in(kind))
    review.refresh_from_db()
    assert review.revoked_at is not None
    assert OrderHold.objects.get(order=world.order, reason="invalid_trace").until is not None


def test_proven_loss_takes_the_parcel_out_of_the_pool() -> None:
    world = build()
    scan(world.order, NOW - 60 * HOUR, tracking_no="UB1")
    assert _accept(world, world.hand_in(LOSS))
    assert not in_pool(world.order, NOW)


def test_proof_for_an_order_that_ended_meanwhile_adds_no_scan() -> None:
    world = build()
    proof = world.hand_in()
    Order.objects.filter(pk=world.order.pk).update(cancelled_at=NOW, state="cancelled")
    assert _accept(world, proof)
    assert (proof.state, proof.scan, TrackingEvent.objects.count()) == ("accepted", None, 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_decides() -> None:
    world = build()
    row, other = world.hand_in(), make_staff("other", REVIEWER, factor=False)

    def decide(person: User) -> bool:
        try:
            mine = LogisticsClaim.objects.select_related("store", "order").get(pk=row.pk)
            return decide_claim(claim=mine, accepted=True, reason="", reviewer=person, at=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, (world.judge, other))) == [False, True]
    assert Event.objects.filter(kind="logistics_claim.accepted").count() == TrackingEvent.objects.count() == 1


def test_claimed_by_another_it_is_not_decided() -> None:
    world = build()
    row, other = world.hand_in(), make_staff("other", REVIEWER)
    assert claim(row, waits=OPEN, person=other, at=NOW)
    assert not _accept(world, row)
    assert (row.state, row.claimed_by) == ("open", other)


@pytest.mark.rule("AF-06")
def test_accepted_proof_ends_the_hold_of_an_invalid_trace() -> None:
    world = build(delivered_given=NOW - HOUR)
    hold = OrderHold.objects.create(
        store=world.store, order=world.order, code="abnormal_logistics", reason="invalid_trace", since=NOW - HOUR
    )
    assert _accept(world, world.hand_in())
    hold.refresh_from_db()
    assert (hold.until, world.order.state) == (NOW, "delivered")
