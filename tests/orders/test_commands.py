"""Actions on orders: allowed ways, who may, two at once, killed midway, exports before and after (DM-22, IX-03)."""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import translation

from core.models import DirtySubject, Event
from orders import commands
from orders.commands import Outcome
from orders.models import Order
from orders.rules.states import TRANSITIONS
from stores.models import Store
from stores.principals import Person, Principal, Program, Scope, System, Visitor
from tests.intake.helpers import take, write
from tests.metrics.deaths import killing
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.stores.people import make_person, make_staff, make_store

# The instants of an order in each state.
INSTANTS: dict[str, dict[str, Any]] = {
    "created": {},
    "paid": {"paid_at": NOW - HOUR},
    "shipped": {"paid_at": NOW - DAY, "shipped_at": NOW - HOUR},
    "delivered": {"paid_at": NOW - DAY, "shipped_at": NOW - DAY, "delivered_given": NOW - HOUR},
    "success": {"paid_at": NOW - DAY, "confirmed_at": NOW - HOUR},
    "closed": {"paid_at": NOW - DAY, "closed_at": NOW - HOUR},
    "cancelled": {"cancelled_at": NOW - HOUR},
    "refunded": {"refunded_given": NOW - HOUR},
}
# The state that each action leads to, and the action.
LEADS: dict[str, Callable[..., Outcome]] = {
    "paid": commands.record_payment,
    "shipped": commands.ship_order,
    "delivered": commands.record_delivery,
    "success": commands.confirm_receipt,
    "cancelled": commands.cancel_order,
    "refunded": commands.refund_order,
    "closed": commands.close_order,
}
GIVEN: dict[str, dict[str, Any]] = {
    "shipped": {"carrier": "cainiao", "tracking_no": "LP1"},
    "success": {"confirmed_by": "buyer"},
    "cancelled": {"cancelled_by": "seller", "reason": "out of stock"},
}


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="governed")


def erp(store: Store, *scopes: str) -> Program:
    return Program("erp-1", store.company_id, frozenset({store.pk}), frozenset(map(Scope.parse, scopes)))


def act(order: Order, to: str, principal: Principal, at: datetime = NOW) -> Outcome:
    return LEADS[to](order=order, principal=principal, at=at, **GIVEN.get(to, {}))


def traces() -> tuple[int, int]:
    """The number of events and of rows in the dirty log."""
    return Event.objects.count(), DirtySubject.objects.count()


@pytest.mark.rule("DM-22", "TM-15", "DM-33")
def test_seller_ships_a_paid_order(store: Store) -> None:
    order, seller = make_order(store, **INSTANTS["paid"]), Person(make_person("seller", store.company, "manager"))
    outcome = act(order, "shipped", seller)
    assert (outcome.result, outcome.state, outcome.number) == ("done", "shipped", order.order_no)
    stored = Order.objects.get(pk=order.pk)
    assert (stored.state, stored.shipped_at, stored.carrier, stored.tracking_no) == ("shipped", NOW, "cainiao", "LP1")
    assert stored.source_at == NOW
    assert list(DirtySubject.objects.values_list("kind", "store_id", "subject_id")) == [("order", store.pk, order.pk)]
    event = Event.objects.get()
    assert (event.kind, event.subject_key, event.at) == ("order.shipped", order.order_no, NOW)
    assert (event.before, event.after) == ({"state": "paid"}, {"state": "shipped", "shipped_at": NOW.isoformat()})
    assert (event.actor, event.store_no, event.cause) == (seller.actor, "S1", "DM-22")


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-22", "DM-21")
def test_only_declared_ways_are_open(store: Store) -> None:
    program = erp(store, "orders:write")
    for state, instants in INSTANTS.items():
        for to in LEADS:
            order = make_order(store, **instants)
            assert order.state == state
            before = traces()
            outcome = act(order, to, program)
            expected = "done" if to in TRANSITIONS[state] else "repeated" if to == state else "not_allowed"
            assert (outcome.result, outcome.state) == (expected, to if expected == "done" else state), (state, to)
            assert order.state == outcome.state
            assert traces() == (tuple(count + 1 for count in before) if expected == "done" else before), (state, to)


@pytest.mark.rule("DM-22")
def test_a_rejected_action_names_the_order_its_state_and_the_action(store: Store) -> None:
    order = make_order(store, order_no="A-1", **INSTANTS["cancelled"])
    texts = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            outcome = act(order, "shipped", erp(store, "orders:write"))
            texts.append(str(outcome))
    assert not outcome.holds
    assert texts == [
        "Order A-1: “ship” is not allowed in the state “cancelled”.",
        "订单 A-1：当前状态为“已取消”，不能执行“发货”。",
    ]


@pytest.mark.rule("TM-02", "RL-05")
def test_dispatch_is_confirmed_in_time_once_and_not_later(store: Store) -> None:
    seller = Person(make_person("seller", store.company))
    in_time, late = make_order(store, paid_at=NOW), make_order(store, paid_at=NOW)
    presale = make_order(store, paid_at=NOW, is_presale=True)
    last, after = NOW + 4 * HOUR, NOW + 5 * HOUR
    results = [
        commands.confirm_dispatch(order=order, principal=seller, at=at).result
        for order, at in ((in_time, last), (in_time, after), (late, after), (presale, after))
    ]
    assert results == ["done", "repeated", "late", "done"]
    assert [order.dispatch_confirmed_at for order in (in_time, late, presale)] == [last, None, after]
    assert {order.state for order in (in_time, late, presale)} == {"paid"}
    assert commands.confirm_dispatch(order=make_order(store), principal=seller, at=NOW).result == "not_allowed"


