"""Codes that an owner's consent gives, and what must not work (IX-20, TM-08)."""

from typing import Any

import pytest
from django.test import Client

from api.models import Grant
from api.services.clients import Registration, register_client
from core.models import Event
from tests.api.oauth import CALLBACK, NOW, VERIFIER, Erp, answer_of, error_of, kinds, may_read, token
from tests.stores.people import client_of, make_person, make_store

pytestmark = [
    pytest.mark.sqlite_only,
    pytest.mark.django_db,
    pytest.mark.usefixtures("standing_still"),
    pytest.mark.rule("IX-20"),
]


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
