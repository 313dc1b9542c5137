"""The pages of sync health: every count leads to exactly as many (PN-20, TM-17, TM-18)."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.sweeping import sweep
from intake.models import Import, Source, WaitingRow
from intake.sources import SourceNote, note_sources
from notifications.models import InboxMessage
from stores.models import Company, Feed, Store
from tests.intake.helpers import AS_OF
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.outbox import deliver
from tests.stores.people import client_of, make_person, make_staff, make_store

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]


@pytest.fixture
def store() -> Store:
    return make_store("S1", tracking_auto_sync=False)


@pytest.fixture(autouse=True)
def frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def english(client: Client) -> Client:
    client.cookies["language"] = "en"
    return client


def page_of(client: Client, store: Store) -> str:
    response = client.get(reverse("dashboard:sync", args=[store.store_no]))
    assert response.status_code == 200
    return unescape(response.content.decode())


def listed(client: Client, url: str) -> list[str]:
    return sorted(set(re.findall(r"/orders/(N\d+)/", client.get(url).content.decode())))


@pytest.mark.rule("PN-20", "TM-17")
def test_orders_past_four_hours_without_a_number_are_counted_by_source_and_listed(store: Store) -> None:
    seller = english(client_of(make_person("owner", store.company)))
    shipped = {"paid_at": NOW - DAY, "shipped_at": NOW - 4 * HOUR}
    late = [make_order(store, **shipped).order_no, make_order(store, **shipped).order_no]
    elsewhere = make_order(store, source="external", **shipped).order_no
    make_order(store, **{**shipped, "shipped_at": NOW - 4 * HOUR + timedelta(seconds=1)})
    make_order(store, tracking_no="LX1", **shipped)
    make_order(store, fulfilled_by="platform", **shipped)
    confirmed = make_order(store, paid_at=NOW - DAY, dispatch_confirmed_at=NOW - 5 * HOUR).order_no
    found = re.findall(r'href="([^"]+tab=(?:numberless|unsynced)[^"]+)">(\d+)<', page_of(seller, store))
    assert [int(count) for _url, count in found] == [1, 2, 1]
    assert [listed(seller, url) for url, _count in found] == [[elsewhere], sorted(late), [confirmed]]


@pytest.mark.rule("PN-20")
def test_data_issues_are_counted_by_kind_and_each_leads_to_its_orders_and_file(store: Store) -> None:
    seller = english(client_of(make_person("owner", store.company)))
    unpaid = make_order(store, shipped_at=NOW - DAY).order_no
    both = make_order(store, shipped_at=NOW - DAY, delivered_at=NOW - 2 * DAY, delivered_given=NOW - 2 * DAY).order_no
    page = page_of(seller, store)
    found = dict(re.findall(r'href="([^"]+/orders/\?tab=data_issues&issue=\d+)"[^>]*>(\d+)<', page))
    assert {url.rpartition("=")[2]: int(count) for url, count in found.items()} == {"4": 1, "256": 2}
    for url, count in found.items():
        numbers = listed(seller, url)
        assert numbers == (sorted([unpaid, both]) if count == "2" else [both])
        lines = b"".join(seller.get(url.replace("/orders/?", "/orders.csv?")).streaming_content).decode().splitlines()
        assert len(lines) == 1 + int(count)


@pytest.mark.rule("PN-20", "TM-18")
def test_a_store_s_page_shows_sources_lags_failures_and_waiting_rows(store: Store) -> None:
    seller = english(client_of(make_person("owner", store.company)))
    Feed.objects.create(store=store, kind="orders", known_until=NOW - 30 * HOUR, supplied_at=NOW)
    note_sources([SourceNote(store.pk, "api", "ERP", NOW - 2 * HOUR, {"new": 7, "refused": 2}, NOW - 3 * HOUR)])
    note_sources([SourceNote(store.pk, "api", "ERP", NOW - HOUR, error="timeout")])
    failed = {"name": "may.csv", "state": "failed", "error": "no columns"}
    Import.objects.create(company=store.company, as_of=AS_OF, created_at=NOW, **failed)
    for number in range(2):
        WaitingRow.objects.create(
            kind="reviews", store_no="S1", order_no=f"W{number}", key=str(number), source_at=NOW, company=store.company
        )
    page = page_of(seller, store)
    for words in (
        "Tracking auto-sync is off", "API: ERP", "1 failure in a row", "the other side did not answer in time",
        "new 7, refused 2", "1 d 6 h", "may.csv", "no columns", "order W0", "order W1",
    ):  # fmt: skip
        assert words in page.replace("\u00a0", " "), words


@pytest.mark.rule("PN-20")
def test_only_owners_and_managers_set_an_interval(store: Store) -> None:
    note_sources([SourceNote(store.pk, "upload", "", NOW)])
    url = reverse("intake:source_interval", args=["S1", Source.objects.get().pk])
    statuses = {
        role: client_of(make_person(role, store.company, role)).post(url, {"hours": "48"}).status_code
        for role in ("analyst", "manager")
    }
    assert statuses == {"analyst": 403, "manager": 302}
    assert Source.objects.get().set_seconds == 48 * 3600


@pytest.mark.rule("PN-20")
def test_silent_sources_are_told_once_per_company_and_shown_on_the_panel(store: Store) -> None:
    owner = make_person("owner", store.company)
    second = make_store("S2", store.company)
    stores = [store, second, make_store("S3")]
    for days in (9, 8, 7):
        note_sources([SourceNote(one.pk, "api", "ERP", NOW - days * DAY) for one in stores])
    sweep(at=NOW)
    deliver()
    told = {(one.company_id, one.kind): one.parameters["stores"] for one in InboxMessage.objects.all()}
    assert told == {
        (store.company_id, "source.silent"): ["S1", "S2"],
        (stores[2].company_id, "source.silent"): ["S3"],
    }
    client = english(client_of(owner))
    assert "API: ERP is silent" in client.get(reverse("dashboard:panel", args=["S1"])).content.decode()
    inbox = unescape(client.get(reverse("notifications:messages")).content.decode())
    assert "No data any more: API: ERP" in inbox
    note_sources([SourceNote(store.pk, "api", "ERP", NOW)])
    deliver()
    assert InboxMessage.objects.filter(kind="source.spoke").count() == 1
    assert "is silent" not in client.get(reverse("dashboard:panel", args=["S1"])).content.decode()


@pytest.mark.rule("PN-20", "RL-08")
def test_the_overview_finds_stores_by_state_and_shows_the_own_ones_only(django_assert_max_num_queries) -> None:
    company = Company.objects.create(company_no="C", name="C")
    stores = [make_store(f"T{number:02d}", company) for number in range(60)]
    foreign = make_store("FOREIGN")
    for one in (stores[3], foreign):
        Source.objects.create(store=one, kind="api", last_attempt_at=NOW, last_success_at=NOW, silent_since=NOW)
    Source.objects.create(store=stores[5], kind="upload", last_attempt_at=NOW, failures=2, last_error="timeout")
    seller = english(client_of(make_person("owner", company)))

    def shown(client: Client, query: str) -> list[str]:
        return re.findall(r"/stores/([^/]+)/sync/", client.get(reverse("intake:health") + query).content.decode())

    with django_assert_max_num_queries(25):
        assert len(shown(seller, "")) == 50
    assert shown(seller, "?page=2") == [store.store_no for store in stores[50:]]
    assert shown(seller, "?state=silent") == ["T03"]
    assert shown(seller, "?state=failing") == ["T05"]
    assert shown(seller, "?store=t1") == [f"T1{number}" for number in range(10)]
    assert shown(english(client_of(make_staff("reviewer", "reviewer"))), "?state=silent") == ["FOREIGN", "T03"]
