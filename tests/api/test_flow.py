"""An OAuth client library's own flow against a running server, and tokens that several workers want at once (IX-20)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from authlib.integrations.httpx_client import OAuth2Client
from django.db import connection
from django.utils import timezone

from api.models import ApiClient, Grant, Token
from api.services.clients import Registration, register_client
from api.services.tokens import issue_tokens, use_refresh_token
from tests.api.programs import make_grant
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.rule("IX-20"), pytest.mark.clock]

CALLBACK = "https://erp.example/done"


@pytest.mark.rule("TM-08")
@pytest.mark.sqlite_only
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_authlibs_client_goes_through(live_server: Any) -> None:
    store = make_store("S1")
    make_store("S2", store.company)
    make_store("S3", store.company)
    owner, now = make_person("owner", store.company), timezone.now()

    def register(wish: Registration) -> tuple[ApiClient, str]:
        return register_client(company=store.company, registration=wish, owner=owner, at=now)

    row, secret = register(Registration("ERP", "erp", [CALLBACK]))
    base, scope = live_server.url, "orders:read metrics:read"
    erp = OAuth2Client(
        row.client_id,
        secret,
        scope=scope,
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint=f"{base}/oauth/token",
    )
    verifier = "verifier-" * 6
    url, state = erp.create_authorization_url(f"{base}/oauth/authorize", code_verifier=verifier)
    consent = client_of(owner).post(url.removeprefix(base), {"stores": ["S1", "S2"], "scopes": scope.split()})
    erp.fetch_token(
        f"{base}/oauth/token", authorization_response=consent["Location"], state=state, code_verifier=verifier
    )
    me = erp.get(f"{base}/api/v1/me").json()
    assert me["scopes"] == ["metrics:read", "orders:read"]
    assert [one["store_no"] for one in me["stores"]] == ["S1", "S2"]
    orders = [erp.get(f"{base}/api/v1/stores/{number}/orders").status_code for number in ("S1", "S2", "S3")]
    assert orders == [200, 200, 404]
    first = erp.token["refresh_token"]
    erp.token["expires_at"] = 0
    assert erp.get(f"{base}/api/v1/me").status_code == 200
    assert erp.token["refresh_token"] != first
    assert erp.revoke_token(f"{base}/oauth/revoke", token=erp.token["access_token"]).status_code == 200
    assert erp.get(f"{base}/api/v1/me").status_code == 401

    row, secret = register(Registration("Own", "own", stores=[store], scopes=["orders:read"]))
    own = OAuth2Client(row.client_id, secret, token_endpoint_auth_method="client_secret_post")
    own.fetch_token(f"{base}/oauth/token", grant_type="client_credentials")
    assert own.get(f"{base}/api/v1/me").json()["client_name"] == "Own"


@pytest.mark.django_db(transaction=True)
def test_two_workers_refresh_at_once_and_the_grant_lives() -> None:
    grant, now = make_grant(make_store()), timezone.now()
    tokens = {Token.Kind.REFRESH: "dwr_first"}
    issue_tokens(grant=grant, tokens=tokens, scopes=["orders:read"], parent=None, at=now)
    token = Token.objects.get()

    def refresh(_number: int) -> bool:
        try:
            return use_refresh_token(token=Token.objects.select_related("grant__client__company").get(), at=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        assert list(workers.map(refresh, range(8))) == [True] * 8
    token.refresh_from_db()
    assert (token.used_at is not None, Grant.objects.get().ended_at) == (True, None)
    # Once one of them has gone on, the token counts as stolen.
    issue_tokens(grant=grant, tokens={Token.Kind.REFRESH: "dwr_next"}, scopes=["orders:read"], parent=token, at=now)
    Token.objects.exclude(pk=token.pk).update(used_at=now)
    with ThreadPoolExecutor(4) as workers:
        fresh = Token.objects.select_related("grant__client__company").get(pk=token.pk)
        assert list(workers.map(lambda _: tried(fresh, now), range(4))) == [False] * 4
    assert Grant.objects.get().end == "refresh"


def tried(token: Token, now: Any) -> bool:
    try:
        return use_refresh_token(token=token, at=now)
    finally:
        connection.close()
