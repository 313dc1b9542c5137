"""Programs and the system beside people: what each may see and change (DM-03, DM-04; catalogue "Access")."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse

from stores.access import OWN, READ, WRITE, get_store, joined_companies, may_write, visible_companies, visible_stores
from stores.principals import Area, Person, Program, Scope, System, Visitor, principal_of_user
from tests.stores.people import make_person, make_store
from tests.stores.routes import ROUTES, Route, of_store
from tests.stores.world import Tenant, build_tenant

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("DM-03", "RL-08")]

EVERY_READ = tuple(f"{area}:read" for area in ("orders", "metrics", "notices"))
# Which scope each page of a store asks for, by the beginning of its route's name; the first that fits.
AREAS = {
    "appeals:correction": "notices",
    "appeals:events": "notices",
    "appeals:": "appeals",
    "dashboard:carrier_register": "orders",
    "dashboard:dispatch": "orders",
    "dashboard:dispute": "orders",
    "dashboard:deadlines": "notices",
    "dashboard:funds": "orders",
    "dashboard:held_funds": "orders",
    "dashboard:listing": "orders",
    "dashboard:notice": "notices",
    "dashboard:order": "orders",
    "dashboard:parcels": "orders",
    "dashboard:plan": "notices",
    "dashboard:platform_entry": "notices",
    "dashboard:replies": "orders",
    "dashboard:reviews": "orders",
    "dashboard:risk": "orders",
    "dashboard:saved_filters": "orders",
    "dashboard:settlements": "orders",
    "dashboard:sync": "orders",
    "dashboard:": "metrics",
    "disputes:": "orders",
    "intake:": "orders",
    "orders:": "orders",
    "notifications:": "notices",
    "penalties:": "notices",
    "try_": "orders",
}


# What a person keeps for themselves: a program has nothing of its own there.
PERSONAL = {"dashboard:saved_filters"}
# What a form answers that may be sent: it is done, leads on, or says what is wrong with what was sent.
DONE = (200, 302, 409, 422)


class ProgramClient(Client):
    """Asks as a program, as if a token had been checked."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.handler = ProgramHandler(program)


class ProgramHandler(ClientHandler):
    def __init__(self, program: Program) -> None:
        super().__init__(enforce_csrf_checks=False)
        self.program = program

    def get_response(self, request: HttpRequest) -> Any:
        request.principal = self.program
        return super().get_response(request)


def program(*stores: Any, company: Any = None, scopes: tuple[str, ...] = EVERY_READ) -> Program:
    owner = company or stores[0].company
    return Program("erp-1", owner.pk, frozenset(store.pk for store in stores), frozenset(map(Scope.parse, scopes)))


def test_actors_are_stable_and_name_nobody() -> None:
    person = make_person("seller")
    principals = [Person(person), program(make_store()), System(), Visitor()]
    assert [principal.actor for principal in principals] == [f"person:{person.pk}", "program:erp-1", "system", ""]
    assert principal_of_user(person) == Person(person)
    assert principal_of_user(None) == Visitor()


