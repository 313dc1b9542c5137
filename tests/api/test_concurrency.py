"""Pushes at the same time: a key has one effect, and programs that write the same rows lose nothing (IX-21, RL-07)."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from api.models import AnsweredRequest
from core.models import Event
from orders.models import Order, Review
from tests.api.programs import WRITE_ALL, api_client, token_for
from tests.api.pushing import make_store, order, put, verdicts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.clock,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("IX-21", "RL-07"),
]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """The results of functions that begin together, each in a thread of its own."""
    results: list[Any] = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(place: int) -> None:
        barrier.wait()
        try:
            results[place] = acts[place]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_one_key_several_times_at_once_has_one_effect():
    token = token_for(make_store(), scopes=WRITE_ALL)
    items = [order(str(number)) for number in range(20)]
    responses = at_once(*[lambda: put(api_client(token), "S1", "orders", *items, key="a")] * 4)
    answered = [response for response in responses if response.status_code == 200]
    assert {response.status_code for response in responses} <= {200, 409}
    assert {response.headers.get("Retry-After") for response in responses if response.status_code == 409} <= {"1"}
    assert len({response.content for response in answered}) == 1
    assert set(verdicts(answered[0])) == {"new"}
    assert sum("Idempotency-Replayed" not in response.headers for response in answered) == 1
    assert (Order.objects.count(), AnsweredRequest.objects.count()) == (20, 1)
    assert Event.objects.filter(kind="rows.pushed").count() == 1


def test_programs_that_write_the_same_orders_at_once_lose_nothing():
    store, begin = make_store(), datetime.now(UTC) - timedelta(hours=1)
    tokens = [token_for(store, scopes=WRITE_ALL) for _program in range(4)]

    def program(place: int) -> list[int]:
        client, statuses = api_client(tokens[place]), []
        for turn in range(3):
            version = turn * 4 + place
            orders = [order(str(number), site="US", total_amount=f"{version + 1}.00") for number in range(10)]
            at = (begin + timedelta(minutes=version)).isoformat()
            statuses.append(put(client, "S1", "orders", *orders, exported_at=at).status_code)
            review = {"order_no": str(place), "created_at": "2026-11-25T10:00:00Z", "described": 5}
            statuses.append(put(client, "S1", "reviews", review, exported_at=at).status_code)
        return statuses

    statuses = at_once(*[lambda place=place: program(place) for place in range(4)])
    assert statuses == [[200] * 6] * 4
    assert set(Order.objects.values_list("total_amount", flat=True)) == {12}
    assert (Order.objects.count(), Review.objects.count()) == (10, 4)
