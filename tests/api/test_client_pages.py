"""The pages of API clients: register, see use, replace the secret, revoke (PG-16)."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from api.models import ApiClient, ClientDay, Grant
from api.services.clients import MOST_CLIENTS
from stores.actors import names_of_actors
from stores.models import Company, User
from tests.api.oauth import error_of, may_read, token
from tests.api.programs import make_client, make_grant
from tests.stores.people import client_of, make_person, make_store

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
LIST = "/companies/C-S1/clients/"

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("PG-16", "IX-20")]


@pytest.fixture(autouse=True)
def standing_still() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner() -> Client:
    store = make_store("S1")
    make_store("S2", store.company)
    person = make_person("owner", store.company)
    User.objects.filter(pk=person.pk).update(name="Li Wei")
    owner = client_of(person)
    owner.cookies["language"] = "en"
    return owner


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def secret_in(response: Any) -> str:
    return re.search(r"dws_[\w-]+", response.content.decode()).group()


def test_own_program_gets_its_secret_once_and_works(owner: Client) -> None:
    assert "No program has access" in text_of(owner.get(LIST))
    data = {"name": "Nightly export", "stores": ["S2"], "scopes": ["orders:read"]}
    answer = owner.post(f"{LIST}?kind=own", data)
    secret, row = secret_in(answer), ApiClient.objects.get()
    assert "no-store" in answer.headers["Cache-Control"]
    page = text_of(owner.get(f"{LIST}{row.client_id}/"))
    assert secret not in page
    assert [part in page for part in ("Store S2", "granted by Li Wei", row.client_id, secret[:8], "never used")] == [
        True
    ] * 5
    tokens = token(row.client_id, secret, grant_type="client_credentials").json()
    assert may_read(tokens["access_token"]) == ["S2"]
    assert "has access" in text_of(owner.get(LIST))
    day = ClientDay.objects.get()
    assert (day.requests, day.rejected) == (2, 0)
    assert names_of_actors([f"program:{row.client_id}", "program:gone"]) == {
        f"program:{row.client_id}": "Nightly export",
        "program:gone": "a program",
    }


def test_erp_is_registered_with_its_addresses(owner: Client) -> None:
    wrong = owner.post(
        f"{LIST}?kind=erp", {"name": "Mabang", "redirect_uris": "https://erp.example/a\nhttp://erp.example/b"}
    )
    assert (wrong.status_code, "http://erp.example/b can" in text_of(wrong)) == (422, True)
    owner.post(
        f"{LIST}?kind=erp", {"name": "Mabang", "redirect_uris": " https://erp.example/a\r\ncom.example.erp:/b \n"}
    )
    row = ApiClient.objects.get()
    assert row.redirect_uris == ["https://erp.example/a", "com.example.erp:/b"]
    page = owner.get(f"{LIST}{row.client_id}/")
    assert "Nobody has given access yet" in text_of(page)
    changed = {"name": "Mabang 2", "redirect_uris": "https://erp.example/c"}
    assert owner.post(f"{LIST}{row.client_id}/change/", changed).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.redirect_uris) == ("Mabang 2", ["https://erp.example/c"])
    assert owner.post(f"{LIST}?kind=native", {"name": "App", "redirect_uris": "http://127.0.0.1/x"}).status_code == 200
    assert ApiClient.objects.get(kind="native").secret_hash == ""


def test_secret_is_replaced_and_who_comes_second_is_told(owner: Client) -> None:
    answer = owner.post(f"{LIST}?kind=own", {"name": "X", "stores": ["S1"], "scopes": ["orders:read"]})
    first, row = secret_in(answer), ApiClient.objects.get()
    second = secret_in(owner.post(f"{LIST}{row.client_id}/secret/"))
    ask = {"grant_type": "client_credentials"}
    assert [token(row.client_id, secret, **ask).status_code for secret in (first, second)] == [200, 200]
    assert owner.post(f"{LIST}{row.client_id}/revoke/").status_code == 302
    for action in ("secret", "revoke", "grant"):
        again = owner.post(f"{LIST}{row.client_id}/{action}/", {"stores": ["S1"], "scopes": ["orders:read"]})
        assert (again.status_code, "Somebody else was faster" in text_of(again)) == (409, True)
    assert error_of(token(row.client_id, second, **ask)) == (401, "invalid_client")
    assert list(Grant.objects.values_list("end", flat=True)) == ["revoked"]


def test_access_is_changed_and_revoked_by_grant(owner: Client) -> None:
    owner.post(f"{LIST}?kind=own", {"name": "X", "stores": ["S1"], "scopes": ["orders:read"]})
    row = ApiClient.objects.get()
    url = f"{LIST}{row.client_id}/"
    nothing = owner.post(f"{url}grant/", {"scopes": ["orders:read"]})
    assert (nothing.status_code, "Tick at least one store." in text_of(nothing)) == (422, True)
    owner.post(f"{url}grant/", {"stores": ["S1", "S2"], "scopes": ["orders:read", "metrics:read"]})
    former, present = Grant.objects.order_by("pk")
    assert (former.end, present.stores.count(), present.scopes) == ("replaced", 2, ["orders:read", "metrics:read"])
    assert owner.post(f"{url}end/", {"grant": present.pk}).status_code == 302
    assert owner.post(f"{url}end/", {"grant": present.pk}).status_code == 409
    foreign = make_grant(make_store("S9"))
    for number in (foreign.pk, "", "x", "9" * 30):
        assert owner.post(f"{url}end/", {"grant": number}).status_code == 404
    assert Grant.objects.get(pk=foreign.pk).ended_at is None
    assert "no access yet" in text_of(owner.get(LIST))


def test_number_of_clients_is_limited(owner: Client) -> None:
    company = Company.objects.get()
    for _ in range(MOST_CLIENTS):
        make_client(company)
    assert "Revoke one to register another" in text_of(owner.get(LIST))
    answer = owner.post(f"{LIST}?kind=erp", {"name": "One more", "redirect_uris": "https://erp.example/a"})
    assert answer.status_code == 422


def test_documentation_shows_every_operation_and_problem_without_scripts() -> None:
    document = Client().get("/api/v1/openapi.json").json()
    response = Client(headers={"Accept-Language": "en"}).get("/api/v1/docs")
    page = response.content.decode()
    operations = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert [one for one in operations if f'id="{one}"' not in page] == []
    codes = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert [code for code in codes if f'id="{code}"' not in page] == []
    assert "<script>" not in page
    assert [text in page for text in ("-F files=@trace.pdf", "curl -X DELETE")] == [True, True]
    assert "unsafe-inline' " not in response.headers["Content-Security-Policy"].replace(
        "style-src-attr 'unsafe-inline'", ""
    )
    assert text_of(Client(headers={"Accept-Language": "zh-CN"}).get("/api/v1/docs")).count("权限范围") > 0
