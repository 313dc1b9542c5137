"""The main navigation and the sections among the pages of orders come from one list (PG-06)."""

import re

import pytest
from django.template import Context
from django.template.loader import render_to_string
from django.utils import translation

from stores import navigation
from stores.access import WRITE
from stores.navigation import Entry, Group, Link, data_links, main_links, section_links
from stores.principals import Person
from tests.stores.people import make_person, make_store

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]


def keys(links: list[Link]) -> list[str]:
    return [link.key for link in links]


def test_pages_without_an_address_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    tides, moon = Entry("tides", "Tides", "tides:list"), Entry("moon", "Moon", "moon:list")
    coming = (Group("Work", (tides, Entry("orders", "Orders", "dashboard:orders"))), Group("Sky", (moon,)))
    monkeypatch.setattr(navigation, "STORE_PAGES", coming)
    assert keys(main_links(make_store(), is_staff=False, context=Context())) == ["orders", "data", "team", "rulebook"]


def test_staff_are_not_led_to_teams_and_nobody_to_a_store_without_one() -> None:
    assert "team" not in keys(main_links(make_store(), is_staff=True, context=Context()))
    assert keys(main_links(None, is_staff=False, context=Context())) == ["stores", "data", "rulebook"]


def test_a_page_shows_the_first_count_that_its_context_has() -> None:
    context = Context({"nav": {}, "inbox": {"open_notices": 4}, "appealing": {"waiting": 0}})
    store = make_store()
    counts = {link.key: link.count for link in main_links(store, is_staff=False, context=context)}
    assert (counts["notices"], counts["orders"]) == (4, None)
    assert [link.count for link in section_links(store, "penalties", context)] == [4, None, None, None]


def test_a_subject_shows_the_count_of_its_first_page_that_has_one() -> None:
    context = Context({"nav": {}, "inbox": {"open_notices": 0}, "appealing": {"waiting": 2}})
    counts = {link.key: link.count for link in main_links(make_store(), is_staff=False, context=context)}
    assert counts["notices"] == 2


def test_pages_of_a_subject_show_once_there_are_two(monkeypatch: pytest.MonkeyPatch) -> None:
    orders, trade = Entry("orders", "Orders", "dashboard:orders"), Entry("trade", "Trade", "dashboard:trade")
    context = {"nav": {"store": make_store("S1"), "current": "trade"}}
    monkeypatch.setattr(navigation, "STORE_PAGES", (Group("Trade", (trade,)), Group("Orders", (orders,))))
    assert render_to_string("components/store_sections.html", context).strip() == ""
    monkeypatch.setattr(navigation, "STORE_PAGES", (Group("Work", (orders, trade)),))
    with translation.override("en"):
        shown = render_to_string("components/store_sections.html", context)
    links = re.findall(r'<a href="([^"]+)"( aria-current="page")?>', shown)
    assert links == [("/stores/S1/orders/", ""), ("/stores/S1/trade/", ' aria-current="page"')]


def test_main_navigation_marks_the_subject_of_a_page() -> None:
    context = {"nav": {"store": make_store("S1"), "current": "appeals"}}
    with translation.override("en"):
        shown = render_to_string("components/navigation.html", context)
    assert re.findall(r'<a href="([^"]+)" aria-current="([a-z]+)">', shown) == [("/stores/S1/notices/", "true")]


def test_sections_of_data_lead_to_pages_that_are_there_and_that_the_person_may_see(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sections = (
        Entry("imports", "Imports", "intake:index", ""),
        Entry("tides", "Tides", "tides:list", ""),
        Entry("webhooks", "Webhooks", "notifications:webhooks", "company_no", roles=WRITE),
    )
    monkeypatch.setattr(navigation, "DATA_SECTIONS", sections)
    store = make_store("S1")
    manager, analyst = make_person("m", store.company, "manager"), make_person("a", store.company, "analyst")
    assert [link.url for link in data_links(Person(manager), store)] == ["/data/", "/companies/C-S1/webhooks/"]
    assert keys(data_links(Person(manager), None)) == ["imports", "webhooks"]
    # Neither those who only read, nor somebody from elsewhere, nor staff.
    for person in (analyst, make_person("o", make_store("S2").company), make_person("s", is_staff=True)):
        assert keys(data_links(Person(person), store)) == ["imports"]