@pytest.mark.rule("DM-01", "DM-02", "DM-03", "RL-08")
def test_who_may_not_act_changes_nothing(store: Store) -> None:
    order = make_order(store, **INSTANTS["paid"])
    others = make_store("S2")
    principals: list[Principal] = [
        Visitor(),
        Person(make_person("analyst", store.company, "analyst")),
        Person(make_person("stranger", others.company)),
        Person(make_staff("reviewer", "reviewer")),
        erp(store, "orders:read", "appeals:write"),
        erp(others, "orders:write"),
        # Nobody ships but the seller.
        System(),
    ]
    for principal in principals:
        with pytest.raises(PermissionDenied):
            act(order, "shipped", principal)
    # What the buyer does, the seller's people can't do.
    with pytest.raises(PermissionDenied):
        commands.confirm_receipt(
            order=order, confirmed_by="buyer", principal=Person(make_person("owner", store.company)), at=NOW
        )
    assert traces() == (0, 0)


@pytest.mark.rule("DM-11a")
def test_in_a_mirrored_store_the_other_platform_decides(db: None) -> None:
    store = make_store(mode="mirrored")
    order = make_order(store, **INSTANTS["shipped"])
    outcome = act(order, "success", System())
    assert (outcome.result, outcome.state, traces()) == ("mirrored", "shipped", (0, 0))


@pytest.mark.rule("DM-11a", "DM-20")
def test_effects_of_a_timer_carry_its_instant_and_derive_the_rest(store: Store) -> None:
    order = make_order(store, created_at=NOW - DAY)
    commands.record_payment(order=order, principal=System(), at=NOW - HOUR)
    assert (order.state, order.paid_at, order.ship_by) == ("paid", NOW - HOUR, NOW + 71 * HOUR)
    assert Event.objects.get().actor == "system"


# ── exports before and after ──


def export(folder: Path, order: Order, **columns: str) -> Path:
    values = {
        "store_no": order.store.store_no,
        "order_no": order.order_no,
        "created_at": order.created_at.isoformat(),
        "paid_at": (NOW - DAY).isoformat(),
        "total_amount": "20",
        "currency": "USD",
        **columns,
    }
    return write(folder, orders=f"{','.join(values)}\n{','.join(values.values())}\n")


@pytest.mark.rule("IX-03", "DM-21")
def test_an_older_export_that_comes_later_loses(store: Store, tmp_path: Path) -> None:
    order = make_order(store, source_at=NOW - DAY, **INSTANTS["paid"])
    act(order, "shipped", erp(store, "orders:write"))
    path = export(tmp_path, order, cancelled_at=(NOW - 2 * HOUR).isoformat(), cancelled_by="buyer")
    _job, report = take(path, as_of=NOW - HOUR)
    assert report.counts["orders"]["older"] == 1
    order.refresh_from_db()
    assert (order.state, order.shipped_at, order.cancelled_at) == ("shipped", NOW, None)


@pytest.mark.rule("IX-03", "DM-21")
def test_a_newer_export_wins_and_clears_nothing(store: Store, tmp_path: Path) -> None:
    order = make_order(store, source_at=NOW - DAY, **INSTANTS["paid"])
    act(order, "shipped", erp(store, "orders:write"))
    take(export(tmp_path / "empty", order, shipped_at="", tracking_no=""), as_of=NOW + HOUR)
    order.refresh_from_db()
    assert (order.state, order.shipped_at, order.tracking_no) == ("shipped", NOW, "LP1")
    take(export(tmp_path / "other", order, shipped_at=(NOW - HOUR).isoformat()), as_of=NOW + 2 * HOUR)
    order.refresh_from_db()
    assert (order.state, order.shipped_at, order.source_at) == ("shipped", NOW - HOUR, NOW + 2 * HOUR)


@pytest.mark.rule("IX-03")
def test_an_action_of_before_the_export_at_hand_keeps_its_instant(store: Store) -> None:
    order = make_order(store, source_at=NOW + HOUR, **INSTANTS["paid"])
    act(order, "shipped", erp(store, "orders:write"))
    assert (order.shipped_at, order.source_at) == (NOW, NOW + HOUR)


# ── at once, and killed ──


@pytest.mark.rule("RL-06", "DM-22")
@pytest.mark.django_db(transaction=True)
def test_of_actions_at_once_one_wins_and_the_others_are_told() -> None:
    store = make_store(mode="governed")
    order, program = make_order(store, **INSTANTS["paid"]), erp(store, "orders:write")
    start_line, outcomes = threading.Barrier(4), []

    def work(to: str) -> None:
        start_line.wait()
        try:
            outcomes.append(act(Order.objects.select_related("store").get(pk=order.pk), to, program).result.value)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=[to]) for to in ("shipped", "refunded", "shipped", "refunded")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    order.refresh_from_db()
    # A shipped order may still be refunded; a refunded one is never shipped.
    assert (order.state, len(outcomes)) == ("refunded", 4)
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds in (["order.refunded"], ["order.shipped", "order.refunded"])
    assert outcomes.count("done") == len(kinds) == DirtySubject.objects.count()


@pytest.mark.rule("RL-01", "DM-22")
def test_killed_at_any_statement_an_action_leaves_nothing_and_can_be_repeated(store: Store) -> None:
    order, program = make_order(store, **INSTANTS["paid"]), erp(store, "orders:write")
    statements = 0
    while not Event.objects.exists():
        with killing(statements):
            act(order, "shipped", program)
        statements += 1
        stored = Order.objects.get(pk=order.pk)
        assert (stored.state, stored.source_at, traces()) in (("paid", None, (0, 0)), ("shipped", NOW, (1, 1)))
    assert statements > 5
    assert act(order, "shipped", program).result == "repeated"
