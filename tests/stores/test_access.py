"""Who sees what: actors × routes × methods, from the URL resolver (DM-01, RL-08; catalogue "Access")."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from core.models import Event
from stores.access import OWN, READ, WRITE, get_company, get_store, visible_companies, visible_stores
from stores.models import Membership, Store, User
from stores.principals import Person, principal_of_user
from tests.stores.people import client_of, make_person, make_staff, make_store
from tests.stores.routes import MISSING_STORE, ROUTES, Route, of_store, of_tenant
from tests.stores.world import INSPECTORS, MEMBERS, SENT_TO_SIGN_IN, STRANGERS, Actor, World, build_world

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow, pytest.mark.django_db, pytest.mark.rule("RL-08", "DM-01")]

TRIED = [
    of_store("try_reading"),
    of_store("try_writing", writes=True, number=7),
    of_tenant("try_company", company_no=lambda tenant: tenant.company.company_no, missing={"company_no": "MISSING"}),
]


def routes_of(patterns: list[Any], namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every named or unnamed route below the patterns, with its namespaces."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield namespace + (pattern.name or str(pattern.pattern)), pattern
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes_of(pattern.url_patterns, inner)


@pytest.fixture(scope="module")
def built(kept_rows: None) -> World:
    """The world is built once: it costs more than most tests of it."""
    return build_world()


@pytest.fixture
def world(built: World, db: None) -> World:
    return built


@pytest.fixture
def try_urls(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.stores.access_urls"


# ── the functions ──


def everything() -> tuple[Store, Store]:
    return make_store("S1"), make_store("S2")


@pytest.mark.parametrize(
    ("role", "allowed"), [("owner", (READ, WRITE, OWN)), ("manager", (READ, WRITE)), ("analyst", (READ,))]
)
def test_members_see_their_companies_by_role(role: str, allowed: tuple[Any, ...]) -> None:
    mine, _ = everything()
    user = Person(make_person("seller", mine.company, role))
    for roles in (READ, WRITE, OWN):
        expected = [mine] if roles in allowed else []
        assert list(visible_stores(user, roles)) == expected
        assert list(visible_companies(user, roles)) == [store.company for store in expected]
        if roles in allowed:
            assert get_store(user, "S1", roles) == mine
            assert get_company(user, "C-S1", roles) == mine.company
        else:
            with pytest.raises(PermissionDenied):
                get_store(user, "S1", roles)
            with pytest.raises(PermissionDenied):
                get_company(user, "C-S1", roles)
    for number in ("S2", "S3", "s1", "", "S1\x00"):
        with pytest.raises(Http404):
            get_store(user, number)


def test_person_of_two_companies_sees_both_each_by_its_role() -> None:
    one, two = everything()
    person = make_person("seller", one.company, "owner")
    Membership.objects.create(company=two.company, user=person, role="analyst")
    user = Person(person)
    assert set(visible_stores(user)) == {one, two}
    assert list(visible_stores(user, WRITE)) == [one]


@pytest.mark.parametrize("kind", ["anonymous", "disabled", "removed", "disabled administrator"])
def test_who_has_lost_access_sees_nothing(kind: str) -> None:
    store, _ = everything()
    user: Any = AnonymousUser()
    if kind != "anonymous":
        user = make_person("seller", None if kind == "removed" else store.company, is_active=kind == "removed")
    if kind == "disabled administrator":
        user.is_staff = user.is_superuser = True
        user.save()
    principal = principal_of_user(user)
    assert not visible_stores(principal).exists()
    assert not visible_companies(principal).exists()


@pytest.mark.rule("DM-02")
def test_reviewers_read_all_stores_and_write_none() -> None:
    everything()
    user = Person(make_staff("reviewer", "reviewer"))
    assert visible_stores(user).count() == visible_companies(user, READ).count() == 2
    assert not visible_stores(user, WRITE).exists()
    assert get_store(user, "S1").store_no == "S1"
    with pytest.raises(PermissionDenied):
        get_store(user, "S1", WRITE)
    assert not visible_stores(Person(make_staff("temp"))).exists()


# ── routes ──


def test_every_route_is_listed_once() -> None:
    listed = [route.name for route in ROUTES]
    present = {name for name, _ in routes_of(get_resolver().url_patterns) if not name.startswith("admin:")}
    assert sorted(listed) == sorted(set(listed))
    assert present - set(listed) == set(), "list these in tests/stores/routes.py with who may use them"
    assert set(listed) - present == set(), "these are gone"


def test_every_route_below_a_store_is_listed_as_such() -> None:
    below = {name for name, route in routes_of(get_resolver().url_patterns) if "store_no" in str(route.pattern)}
    assert below <= {route.name for route in ROUTES if route.access in {"tenant", "api"}}


@pytest.mark.rule("RL-11", "DM-02")
def test_admin_is_for_staff_with_a_second_factor(world: World) -> None:
    addresses = []
    for name, route in routes_of(get_resolver().url_patterns):
        if name.startswith("admin:"):
            arguments = dict.fromkeys(route.pattern.converters, "1") | {
                key: "stores" for key in route.pattern.regex.groupindex if key == "app_label"
            }
            # The lists of the desk name their format.
            arguments |= {"suffix": "csv"} if "suffix" in arguments else {}
            addresses.append("/admin/" if "(?P<url>" in name else reverse_or_guess(name, route, arguments))
    assert len(addresses) > 50
    for address in set(addresses):
        for method in ("get", "post"):
            for actor in (Actor.ANONYMOUS, Actor.OWNER, Actor.STAFF_WITHOUT_FACTOR):
                response = getattr(world.browsers[actor], method)(address)
                assert "CANARY" not in response.content.decode(), (address, actor)
                if actor is Actor.STAFF_WITHOUT_FACTOR:
                    assert response.headers["Location"].startswith("/accounts/2fa/"), (address, actor)
                elif not address.endswith(("jsi18n/", "logout/")):
                    assert response.status_code in {302, 403}, (address, method, actor, response.status_code)


def reverse_or_guess(name: str, route: URLPattern, arguments: dict[str, Any]) -> str:
    if not route.name:
        return "/admin/"
    return reverse(name, kwargs=arguments) if arguments else reverse(name)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.access == "public"], ids=lambda route: route.name)
def test_public_routes_give_nothing_away(world: World, route: Route) -> None:
    for method in ("get", "post"):
        response = getattr(world.browsers[Actor.ANONYMOUS], method)(reverse(route.name, kwargs=route.arguments))
        assert response.status_code < 500
        assert b"CANARY" not in response.content


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.access == "signed in"], ids=lambda route: route.name
)
def test_own_pages_need_a_session_and_show_no_other_tenant(world: World, route: Route) -> None:
    for actor in Actor:
        for method in ("get", "post"):
            response = ask(world, actor, method, route.name, route.address(world.asked))
            assert response.status_code < 500, (actor, method)
            if actor in SENT_TO_SIGN_IN:
                assert response.status_code == 405 or "/accounts/" in response.headers["Location"], (actor, method)
            assert not foreign_canary(world, actor, response), (actor, method)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.access == "tenant"], ids=lambda route: route.name)
def test_tenant_routes_by_actor(world: World, route: Route) -> None:
    judge(world, route)


@pytest.mark.parametrize("route", TRIED, ids=lambda route: route.name)
def test_access_functions_in_views_by_actor(try_urls: None, world: World, route: Route) -> None:
    judge(world, route)


def judge(world: World, route: Route) -> None:
    """Try a tenant's route as every actor with every method."""
    address = route.address(world.asked)
    for actor in Actor:
        for method in ("get", "post", "put", "delete"):
            response = ask(world, actor, method, route.name, address)
            where = (route.name, actor.value, method, response.status_code)
            assert response.status_code < 500, where
            assert not foreign_canary(world, actor, response), where
            if response.status_code == 405 and (method != "get" or route.writes):
                # A page that only reads, or only acts, says so to everybody, whether what it is about exists or not.
                nowhere = ask(world, actor, method, route.name, address | route.missing)
                assert same(response) == same(nowhere), where
            elif actor in SENT_TO_SIGN_IN:
                assert response.status_code == 302, where
                assert response.headers["Location"].startswith("/accounts/login/"), where
            elif actor is Actor.STAFF_WITHOUT_FACTOR:
                assert response.headers["Location"].startswith("/accounts/2fa/"), where
            elif actor in STRANGERS or (route.members_only and actor in INSPECTORS):
                assert response.status_code == 404, where
                nowhere = ask(world, actor, method, route.name, address | route.missing)
                assert same(response) == same(nowhere), where
            elif actor in route.writers:
                assert response.status_code not in {403, 404}, where
            elif method == "get" and not route.writes:
                assert response.status_code in {200, 302, *route.also}, where
            else:
                assert actor in MEMBERS | INSPECTORS, where
                assert response.status_code == 403, where


