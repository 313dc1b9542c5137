"""In which sequence rows are locked, so that acts and sweeps never wait for each other's rows (RL-05, RL-06)."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.commands import agree_refund
from orders.services.refund_clocks import derive_refund_clocks
from stores.principals import Person
from tests.orders.build import NOW
from tests.orders.test_refunds import ask
from tests.stores.people import make_person, make_store

LOCKED = re.compile(r'FROM "(\w+)" .*FOR (?:NO KEY )?UPDATE|^UPDATE "(orders_refund)"')


@pytest.mark.rule("RL-05", "TM-12")
def test_an_answer_locks_clocks_then_the_order_then_the_refund(db: None) -> None:
    store = make_store(mode="governed")
    refund = ask(store, amount_usd=5)
    derive_refund_clocks(order_ids=[refund.order_id], at=NOW)
    seller = Person(make_person("seller", store.company))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert agree_refund(refund=refund, principal=seller, at=NOW).holds
    found = [LOCKED.search(query["sql"]) for query in asked.captured_queries]
    locked = list(dict.fromkeys(match[1] or match[2] for match in found if match))
    first = ["stores_deadline", "orders_order"] if connection.features.has_select_for_update else []
    assert locked[: len(first) + 1] == [*first, "orders_refund"]
