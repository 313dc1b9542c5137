"""Derived columns: SQL agrees with a plain derivation, and deriving again changes nothing (DM-20, DM-21)."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core.models import DirtySubject
from orders.data_issues import AFTER_EXPORT, CHECKS, DATA_ISSUES, data_issue_checks, data_issue_texts
from orders.models import Order, OrderLine, OrderState, Refund, Review
from orders.rules.states import STATE_BY_INSTANT, state_of
from rulebook.queries import policy_at
from stores.models import Store
from tests.orders.build import DAY, HOUR, NOW, derive, derive_ids, make_order, scan
from tests.stores.people import make_store

GIVEN = (
    "paid_at",
    "shipped_at",
    "delivered_given",
    "confirmed_at",
    "cancelled_at",
    "refunded_given",
    "closed_at",
    "ship_by_given",
)
moments = st.none() | st.integers(-48, 48).map(lambda hours: NOW + hours * HOUR)
# Of orders of 20 USD.
returned = st.none() | st.sampled_from(
    ["0", "5", "9.9949", "9.995", "10", "15", "19.9949", "19.995", "20", "20.01"]
).map(Decimal)
orders = st.fixed_dictionaries(
    {
        **dict.fromkeys(GIVEN, moments),
        "is_presale": st.booleans(),
        "sku_given": st.sampled_from(["", "given"]),
        "lines": st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(1, 3)), max_size=3),
        "scans": st.lists(
            st.tuples(st.integers(-48, 48), st.sampled_from(["label", "pickup", "transit", "delivered", "lost"])),
            max_size=4,
            unique=True,
        ),
        "refunds": st.lists(st.tuples(moments, st.booleans(), returned), max_size=3),
        "reviewed": moments,
    }
)


def build(store: Store, drawn: dict[str, Any]) -> Order:
    order = make_order(
        store,
        derived=False,
        created_at=NOW,
        is_presale=drawn["is_presale"],
        sku_given=drawn["sku_given"],
        **{name: drawn[name] for name in GIVEN},
    )
    for number, (sku, amount) in enumerate(drawn["lines"], start=1):
        amount = None if amount is None else Decimal(amount)
        OrderLine.objects.create(store=store, order=order, line_no=number, sku=sku, amount=amount)
    for hours, kind in drawn["scans"]:
        scan(order, NOW + hours * HOUR, kind)
    for number, (completed, full, amount) in enumerate(drawn["refunds"]):
        Refund.objects.create(
            store=store,
            order=order,
            refund_no=f"{order.order_no}-{number}",
            requested_at=NOW,
            completed_at=completed,
            full=full,
            amount_usd=amount,
        )
    if drawn["reviewed"] is not None:
        Review.objects.create(store=store, order=order, created_at=drawn["reviewed"], described=5)
    return order


def expected(drawn: dict[str, Any]) -> dict[str, Any]:
    """The same columns, derived the plain way."""
    lines = sorted(enumerate(drawn["lines"]), key=lambda line: (-(line[1][1] or 0), line[0]))
    promised = timedelta(hours=policy_at(NOW).counting.dispatch_hours)
    paid = drawn["paid_at"]
    delivered = [NOW + hours * HOUR for hours, kind in drawn["scans"] if kind == "delivered"]
    completed = [refund for refund in drawn["refunds"] if refund[0] is not None]
    refunded = [
        at
        for at, full, amount in completed
        if full or (amount is not None and _cents(done for when, _full, done in completed if when <= at) >= 2000)
    ]
    found: dict[str, Any] = {
        "sku": drawn["sku_given"] or (lines[0][1][0] if lines else ""),
        "ship_by": drawn["ship_by_given"] or (paid + promised if paid and not drawn["is_presale"] else None),
        "first_scan_at": min((NOW + h * HOUR for h, kind in drawn["scans"] if kind != "label"), default=None),
        "delivered_at": drawn["delivered_given"] or min(delivered, default=None),
        "refunded_at": drawn["refunded_given"] or min(refunded, default=None),
    }
    instants = {name: found.get(name, drawn.get(name)) for name, _state in STATE_BY_INSTANT}
    overpaid = _cents(amount for _at, _full, amount in completed) > 2000
    return {**found, "state": state_of(instants), "data_issues": _data_issues({**drawn, **found}) + 4096 * overpaid}


def _cents(amounts: Iterable[Decimal | None]) -> int:
    total = sum((amount for amount in amounts if amount is not None), Decimal(0))
    return int((100 * total).to_integral_value(ROUND_HALF_UP))


def _data_issues(row: dict[str, Any]) -> int:
    created, paid, shipped = NOW, row["paid_at"], row["shipped_at"]
    delivered, confirmed, cancelled = row["delivered_at"], row["confirmed_at"], row["cancelled_at"]
    holds = {
        1: before(paid, created),
        2: before(shipped, paid or created),
        4: before(delivered, shipped),
        8: delivered is not None and shipped is None,
        16: before(confirmed, shipped or paid or created),
        32: before(cancelled, created),
        64: cancelled is not None and delivered is not None,
        128: before(row["first_scan_at"], created),
        256: shipped is not None and paid is None,
        512: before(row["reviewed"], created),
        1024: before(row["refunded_at"], created),
        2048: before(confirmed, delivered),
    }
    return sum(bit for bit, found in holds.items() if found)


def before(first: Any, second: Any) -> bool:
    return first is not None and second is not None and first < second


DERIVED = ("sku", "ship_by", "first_scan_at", "delivered_at", "refunded_at", "state", "data_issues")


@pytest.mark.rule("DM-20", "DM-21", "IX-05")
class SettlingAgrees(TestCase):
    @settings(max_examples=60)
    @given(drawn=st.lists(orders, min_size=1, max_size=4))
    def test_deriving_agrees_with_a_plain_derivation_and_twice_is_once(self, drawn: list[dict[str, Any]]) -> None:
        store = make_store()
        made = [build(store, each) for each in drawn]
        derive(*made)
        once = [{name: getattr(order, name) for name in DERIVED} for order in made]
        assert once == [expected(each) for each in drawn]
        derive(*made)
        assert once == [{name: getattr(order, name) for name in DERIVED} for order in made]


@pytest.mark.rule("DM-21")
def test_every_state_is_reached_by_its_instant_alone() -> None:
    assert [state_of({name: NOW}) for name, _state in STATE_BY_INSTANT] + [state_of({})] == OrderState.values


@pytest.mark.rule("DM-21")
def test_the_more_advanced_instant_decides() -> None:
    for position, (name, state) in enumerate(STATE_BY_INSTANT):
        less = dict.fromkeys((name for name, _state in STATE_BY_INSTANT[position:]), NOW)
        assert state_of(less) == state, name


@pytest.mark.django_db
def test_deriving_changes_only_the_orders_named() -> None:
    store = make_store()
    one, other = (make_order(store, derived=False, paid_at=NOW - DAY) for _ in range(2))
    derive_ids([one.pk])
    assert dict(Order.objects.values_list("pk", "state")) == {one.pk: "paid", other.pk: "created"}


@pytest.mark.django_db
@pytest.mark.rule("DM-20")
def test_orders_of_before_are_refunded_by_migrating() -> None:
    """As they stood when only a flag refunded in full, with facts of that."""
    store = make_store()
    flagged, whole, part, given, over = (make_order(store, derived=False, paid_at=NOW - DAY) for _ in range(5))
    for order, amounts in ((flagged, [5]), (whole, [8, 12]), (part, [19]), (given, [20]), (over, [15, 15])):
        for place, amount in enumerate(amounts):
            Refund.objects.create(
                store=store,
                order=order,
                refund_no=f"{order.order_no}-{place}",
                requested_at=NOW,
                completed_at=NOW + place * HOUR,
                amount_usd=Decimal(amount),
                full=order is flagged,
            )
    Order.objects.filter(pk=given.pk).update(refunded_given=NOW - HOUR)
    derive(flagged, whole, part, given, over)
    right = list(Order.objects.order_by("pk").values("pk", *DERIVED))
    assert [row["refunded_at"] for row in right] == [NOW, NOW + HOUR, None, NOW - HOUR, NOW + HOUR]
    assert [row["data_issues"] for row in right] == [0, 0, 0, 0, 4096]
    Order.objects.filter(pk__in=[whole.pk, over.pk]).update(refunded_at=None, state="paid", data_issues=0)
    DirtySubject.objects.all().delete()
    bring_up_to_date = import_module("orders.migrations.0005_whole_refunds_and_found_parcels").bring_up_to_date
    bring_up_to_date(apps, connection.schema_editor())
    assert list(Order.objects.order_by("pk").values("pk", *DERIVED)) == right
    assert set(DirtySubject.objects.values_list("kind", "subject_id")) == {("order", whole.pk), ("order", over.pk)}


@pytest.mark.rule("IX-05")
def test_every_data_issue_says_what_to_check() -> None:
    assert CHECKS.keys() == {AFTER_EXPORT, *(bit for bit, _condition, _text in DATA_ISSUES)}
    assert [text for text, _check in data_issue_checks(4 | 64)] == data_issue_texts(4 | 64)
