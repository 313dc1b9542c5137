"""Orders from before an upgrade get clocks and threads without anything that changes them (DM-27)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from core.models import Deadline, Event
from core.sweeping import sweep
from orders.models import Message, MessageThread, Order, Refund
from orders.services.catching_up import catch_up_orders
from stores.models import Feed, Store
from tests.orders.build import DAY, HOUR, NOW, deliver, make_order
from tests.stores.people import make_store

FOREVER = float("inf")


@pytest.fixture
def store(db: None) -> Store:
    made = make_store(mode="governed")
    Feed.objects.create(store=made, kind=Feed.Kind.CONFIRMATIONS, known_until=NOW, supplied_at=NOW)
    return made


def catch_up() -> list[tuple[str, str, datetime]]:
    """Every deadline that there is afterwards."""
    assert catch_up_orders(after=0, at=NOW, until=FOREVER) is None
    return sorted(Deadline.objects.values_list("kind", "subject_key", "due_at"))


def ask(order: Order, at: datetime, **more: Any) -> Refund:
    values = {"state": "requested", "requested_at": at, "amount_usd": Decimal(5), **more}
    return Refund.objects.create(store=order.store, order=order, refund_no=f"R{order.order_no}", **values)


def say(order: Order, at: datetime) -> None:
    Message.objects.create(store=order.store, order=order, message_no="M1", sent_at=at, sender="buyer", text="Where?")


@pytest.mark.rule("DM-27", "DM-11a", "TM-12", "PN-23")
def test_orders_without_deadlines_get_those_that_lie_ahead_and_no_others(store: Store) -> None:
    paid, late = make_order(store, paid_at=NOW), make_order(store, paid_at=NOW - 5 * HOUR)
    mirrored = make_order(make_store("S2"), paid_at=NOW)
    for order in (paid, mirrored):
        ask(order, NOW)
        say(order, NOW - HOUR)
    ask(late, NOW - 300 * DAY)
    expected = sorted(
        [
            ("order.dispatch_confirmation", paid.order_no, NOW + 4 * HOUR),
            *(("refund_answer", f"R{order.order_no}", NOW + 5 * DAY) for order in (paid, mirrored)),
        ]
    )
    assert catch_up() == expected
    threads = sorted([(paid.pk, NOW - HOUR), (mirrored.pk, NOW - HOUR)])
    assert sorted(MessageThread.objects.values_list("order", "waiting_since")) == threads
    told = Event.objects.count()
    assert (catch_up(), Event.objects.count()) == (expected, told)


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-27", "AF-05")
def test_an_old_delivery_stays_as_it_is_and_a_young_one_goes_its_whole_way(store: Store) -> None:
    old, young = (
        deliver(make_order(store, paid_at=NOW - 60 * DAY, shipped_at=NOW - 59 * DAY), NOW - days * DAY)
        for days in (40, 3)
    )
    catch_up()
    sweep(at=NOW + 40 * DAY)
    assert [Order.objects.get(pk=order.pk).state for order in (old, young)] == ["delivered", "closed"]


def test_a_turn_ends_in_time_and_the_next_goes_on_behind_its_last_store(store: Store) -> None:
    other = make_store("S2", mode="governed")
    for one in (store, other):
        say(make_order(one), NOW)
    assert catch_up_orders(after=0, at=NOW, until=0) == store.pk
    assert [thread.store_id for thread in MessageThread.objects.all()] == [store.pk]
    assert catch_up_orders(after=store.pk, at=NOW, until=FOREVER) is None
    assert MessageThread.objects.count() == 2
