"""The protocol of OAuth 2.0: codes, tokens, refreshing, revoking, and what must not work (IX-20)."""

import base64
import hashlib
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from api.models import ApiClient, AuthorizationCode, Grant, Token
from api.oauth.server import server
from api.rules import hash_token, is_redirect_uri, matches_redirect_uri
from api.services.clients import Registration, register_client, replace_secret, revoke_client
from api.services.tokens import forget_old
from core.models import Event
from core.outbox.delivering import run_outbox
from stores.models import Membership, Store, User
from stores.services.companies import add_member, disable_person, remove_member
from tests.api.programs import api_client
from tests.stores.people import client_of, make_person, make_store

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "https://erp.example/done?from=dianwei"
SCOPE = "orders:read orders:write"

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-20")]


@pytest.fixture(autouse=True)
def standing_still() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


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


# ── authorization code ──


def test_code_becomes_tokens_of_the_stores_that_were_ticked() -> None:
    erp = Erp()
    back = erp.consent(erp.sibling, scopes="orders:read")
    assert back["Location"].startswith(f"{CALLBACK}&")
    answer = answer_of(back)
    assert (answer["state"], answer["iss"], answer["from"]) == ("xyz", "http://localhost:8000", "dianwei")
    response = erp.exchange(answer["code"])
    tokens = response.json()
    assert response.headers["Cache-Control"] == "no-store"
    assert {name: tokens[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 900,
        "scope": "orders:read",
    }
    assert may_read(tokens["access_token"]) == ["S2"]
    person = f"person:{erp.owner.pk}"
    assert kinds() == [("api_client.registered", person), ("api_grant.given", person)]
    given = Event.objects.get(kind="api_grant.given")
    assert given.after == {"stores": ["S2"], "scopes": ["orders:read"]}


def test_code_that_comes_twice_ends_the_grant() -> None:
    erp = Erp()
    code = erp.code()
    tokens = erp.exchange(code).json()
    assert may_read(tokens["access_token"]) == ["S1"]
    assert error_of(erp.exchange(code)) == (400, "invalid_grant")
    assert may_read(tokens["access_token"]) == 401
    assert error_of(erp.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert kinds()[-1] == ("api_grant.ended", "system")
    assert Grant.objects.get().end == "code"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"redirect_uri": "https://erp.example/done"},
        {"code": "dwc_other"},
        {"code": "\x00"},
    ],
)
def test_code_needs_all_that_belongs_to_it(changes: dict[str, str]) -> None:
    erp = Erp()
    code = erp.code()
    assert erp.exchange(code, **changes).status_code == 400
    # It was not used up by that.
    assert erp.exchange(code).status_code == 200


def test_code_is_valid_for_a_minute_and_for_its_own_client(standing_still: Any) -> None:
    erp = Erp()
    other, secret = register_client(
        company=erp.store.company, registration=Registration("Other", "erp", [CALLBACK]), owner=erp.owner, at=NOW
    )
    code, late = erp.code(), erp.code()
    data = {"grant_type": "authorization_code", "code": late, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    assert error_of(token(other.client_id, secret, **data)) == (400, "invalid_grant")
    standing_still.shift(60)
    assert erp.exchange(late).status_code == 200
    standing_still.shift(1)
    assert error_of(erp.exchange(code)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_requests_that_are_wrong_go_back_to_the_program(changes: dict[str, str | None], error: str) -> None:
    erp = Erp()
    for response in (erp.browser.get(erp.url(**changes)), erp.consent(**changes)):
        answer = answer_of(response)
        assert (answer["error"], answer["state"], "code" in answer) == (error, "xyz", False)
        assert response["Location"].startswith(CALLBACK)
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://erp.example/done",
        f"{CALLBACK}&x=1",
        "https://erp.example:8443/done?from=dianwei",
        "https://evil.example",
        None,
    ],
)
def test_nothing_goes_to_addresses_that_are_not_registered(redirect_uri: str | None) -> None:
    erp = Erp()
    page = erp.browser.get(erp.url(redirect_uri=redirect_uri))
    assert (page.status_code, "Location" in page) == (400, False)


