"""The rate limit: exact, whatever the number of processes (IX-24)."""

from datetime import UTC, datetime, timedelta
from itertools import chain
from multiprocessing import get_context
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from api.models import ApiClient, ClientDay, Grant
from api.services.usage import Rate, count_request
from tests.api.programs import access_token, api_client, make_client, make_grant
from tests.stores.people import make_store

NOW = datetime(2026, 5, 1, 12, 0, 18, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-24")]


def limits(response: Any) -> tuple[int, str, str, str, str | None]:
    names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    return (response.status_code, *(response.headers[name] for name in names), response.headers.get("Retry-After"))


@pytest.mark.sqlite_only
@time_machine.travel(NOW, tick=False)
def test_headers_tell_how_much_is_left(settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 2
    grant = make_grant(make_store(), at=NOW)
    client, other = api_client(access_token(grant, at=NOW)), api_client(access_token(make_grant(make_store("S2"))))
    assert [limits(client.get("/api/v1/me")) for _ in range(3)] == [
        (200, "2", "1", "42", None),
        (200, "2", "0", "42", None),
        (429, "2", "0", "42", "42"),
    ]
    assert other.get("/api/v1/me").status_code == 200
    with time_machine.travel(NOW + timedelta(seconds=42), tick=False):
        assert limits(client.get("/api/v1/me")) == (200, "2", "1", "60", None)
    (day,) = ClientDay.objects.filter(client=grant.client).values("requests", "refused", "rejected")
    assert day == {"requests": 4, "refused": 1, "rejected": 0}


@pytest.mark.sqlite_only
@time_machine.travel(NOW, tick=False)
def test_use_and_rejections_are_kept_by_day() -> None:
    grant = make_grant(make_store(), scopes=["orders:read"], at=NOW)
    client = api_client(access_token(grant, at=NOW))
    client.get("/api/v1/me")
    client.get("/api/v1/me", headers={"Accept": "text/html"})
    client.post("/api/v1/me")
    day = ClientDay.objects.get()
    # What is turned away before the token is looked at is nobody's request.
    assert (day.client, day.day, day.requests, day.rejected) == (grant.client, NOW.date(), 1, 0)
    assert (day.last_at, Grant.objects.get().last_used_at) == (NOW, NOW)


@pytest.mark.sqlite_only
@time_machine.travel(NOW, tick=False)
def test_addresses_that_send_wrong_tokens_are_slowed_down(settings: Any) -> None:
    settings.API_FAILURES_PER_MINUTE = 2
    codes = [Client().get("/api/v1/me").status_code for _ in range(3)]
    assert codes == [401, 401, 429]
    assert Client(REMOTE_ADDR="192.0.2.7").get("/api/v1/me").status_code == 401
    # Those with a valid token go on.
    assert api_client(access_token(make_grant(make_store()))).get("/api/v1/me").status_code == 200


def test_a_request_that_was_timed_before_the_minute_began_counts_in_it() -> None:
    client = make_client(make_store().company)
    later = NOW + timedelta(minutes=1)
    counts = [count_request(client=client, at=at).count for at in (NOW, later, NOW, later)]
    assert counts == [1, 1, 2, 3]


PROCESSES, EACH = 4, 170


@pytest.mark.django_db(transaction=True)
def test_limit_is_exact_over_processes() -> None:
    client = make_client(make_store().company)
    # Each process connects anew.
    connection.close()
    with get_context("fork").Pool(PROCESSES) as processes:
        rates = list(chain(*processes.map(counted, [client] * PROCESSES, chunksize=1)))
    asked = PROCESSES * EACH
    assert sorted(rate.count for rate in rates) == list(range(1, asked + 1))
    assert sum(not rate.is_over for rate in rates) == 600
    day = ClientDay.objects.get()
    assert (day.requests, day.refused) == (asked, asked - 600)


def counted(client: ApiClient) -> list[Rate]:
    """Where the client stands after each of the requests that one process counts."""
    try:
        return [count_request(client=client, at=NOW) for _ in range(EACH)]
    finally:
        connection.close()
