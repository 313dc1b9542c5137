"""The server of OAuth 2.0: secrecy, limits, metadata (IX-20)."""

import json
import logging
from typing import Any

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from django.test import Client

from api.models import ApiClient, AuthorizationCode, Grant, Token
from api.oauth.server import server
from api.rules import hash_token
from core.models import Event
from tests.api.oauth import Erp, token

pytestmark = [
    pytest.mark.sqlite_only,
    pytest.mark.django_db,
    pytest.mark.usefixtures("standing_still"),
    pytest.mark.rule("IX-20"),
]


def test_nothing_secret_is_stored_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="dianwei")
    erp = Erp()
    code = erp.code()
    tokens = erp.exchange(code).json()
    erp.refresh(tokens["refresh_token"])
    erp.exchange(code)
    secrets = [erp.secret, code, tokens["access_token"], tokens["refresh_token"]]
    rows = [model.objects.values() for model in (ApiClient, AuthorizationCode, Token, Grant, Event)]
    stored = json.dumps([list(row) for row in rows], default=str)
    assert hash_token(code) in stored
    assert [secret for secret in secrets if secret in stored or secret in caplog.text] == []
    assert logging.getLogger("authlib.oauth2").getEffectiveLevel() == logging.WARNING


def test_token_endpoint_counts_for_the_client_and_failures_for_the_address(settings: Any) -> None:
    erp = Erp("own")
    settings.API_REQUESTS_PER_MINUTE, settings.API_FAILURES_PER_MINUTE = 1, 2
    answers = [erp.ask(grant_type="client_credentials") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].headers["Retry-After"] == "60"
    wrong = [token("dwmissing", "x", grant_type="client_credentials").status_code for _ in range(3)]
    assert wrong == [401, 401, 429]


def test_session_is_no_secret() -> None:
    erp = Erp()
    assert erp.browser.post("/oauth/token", {"grant_type": "client_credentials"}).status_code == 401
    assert erp.browser.post("/oauth/revoke", {"token": "x"}).status_code == 401


def test_metadata_is_what_rfc_8414_asks_for(settings: Any) -> None:
    settings.BASE_URL = "https://dianwei.example"
    document = Client().get("/.well-known/oauth-authorization-server").json()
    AuthorizationServerMetadata(document).validate()
    assert document["issuer"] == "https://dianwei.example"
    assert document["token_endpoint"] == "https://dianwei.example/oauth/token"
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert set(document["grant_types_supported"]) == {grant.GRANT_TYPE for grant, _ in server._token_grants}