@pytest.mark.parametrize("text", ["orders", "orders:", "orders:delete", "everything:read", ""])
def test_other_scopes_are_not_taken(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        Scope.parse(text)


def test_program_reads_the_stores_that_were_granted() -> None:
    granted, foreign = make_store("S1"), make_store("S3")
    sibling = make_store("S2", granted.company)
    erp = program(granted, scopes=("orders:read",))
    assert list(visible_stores(erp)) == list(visible_stores(erp, READ, Area.ORDERS)) == [granted]
    assert get_store(erp, "S1", READ, Area.ORDERS) == granted
    for store in (sibling, foreign):
        with pytest.raises(Http404):
            get_store(erp, store.store_no)
    for roles, area in ((READ, Area.METRICS), (WRITE, Area.ORDERS), (OWN, Area.ORDERS)):
        assert not visible_stores(erp, roles, area).exists()
        with pytest.raises(PermissionDenied):
            get_store(erp, "S1", roles, area)
    assert not may_write(erp, granted, Area.ORDERS)


def test_program_writes_where_its_scope_says_so() -> None:
    store = make_store()
    erp = program(store, scopes=("orders:write",))
    assert get_store(erp, "S1", WRITE, Area.ORDERS) == store
    assert may_write(erp, store, Area.ORDERS)
    assert not may_write(erp, store, Area.APPEALS)
    for roles in (READ, OWN):
        assert not visible_stores(erp, roles, Area.ORDERS).exists()


def test_grants_end_at_the_company() -> None:
    mine, foreign = make_store("S1"), make_store("S2")
    erp = program(mine, foreign, company=mine.company, scopes=("orders:read", "orders:write"))
    assert list(visible_stores(erp)) == [mine]
    assert not may_write(erp, foreign, Area.ORDERS)
    # A company's own matters are its people's: a program was granted stores.
    assert not visible_companies(erp).exists()
    assert not joined_companies(erp).exists()
    assert not visible_stores(program(mine, scopes=())).exists()


@pytest.mark.rule("DM-04")
def test_system_acts_everywhere_and_visitors_nowhere() -> None:
    stores = {make_store("S1"), make_store("S2")}
    for roles in (READ, WRITE):
        assert set(visible_stores(System(), roles)) == stores
        assert not visible_stores(Visitor(), roles).exists()
        assert not visible_companies(Visitor(), roles).exists()


# ── routes ──


@pytest.mark.slow
def test_store_routes_by_program() -> None:
    asked, other = build_tenant("asked"), build_tenant("other")
    for route in ROUTES:
        if "store_no" in route.arguments and route.access != "api":
            judge(route, asked, other)


def test_views_that_write_by_program(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.stores.access_urls"
    asked, other = build_tenant("asked"), build_tenant("other")
    judge(of_store("try_writing", writes=True, number=7), asked, other)


def test_pages_of_people_are_closed_to_programs() -> None:
    tenant = build_tenant("asked")
    browser = ProgramClient(program(tenant.store))
    for route in ROUTES:
        if route.access == "signed in" and ":" in route.name:
            url = reverse(route.name, kwargs=route.address(tenant))
            statuses = {browser.get(url).status_code, browser.post(url).status_code}
            assert statuses <= {302, 403, 405}, route.name
            assert statuses != {405}, route.name


def judge(route: Route, asked: Tenant, other: Tenant) -> None:
    """Try a route of a store with every grant that a program may have."""
    area = next(area for beginning, area in AREAS.items() if route.name.startswith(beginning))
    elsewhere = tuple(scope for scope in (*EVERY_READ, "appeals:write") if not scope.startswith(area))
    done = (403,) if route.name in PERSONAL else DONE
    writing = (200, done) if route.writes else (403, (*done, 405))
    expected = {
        program(asked.store, scopes=(f"{area}:read",)): (403, 403) if route.writes else (200, (403, 405)),
        program(asked.store, scopes=(f"{area}:write",)): writing,
        program(asked.store, scopes=elsewhere): (403, 403),
        program(other.store): (404, 404),
        program(asked.store, company=other.company): (404, 404),
    }
    url = reverse(route.name, kwargs=route.address(asked))
    for erp, statuses in expected.items():
        for method, allowed in zip(("get", "post"), statuses, strict=True):
            response = getattr(ProgramClient(erp), method)(url)
            wanted = allowed if isinstance(allowed, tuple) else (allowed,)
            # Which methods an address has is said to everybody.
            assert response.status_code in {*wanted, *route.also, 405}, (route.name, erp.scopes, method)
            assert not shows(response, other), (route.name, erp.scopes)


def shows(response: HttpResponse, tenant: Tenant) -> bool:
    return tenant.canary in response.getvalue().decode(errors="replace")
