"""Funds: risk review, release, holds and what ends them, CNY, closing (TM-04, DM-21, AF-10)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.models import Deadline, DirtySubject, Event
from core.sweeping import sweep
from disputes.commands import close_dispute
from disputes.models import Dispute
from orders.commands import agree_refund, confirm_receipt
from orders.models import Order, Settlement
from orders.services.clocks import derive_order_clocks
from orders.services.releasing import release_accounts
from stores.models import Carrier, FxRate, Store
from stores.principals import Person, Program, Scope
from tests.orders.build import DAY, HOUR, NOW, deliver, make_order
from tests.orders.test_refunds import ask
from tests.stores.people import make_person, make_store

pytestmark = pytest.mark.rule("TM-04")
SECOND = timedelta(seconds=1)
SHIPPED: dict[str, Any] = {
    "created_at": NOW - 9 * DAY,
    "paid_at": NOW - 9 * DAY,
    "shipped_at": NOW - 8 * DAY,
    "carrier": "cainiao",
    "tracking_no": "LP1",
}
# Delivered on 20 November 2026, 04:00 UTC.
REVIEW = (NOW + 5 * DAY).replace(hour=0)
RELEASE = (NOW + 7 * DAY).replace(hour=10)


@pytest.fixture
def store(db: None) -> Store:
    Carrier.objects.update_or_create(code="cainiao", defaults={"name": "Cainiao", "approved": True, "official": True})
    return make_store(mode="governed")


def delivered(store: Store, **more: Any) -> Order:
    """An order with a valid trace that was delivered at NOW, and is followed since."""
    values = {**SHIPPED, **more}
    order = deliver(make_order(store, **values), NOW)
    derive_order_clocks(order_ids=[order.pk], at=NOW)
    return order


def dispute(order: Order, at: Any = NOW + DAY) -> Dispute:
    found = Dispute.objects.create(
        store=order.store, order=order, dispute_no=f"D{order.pk}", kind="quality", opened_at=at, state="open"
    )
    derive_order_clocks(order_ids=[order.pk], at=at)
    return found


def erp(store: Store) -> Program:
    return Program("erp-1", store.company_id, frozenset({store.pk}), frozenset({Scope.parse("orders:write")}))


def told(order: Order) -> list[tuple[str, Any]]:
    rows = Event.objects.filter(subject_kind="order", subject_key=order.order_no, kind__startswith="funds.")
    return list(rows.order_by("pk").values_list("kind", "at"))


def funds(order: Order) -> Settlement:
    return Settlement.objects.get(order=order)


def test_funds_are_released_at_ten_utc_of_the_seventh_day(store: Store) -> None:
    order = delivered(store)
    found = []
    for at in (RELEASE - SECOND, RELEASE, RELEASE + SECOND):
        sweep(at=at)
        found.append(list(Settlement.objects.values_list("released_at", "amount", "currency", "state")))
    assert found == [[], [], [(RELEASE, Decimal(20), "USD", "released")]]
    assert told(order) == [("funds.released", RELEASE)]
    assert DirtySubject.objects.filter(subject_id=order.pk).exists()
    sweep(at=RELEASE + HOUR)
    assert len(told(order)) == 1


@pytest.mark.parametrize(("hour", "day"), [(0, 0), (23, 0), (-5, -1)])
def test_days_are_counted_from_the_utc_day_of_delivery(store: Store, hour: int, day: int) -> None:
    at = NOW.replace(hour=0) + hour * HOUR + 59 * timedelta(minutes=1)
    order = deliver(make_order(store, **SHIPPED), at)
    derive_order_clocks(order_ids=[order.pk], at=at)
    due = Deadline.objects.filter(kind__startswith="order.funds").order_by("due_at").values_list("kind", "due_at")
    assert list(due) == [("order.funds_review", REVIEW + day * DAY), ("order.funds_release", RELEASE + day * DAY)]


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-21")
def test_the_review_tells_of_an_open_dispute_and_its_end_releases(store: Store) -> None:
    order = delivered(store)
    case = dispute(order)
    found = []
    for at in (REVIEW - SECOND, REVIEW, REVIEW + SECOND, RELEASE + SECOND):
        sweep(at=at)
        found.append(list(Settlement.objects.values_list("state", "held_reason", "held_since")))
    held = [("held", "in_dispute", REVIEW)]
    assert found == [[], [], held, held]
    end = RELEASE + 3 * DAY
    close_dispute(dispute=case, liability="buyer", outcome_usd=Decimal(0), principal=erp(store), at=end)
    sweep(at=end)
    assert funds(order).released_at is None
    sweep(at=end + SECOND)
    assert (funds(order).released_at, funds(order).held_reason) == (end, "")
    assert told(order) == [("funds.held", REVIEW), ("funds.released", end)]


def test_a_hold_that_ends_before_the_day_of_release_delays_nothing(store: Store) -> None:
    order = delivered(store)
    case = dispute(order)
    sweep(at=REVIEW + SECOND)
    close_dispute(dispute=case, liability="buyer", outcome_usd=None, principal=erp(store), at=REVIEW + HOUR)
    sweep(at=RELEASE + SECOND)
    assert funds(order).released_at == RELEASE


@pytest.mark.rule("RL-05")
def test_a_dispute_opened_while_no_sweep_ran_does_not_take_back_what_was_due(store: Store) -> None:
    order = delivered(store)
    dispute(order, at=RELEASE + HOUR)
    sweep(at=RELEASE + 3 * DAY)
    assert funds(order).released_at == RELEASE


@pytest.mark.rule("AF-10")
def test_a_missing_account_holds_the_funds_and_keeps_the_order_from_success_until_it_is_there(store: Store) -> None:
    Store.objects.update(kyc_verified=False)
    order = delivered(store)
    sweep(at=NOW + 11 * DAY)
    order.refresh_from_db()
    assert (order.state, funds(order).held_reason, funds(order).held_since) == ("delivered", "kyc_blocked", REVIEW)
    Store.objects.update(kyc_verified=True)
    at = NOW + 12 * DAY
    release_accounts(store_ids=[store.pk], at=at)
    sweep(at=at + SECOND)
    order.refresh_from_db()
    assert (order.state, funds(order).released_at, order.confirmed_at) == ("closed", at, at)


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-21", "DM-22")
def test_an_order_is_closed_when_success_release_and_no_open_refund_come_together(store: Store) -> None:
    seller = Person(make_person("seller", store.company))
    plain, refunding = delivered(store), delivered(store)
    refund = ask(store, refunding, requested_at=NOW + 6 * DAY)
    for order in (plain, refunding):
        confirm_receipt(order=order, confirmed_by="buyer", principal=erp(store), at=NOW + DAY)
    sweep(at=RELEASE + SECOND)
    sweep(at=RELEASE + 2 * SECOND)
    plain.refresh_from_db()
    refunding.refresh_from_db()
    assert [(one.state, one.closed_at) for one in (plain, refunding)] == [("closed", RELEASE), ("success", None)]
    agree_refund(refund=refund, principal=seller, at=RELEASE + DAY)
    sweep(at=RELEASE + DAY + SECOND)
    refunding.refresh_from_db()
    assert (refunding.state, refunding.closed_at) == ("closed", RELEASE + DAY)


@pytest.mark.sqlite_only
@pytest.mark.rule("TM-12")
def test_what_was_paid_back_is_not_released(store: Store) -> None:
    seller = Person(make_person("seller", store.company))
    part, whole = delivered(store), delivered(store)
    agree_refund(refund=ask(store, part), principal=seller, at=NOW + HOUR)
    agree_refund(refund=ask(store, whole, amount_usd=None), principal=seller, at=NOW + HOUR)
    sweep(at=RELEASE + SECOND)
    assert funds(part).amount == Decimal(15)
    assert not Settlement.objects.filter(order=whole).exists()
    assert not Deadline.objects.filter(subject_key=whole.order_no, state="open").exists()


@pytest.mark.rule("IX-05")
def test_a_release_is_worth_what_the_days_rate_says(store: Store) -> None:
    for currency, day, rate in (("CNY", 0, "0.14"), ("EUR", 0, "1.1"), ("EUR", 7, "1.05"), ("EUR", 8, "2")):
        FxRate.objects.create(currency=currency, day=(NOW + day * DAY).date(), usd_rate=Decimal(rate))
    order = delivered(store, currency="EUR", total_amount=Decimal("10"), total_usd=Decimal("11"))
    sweep(at=RELEASE + SECOND)
    assert (funds(order).amount, funds(order).cny_rate, funds(order).amount_cny) == (
        Decimal(10),
        Decimal("7.5"),
        Decimal(75),
    )


@pytest.mark.rule("DM-11a")
def test_in_a_mirrored_store_nothing_is_released(db: None) -> None:
    delivered(make_store(mode="mirrored"))
    sweep(at=RELEASE + SECOND)
    assert (Settlement.objects.count(), Deadline.objects.count()) == (0, 0)
