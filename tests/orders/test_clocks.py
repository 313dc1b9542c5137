"""Clocks of orders: opened where something is awaited, met, moved and void, never opened in the past (DM-27)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.models import Deadline, Event
from core.sweeping import sweep
from disputes.models import Dispute
from orders import commands
from orders.holds import holds_of
from orders.models import Order, OrderHold
from orders.services.clocks import derive_order_clocks
from orders.services.releasing import release_accounts
from stores.models import Carrier, Feed, Store
from stores.principals import Program, Scope
from tests.orders.build import DAY, HOUR, NOW, deliver, derive, make_order, scan
from tests.stores.people import make_store

SECOND = timedelta(seconds=1)
WRITE = frozenset({Scope.parse("orders:write")})


@pytest.fixture
def store(db: None) -> Store:
    made = make_store(mode="governed")
    Carrier.objects.update_or_create(code="cainiao", defaults={"name": "Cainiao", "approved": True, "official": True})
    Feed.objects.create(store=made, kind=Feed.Kind.CONFIRMATIONS, known_until=NOW, supplied_at=NOW)
    return made


def followed(store: Store, at: datetime = NOW, **instants: Any) -> Order:
    order = make_order(store, **instants)
    derive_order_clocks(order_ids=[order.pk], at=at)
    return order


def delivered(store: Store, at: datetime = NOW, **more: Any) -> Order:
    """An order with a valid trace, followed since its delivery."""
    order = deliver(make_order(store, paid_at=at - 9 * DAY, shipped_at=at - 8 * DAY, **more), at)
    derive_order_clocks(order_ids=[order.pk], at=at)
    return order


def follow(order: Order, at: datetime) -> None:
    derive(order)
    derive_order_clocks(order_ids=[order.pk], at=at)


def clocks(order: Order, state: str = "open") -> dict[str, datetime]:
    """Those of the order's life; those of its funds are tested in test_funds."""
    rows = Deadline.objects.filter(subject_kind="order", subject_key=order.order_no, state=state)
    rows = rows.exclude(kind__startswith="order.funds")
    return dict(rows.values_list("kind", "due_at"))


def happened(order: Order) -> list[tuple[str, datetime]]:
    rows = Event.objects.filter(subject_kind="order", subject_key=order.order_no).order_by("pk")
    return list(rows.exclude(kind__startswith="funds.").values_list("kind", "at"))


@pytest.mark.rule("DM-27", "DM-11a", "TM-16")
def test_only_what_governed_stores_await_has_a_clock(store: Store) -> None:
    mirrored = make_store("S2")
    assert clocks(followed(store)) == {}
    assert clocks(followed(store, paid_at=NOW)) == {"order.dispatch_confirmation": NOW + 4 * HOUR}
    assert clocks(followed(store, paid_at=NOW, is_presale=True)) == {}
    assert clocks(followed(store, paid_at=NOW, fulfilled_by="platform")) == {}
    assert clocks(followed(store, paid_at=NOW, source="external")) == {}
    assert clocks(followed(store, paid_at=NOW - DAY, shipped_at=NOW)) == {"order.first_scan": NOW + DAY}
    after_delivery = {"order.receipt": NOW + 15 * DAY, "order.guide": NOW + 7 * DAY}
    assert clocks(delivered(store)) == after_delivery
    assert clocks(delivered(store, total_usd=51)) == {**after_delivery, "order.second_guide": NOW + 12 * DAY}
    assert clocks(delivered(mirrored)) == {}
    assert clocks(delivered(store, cancelled_at=NOW)) == {}


@pytest.mark.rule("DM-27")
def test_no_deadline_is_opened_in_the_past(store: Store) -> None:
    late, last = (
        deliver(make_order(store, paid_at=NOW - 30 * DAY, shipped_at=NOW - 29 * DAY), NOW - 15 * DAY - early)
        for early in (SECOND, timedelta(0))
    )
    derive_order_clocks(order_ids=[late.pk, last.pk], at=NOW)
    assert (clocks(late), clocks(last)) == ({}, {"order.receipt": NOW})
    sweep(at=NOW + SECOND)
    assert [Order.objects.get(pk=order.pk).state for order in (late, last)] == ["delivered", "success"]


