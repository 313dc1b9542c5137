"""The generated client of docs/examples, as a company's program uses it (IX-20 … IX-22)."""

import importlib.util
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import time_machine
from django.core.wsgi import get_wsgi_application

from api.services.clients import Registration, register_client
from orders.models import Order
from penalties.models import Penalty
from stores.models import Store
from tests.api.programs import WRITE_ALL, owner_of
from tests.appeals.build import NIGHT, make_notice
from tests.appeals.build import make_store as make_governed_store
from tests.evidence.files import jpeg
from tests.stores.people import make_store
from tests.stores.world import NOON
from tools.api_client import DOCUMENT, document

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-21", "IX-22")]
ORDER = {"created_at": "2026-05-01T09:12:00Z", "total_amount": "12.50", "currency": "USD"}


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


class Unsteady(httpx.BaseTransport):
    """Passes requests on to the product; every third one is lost on its way back."""

    def __init__(self) -> None:
        self.real, self.sent = httpx.WSGITransport(app=get_wsgi_application()), 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent += 1
        answer = self.real.handle_request(request)
        if self.sent % 3 == 0:
            raise httpx.ReadError("the connection was cut")
        return answer


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Any:
    spec = importlib.util.spec_from_file_location("dianwei", DOCUMENT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module.time, "sleep", lambda _seconds: None)
    return module


@pytest.fixture
def store() -> Store:
    return make_store("S-1")


@pytest.fixture
def secret(store: Store) -> tuple[str, str]:
    registration = Registration("Stock sheet", "own", [], [store], list(WRITE_ALL))
    client, secret = register_client(
        company=store.company, registration=registration, owner=owner_of(store.company), at=NOON
    )
    return client.client_id, secret


def test_client_is_what_the_openapi_document_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document()


def test_client_keeps_a_store_in_step_over_a_line_that_breaks(
    example: Any, store: Store, secret: tuple[str, str], open_connection: None
) -> None:
    line = Unsteady()
    with example.Dianwei("http://localhost", *secret, transport=line) as api:
        for first in range(0, 60, 10):
            items = [{"order_no": f"O-{number}", **ORDER} for number in range(first, first + 10)]
            answer = api.put_orders(store.store_no, items)
            assert answer["counts"] == {"new": 10}
        assert [one["store_no"] for one in api.get_account()["stores"]] == [store.store_no]
        long_ago = datetime(2026, 1, 1, tzinfo=UTC)
        Order.objects.filter(order_no__in=["O-7", "O-8"]).update(updated_at=long_ago)
        told, since = api.updated_orders(store.store_no, "2000-01-01T00:00:00Z")
        assert [one["order_no"] for one in told if one["updated_at"] == "2026-01-01T00:00:00Z"] == ["O-7", "O-8"]
        assert since > "2026-01-01T00:00:00Z"
    assert Order.objects.filter(store=store).count() == 60
    assert line.sent > 8


def test_client_walks_lists_and_tells_problems(
    example: Any, store: Store, secret: tuple[str, str], open_connection: None
) -> None:
    for number in range(5):
        Penalty.objects.create(
            store=store, kind="warning", source="manual", cause=f"c{number}", rule="PN-42", starts_at=NOON
        )
    app = httpx.WSGITransport(app=get_wsgi_application())
    with example.Dianwei("http://localhost", *secret, transport=app) as api:
        causes = [item["cause"] for item in api.each(api.list_penalties, store.store_no, limit=2)]
        assert causes == ["c4", "c3", "c2", "c1", "c0"]
        with pytest.raises(example.ProblemError) as unknown:
            api.list_notices("S2")
        assert (unknown.value.status, unknown.value.code) == (404, "not-found")
        with pytest.raises(example.ProblemError) as wrong:
            api.list_notices(store.store_no, limit=1000)
        assert [error["parameter"] for error in wrong.value.errors] == ["limit"]
    with (
        example.Dianwei("http://localhost", secret[0], "wrong", transport=app) as api,
        pytest.raises(example.ProblemError) as refused,
    ):
        api.get_account()
    assert refused.value.status == 401


def test_client_hands_an_appeal_in(example: Any, open_connection: None) -> None:
    with time_machine.travel(NIGHT, tick=False):
        store = make_governed_store()
        notice = make_notice(store)
        registration = Registration("Appeals", "own", [], [store], list(WRITE_ALL))
        owner = owner_of(store.company)
        client, secret = register_client(company=store.company, registration=registration, owner=owner, at=NIGHT)
        app = httpx.WSGITransport(app=get_wsgi_application())
        with example.Dianwei("http://localhost", client.client_id, secret, transport=app) as api:
            number = api.start_appeal("S1", kind="notice", subject=notice.number)["number"]
            orders = [{"order_no": "L1", "exception": "carrier_fault"}]
            draft = api.save_appeal("S1", number, version=0, orders=orders, statement="Scanned late.")
            api.attach_appeal_files("S1", number, [("trace.jpg", jpeg("L1"))], kind="carrier_trace")
            with pytest.raises(example.ProblemError) as stale:
                api.submit_appeal("S1", number, version=0)
            assert (stale.value.status, stale.value.code) == (409, "conflict")
            assert api.submit_appeal("S1", number, version=draft["version"])["state"] == "review"
