"""What changed: parts that sum exactly to the change, by dimension and by order (MX-16, SR-12)."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from insights.queries.changes import rating_changes
from insights.rules.change import WORTH, Flow, change_of
from metrics.rules.rating import RatingSums, rate
from rulebook.policy import build_policy
from rulebook.shipped import SHIPPED
from stores.reference import resolve_categories
from tests.examples import costly
from tests.metrics.making import make_store
from tests.metrics.worlds import load_world
from tests.oracle.paces import LAST
from tests.oracle.strategies import worlds
from tests.oracle.world import World
from tests.stores.people import client_of, make_person

POLICY = build_policy(SHIPPED, number=1)
NAMES = {
    "described": ("described_n", "described_sum"),
    "communication": ("communication_n", "communication_sum"),
    "dispatch": ("r_dispatch_n", "r_dispatch_ontime"),
    "delivery": ("r_delivery_n", "r_delivery_ontime"),
}


@st.composite
def orders_of_a_part(draw, most: int) -> tuple[int, int]:
    number = draw(st.integers(0, 40))
    return number, sum(draw(st.lists(st.integers(0, most), min_size=number, max_size=number)))


@pytest.mark.rule("MX-16", "SR-12")
@given(data=st.data(), marks=st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_parts_sum_exactly_to_the_change(data, marks):
    old, new, flows = {}, {}, {}
    for part, (number, worth) in NAMES.items():
        most = 5 if part in ("described", "communication") else 1
        left, stayed, entered = (data.draw(orders_of_a_part(most)) for _ in range(3))
        old |= {number: left[0] + stayed[0], worth: left[1] + stayed[1]}
        new |= {number: stayed[0] + entered[0], worth: stayed[1] + entered[1]}
        scale = WORTH[part]
        flows[part] = Flow(entered[0], scale * entered[1], left[0], scale * left[1])
    ratings = [
        rate(
            RatingSums(**sums, r_value_cents_usd=0, r_value_n=0, unconfirmed=3 * mark),
            POLICY,
            high_value=False,
            store_type="standard",
            confirmed=True,
            day=datetime(2026, 1, 1, tzinfo=UTC).date(),
        )
        for sums, mark in zip((old, new), marks, strict=True)
    ]
    change = change_of(*ratings, flows)
    if change is None:
        assert None in (ratings[0].score, ratings[1].score)
        return
    assert sum((part.effect for part in change.parts), change.weights) == change.change
    if all(rating.parts[part] is not None for rating in ratings for part in NAMES):
        assert change.weights == 0


@pytest.mark.django_db
@pytest.mark.rule("MX-16", "SR-12")
@given(data=worlds(stores=1), back=st.integers(1, 40))
@costly(4)
def test_change_of_stored_facts_is_the_work_of_orders_alone(data, back):
    bundle, facts = data
    with transaction.atomic():
        (store,) = load_world(World(bundle, facts=facts)).values()
        resolve_categories()
        found = rating_changes(store=store, old_day=LAST - timedelta(days=back), new_day=LAST)
        if found.change is not None:
            parts = sum((part.effect for part in found.change.parts), Fraction())
            assert parts + found.change.weights == found.change.change
            listed = sum((row.effect for row in found.orders), found.others)
            assert listed == sum((part.entered + part.left for part in found.change.parts), Fraction())
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_page_says_so_where_there_is_no_rating():
    store = make_store()
    client = client_of(make_person("owner", store.company))
    address = reverse("dashboard:rating_changes", args=[store.store_no])
    for since in ("", "2026-01-01", "not-a-day", "2999-01-01"):
        answer = client.get(address, {"since": since}, headers={"Accept-Language": "en"})
        assert answer.status_code == 200
        assert "There is no rating on one of these days." in answer.content.decode()
    fragment = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
