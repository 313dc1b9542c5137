"""Automatic reviews: when they are made, what stops, replaces and revokes them, and the guides (AF-01 … AF-09)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.models import DirtySubject, Event
from core.sweeping import sweep
from disputes.models import Dispute
from orders.models import Message, Order, Review
from orders.services.auto_reviews import replace_auto_reviews, revoke_auto_review
from orders.services.clocks import derive_order_clocks
from stores.models import Carrier, Category, Store
from stores.principals import System
from tests.orders.build import DAY, HOUR, NOW, deliver, derive, make_order
from tests.stores.people import make_store

SECOND = timedelta(seconds=1)
# The next UTC day begins twenty hours after NOW; in Shanghai it began already twelve hours after NOW.
NEXT_DAY = NOW + 20 * HOUR


@pytest.fixture
def store(db: None) -> Store:
    Carrier.objects.update_or_create(code="cainiao", defaults={"name": "Cainiao", "approved": True, "official": True})
    return make_store(mode="governed")


def succeeded(store: Store, **more: Any) -> Order:
    """An order whose buyer confirmed receipt at NOW, with a valid trace of an approved carrier."""
    given = {"carrier": "cainiao", "paid_at": NOW - 9 * DAY, "shipped_at": NOW - 8 * DAY, **more}
    order = deliver(make_order(store, confirmed_at=NOW, confirmed_by="buyer", **given), NOW - DAY)
    derive_order_clocks(order_ids=[order.pk], at=NOW)
    return order


def automatic(order: Order) -> list[datetime]:
    return [review.created_at for review in Review.objects.filter(order=order, kind="auto")]


def review(order: Order, at: datetime, stars: int) -> None:
    Review.objects.create(store_id=order.store_id, order=order, created_at=at, described=stars)
    derive(order)
    derive_order_clocks(order_ids=[order.pk], at=at)
    replace_auto_reviews(order_ids=[order.pk])


def dispute(order: Order, at: datetime, **more: Any) -> Dispute:
    made = Dispute.objects.create(
        store_id=order.store_id, order=order, dispute_no=f"D{order.order_no}", kind="quality", opened_at=at, **more
    )
    derive_order_clocks(order_ids=[order.pk], at=more.get("closed_at", at))
    return made


def told(order: Order) -> list[tuple[str, datetime]]:
    events = Event.objects.filter(subject_key=order.order_no, kind__startswith="order.auto").order_by("pk")
    return list(events.values_list("kind", "at"))


@pytest.mark.sqlite_only
@pytest.mark.rule("AF-01", "AF-02", "DM-11a")
def test_the_first_sweep_of_the_next_utc_day_reviews_for_the_buyer(store: Store) -> None:
    order = succeeded(store)
    unapproved, invalid = succeeded(store, carrier="other"), succeeded(store, delivered_given=NOW - 2 * DAY)
    refunded, reviewed = succeeded(store, refunded_given=NOW), succeeded(store)
    invalid.trackingevents.filter(kind="transit").delete()
    derive_order_clocks(order_ids=[invalid.pk], at=NOW)
    review(reviewed, NEXT_DAY, 5)
    mirrored = succeeded(make_store("S2"))
    DirtySubject.objects.all().delete()
    sweep(at=NEXT_DAY)
    assert automatic(order) == []
    sweep(at=NEXT_DAY + 3 * DAY)
    sweep(at=NEXT_DAY + 4 * DAY)
    assert automatic(order) == [NEXT_DAY]
    made = Review.objects.get(order=order)
    assert (made.described, made.communication, made.shipping, made.text) == (None, None, None, "")
    assert [automatic(other) for other in (unapproved, invalid, refunded, reviewed, mirrored)] == [[]] * 5
    assert told(order) == [("order.auto_reviewed", NEXT_DAY)]
    assert list(DirtySubject.objects.values_list("subject_id", flat=True)) == [order.pk]


@pytest.mark.rule("AF-01")
def test_a_closed_order_is_reviewed_as_well(store: Store) -> None:
    order = succeeded(store, closed_at=NOW)
    sweep(at=NEXT_DAY + SECOND)
    assert automatic(order) == [NEXT_DAY]


@pytest.mark.rule("AF-04")
def test_a_dispute_stops_the_review_and_its_end_counts_anew(store: Store) -> None:
    orders = [succeeded(store) for _ in range(3)]
    last, late, open_one = orders
    dispute(last, NEXT_DAY, state="closed", closed_at=NEXT_DAY + 30 * HOUR)
    # Opened a second after the review was due, which no sweep had made yet.
    dispute(late, NEXT_DAY + SECOND)
    dispute(open_one, NOW)
    sweep(at=NEXT_DAY + 2 * DAY)
    sweep(at=NEXT_DAY + 2 * DAY + SECOND)
    assert [automatic(order) for order in orders] == [[NEXT_DAY + 2 * DAY], [NEXT_DAY], []]


@pytest.mark.rule("AF-07")
def test_the_buyers_review_takes_the_place_of_the_automatic_one_for_thirty_days(store: Store) -> None:
    bad, late = succeeded(store), succeeded(store)
    sweep(at=NEXT_DAY + SECOND)
    review(bad, NEXT_DAY + 30 * DAY, 1)
    review(late, NEXT_DAY + 30 * DAY + SECOND, 5)
    assert replace_auto_reviews(order_ids=[bad.pk, late.pk]) == 0
    assert told(bad) == [("order.auto_reviewed", NEXT_DAY), ("order.auto_review_replaced", NEXT_DAY + 30 * DAY)]
    assert told(late) == [("order.auto_reviewed", NEXT_DAY)]
    assert Event.objects.get(kind="order.auto_review_replaced").after == {"described": 1, "negative": True}


@pytest.mark.rule("AF-08")
def test_a_proven_fault_revokes_the_automatic_review_for_good(store: Store) -> None:
    order = succeeded(store)
    sweep(at=NEXT_DAY + SECOND)
    at = NEXT_DAY + DAY
    assert revoke_auto_review(order=order, cause="claim 7", at=at, principal=System())
    assert not revoke_auto_review(order=order, cause="claim 7", at=at, principal=System())
    assert Review.objects.get(order=order).revoked_at == at
    derive_order_clocks(order_ids=[order.pk], at=at)
    sweep(at=at + 9 * DAY)
    assert (automatic(order), told(order)[1:]) == ([NEXT_DAY], [("order.auto_review_revoked", at)])


@pytest.mark.sqlite_only
@pytest.mark.rule("AF-09")
@pytest.mark.parametrize(("more", "days"), [({}, [7]), ({"total_usd": 51}, [7, 12]), ({"category": "made"}, [7, 12])])
def test_guides_are_sent_days_after_delivery_but_not_into_a_dispute(
    store: Store, more: dict[str, Any], days: list[int]
) -> None:
    Category.objects.create(code="made", name="made", flags="custom_made", all_flags="custom_made", root_code="made")
    orders = [succeeded(store, **more) for _ in range(3)]
    dispute(orders[1], NOW + DAY)
    dispute(orders[2], NOW + DAY, state="closed", closed_at=NOW + 2 * DAY)
    delivered = NOW - DAY
    for late in (timedelta(0), SECOND, SECOND):
        for day in (7, 12):
            sweep(at=delivered + day * DAY + late)
    said = [Message.objects.filter(order=order).order_by("sent_at") for order in orders]
    sent = [list(messages.values_list("sent_at", flat=True)) for messages in said]
    assert sent == [[delivered + day * DAY for day in days], [], [delivered + day * DAY for day in days]]