def ask(world: World, actor: Actor, method: str, name: str, address: dict[str, Any]) -> HttpResponse:
    url = reverse(name, kwargs=address)
    response = getattr(world.browsers[actor], method)(url)
    response.url_asked, response.text_given = url, response.getvalue().decode(errors="replace")
    return response


def same(response: Any) -> tuple[int, str, dict[str, str]]:
    """A response without the requested address and per-request ids, which may differ."""
    text = response.text_given.replace(response.url_asked, "ADDRESS")
    text = re.sub(r'[A-Za-z0-9]{64}|data-server-now="\d+"', "…", text)
    headers = {
        name: value for name, value in response.headers.items() if name not in {"X-Request-ID", "Content-Length"}
    }
    return response.status_code, text, headers


def foreign_canary(world: World, actor: Actor, response: Any) -> bool:
    """Whether the answer shows a tenant to somebody who isn't of it; the address that was asked for doesn't count."""
    if actor in INSPECTORS:
        return False
    text = response.text_given.replace(response.url_asked, "")
    mine = world.asked if actor in MEMBERS else world.other if actor is Actor.OTHER_COMPANY else None
    return any(tenant.canary in text for tenant in (world.asked, world.other) if tenant is not mine)


# ── the decorator ──


def test_post_to_a_reading_view_needs_a_writing_role(try_urls: None, world: World) -> None:
    page = reverse("try_reading", kwargs={"store_no": world.asked.store.store_no})
    note = reverse("try_noting", kwargs={"store_no": world.asked.store.store_no})
    assert world.browsers[Actor.ANALYST].post(page).status_code == 403
    assert world.browsers[Actor.MANAGER].post(page).status_code == 200
    assert world.browsers[Actor.ANALYST].post(note).status_code == 200
    assert world.browsers[Actor.REVIEWER].post(page).status_code == 403


