"""Flags of random worlds against the same rules told once more in plain Python, order by order (TM-14)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from insights.queries.flags import FINDERS
from orders.models import Order, RaisedFlag, Refund
from orders.queries.flags import Scope
from orders.services.flags import refresh_flags
from tests.orders.build import DAY, HOUR, NOW, derive, make_order, make_traced_store, scan

hours = st.integers(-400, 0)
orders = st.fixed_dictionaries(
    {
        "paid": hours,
        "ship": st.none() | st.integers(0, 120),
        "estimate": st.none() | st.integers(0, 200),
        "scans": st.lists(st.integers(0, 300), max_size=3, unique=True),
        "delivered": st.none() | st.integers(0, 300),
        "confirmed": st.booleans(),
        "refund": st.none() | st.integers(0, 200),
        "answered": st.booleans(),
        "address": st.sampled_from(["", "PO Box 1, Madrid, ES", "Calle Mayor 4, 28013 Madrid, ES"]),
    }
)
Drawn = dict[str, Any]


def wanted(one: Drawn, at: datetime) -> Iterator[tuple[str, datetime, datetime | None]]:
    """The flags of an order by what was drawn for it: code, since, due."""
    paid = NOW + one["paid"] * HOUR
    shipped = None if one["ship"] is None else paid + one["ship"] * HOUR
    delivered = None if shipped is None or one["delivered"] is None else shipped + one["delivered"] * HOUR
    done = one["confirmed"] and delivered is not None
    if shipped is None:
        by = paid + 72 * HOUR
        if by < at:
            yield "dispatch_overdue", by, by
        elif by < at + DAY:
            yield "dispatch_soon", by - DAY, by
        if one["address"].startswith("PO"):
            yield "address_doubtful", paid, None
    elif delivered is None:
        scans = sorted(shipped + hour * HOUR for hour in one["scans"])
        scans = [instant for instant in scans if instant <= at]
        if not scans and at >= shipped + DAY:
            yield "no_first_scan", shipped + DAY, None
        if scans and at >= scans[-1] + 72 * HOUR:
            yield "stalled_72h", scans[-1] + 72 * HOUR, None
        elif scans and at >= scans[-1] + 48 * HOUR:
            yield "stalled_48h", scans[-1] + 48 * HOUR, scans[-1] + 72 * HOUR
        if one["estimate"] is not None and shipped + one["estimate"] * HOUR < at:
            yield "delivery_overdue", shipped + one["estimate"] * HOUR, None
    elif one["estimate"] is not None and not done and shipped + one["estimate"] * HOUR + DAY < delivered <= at:
        yield "low_star_tendency", delivered, None
    if one["refund"] is not None and not one["answered"]:
        asked = paid + one["refund"] * HOUR
        if asked <= at:
            yield "refund_answer_due", asked, asked + 5 * DAY


@pytest.mark.rule("TM-14")
class FlagsAgree(TestCase):
    @settings(max_examples=12, deadline=None)
    @given(drawn=st.lists(orders, min_size=1, max_size=6), steps=st.lists(st.integers(0, 200), min_size=1, max_size=2))
    def test_raised_flags_agree_with_the_rules_at_every_check(self, drawn: list[Drawn], steps: list[int]) -> None:
        store = make_traced_store()
        made = [self._make(store, one, number) for number, one in enumerate(drawn)]
        derive(*made)
        for step in steps:
            at = NOW + timedelta(hours=step, minutes=30)
            refresh_flags(Scope((store.pk,)), FINDERS, at=at)
            rows = RaisedFlag.objects.filter(cleared_at=None).values_list("order_id", "code", "since", "due_at")
            expected = {(order.pk, *flag) for order, one in zip(made, drawn, strict=True) for flag in wanted(one, at)}
            assert set(rows) == expected

    def _make(self, store: Any, one: Drawn, number: int) -> Order:
        paid = NOW + one["paid"] * HOUR
        shipped = None if one["ship"] is None else paid + one["ship"] * HOUR
        delivered = None if shipped is None or one["delivered"] is None else shipped + one["delivered"] * HOUR
        order = make_order(
            store, derived=False, created_at=paid, paid_at=paid, shipped_at=shipped, delivered_given=delivered,
            confirmed_at=delivered if one["confirmed"] else None,
            estimated_delivery_at=None if shipped is None or one["estimate"] is None
            else shipped + one["estimate"] * HOUR,
            ship_address=one["address"], site="ES", buyer_ref=f"b{number}",
        )  # fmt: skip
        for hour in one["scans"] if shipped is not None else ():
            scan(order, shipped + hour * HOUR)
        if one["refund"] is not None:
            Refund.objects.create(
                store=store, order=order, refund_no=f"R{number}", requested_at=paid + one["refund"] * HOUR,
                state="agreed" if one["answered"] else "requested", amount_usd=1,
            )  # fmt: skip
        return order
