"""Tokens: refreshing them, client credentials, secrets (IX-20)."""

from datetime import timedelta
from typing import Any

import pytest

from api.models import AuthorizationCode, Grant, Token
from api.services.clients import replace_secret
from api.services.tokens import forget_old
from tests.api.oauth import NOW, SCOPE, Erp, answer_of, error_of, may_read, token

pytestmark = [
    pytest.mark.sqlite_only,
    pytest.mark.django_db,
    pytest.mark.usefixtures("standing_still"),
    pytest.mark.rule("IX-20"),
]


def test_refresh_tokens_rotate_and_a_replay_ends_the_grant(standing_still: Any) -> None:
    erp = Erp()
    first = erp.connect()
    second = erp.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    third = erp.refresh(second["refresh_token"]).json()
    assert may_read(third["access_token"]) == ["S1"]
    # The successor was used, so this can be no retry.
    assert error_of(erp.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert may_read(third["access_token"]) == 401
    assert error_of(erp.refresh(third["refresh_token"])) == (400, "invalid_grant")
    assert Grant.objects.get().end == "refresh"


def test_refresh_may_be_repeated_for_a_moment_after_a_broken_connection(standing_still: Any) -> None:
    erp = Erp()
    first = erp.connect()["refresh_token"]
    lost = erp.refresh(first).json()
    standing_still.shift(30)
    again = erp.refresh(first).json()
    assert [may_read(one["access_token"]) for one in (lost, again)] == [["S1"], ["S1"]]
    standing_still.shift(1)
    assert error_of(erp.refresh(first)) == (400, "invalid_grant")
    assert may_read(again["access_token"]) == 401


def test_refresh_may_ask_for_less_and_never_for_more() -> None:
    erp = Erp()
    tokens = erp.exchange(erp.code(scopes="orders:read")).json()
    assert error_of(erp.refresh(tokens["refresh_token"], scope=SCOPE)) == (400, "invalid_scope")


def test_narrowed_access_leaves_the_refresh_token_whole() -> None:
    erp = Erp()
    tokens = erp.connect()
    less = erp.refresh(tokens["refresh_token"], scope="orders:read").json()
    assert less["scope"] == "orders:read"
    assert erp.refresh(less["refresh_token"]).json()["scope"] == SCOPE


def test_tokens_end_by_themselves(standing_still: Any) -> None:
    erp = Erp()
    tokens = erp.connect()
    standing_still.shift(900)
    assert may_read(tokens["access_token"]) == ["S1"]
    standing_still.shift(1)
    assert may_read(tokens["access_token"]) == 401
    standing_still.shift(timedelta(days=60))
    assert error_of(erp.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    standing_still.shift(timedelta(days=7))
    assert forget_old(at=NOW + timedelta(days=67, seconds=901)) == 3
    assert (Token.objects.count(), AuthorizationCode.objects.count()) == (0, 0)


def test_own_program_gets_what_its_owner_granted() -> None:
    erp = Erp("own")
    tokens = erp.ask(grant_type="client_credentials").json()
    assert (tokens["scope"], "refresh_token" in tokens) == (SCOPE, False)
    assert may_read(tokens["access_token"]) == ["S1"]
    assert erp.ask(grant_type="client_credentials", scope="orders:read metrics:read").json()["scope"] == "orders:read"
    assert error_of(erp.ask(grant_type="client_credentials", scope="metrics:read")) == (400, "invalid_scope")
    assert error_of(erp.ask(grant_type="password", username="a", password="b")) == (400, "unsupported_grant_type")
    assert answer_of(erp.browser.get(erp.url()))["error"] == "unauthorized_client"


def test_grant_types_stay_with_their_kind_of_client() -> None:
    erp = Erp()
    assert error_of(erp.ask(grant_type="client_credentials")) == (400, "unauthorized_client")


def test_secrets_are_replaced_with_a_time_for_both(standing_still: Any) -> None:
    erp = Erp("own")
    new = replace_secret(client=erp.row, actor="person:1", at=NOW)
    ask = {"grant_type": "client_credentials"}
    assert [token(erp.row.client_id, secret, **ask).status_code for secret in (erp.secret, new)] == [200, 200]
    standing_still.shift(timedelta(hours=24, seconds=1))
    assert error_of(token(erp.row.client_id, erp.secret, **ask)) == (401, "invalid_client")
    assert token(erp.row.client_id, new, **ask).status_code == 200
    wrong, missing = token(erp.row.client_id, "wrong", **ask), token("dwmissing", "wrong", **ask)
    assert (wrong.content, wrong.headers["WWW-Authenticate"]) == (missing.content, missing.headers["WWW-Authenticate"])
