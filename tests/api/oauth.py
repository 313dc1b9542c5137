"""A registered ERP with its company's owner, and what the protocol of OAuth 2.0 lets the two do."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client

from api.services.clients import Registration, register_client
from core.models import Event
from stores.models import Store
from tests.api.programs import api_client
from tests.stores.people import client_of, make_person, make_store

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "https://erp.example/done?from=dianwei"
SCOPE = "orders:read orders:write"


class Erp:
    """A registered ERP, its company's owner with a browser, and what the two do."""

    def __init__(self, kind: str = "erp", redirect_uri: str = CALLBACK) -> None:
        self.store = make_store("S1")
        self.sibling = make_store("S2", self.store.company)
        self.owner = make_person("owner", self.store.company)
        self.browser = client_of(self.owner)
        self.redirect_uri = redirect_uri
        self.row, self.secret = register_client(
            company=self.store.company,
            registration=Registration("Mabang", kind, [redirect_uri], [self.store], SCOPE.split()),
            owner=self.owner,
            at=NOW,
        )

    def url(self, **changes: str | None) -> str:
        asked = {
            "response_type": "code",
            "client_id": self.row.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": SCOPE,
            "state": "xyz",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | changes
        return "/oauth/authorize?" + urlencode({name: value for name, value in asked.items() if value is not None})

    def consent(self, *stores: Store, scopes: str = SCOPE, **changes: str | None) -> Any:
        numbers = [store.store_no for store in stores or (self.store,)]
        return self.browser.post(self.url(**changes), {"stores": numbers, "scopes": scopes.split()})

    def code(self, *stores: Store, **changes: Any) -> str:
        return answer_of(self.consent(*stores, **changes))["code"]

    def ask(self, **data: str) -> Any:
        return token(self.row.client_id, self.secret, **data)

    def exchange(self, code: str, /, **changes: str) -> Any:
        data = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        return self.ask(**{**data, "code_verifier": VERIFIER, **changes})

    def refresh(self, refresh_token: str, **more: str) -> Any:
        return self.ask(grant_type="refresh_token", refresh_token=refresh_token, **more)

    def connect(self, *stores: Store) -> dict[str, Any]:
        return self.exchange(self.code(*stores)).json()


def token(client_id: str, secret: str, **data: str) -> Any:
    if not secret:
        return Client().post("/oauth/token", {"client_id": client_id, **data})
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return Client().post("/oauth/token", data, headers={"Authorization": f"Basic {basic}"})


def answer_of(response: Any) -> dict[str, str]:
    """What a redirect brings to the program."""
    assert response.status_code == 302, response.content.decode()
    return {name: value for name, (value,) in parse_qs(urlsplit(response["Location"]).query).items()}


def error_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]


def may_read(access_token: str) -> list[str] | int:
    response = api_client(access_token).get("/api/v1/me")
    return [store["store_no"] for store in response.json()["stores"]] if response.status_code == 200 else 401


def kinds() -> list[tuple[str, str]]:
    return list(Event.objects.filter(subject_kind="api_client").order_by("pk").values_list("kind", "actor"))
