"""The pages of connections: connect step by step, see states, act (PG-16, IX-25)."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from core.models import Event
from intake.connectors.presenters import brought
from intake.models import ConnectionRun, StoreConnection
from notifications.models import InboxMessage
from stores.models import Store
from tests.intake.connectors.aliexpress_platform import APP_KEY, APP_SECRET, TRACKING, Platform, aliexpress_platform
from tests.intake.connectors.shop import CODE, NOW, connect, point_at, run, shop
from tests.outbox import deliver
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.rule("PG-16", "IX-25")]


@pytest.fixture
def platform(settings: Any) -> Any:
    with time_machine.travel(NOW, tick=False), aliexpress_platform() as found:
        point_at(settings, found)
        yield found


def browser(store: Store, role: str = "owner") -> Client:
    client = client_of(make_person(role, store.company, role))
    client.cookies["language"] = "en"
    return client


def page(store: Store) -> str:
    return f"/data/connections/of/{store.store_no}/"


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def authorize_url(client: Client, store: Store, platform: Platform) -> str:
    body = text(client, page(store))
    start = body.index(f'href="{platform.url}/oauth/authorize') + len('href="')
    return body[start : body.index('"', start)].replace("&amp;", "&")


def test_an_empty_page_says_how_to_get_access(platform):
    store = make_store("S1")
    body = text(browser(store), "/data/connections/")
    assert "No store is connected yet" in body
    assert "How to get access" in body
    assert f'href="{page(store)}"' in body


def test_a_store_is_connected_step_by_step(platform, settings):
    store = make_store("S1")
    client = browser(store)
    assert "step 1: the application" in text(client, page(store))
    wrong = client.post(page(store), {"app_key": "!", "app_secret": "", "region": "sg"})
    assert wrong.status_code == 422
    given = {"app_key": APP_KEY, "app_secret": APP_SECRET, "region": "sg"}
    assert client.post(page(store), given).status_code == 302
    assert APP_SECRET not in text(client, page(store))
    query = parse_qs(urlsplit(authorize_url(client, store, platform)).query)
    back = f"{settings.BASE_URL}/data/connections/authorised/"
    assert (query["client_id"], query["redirect_uri"], query["response_type"]) == ([APP_KEY], [back], ["code"])
    answer = client.get("/data/connections/authorised/", {"code": CODE, "state": query["state"][0]}, follow=True)
    assert "The store is connected." in answer.content.decode()
    connection = StoreConnection.objects.get()
    assert (connection.state, connection.next_run_at) == ("active", NOW)
    # The state works once.
    again = client.get("/data/connections/authorised/", {"code": CODE, "state": query["state"][0]}, follow=True)
    assert "This authorisation is over: begin again." in again.content.decode()


@pytest.mark.rule("RL-08")
def test_a_state_is_of_one_person_and_ends(platform):
    store = make_store("S1")
    client, manager = browser(store), browser(store, "manager")
    client.post(page(store), {"app_key": APP_KEY, "app_secret": APP_SECRET, "region": "sg"})
    state = parse_qs(urlsplit(authorize_url(client, store, platform)).query)["state"][0]
    for asking, said, at in (
        (manager, state, NOW),
        (client, state + "x", NOW),
        (client, state, NOW + timedelta(hours=1)),
    ):
        with time_machine.travel(at, tick=False):
            answer = asking.get("/data/connections/authorised/", {"code": CODE, "state": said}, follow=True)
        assert "This authorisation is over: begin again." in answer.content.decode()
    assert StoreConnection.objects.get().state == "new"


def test_a_code_can_be_entered_and_one_that_is_refused_is_told(platform):
    store = make_store("S1")
    client = browser(store)
    client.post(page(store), {"app_key": APP_KEY, "app_secret": APP_SECRET, "region": "sg"})
    refused = client.post(f"{page(store)}code/", {"code": "wrong"}, follow=True).content.decode()
    assert "the platform did not accept the authorisation code" in refused
    assert "The store is connected." in client.post(f"{page(store)}code/", {"code": CODE}, follow=True).content.decode()


def test_states_are_told_with_what_to_do(platform):
    connection = connect("S1")
    client = browser(connection.store)
    platform.refusing[TRACKING] = "permission"
    shop(platform)
    run()
    body = text(client, page(connection.store))
    assert "permission missing" in body
    assert "Apply for the permission group" in body
    assert "Messages with buyers are not among them" in body
    StoreConnection.objects.update(state="reconnect", problem="session")
    assert "Authorise again with the store" in text(client, page(connection.store))
    assert "The platform ended the authorisation" in text(client, "/data/connections/")


def test_a_run_is_asked_for_once_and_shows_how_far_it_is(platform):
    connection = connect("S1")
    client = browser(connection.store)
    first = client.post(f"{page(connection.store)}sync/", follow=True).content.decode()
    assert "synchronised as soon as a worker is free" in first
    assert "A run is under way already." in client.post(f"{page(connection.store)}sync/", follow=True).content.decode()
    assert ConnectionRun.objects.count() == 1
    fragment = client.get(page(connection.store), headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" in fragment
    assert "<html" not in fragment
    run()
    assert "hx-trigger" not in client.get(page(connection.store), headers={"HX-Request": "true"}).content.decode()


@pytest.mark.rule("RL-06")
def test_who_comes_second_sees_how_it_is(platform):
    connection = connect("S1")
    client = browser(connection.store)
    assert client.post(f"{page(connection.store)}pause/").status_code == 302
    answer = client.post(f"{page(connection.store)}pause/")
    assert answer.status_code == 409
    assert "Somebody else was faster" in answer.content.decode()
    assert client.post(f"{page(connection.store)}resume/").status_code == 302
    assert (
        client.post(page(connection.store), {"app_key": "1234", "app_secret": "x", "region": "sg"}).status_code == 409
    )
    assert client.post(f"{page(connection.store)}disconnect/").status_code == 302
    assert StoreConnection.objects.get().app_secret == ""
    assert client.post(f"{page(connection.store)}explode/").status_code == 404


@pytest.mark.rule("RL-08")
def test_analysts_see_and_change_nothing(platform):
    connection = connect("S1")
    client = browser(connection.store, "analyst")
    body = text(client, page(connection.store))
    assert "Synchronise now" not in body
    assert "/oauth/authorize" not in body
    assert client.post(f"{page(connection.store)}sync/").status_code == 403


@pytest.mark.rule("PN-20")
def test_companies_are_told_of_a_connection_that_needs_a_person(platform):
    connection = connect("S1")
    platform.access = platform.refresh = "revoked"
    assert run().turns == {"reconnect": 1}
    deliver()
    message = InboxMessage.objects.get()
    assert (message.kind, message.store) == ("connector.stopped", connection.store)
    assert Event.objects.filter(kind="connector.stopped").count() == 1


def test_what_a_run_brought_reads_as_its_language_writes() -> None:
    counts = {"orders": {"new": 12, "changed": 3, "same": 9}, "order_lines": {"new": 1_200}}
    with translation.override("en"):
        assert brought(counts) == "orders: 12 new, 3 changed; order lines: 1,200 new"
    with translation.override("zh-hans"):
        assert brought(counts) == "订单：新增 12、更新 3；订单行：新增 1,200"