def test_expired_session_inside_htmx_moves_the_whole_page_to_sign_in(try_urls: None) -> None:
    url = reverse("try_reading", kwargs={"store_no": MISSING_STORE})
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/the/page/?sort=x"}
    response = Client().get(url, headers=headers)
    assert response.headers["HX-Redirect"] == "/accounts/login/?next=/the/page/%3Fsort%3Dx"
    assert Client().get(url).headers["Location"] == f"/accounts/login/?next={url}"


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("http://testserver/the/page/?sort=x", "/the/page/%3Fsort%3Dx"),
        ("http://elsewhere.example/the/page/", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_form_sent_after_the_session_ended_leads_back_to_the_page_it_stood_on(
    try_urls: None, page: str, back: str
) -> None:
    """Its own address may take nothing but forms."""
    url = reverse("try_reading", kwargs={"store_no": MISSING_STORE})
    response = Client().post(url, headers={"referer": page})
    assert response.headers["Location"] == f"/accounts/login/?next={back or url}"
    assert Client().get(url, headers={"referer": page}).headers["Location"] == f"/accounts/login/?next={url}"


def test_pages_are_private_and_vary_with_htmx(try_urls: None, world: World) -> None:
    url = reverse("try_reading", kwargs={"store_no": world.asked.store.store_no})
    response = world.browsers[Actor.OWNER].get(url)
    assert {"HX-Request", "Cookie"} <= set(response.headers["Vary"].split(", "))
    assert "private" in response.headers["Cache-Control"]


@pytest.mark.parametrize("number", ["S1\x00", "S1/../S1", "%00", "S" * 5000, "‮S1", "'; DROP TABLE stores_store; --"])
def test_odd_store_numbers_are_just_not_found(try_urls: None, number: str) -> None:
    client = client_of(make_person("seller", make_store().company))
    response = client.get("/try/" + number + "/")
    assert response.status_code == 404


@pytest.mark.rule("DM-33", "DM-02")
def test_reading_by_staff_is_audited_once_a_day_and_store(try_urls: None, world: World) -> None:
    url = reverse("try_reading", kwargs={"store_no": world.asked.store.store_no})
    for _ in range(2):
        assert world.browsers[Actor.REVIEWER].get(url).status_code == 200
    world.browsers[Actor.OWNER].get(url)
    event = Event.objects.get()
    assert (event.kind, event.actor, event.store_no) == (
        "store.inspected",
        Person(User.objects.get(email="reviewer@example.com")).actor,
        world.asked.store.store_no,
    )
    assert event.company_no == world.asked.company.company_no


def test_frame_shows_the_store_and_the_way_to_own_others(try_urls: None, world: World) -> None:
    sibling = make_store("S9", world.asked.company, name="Sibling")
    url = reverse("try_reading", kwargs={"store_no": sibling.store_no})
    response = world.browsers[Actor.OWNER].get(url)
    assert response.context["nav"]["store"] == sibling
    assert [store.store_no for store in response.context["nav"]["stores"]] == [world.asked.store.store_no, "S9"]
    assert response.context["may_write"] is True
    assert world.browsers[Actor.ANALYST].get(url).context["may_write"] is False


def test_losing_a_role_holds_from_the_next_request_on(try_urls: None, world: World) -> None:
    url = reverse("try_reading", kwargs={"store_no": world.asked.store.store_no})
    owner = world.browsers[Actor.OWNER]
    assert owner.get(url).status_code == 200
    Membership.objects.filter(user=User.objects.get(email="owner@example.com")).delete()
    assert owner.get(url).status_code == 404
