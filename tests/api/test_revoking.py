"""What ends a grant: programs, owners, companies (IX-20, TM-08)."""

from typing import Any

import pytest
from django.test import Client

from api.models import Grant
from api.services.clients import revoke_client
from core.outbox.delivering import run_outbox
from stores.models import Membership, Store, User
from stores.services.companies import add_member, disable_person, remove_member
from tests.api.oauth import NOW, Erp, error_of, kinds, may_read
from tests.stores.people import make_person, make_store

pytestmark = [
    pytest.mark.sqlite_only,
    pytest.mark.django_db,
    pytest.mark.usefixtures("standing_still"),
    pytest.mark.rule("IX-20"),
]


def test_programs_give_back_tokens() -> None:
    erp = Erp()
    tokens = erp.connect()
    data = {"client_id": erp.row.client_id, "client_secret": erp.secret}

    def revoke(text: str, **who: str) -> Any:
        return Client().post("/oauth/revoke", {**(who or data), "token": text})

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
