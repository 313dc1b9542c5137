"""What the early warning knows of an order at an instant: nothing of later, nothing of other companies (TM-06)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core.sql import SQL
from core.timebase import to_epoch
from disputes.models import Dispute
from insights.queries.warning.features import FactFinder
from insights.queries.warning.history import History, load_history
from insights.queries.warning.snapshots import HORIZON, WARM_UP, snapshots_of
from orders.models import Message, Order, Refund, Review, TrackingEvent
from stores.models import Company, Store
from tests.orders.build import DAY, HOUR, NOW, make_order, scan
from tests.stores.people import make_store

AHEAD = 48 * 3600


def history() -> History:
    return load_history(SQL("1 = 1"), negative_to=2)


def facts_of(order: Order, at: datetime) -> dict[str, int]:
    """What is known of an order at an instant, zeros left out."""
    known = history()
    place = np.flatnonzero(known.ids == order.pk).astype(np.int64)
    found = FactFinder(known).of(place, np.array([to_epoch(at)], dtype=np.int64))
    return {name: int(values[0]) for name, values in found.items() if values[0]}


def dispute(order: Order, at: datetime) -> None:
    Dispute.objects.create(
        store_id=order.store_id, order=order, dispute_no=f"D{order.pk}", kind="quality", opened_at=at
    )


def message(order: Order, at: datetime, sender: str = "buyer", **more: object) -> None:
    number = Message.objects.count()
    Message.objects.create(
        store_id=order.store_id, order=order, message_no=f"M{number}", sent_at=at, sender=sender, text="?", **more
    )


@pytest.mark.django_db
@pytest.mark.rule("TM-06")
def test_facts_are_those_of_the_instant() -> None:
    store = make_store()
    order = make_order(
        store, derived=False, created_at=NOW - 3 * DAY, paid_at=NOW - 3 * DAY + HOUR, ship_by=NOW - DAY,
        shipped_at=NOW, estimated_delivery_at=NOW + 5 * DAY, delivered_at=NOW + 9 * DAY, ship_address="PO Box 1, X, ES",
        site="ES", carrier="C",
    )  # fmt: skip
    scan(order, NOW + HOUR, "label")
    scan(order, NOW + 2 * HOUR, "pickup")
    scan(order, NOW + 3 * DAY, "exception")
    message(order, NOW + DAY)
    message(order, NOW + 2 * DAY, "seller", automatic=True)
    message(order, NOW + 4 * DAY, "seller")
    Refund.objects.create(
        store=store, order=order, refund_no="R", requested_at=NOW + 5 * DAY, completed_at=NOW + 6 * DAY, amount_usd=1
    )
    fixed = {"pay_delay": 3600, "cents": 2000, "doubts": 1}
    usual = {**fixed, "usual_transit": 14 * 86400, "shipped": 1, "dispatch_late": 86400}
    assert facts_of(order, NOW - HOUR) == {**fixed, "usual_transit": 14 * 86400, "dispatch_late": 23 * 3600}
    assert facts_of(order, NOW + 2 * HOUR) == {**usual, "under_way": 7200, "age": 7200}
    assert facts_of(order, NOW + 3 * DAY - HOUR) == {
        **usual, "under_way": 71 * 3600, "age": 71 * 3600, "silence": 69 * 3600, "unanswered": 47 * 3600, "asked": 1,
    }  # fmt: skip
    assert facts_of(order, NOW + 5 * DAY) == {
        **usual, "under_way": 5 * 86400, "age": 5 * 86400, "silence": 2 * 86400, "trouble_scan": 1, "asked": 1,
        "refund_asked": 1,
    }  # fmt: skip
    delivered = facts_of(order, NOW + 10 * DAY)
    assert {name: delivered.get(name, 0) for name in ("delivered", "silence", "delivery_late", "refund_asked")} == {
        "delivered": 1, "silence": 0, "delivery_late": 4 * 86400, "refund_asked": 0,
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.rule("TM-06")
def test_rates_count_the_companys_own_orders_with_outcomes_known_by_then() -> None:
    company = Company.objects.create(company_no="C", name="C")
    first, second, foreign = make_store("S1", company), make_store("S2", company), make_store("S3")
    for store in (first, second, foreign):
        for number in range(4):
            sent = make_order(
                store, derived=False, paid_at=NOW - 41 * DAY, shipped_at=NOW - 40 * DAY, buyer_ref="b", carrier="C",
                site="ES", sku="K", payment_method="card",
            )  # fmt: skip
            if number < 2:
                dispute(sent, NOW - 10 * DAY + number * 20 * DAY)
    order = make_order(
        first, derived=False, paid_at=NOW - DAY, buyer_ref="b", carrier="C", site="ES", sku="K", payment_method="card"
    )
    known = facts_of(order, NOW)
    rates = {name: value for name, value in known.items() if name.endswith(("_bad", "_orders"))}
    assert rates == {
        "buyer_bad": 2, "buyer_orders": 8, "lane_bad": 2, "lane_orders": 8, "method_bad": 2, "method_orders": 8,
        "store_bad": 1, "store_orders": 4, "listing_bad": 1, "listing_orders": 4,
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.rule("TM-06")
def test_snapshots_leave_out_what_ended_what_comes_too_soon_and_what_is_not_known_yet() -> None:
    store = make_store()
    # The data of the company begin so long before that its records are no longer thin for it.
    began = NOW + 12 * HOUR - timedelta(seconds=WARM_UP)
    make_order(store, derived=False, created_at=began, paid_at=began, shipped_at=began)
    sent = {"derived": False, "created_at": NOW, "paid_at": NOW, "shipped_at": NOW + 12 * HOUR}
    calm = make_order(store, **sent, confirmed_at=NOW + 6 * DAY)
    troubled = make_order(store, **sent)
    dispute(troubled, NOW + 12 * HOUR + 5 * DAY)
    disliked = make_order(store, **sent)
    Review.objects.create(store=store, order=disliked, created_at=NOW + 4 * DAY, described=2)
    refunded = make_order(store, **sent, refunded_at=NOW + 4 * DAY)
    known = history()
    rows = snapshots_of(known, until=to_epoch(NOW) + HORIZON + 3 * 86400, ahead=AHEAD)
    found = [
        (int(known.ids[place]), (int(at) - to_epoch(NOW)) // 3600, int(bad))
        for place, at, bad in zip(rows.places, rows.at, rows.troubled, strict=True)
    ]
    assert sorted(found) == sorted(
        [(calm.pk, 12, 0), (calm.pk, 60, 0), (troubled.pk, 12, 1), (troubled.pk, 60, 1), (disliked.pk, 12, 1),
         (refunded.pk, 12, 1)]
    )  # fmt: skip


# ── The future changes nothing ─────────────────────────────────────────────────────────────────────────────────────

instants = st.integers(-100, 100)
worlds = st.lists(
    st.fixed_dictionaries(
        {
            "store": st.integers(0, 1),
            "paid": st.integers(-100, 60),
            "ship": st.none() | st.integers(0, 40),
            "arrive": st.none() | st.integers(0, 40),
            "dispute": st.none() | st.integers(0, 60),
            "scans": st.lists(instants, max_size=3, unique=True),
            "asks": st.lists(instants, max_size=2, unique=True),
            "replies": st.lists(instants, max_size=2, unique=True),
        }
    ),
    min_size=1,
    max_size=5,
)


def build(stores: Sequence[Store], drawn: Sequence[dict[str, object]]) -> None:
    """Orders with instants in days from NOW, two buyers and one lane."""
    for number, one in enumerate(drawn):
        paid = NOW + one["paid"] * DAY
        shipped = None if one["ship"] is None else paid + one["ship"] * DAY
        arrived = None if shipped is None or one["arrive"] is None else shipped + one["arrive"] * DAY
        order = make_order(
            stores[one["store"]], derived=False, created_at=paid - HOUR, paid_at=paid, shipped_at=shipped,
            delivered_at=arrived, buyer_ref=f"b{number % 2}", carrier="C", site="ES", sku="K", ship_by=paid + 3 * DAY,
            estimated_delivery_at=None if shipped is None else shipped + 9 * DAY,
        )  # fmt: skip
        if one["dispute"] is not None:
            dispute(order, paid + one["dispute"] * DAY)
        for day in one["scans"]:
            scan(order, NOW + day * DAY, "transit")
        for sender in ("buyer", "seller"):
            for day in one["asks" if sender == "buyer" else "replies"]:
                message(order, NOW + day * DAY, sender)


def forget_after(at: datetime) -> None:
    """Make the data that of an instant: nothing later has happened."""
    for name in ("shipped_at", "delivered_at"):
        Order.objects.filter(**{f"{name}__gt": at}).update(**{name: None})
    Order.objects.filter(shipped_at=None).update(estimated_delivery_at=None, delivered_at=None)
    Order.objects.filter(paid_at__gt=at).delete()
    for rows in (
        Dispute.objects.filter(opened_at__gt=at),
        TrackingEvent.objects.filter(at__gt=at),
        Message.objects.filter(sent_at__gt=at),
    ):
        rows.delete()


def all_facts(at: datetime) -> dict[int, dict[str, int]]:
    known = history()
    places = np.flatnonzero(known.paid_at <= to_epoch(at)).astype(np.int64)
    found = FactFinder(known).of(places, np.full(len(places), to_epoch(at), dtype=np.int64))
    return {
        int(known.ids[place]): {name: int(values[row]) for name, values in found.items()}
        for row, place in enumerate(places)
    }


@pytest.mark.rule("TM-06")
class TheFuture(TestCase):
    @settings(max_examples=20, deadline=None)
    @given(drawn=worlds, day=st.integers(-60, 60))
    def test_facts_of_an_instant_are_the_same_whatever_came_later(
        self, drawn: list[dict[str, object]], day: int
    ) -> None:
        at = NOW + day * DAY + timedelta(minutes=30)
        build([make_store("S1"), make_store("S2")], drawn)
        with_future = all_facts(at)
        forget_after(at)
        assert with_future == all_facts(at)