@pytest.mark.rule("DM-27")
def test_deriving_twice_changes_nothing(store: Store) -> None:
    order = followed(store, paid_at=NOW - DAY, shipped_at=NOW)
    before = list(Deadline.objects.values())
    follow(order, NOW + HOUR)
    assert list(Deadline.objects.values()) == before


@pytest.mark.rule("TM-02", "RL-05")
def test_an_unconfirmed_dispatch_is_warned_of_after_its_last_second(store: Store) -> None:
    program = Program("erp", store.company_id, frozenset({store.pk}), WRITE)
    orders = [followed(store, paid_at=NOW) for _ in range(3)]
    confirmed, shipped, neither = orders
    commands.confirm_dispatch(order=confirmed, principal=program, at=NOW + 4 * HOUR)
    commands.ship_order(order=shipped, carrier="cainiao", tracking_no="LP1", principal=program, at=NOW + HOUR)
    for late in (timedelta(0), SECOND, HOUR):
        sweep(at=NOW + 4 * HOUR + late)
    states = [clocks(order, state) for order, state in zip(orders, ("met", "met", "lapsed"), strict=True)]
    assert states == [{"order.dispatch_confirmation": NOW + 4 * HOUR}] * 3
    assert ("order.dispatch_unconfirmed", NOW + 4 * HOUR) not in happened(confirmed) + happened(shipped)
    assert happened(neither) == [("order.dispatch_unconfirmed", NOW + 4 * HOUR)]


@pytest.mark.rule("TM-03")
def test_a_silent_parcel_enters_the_pool_and_the_next_scan_takes_it_out(store: Store) -> None:
    order = followed(store, paid_at=NOW - DAY, shipped_at=NOW)
    sweep(at=NOW + DAY)
    assert happened(order) == []
    sweep(at=NOW + DAY + SECOND)
    assert [hold.reason for hold in holds_of([order], NOW + DAY)[order.pk]] == ["unscanned"]
    scan(order, NOW + 30 * HOUR, "pickup")
    follow(order, NOW + 31 * HOUR)
    assert holds_of([order], NOW + 31 * HOUR)[order.pk] == []
    silent = NOW + 30 * HOUR + 2 * DAY
    assert clocks(order) == {"order.trace_silence": silent, "order.trace_recheck": silent + DAY}
    known = happened(order)
    for line in (silent, silent + DAY):
        sweep(at=line)
        assert happened(order) == known
        sweep(at=line + SECOND)
        known = [*known, happened(order)[-1]]
    scan(order, silent + 2 * DAY, "delivered")
    follow(order, silent + 2 * DAY)
    assert happened(order) == [
        ("order.pool_entered", NOW + DAY),
        ("order.pool_left", NOW + 31 * HOUR),
        ("order.pool_entered", silent),
        ("order.recheck_due", silent + DAY),
        ("order.pool_left", silent + 2 * DAY),
    ]
    stays = OrderHold.objects.exclude(reason="invalid_trace").order_by("since")
    assert list(stays.values_list("reason", "since", "until")) == [
        ("unscanned", NOW + DAY, NOW + 30 * HOUR),
        ("silent", silent, silent + 2 * DAY),
    ]


@pytest.mark.rule("TM-03")
def test_scans_imported_after_their_orders_say_that_the_parcel_was_never_in_the_pool(store: Store) -> None:
    order = followed(store, paid_at=NOW - 6 * DAY, shipped_at=NOW - 5 * DAY)
    assert [hold.reason for hold in holds_of([order], NOW)[order.pk]] == ["unscanned"]
    for day in range(5):
        scan(order, NOW - (5 - day) * DAY + HOUR, "pickup")
    follow(order, NOW)
    told = Event.objects.get(kind="order.pool_left").after
    since = (NOW - 4 * DAY).isoformat()
    assert told == {"reason": "unscanned", "since": since, "until": NOW.isoformat(), "disproved": True}


@pytest.mark.sqlite_only
@pytest.mark.rule("AF-05", "RL-05")
@pytest.mark.parametrize(("carrier", "days"), [("cainiao", 10), ("other", 15)])
def test_the_system_confirms_receipt_days_after_delivery(store: Store, carrier: str, days: int) -> None:
    order = delivered(store, carrier=carrier)
    sweep(at=NOW + days * DAY)
    assert Order.objects.get(pk=order.pk).state == "delivered"
    sweep(at=NOW + days * DAY + 3 * DAY)
    stored = Order.objects.get(pk=order.pk)
    assert (stored.state, stored.confirmed_at, stored.confirmed_by) == ("closed", NOW + days * DAY, "system")