def test_consent_is_for_owners_of_the_company_and_programs_of_others_do_not_exist() -> None:
    erp = Erp()
    manager, stranger = make_person("manager", erp.store.company, "manager"), make_person("x", make_store("S9").company)
    missing = client_of(stranger).get(erp.url(client_id="dwmissing"))
    for person in (manager, stranger):
        for ask in (client_of(person).get, client_of(person).post):
            page = ask(erp.url())
            assert (page.status_code, erp.row.name in page.content.decode()) == (400, False)
    assert client_of(stranger).get(erp.url()).content.split(b"<main")[1] == missing.content.split(b"<main")[1]
    assert Client().get(erp.url())["Location"].startswith("/accounts/login/?next=/oauth/authorize")
    assert Client(enforce_csrf_checks=True).post(erp.url()).status_code == 403
    assert not Grant.objects.exists()


def test_consent_page_offers_the_companys_stores_and_what_was_asked_for() -> None:
    erp = Erp()
    page = erp.browser.get(erp.url(), headers={"Accept-Language": "en"})
    text = page.content.decode()
    assert [word in text for word in ("S1", "S2", "orders:read", "orders:write", "metrics:read")] == [1, 1, 1, 1, 0]
    assert "form-action 'self' https://erp.example;" in page.headers["Content-Security-Policy"] + ";"
    nothing = erp.browser.post(erp.url(), {"scopes": ["orders:read"]})
    assert nothing.status_code == 422
    more = erp.browser.post(erp.url(), {"stores": ["S1"], "scopes": ["metrics:read"]})
    assert more.status_code == 422
    assert answer_of(erp.browser.post(erp.url(), {"deny": "1"}))["error"] == "access_denied"
    assert not Grant.objects.exists()


@pytest.mark.rule("TM-08")
def test_new_consent_replaces_the_owners_former_one() -> None:
    erp = Erp()
    before = erp.connect()
    after = erp.connect(erp.store, erp.sibling)
    assert [may_read(before["access_token"]), may_read(after["access_token"])] == [401, ["S1", "S2"]]
    assert Grant.objects.order_by("pk").values_list("end", flat=True)[0] == "replaced"


