"""The store rating taken apart for the smallest change (BX-16, SR-01)."""

from datetime import date, timedelta

import pytest

from dashboard.queries.rating_change import failing_rated, rating_parts
from insights.rules.smallest_change import Cost
from insights.rules.smallest_rating_change import FailingRated, rating_of
from metrics.rules.rating import Rating, RatingSums, rate
from orders.models import Order, Review
from rulebook.queries import policies
from tests.metrics.making import NOW, make_store

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]


def rated(**changed: int) -> Rating:
    sums = RatingSums(
        described_n=40, described_sum=176, communication_n=30, communication_sum=140, r_dispatch_n=50,
        r_dispatch_ontime=45, r_delivery_n=20, r_delivery_ontime=19, r_value_cents_usd=0, r_value_n=0, unconfirmed=0,
    )._replace(**changed)  # fmt: skip
    policy = policies()[-1].policy
    return rate(sums, policy, high_value=False, store_type="", confirmed=False, day=date(2026, 3, 10))


@pytest.mark.rule("BX-16", "SR-01")
@pytest.mark.parametrize("changed", [{}, {"communication_n": 0, "communication_sum": 0}, {"r_delivery_n": 0}])
def test_parts_give_the_rating_itself(changed: dict[str, int]) -> None:
    rating = rated(**changed)
    assert rating_of(rating_parts(rating)) == rating.score


@pytest.mark.rule("BX-16", "DM-34")
def test_order_left_out_takes_its_review_and_its_lateness() -> None:
    store = make_store("S1")
    paid = NOW - timedelta(days=30)
    order = Order.objects.create(
        store=store, order_no="A", created_at=paid, paid_at=paid, confirmed_at=paid + timedelta(days=9),
        total_amount=9, total_usd=9, currency="USD",
    )  # fmt: skip
    Review.objects.create(
        store=store, order=order, created_at=paid + timedelta(days=10), described=2, communication=4, shipping=5
    )
    [found] = failing_rated({order.pk: ["described_low", "r_dispatch_late"]}, lambda order_id: Cost.READY)
    assert found == FailingRated(
        order.pk,
        Cost.READY,
        {"dispatch": -1, "described": 2, "communication": 4},
        (("described", 1), ("communication", 1)),
    )
    without = rated(
        described_n=39, described_sum=174, communication_n=29, communication_sum=136, r_dispatch_ontime=46
    ).score
    assert rating_of(rating_parts(rated()), [found]) == without
    [late] = failing_rated({order.pk: ["r_delivery_late"]}, lambda order_id: Cost.WAIT)
    assert (late.totals, late.counts) == ({"delivery": -1}, ())
