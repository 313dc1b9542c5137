"""What tests of pushes share: stores, a program that may write them, and its requests."""

import json
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.test import Client

from stores.models import Company, Store
from tests.api.programs import WRITE_ALL, api_client, token_for

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def make_store(number: str = "S1", *, company: str = "C1", mode: str = Store.Mode.MIRRORED) -> Store:
    owner, _made = Company.objects.get_or_create(company_no=company, defaults={"name": company})
    return Store.objects.create(store_no=number, name=number, company=owner, mode=mode, source_at=NOW)


def writer(*stores: Store) -> Client:
    """A program that was granted the stores, with every scope."""
    return api_client(token_for(*stores, scopes=WRITE_ALL))


def order(number: str, **columns: Any) -> dict[str, Any]:
    return {
        "order_no": number,
        "created_at": "2026-11-20T10:00:00Z",
        "total_amount": "10.00",
        "currency": "USD",
    } | columns


def put(client: Client, store_no: str, resource: str, *items: Any, key: str = "", **envelope: Any) -> Any:
    """Push items; returns the response."""
    return put_body(client, store_no, resource, json.dumps({"items": items, **envelope}), key=key)


def put_body(client: Client, store_no: str, resource: str, body: str | bytes, **options: Any) -> HttpResponse:
    headers = {"Idempotency-Key": options.pop("key")} if options.get("key") else {}
    options.pop("key", None)
    kind = options.pop("content_type", "application/json")
    address = f"/api/v1/stores/{store_no}/{resource}"
    return client.put(address, body, content_type=kind, headers=headers | options.pop("headers", {}))


def verdicts(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [result["verdict"] for result in response.json()["results"]]