@pytest.mark.rule("AF-05", "AF-04", "DM-21")
def test_an_open_dispute_stops_the_confirmation_and_its_end_confirms(store: Store) -> None:
    orders = [delivered(store, order_no=f"D{days}") for days in (3, 20)]
    for order in orders:
        dispute = Dispute.objects.create(
            store=store, order=order, dispute_no=order.order_no, kind="quality", opened_at=NOW + DAY
        )
        follow(order, NOW + DAY)
        assert "order.receipt" not in clocks(order)
        closed = NOW + int(order.order_no[1:]) * DAY
        Dispute.objects.filter(pk=dispute.pk).update(state="closed", closed_at=closed)
        # The second becomes known a day late: it is due at once, since the clock was running before.
        follow(order, closed if closed < NOW + 15 * DAY else closed + DAY)
    assert [clocks(order)["order.receipt"] for order in orders] == [NOW + 15 * DAY, NOW + 21 * DAY]


@pytest.mark.rule("AF-10", "AF-05")
def test_a_store_without_account_keeps_its_orders_from_success(store: Store) -> None:
    Store.objects.filter(pk=store.pk).update(payout_account_bound=False)
    order = delivered(store)
    sweep(at=NOW + 15 * DAY + SECOND)
    stored = Order.objects.select_related("store").get(pk=order.pk)
    assert (stored.state, happened(order)[1:]) == ("delivered", [("order.kyc_blocked", NOW + 15 * DAY)])
    assert [hold.code for hold in holds_of([stored], NOW + 16 * DAY)[order.pk]] == ["kyc_blocked"]
    Store.objects.filter(pk=store.pk).update(payout_account_bound=True)
    assert release_accounts(store_ids=[store.pk], at=NOW + 17 * DAY) == 1
    sweep(at=NOW + 20 * DAY)
    stored.refresh_from_db()
    assert (stored.state, stored.confirmed_at) == ("closed", NOW + 17 * DAY)


@pytest.mark.rule("AF-06", "TM-11", "AF-02")
def test_an_invalid_trace_holds_the_order_until_it_is_repaired(store: Store) -> None:
    order = followed(store, paid_at=NOW - 9 * DAY, shipped_at=NOW - 8 * DAY, carrier="cainiao", delivered_given=NOW)
    assert [(one.reason, one.since) for one in holds_of([order], NOW)[order.pk]] == [("invalid_trace", NOW)]
    assert clocks(order) == {"order.guide": NOW + 7 * DAY}
    sweep(at=NOW + 20 * DAY)
    # As an accepted pickup proof does.
    OrderHold.objects.filter(order=order, reason="invalid_trace").update(until=NOW + 20 * DAY)
    follow(order, NOW + 20 * DAY)
    sweep(at=NOW + 20 * DAY + SECOND)
    stored = Order.objects.get(pk=order.pk)
    assert (stored.state, stored.confirmed_at, stored.confirmed_by) == ("closed", NOW + 20 * DAY, "system")
    assert list(clocks(order)) == ["order.auto_review"]


@pytest.mark.rule("AF-06")
def test_scans_that_come_later_repair_a_trace_and_the_buyer_frees_the_order(store: Store) -> None:
    repaired, freed = (followed(store, paid_at=NOW - 9 * DAY, shipped_at=NOW - 8 * DAY) for _ in range(2))
    for order in (repaired, freed):
        scan(order, NOW, "delivered")
        scan(order, NOW - 3 * DAY, "pickup")
        follow(order, NOW)
        assert "order.receipt" not in clocks(order)
    for hours in range(12, 72, 12):
        scan(repaired, NOW - hours * HOUR)
    follow(repaired, NOW + DAY)
    Order.objects.filter(pk=freed.pk).update(confirmed_at=NOW + 2 * DAY, confirmed_by="buyer")
    follow(freed, NOW + 3 * DAY)
    assert [clocks(order).get("order.receipt") for order in (repaired, freed)] == [NOW + 15 * DAY, None]
    untils = [OrderHold.objects.get(order=order, reason="invalid_trace").until for order in (repaired, freed)]
    assert untils == [NOW + DAY, NOW + 2 * DAY]
    assert "order.auto_review" not in clocks(freed)
