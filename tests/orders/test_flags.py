"""Risk flags: which orders raise each, and rows kept in line with the conditions (TM-14)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from core.models import Event
from disputes.models import Dispute
from disputes.queries.flags import FINDERS as DISPUTE_FINDERS
from disputes.services.clocks import derive_dispute_clocks
from orders.models import MessageThread, Order, RaisedFlag, Refund, Shipment
from orders.queries.flags import ORDER_FINDERS, Scope
from orders.services.flags import FlagChanges, forget_cleared_flags, refresh_flags
from stores.models import Carrier, Feed, RegisteredCarrier, Store
from tests.orders.build import DAY, HOUR, NOW, derive, make_order, make_traced_store, scan
from tests.stores.people import make_store

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
FINDERS = (*ORDER_FINDERS, *DISPUTE_FINDERS)


def check(store: Store, at: datetime = NOW, silent: Iterable[int] = ()) -> FlagChanges:
    return refresh_flags(Scope((store.pk,)), FINDERS, at=at, silent=frozenset(silent))


def raised(order: Order) -> dict[str, datetime | None]:
    return dict(RaisedFlag.objects.filter(order=order, cleared_at=None).values_list("code", "due_at"))


@pytest.mark.rule("TM-14", "TM-02")
def test_an_order_to_confirm_is_flagged_until_it_can_not_be_confirmed_any_more() -> None:
    store = make_traced_store()
    order = make_order(store, paid_at=NOW - 4 * HOUR)
    check(store)
    assert "dispatch_unconfirmed" not in raised(order)
    Feed.objects.create(store=store, kind=Feed.Kind.CONFIRMATIONS, known_until=NOW, supplied_at=NOW)
    check(store)
    assert raised(order) == {"dispatch_unconfirmed": NOW}
    check(store, NOW + SECOND)
    assert raised(order) == {}


@pytest.mark.rule("TM-14")
def test_dispatch_is_due_soon_for_a_day_then_overdue_until_the_parcel_leaves() -> None:
    store = make_traced_store()
    order = make_order(store, paid_at=NOW - 2 * DAY)
    due = NOW + DAY
    check(store, NOW)
    assert raised(order) == {}
    check(store, NOW + SECOND)
    assert raised(order) == {"dispatch_soon": due}
    check(store, due)
    assert raised(order) == {"dispatch_soon": due}
    check(store, due + SECOND)
    assert raised(order) == {"dispatch_overdue": due}
    Order.objects.filter(pk=order.pk).update(shipped_at=due + HOUR)
    derive(order)
    check(store, due + HOUR)
    assert raised(order) == {}


@pytest.mark.rule("TM-14", "TM-03")
def test_a_trace_stalls_then_waits_for_a_person_and_a_scan_clears_it() -> None:
    store = make_traced_store()
    order = make_order(store, paid_at=NOW - 2 * DAY, shipped_at=NOW)
    check(store, NOW + 24 * HOUR)
    assert raised(order) == {"no_first_scan": None}
    scan(order, NOW + 25 * HOUR, "pickup")
    derive(order)
    check(store, NOW + 73 * HOUR - SECOND)
    assert raised(order) == {}
    check(store, NOW + 73 * HOUR)
    assert raised(order) == {"stalled_48h": NOW + 97 * HOUR}
    check(store, NOW + 97 * HOUR)
    assert raised(order) == {"stalled_72h": None}
    scan(order, NOW + 98 * HOUR)
    derive(order)
    check(store, NOW + 98 * HOUR)
    assert raised(order) == {}
    assert RaisedFlag.objects.filter(order=order).count() == 3


@pytest.mark.rule("TM-14")
def test_a_delivery_is_overdue_after_its_estimate() -> None:
    store = make_traced_store()
    order = make_order(
        store, paid_at=NOW - DAY, shipped_at=NOW - 2 * HOUR, first_scan_at=NOW, estimated_delivery_at=NOW
    )
    scan(order, NOW, "pickup")
    check(store)
    assert raised(order) == {}
    check(store, NOW + SECOND)
    assert raised(order) == {"delivery_overdue": None}


@pytest.mark.rule("TM-14", "TM-12")
def test_the_first_refund_that_waits_for_an_answer_sets_the_clock() -> None:
    store = make_traced_store()
    order = make_order(store, paid_at=NOW - DAY, shipped_at=NOW - 2 * HOUR)
    for number, hours, state in (("R1", 3, "agreed"), ("R2", 2, "requested"), ("R3", 1, "")):
        Refund.objects.create(
            store=store, order=order, refund_no=number, requested_at=NOW - hours * HOUR, state=state, amount_usd=1
        )
    check(store)
    assert raised(order) == {"refund_answer_due": NOW - 2 * HOUR + 5 * DAY}


@pytest.mark.rule("TM-14")
def test_addresses_are_doubted_until_dispatch() -> None:
    store = make_traced_store()
    good = make_order(store, paid_at=NOW, ship_address="Calle Mayor 4, 28013 Madrid, ES", site="ES")
    box = make_order(store, paid_at=NOW, ship_address="PO Box 12, 28013 Madrid, ES", site="ES")
    sent = make_order(store, paid_at=NOW, shipped_at=NOW, ship_address="PO Box 12, 28013 Madrid, ES", site="ES")
    check(store)
    assert [sorted(raised(order)) for order in (good, box, sent)] == [[], ["address_doubtful"], []]


@pytest.mark.rule("TM-14")
def test_a_buyer_who_sends_back_often_is_flagged_within_the_company_only() -> None:
    store, other = make_traced_store("S1"), make_traced_store("S2")
    for shop in (store, other):
        for place in range(3):
            refunded = NOW - DAY if shop == store and place == 0 else None
            make_order(
                shop, buyer_ref="b1", paid_at=NOW - 9 * DAY, shipped_at=NOW - 8 * DAY, refunded_given=refunded,
                confirmed_at=NOW - 2 * DAY,
            )  # fmt: skip
    here, there = (make_order(shop, buyer_ref="b1", paid_at=NOW) for shop in (store, other))
    check(store)
    check(other)
    assert (sorted(raised(here)), sorted(raised(there))) == (["buyer_anomaly"], [])


@pytest.mark.rule("TM-14")
def test_many_buyers_behind_one_connection_are_an_anomaly() -> None:
    store = make_traced_store()
    make = [
        make_order(store, created_at=NOW - HOUR, paid_at=NOW, buyer_ref=f"b{number}", buyer_ip_hash="same")
        for number in range(4)
    ]
    check(store)
    assert [raised(order) for order in make] == [{}] * 4
    make.append(make_order(store, created_at=NOW - HOUR, paid_at=NOW, buyer_ref="b9", buyer_ip_hash="same"))
    check(store)
    assert [list(raised(order)) for order in make] == [["buyer_anomaly"]] * 5


@pytest.mark.rule("TM-14", "DP-10")
def test_an_open_dispute_flags_an_order_in_any_state_with_the_clock_of_its_answer() -> None:
    store = make_traced_store()
    order = make_order(store, paid_at=NOW - 9 * DAY, shipped_at=NOW - 9 * DAY, confirmed_at=NOW - DAY)
    dispute = Dispute.objects.create(store=store, order=order, dispute_no="D1", kind="quality", opened_at=NOW)
    derive_dispute_clocks(dispute_ids=[dispute.pk], at=NOW)
    check(store)
    assert raised(order) == {"dispute_open": NOW + 24 * HOUR}
    Dispute.objects.update(closed_at=NOW, state="closed")
    check(store)
    assert raised(order) == {}


@pytest.mark.rule("TM-14")
def test_a_second_check_changes_nothing_and_a_flag_that_returns_is_a_new_row() -> None:
    store = make_traced_store()
    order = make_order(store, paid_at=NOW - 4 * DAY)
    assert dict(check(store).raised[store.pk]) == {"dispatch_overdue": [order.pk]}
    again = check(store)
    assert (dict(again.raised), again.cleared) == ({}, 0)
    Order.objects.update(shipped_at=NOW, state="shipped")
    assert check(store).cleared == 1
    Order.objects.update(shipped_at=None, state="paid")
    check(store, NOW + HOUR)
    rows = RaisedFlag.objects.order_by("pk").values_list("raised_at", "cleared_at")
    assert list(rows) == [(NOW, NOW), (NOW + HOUR, None)]
    assert forget_cleared_flags(before=NOW + HOUR) == 1


@pytest.mark.sqlite_only
@pytest.mark.rule("TM-14")
def test_all_new_red_flags_of_a_store_are_one_event_and_a_silent_check_tells_nothing() -> None:
    store, quiet = make_traced_store("S1"), make_traced_store("S2")
    for shop in (store, quiet):
        for _number in range(25):
            make_order(shop, paid_at=NOW - 4 * DAY)
        make_order(shop, paid_at=NOW - 2 * DAY - HOUR)
    check(store)
    check(quiet, silent=[quiet.pk])
    event = Event.objects.get(kind="risk.flagged")
    assert (event.store_no, event.company_no, event.cause) == (store.store_no, store.company.company_no, "TM-14")
    assert event.after["counts"] == {"dispatch_overdue": 25}
    assert len(event.after["orders"]["dispatch_overdue"]) == 20
    check(store, NOW + SECOND)
    assert Event.objects.filter(kind="risk.flagged").count() == 1


def test_a_check_of_some_orders_leaves_the_others_as_they_are() -> None:
    store = make_traced_store()
    first, second = (make_order(store, paid_at=NOW - 4 * DAY) for _number in range(2))
    refresh_flags(Scope((store.pk,), (first.pk,)), FINDERS, at=NOW)
    assert (list(raised(first)), list(raised(second))) == (["dispatch_overdue"], [])


@pytest.mark.rule("TM-14", "TM-18")
def test_numbers_and_carriers_under_way_are_checked() -> None:
    store, other = make_traced_store("S1"), make_traced_store("S2", mode="mirrored")
    Carrier.objects.create(code="GOOD", name="Good", approved=True)
    Carrier.objects.create(code="BAD", name="Bad", approved=False)
    RegisteredCarrier.objects.create(store=store, carrier_code="GOOD", registered_at=NOW)
    sent = {"paid_at": NOW - DAY, "shipped_at": NOW - HOUR}
    fine = make_order(store, **sent, carrier="GOOD", tracking_no="GD12345678", buyer_ref="b1")
    wrong = make_order(store, **sent, carrier="GOOD", tracking_no="n/a", buyer_ref="b2")
    shared = [make_order(store, **sent, carrier="GOOD", tracking_no="GD99999999", buyer_ref=f"c{n}") for n in (1, 2)]
    together = [make_order(store, **sent, carrier="GOOD", tracking_no="GD77777777", buyer_ref="d") for _n in (1, 2)]
    unapproved = make_order(other, **sent, carrier="BAD", tracking_no="BD12345678")
    unregistered = [
        make_order(shop, **sent, carrier="NEW", tracking_no=f"NW1234567{shop.pk}") for shop in (store, other)
    ]
    none = make_order(store, **sent, buyer_ref="b3")
    check(store)
    check(other)
    assert [list(raised(order)) for order in (fine, wrong, *shared, *together, unapproved, *unregistered, none)] == [
        [], ["number_invalid"], ["number_reused"], ["number_reused"], [], [], ["carrier_unapproved"],
        ["carrier_unapproved"], [], [],
    ]  # fmt: skip


@pytest.mark.rule("TM-14", "PN-23")
def test_a_buyer_who_waits_and_one_who_is_disappointed_are_flagged() -> None:
    store = make_traced_store()
    asked = make_order(store, paid_at=NOW - DAY, shipped_at=NOW - HOUR)
    late = make_order(
        store, paid_at=NOW - 5 * DAY, shipped_at=NOW - 4 * DAY, estimated_delivery_at=NOW - 2 * DAY,
        delivered_given=NOW - HOUR,
    )  # fmt: skip
    done = make_order(store, paid_at=NOW - 5 * DAY, shipped_at=NOW - 4 * DAY, confirmed_at=NOW)
    for order in (asked, done):
        MessageThread.objects.create(store=store, order=order, last_at=NOW, waiting_since=NOW - HOUR)
    check(store)
    assert [raised(order) for order in (asked, late, done)] == [
        {"message_unanswered": NOW + 23 * HOUR}, {"low_star_tendency": None}, {},
    ]  # fmt: skip


@pytest.mark.rule("TM-14", "TM-07")
def test_a_parcel_that_was_never_picked_up_is_suspected_of_fake_dispatch() -> None:
    store = make_traced_store()
    order = make_order(store, paid_at=NOW - DAY, shipped_at=NOW, tracking_no="GD12345678", carrier="C")
    check(store, NOW + 5 * DAY)
    assert "fake_dispatch" not in raised(order)
    check(store, NOW + 5 * DAY + SECOND)
    assert raised(order)["fake_dispatch"] is None


@pytest.mark.rule("TM-14", "DM-17")
def test_of_several_parcels_the_worst_trace_counts() -> None:
    store = make_traced_store()
    order = make_order(store, paid_at=NOW - DAY, shipped_at=NOW, tracking_no="GD11111111")
    Shipment.objects.create(store=store, order=order, tracking_no="GD22222222", shipped_at=NOW, parcel_no=2)
    for hours in (10, 90):
        scan(order, NOW + hours * HOUR, tracking_no="GD11111111")
    scan(order, NOW + 10 * HOUR, tracking_no="GD22222222", parcel_no=2)
    derive(order)
    check(store, NOW + 100 * HOUR)
    assert raised(order) == {"stalled_72h": None}


@pytest.mark.rule("TM-14", "MX-07")
def test_a_missing_scan_tells_nothing_where_no_scans_are_reported() -> None:
    store = make_store("S2")
    order = make_order(store, paid_at=NOW - 9 * DAY, shipped_at=NOW - 8 * DAY, tracking_no="LX000000017CN")
    check(store)
    assert raised(order).keys().isdisjoint({"no_first_scan", "fake_dispatch"})
    Feed.objects.create(store=store, kind=Feed.Kind.TRACKING, known_until=NOW, supplied_at=NOW)
    check(store)
    assert raised(order).keys() >= {"no_first_scan", "fake_dispatch"}
