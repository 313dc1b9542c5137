"""Who may call what: every kind of token × every route of the API (RL-08; catalogue "Access")."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse

from api.models import ApiClient, Grant, Token
from api.rules import hash_token
from api.scopes import SCOPES
from stores.models import Membership, User
from tests.api.programs import WRITE_ALL, access_token, api_client, make_client, make_grant, owner_of, token_for
from tests.stores.people import client_of, make_person, make_store
from tests.stores.routes import ROUTES, Route
from tests.stores.world import NOON, Tenant, build_tenant

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("RL-08", "IX-20")]

API_ROUTES = [route for route in ROUTES if route.access == "api"]
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Tenant, Tenant]]:
    """Built once: it costs more than the tests, which roll back what they do."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_tenant("asked"), build_tenant("other")
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def tenants(built: tuple[Tenant, Tenant], db: None) -> tuple[Tenant, Tenant]:
    return built


def ask(client: Client, route: Route, address: dict[str, Any]) -> Any:
    """Call the route as its method says; what writes is sent an object that says nothing."""
    body = {} if route.method == "get" else {"data": "{}", "content_type": "application/json"}
    return getattr(client, route.method)(reverse(route.name, kwargs=address), **body)


@pytest.mark.parametrize("route", API_ROUTES, ids=lambda route: route.name)
def test_tokens_without_standing_are_refused(tenants: tuple[Tenant, Tenant], route: Route) -> None:
    asked, _ = tenants
    seen = {}
    for name, client in refused_clients(asked).items():
        response = ask(client, route, route.address(asked))
        seen[name] = (response.status_code, response.json()["code"], response.headers["WWW-Authenticate"][:6])
        assert asked.canary not in response.content.decode().replace(response.request["PATH_INFO"], ""), name
    assert seen == dict.fromkeys(seen, (401, "unauthorized", "Bearer"))


def refused_clients(asked: Tenant) -> dict[str, Client]:
    """A client for each way of having no valid token; all of them once had all scopes."""
    person = make_person("session", asked.company)

    def changed(model: type[Any], **values: Any) -> Client:
        grant = make_grant(asked.store, scopes=WRITE_ALL)
        token = access_token(grant)
        key = {ApiClient: grant.client_id, Grant: grant.pk, Token: grant.tokens.get().pk}[model]
        model.objects.filter(pk=key).update(**values)
        return api_client(token)

    def owned_by(name: str) -> tuple[User, Client]:
        owner = make_person(name, asked.company)
        return owner, api_client(access_token(make_grant(asked.store, scopes=WRITE_ALL, owner=owner)))

    (removed, by_removed), (demoted, by_demoted), (disabled, by_disabled) = map(owned_by, ("left", "demoted", "closed"))
    Membership.objects.filter(user=removed).delete()
    Membership.objects.filter(user=demoted).update(role="manager")
    User.objects.filter(pk=disabled.pk).update(is_active=False)
    moved = make_store("MOVED", asked.company)
    by_moved = api_client(token_for(moved, scopes=WRITE_ALL))
    type(moved).objects.filter(pk=moved.pk).update(company=make_store("ELSEWHERE").company)
    now = NOON
    return {
        "no token": Client(),
        "a session": client_of(person),
        "nonsense": api_client("nonsense"),
        "another scheme": Client(headers={"Authorization": "Basic eDp5"}),
        "expired": changed(Token, expires_at=now - timedelta(seconds=2)),
        "refresh token": changed(Token, kind="refresh"),
        "revoked token": changed(Token, revoked_at=now),
        "ended grant": changed(Grant, ended_at=now, end="revoked"),
        "revoked client": changed(ApiClient, revoked_at=now),
        "owner left": by_removed,
        "owner became manager": by_demoted,
        "owner's account closed": by_disabled,
        "store moved to another company": by_moved,
    }


@pytest.mark.parametrize("route", API_ROUTES, ids=lambda route: route.name)
def test_scopes_and_stores_decide(tenants: tuple[Tenant, Tenant], route: Route) -> None:
    asked, other = tenants
    sibling = make_store("SIBLING", asked.company)
    address = route.address(asked)
    entitled = ask(api_client(token_for(asked.store, scopes=[route.scope or "orders:read"])), route, address)
    assert entitled.status_code < 500
    assert entitled.status_code not in {401, 403, 404, 405}, entitled.content
    without = [scope for scope in SCOPES if scope != route.scope]
    if route.scope:
        lacking = ask(api_client(token_for(asked.store, scopes=without)), route, address)
        assert (lacking.status_code, lacking.json()["scope"]) == (403, route.scope)
    for stranger in (token_for(sibling, scopes=WRITE_ALL), token_for(other.store, scopes=WRITE_ALL)):
        client = api_client(stranger)
        response = ask(client, route, address)
        if route.missing:
            nowhere = ask(client, route, address | route.missing)
            assert (response.status_code, response.content) == (nowhere.status_code, nowhere.content)
            assert response.status_code == 404
        assert asked.store.store_no not in response.content.decode()


@pytest.mark.parametrize("route", API_ROUTES, ids=lambda route: route.name)
def test_methods_that_do_not_exist_say_so_to_everybody(tenants: tuple[Tenant, Tenant], route: Route) -> None:
    asked, _ = tenants
    url = reverse(route.name, kwargs=route.address(asked))
    offered = {other.method for other in API_ROUTES if reverse(other.name, kwargs=other.address(asked)) == url}
    for client in (Client(), api_client(token_for(asked.store, scopes=WRITE_ALL))):
        for method in METHODS:
            response = getattr(client, method)(url)
            assert (response.status_code == 405) == (method not in offered), method
            if response.status_code == 405:
                assert set(response.headers["Allow"].lower().split(", ")) == offered


def test_api_routes_are_documented_with_their_scope() -> None:
    paths = Client().get("/api/v1/openapi.json").json()["paths"]
    documented = {
        (path, method): operation["security"][0]["oauth2"]
        for path, methods in paths.items()
        for method, operation in methods.items()
    }
    listed = {}
    for route in API_ROUTES:
        url = reverse(route.name, kwargs={name: f"<{name}>" for name in route.arguments})
        listed[unquote(url).replace("<", "{").replace(">", "}"), route.method] = [route.scope] if route.scope else []
    assert documented == listed


def test_only_hashes_of_tokens_are_stored() -> None:
    token = token_for(make_store())
    (kept,) = Token.objects.values()
    assert token not in map(str, kept.values())
    assert (kept["token_hash"], kept["hint"]) == (hash_token(token), token[:8])


def test_programs_of_an_owner_of_two_companies_stay_apart() -> None:
    one, two = make_store("S1"), make_store("S2")
    owner = owner_of(one.company)
    Membership.objects.create(company=two.company, user=owner, role="owner")
    grant = make_grant(one, client=make_client(one.company), owner=owner)
    grant.stores.add(two)
    answer = api_client(access_token(grant)).get("/api/v1/me").json()
    assert [store["store_no"] for store in answer["stores"]] == ["S1"]
