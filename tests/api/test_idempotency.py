"""A batch that is sent again with its key has its effect once and gets its answer again (IX-21)."""

import json
from datetime import timedelta

import pytest
import time_machine

from api.models import AnsweredRequest
from api.services.idempotency import forget_answers
from orders.models import Order
from stores.models import Store
from tests.api.programs import WRITE_ALL, api_client, token_for
from tests.api.pushing import NOW, make_store, order, put, put_body, verdicts, writer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("day_of_pushes"), pytest.mark.rule("IX-21")]


def test_a_repeated_key_gets_the_first_answer_and_has_no_second_effect(client):
    first = put(client, "S1", "orders", order("1", site="US"), order("2", total_amount="?"), key="a")
    put(client, "S1", "orders", order("1", site="RU"))
    again = put(client, "S1", "orders", order("1", site="US"), order("2", total_amount="?"), key="a")
    assert (again.status_code, again.json()) == (200, first.json())
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert Order.objects.get().site == "RU"


@pytest.mark.rule("IX-24")
@pytest.mark.parametrize(("resource", "site"), [("orders", "RU"), ("listings", "US")])
def test_a_key_with_another_request_is_a_problem(client, resource, site):
    put(client, "S1", "orders", order("1", site="US"), key="a")
    response = put(client, "S1", resource, order("1", site=site), key="a")
    assert response.status_code == 422
    assert response.json()["errors"] == [
        {
            "detail": "This Idempotency-Key was used for another request: take a new one for each batch.",
            "parameter": "Idempotency-Key",
        }
    ]
    assert Order.objects.get().site == "US"


@pytest.mark.rule("RL-08")
def test_keys_of_two_programs_and_stores_are_apart(store, client):
    other = make_store("S2", company="C2")
    assert verdicts(put(client, "S1", "orders", order("1"), key="a")) == ["new"]
    assert verdicts(put(writer(other), "S2", "orders", order("1"), key="a")) == ["new"]
    both = api_client(token_for(store, make_store("S3"), scopes=WRITE_ALL))
    assert verdicts(put(both, "S1", "orders", order("1"), key="b")) == ["same"]
    assert put(both, "S3", "orders", order("1"), key="b").status_code == 422


def test_a_request_that_failed_leaves_its_key_free(client):
    assert put_body(client, "S1", "orders", "{", key="a").status_code == 400
    assert put(client, "S1", "orders", exported_at="2027-01-01T00:00:00Z", key="a").status_code == 422
    assert verdicts(put(client, "S1", "orders", order("1"), key="a")) == ["new"]


def test_a_key_is_kept_for_a_day_and_then_forgotten(client):
    put(client, "S1", "orders", order("1"), key="a")
    put(client, "S1", "orders", order("2"), key="b")
    day = timedelta(hours=24)
    with time_machine.travel(NOW + day - timedelta(seconds=1), tick=False):
        late = api_client(token_for(Store.objects.get(), scopes=WRITE_ALL))
        assert forget_answers(at=NOW + day - timedelta(seconds=1)) == 0
    assert AnsweredRequest.objects.count() == 2
    del late
    assert forget_answers(at=NOW + day) == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x" * 256])
def test_a_key_is_visible_ascii(client, key):
    body = json.dumps({"items": []})
    response = put_body(client, "S1", "orders", body, headers={"Idempotency-Key": key})
    assert response.status_code == 422