def test_program_without_secret_uses_any_port_of_loopback() -> None:
    erp = Erp("native", "http://127.0.0.1/done")
    assert erp.secret == ""
    erp.redirect_uri = "http://127.0.0.1:49152/done"
    tokens = erp.connect()
    assert may_read(tokens["access_token"]) == ["S1"]
    assert error_of(
        token(erp.row.client_id, "guessed", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    ) == (
        401,
        "invalid_client",
    )
    assert erp.refresh(tokens["refresh_token"]).status_code == 200


# ── refreshing ──


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


# ── client credentials ──


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


# ── revoking, and what a grant stands on ──


def test_programs_give_back_tokens() -> None:
    erp = Erp()
    tokens = erp.connect()
    data = {"client_id": erp.row.client_id, "client_secret": erp.secret}
    revoke = lambda text, **who: Client().post("/oauth/revoke", {**(who or data), "token": text})  # noqa: E731
    assert revoke("unknown").status_code == 200
    assert revoke(tokens["access_token"], client_id="dwmissing", client_secret="x").status_code == 401
    assert may_read(tokens["access_token"]) == ["S1"]
    assert revoke(tokens["access_token"]).status_code == 200
    assert may_read(tokens["access_token"]) == 401
    fresh = erp.refresh(tokens["refresh_token"]).json()
    assert revoke(fresh["refresh_token"]).status_code == 200
    assert may_read(fresh["access_token"]) == 401
    assert kinds()[-1] == ("api_grant.ended", f"program:{erp.row.client_id}")


@pytest.mark.parametrize("how", ["removed", "demoted", "disabled"])
@pytest.mark.parametrize("kind", ["erp", "own"])
def test_grant_dies_with_the_ownership_it_stands_on(how: str, kind: str) -> None:
    erp = Erp(kind)
    connect = erp.connect if kind == "erp" else lambda: erp.ask(grant_type="client_credentials").json()
    tokens = connect()
    make_person("second", erp.store.company)
    company, user = erp.store.company, erp.owner
    if how == "removed":
        remove_member(company=company, user=user, actor="system", at=NOW)
    elif how == "demoted":
        add_member(company=company, user=user, role="manager", actor="system", at=NOW)
    else:
        disable_person(user=user, actor="system", at=NOW)
    assert may_read(tokens["access_token"]) == 401
    again = erp.refresh(tokens["refresh_token"]) if kind == "erp" else erp.ask(grant_type="client_credentials")
    assert error_of(again) == (400, "invalid_grant")
    run_outbox(at=NOW)
    # Who comes back as an owner brings no old grant along.
    User.objects.filter(pk=user.pk).update(is_active=True)
    Membership.objects.update_or_create(company=company, user=user, defaults={"role": "owner"})
    assert may_read(tokens["access_token"]) == 401
    assert Grant.objects.get().end == "owner"


@pytest.mark.rule("TM-08")
def test_stores_that_go_leave_the_grant() -> None:
    erp = Erp()
    tokens = erp.connect(erp.store, erp.sibling)
    Store.objects.filter(pk=erp.store.pk).update(company=make_store("S3").company)
    assert may_read(tokens["access_token"]) == ["S2"]
    erp.sibling.delete()
    assert may_read(tokens["access_token"]) == 401


def test_revoked_client_gets_nothing_any_more() -> None:
    erp = Erp()
    tokens, code = erp.connect(), ""
    revoke_client(client=erp.row, actor="person:1", at=NOW)
    assert may_read(tokens["access_token"]) == 401
    assert error_of(erp.refresh(tokens["refresh_token"])) == (401, "invalid_client")
    assert error_of(erp.exchange(code)) == (401, "invalid_client")
    assert erp.browser.get(erp.url()).status_code == 400


# ── secrecy, limits, metadata ──


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


# ── addresses ──


@pytest.mark.parametrize(
    ("uri", "is_right"),
    [
        ("https://erp.example/cb", True),
        ("https://erp.example:8443/cb?x=1", True),
        ("http://127.0.0.1/cb", True),
        ("http://[::1]:8080/cb", True),
        ("com.example.erp:/cb", True),
        ("http://erp.example/cb", False),
        ("http://localhost/cb", False),
        ("http://127.0.0.1.evil.example/cb", False),
        ("https://erp.example/cb#x", False),
        ("https://user@erp.example/cb", False),
        ("https://*.erp.example/cb", False),
        ("https://erp.example\\@evil.example/", False),
        ("https:///cb", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://erp.example/c b", False),
        ("https://erp.example/é", False),
        ("https://erp.example:port/", False),
        ("erp:/cb", False),
        ("", False),
    ],
)
def test_redirect_addresses(uri: str, is_right: bool) -> None:
    assert is_redirect_uri(uri) is is_right


@given(st.text(max_size=60), st.sampled_from(["https://erp.example/cb", "http://127.0.0.1/cb", "com.example.erp:/cb"]))
def test_only_ports_of_loopback_may_differ(tail: str, registered: str) -> None:
    for asked in (registered + tail, tail, registered.replace("/cb", tail + "/cb", 1)):
        if matches_redirect_uri(registered, asked) and asked != registered:
            assert registered == "http://127.0.0.1/cb"
            port = asked.removeprefix("http://127.0.0.1:").removesuffix("/cb")
            assert port == "" or 0 <= int(port) <= 65535
