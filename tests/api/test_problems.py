"""Errors as problem documents, in the reader's language, on every way out (IX-24)."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from django.test import Client
from django.urls import path
from ninja import Router, Schema
from pydantic import Field, field_validator

from api.api import Api, JsonParser, JsonWriter, api
from api.auth import ApiRequest, any_token
from api.problems import FieldError, ProblemError
from tests.api.programs import api_client, token_for
from tests.stores.people import make_store

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-24")]

router = Router()


class Item(Schema):
    order_no: str = Field(max_length=5)
    amount: int = Field(ge=1)

    @field_validator("order_no")
    @classmethod
    def refuse_x(cls, value: str) -> str:
        if value == "x":
            raise ValueError("Not x.")
        return value


@router.put("/items", auth=any_token)
def put_items(request: ApiRequest, items: list[Item], page: int = 1) -> int:
    return len(items)


@router.get("/fail/{kind}", auth=any_token)
def fail(request: ApiRequest, kind: str) -> int:
    raise {
        "missing": Http404(),
        "denied": PermissionDenied(),
        "conflict": ProblemError("conflict", "Li Wei was faster.", errors=[FieldError("Old.", parameter="version")]),
        "busy": OperationalError("database is locked"),
        "full": OSError(28, "No space left on device"),
        "fault": RuntimeError("secret of ours"),
    }[kind]


tried = Api(urls_namespace="tried", docs_url=None, parser=JsonParser(), renderer=JsonWriter())
tried._exception_handlers = api._exception_handlers
tried.add_router("", router)
handler500 = "config.outages.answer_fault"
urlpatterns = [path("api/v1/", tried.urls)]


@pytest.fixture
def client(settings: Any) -> Client:
    client = api_client(token_for(make_store()))
    client.raise_request_exception = False
    settings.ROOT_URLCONF = "tests.api.test_problems"
    return client


def answer(response: Any) -> tuple[int, str, dict[str, Any]]:
    document = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    assert document["status"] == response.status_code
    assert document["type"] == f"/api/v1/docs#{document['code']}"
    assert set(document) >= {"type", "title", "status", "detail", "code"}
    return response.status_code, document["code"], document


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("missing", 404, "not-found"),
        ("denied", 403, "insufficient-scope"),
        ("conflict", 409, "conflict"),
        ("busy", 503, "unavailable"),
        ("full", 507, "storage-full"),
        ("fault", 500, "internal-error"),
    ],
)
def test_failures_of_routes(client: Client, kind: str, status: int, code: str) -> None:
    response = client.get(f"/api/v1/fail/{kind}")
    assert answer(response)[:2] == (status, code)
    assert "secret" not in response.content.decode()
    assert (response.headers.get("Retry-After") == "10") == (kind == "busy")


def test_a_route_says_more_about_its_problem(client: Client) -> None:
    document = client.get("/api/v1/fail/conflict").json()
    assert document["detail"] == "Li Wei was faster."
    assert document["errors"] == [{"detail": "Old.", "parameter": "version"}]


def test_invalid_values_are_named_by_pointer(client: Client) -> None:
    body = [{"order_no": "A1", "amount": 1}, {"order_no": "A12345", "amount": 0}, {"amount": "one"}, {"order_no": "x"}]
    response = client.put("/api/v1/items?page=one", json.dumps(body), content_type="application/json")
    _, code, document = answer(response)
    assert code == "invalid"
    assert document["errors"] == [
        {"detail": "At most 5 characters.", "pointer": "#/1/order_no"},
        {"detail": "At least 1.", "pointer": "#/1/amount"},
        {"detail": "This is required.", "pointer": "#/2/order_no"},
        {"detail": "A whole number is expected.", "pointer": "#/2/amount"},
        {"detail": "Not x.", "pointer": "#/3/order_no"},
        {"detail": "This is required.", "pointer": "#/3/amount"},
        {"detail": "A whole number is expected.", "parameter": "page"},
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"[NaN]", b"[1e999999, Infinity]", b"\xff", b"[" * 100_000])
def test_bodies_that_are_no_json(client: Client, body: bytes) -> None:
    response = client.put("/api/v1/items", body, content_type="application/json")
    assert answer(response)[:2] == ((422, "invalid") if not body else (400, "malformed"))


@pytest.mark.parametrize("kind", ["text/csv", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_bodies_of_other_kinds(client: Client, kind: str) -> None:
    response = client.put("/api/v1/items", b"[]", content_type=kind)
    assert answer(response)[:2] == (415, "unsupported-media-type")
    assert response.headers["Accept"] == "application/json"
    assert client.put("/api/v1/items", b"[]", content_type="application/json; charset=utf-8").status_code == 200


def test_bodies_over_the_limit(client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    response = client.put("/api/v1/items", b" " * 11, content_type="application/json")
    assert answer(response)[:2] == (413, "too-large")


@pytest.mark.parametrize("address", ["/api/v1/", "/api/v1/nothing", "/api/v1/items/", "/api/v1/%00"])
def test_addresses_that_do_not_exist(client: Client, address: str) -> None:
    assert answer(client.get(address))[:2] == (404, "not-found")


def test_methods_and_accepted_types(client: Client) -> None:
    response = client.delete("/api/v1/items")
    assert answer(response)[:2] == (405, "method-not-allowed")
    assert response.headers["Allow"] == "PUT"
    response = client.get("/api/v1/fail/missing", headers={"Accept": "text/html"})
    assert answer(response)[:2] == (406, "not-acceptable")
    for accepted in ("*/*", "application/*", "application/problem+json", "text/html, application/json;q=0.1"):
        assert client.get("/api/v1/fail/missing", headers={"Accept": accepted}).status_code == 404


@pytest.mark.parametrize(
    ("accepted", "language", "title"),
    [
        ("en-GB,en;q=0.9", "en", "There is nothing here"),
        ("zh-CN", "zh-hans", "这里什么也没有"),
        ("fr", "zh-hans", "这里什么也没有"),
    ],
)
def test_texts_follow_accept_language_and_no_cookie(client: Client, accepted: str, language: str, title: str) -> None:
    client.cookies["language"] = "en" if language != "en" else "zh-hans"
    response = client.get("/api/v1/fail/missing", headers={"Accept-Language": accepted})
    assert (response.headers["Content-Language"], response.json()["title"]) == (language, title)
    assert response.headers["Vary"] == "Accept-Language, Cookie"
    assert response.cookies == {}
