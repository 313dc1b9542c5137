"""Notices outside their own pages: the health panel, the list of stores, counts (PG-03, DM-11a)."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from stores.models import Store
from tests.metrics.pages import NOW
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judged, make_store
from tests.notifications.pages import english, fetch, listed, make_record, words_of
from tests.stores.people import client_of, make_person

pytestmark = pytest.mark.sqlite_only

HOUR = timedelta(hours=1)


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def browser(store: Store) -> Client:
    return english(client_of(make_person("owner", store.company)))


@pytest.fixture
def record(store: Store) -> Store:
    return make_record(store)


def panel_items(client: Client, store_no: str, *, at: datetime) -> list[str]:
    """The text of each item to do on the health panel, as the first response has it."""
    with time_machine.travel(at, tick=False):
        html = client.get(reverse("dashboard:panel", args=[store_no])).content.decode()
    assert "hx-get" not in html.partition('id="todo-title"')[2].partition("</section>")[0]
    return [words_of(item) for item in re.findall(r'<li class="level-.*?</li>', html, re.DOTALL)]


@pytest.mark.rule("PG-03", "PN-07", "DM-27")
def test_open_notices_stand_on_the_panel_with_the_clock_that_ends_first(browser: Client, record: Store) -> None:
    items = panel_items(browser, "S1", at=NIGHT + ONE_DAY + HOUR)
    assert len(items) == 2
    assert "red Late dispatch 6.19 %, threshold 5 % PN20260311-000001 · nobody has opened it yet" in items[0]
    assert "71:00:00 left to open it, or the appeal is lost" in items[0]
    assert "yellow Order defect rate 4.50 %, threshold 4 % PN20260310-000001" in items[1]
    assert "5 d 23:00:00 left to appeal" in items[1]


@pytest.mark.rule("PG-03", "PN-03")
def test_opened_notice_says_by_whom_and_steps_back(browser: Client, record: Store) -> None:
    fetch(browser, "notice", "S1", "PN20260311-000001", at=NIGHT + ONE_DAY + HOUR)
    items = panel_items(browser, "S1", at=NIGHT + ONE_DAY + 2 * HOUR)
    assert "PN20260311-000001 · opened by owner@example.com" in items[0]
    with time_machine.travel(NIGHT + ONE_DAY + 2 * HOUR, tick=False):
        html = browser.get(reverse("dashboard:panel", args=["S1"])).content.decode()
    assert html.count('class="level-red is-seen"') == 1
    assert 'class="level-yellow"' in html


@pytest.mark.rule("DM-11a", "PN-33", "PG-02", "PG-03", "PG-10")
def test_predicted_notices_of_a_mirrored_store_count_everywhere(store: Store, browser: Client) -> None:
    """Panel, tab, list of stores and list of notices say two; another, back within bounds, counts no more."""
    mirrored = make_store("S2", "mirrored", store.company)
    judged(mirrored, DAY - ONE_DAY, late_dispatch="red", dispute_rate="red", odr="red")
    judged(mirrored, DAY, late_dispatch="red", dispute_rate="red", odr="ok")
    at = NIGHT + HOUR
    items = panel_items(browser, "S2", at=at)
    assert [item.split(",")[0] for item in items] == ["red Late dispatch 6.19 %", "red Dispute rate 6.19 %"]
    assert all("predicted" in item and "since 2026-03-09" in item for item in items)
    html = fetch(browser, "list", "S2", at=at)
    assert len(listed(html)) == 2
    text = words_of(html)
    assert "Notices 2 Appeals" in text
    assert "Open 2 Performance record 0 Predicted 3 Historical 0" in text
    with time_machine.travel(at, tick=False):
        stores = words_of(browser.get(reverse("dashboard:stores")).content.decode())
        assert "2 red predicted" in stores
        only = words_of(browser.get(reverse("dashboard:stores"), {"notices": "red"}).content.decode())
    assert "Store S2" in only
    assert "Store S1" not in only
    ended = words_of(fetch(browser, "list", "S2", at=at, part="predicted"))
    assert "predicted ended 2026-03-10" in ended


@pytest.mark.rule("PG-03")
def test_past_day_shows_its_figures_and_no_to_do(browser: Client, record: Store) -> None:
    with time_machine.travel(NIGHT + ONE_DAY + HOUR, tick=False):
        text = words_of(browser.get(reverse("dashboard:panel", args=["S1"]), {"day": "2026-03-02"}).content.decode())
    assert "You are looking at 2026-03-02, a past day. Tasks are shown on the last known day." in text
    assert "To do now" not in text
    assert "PN20260311-000001" not in text


@pytest.mark.rule("PG-22")
def test_panel_and_record_without_notices_say_so(browser: Client, store: Store) -> None:
    assert panel_items(browser, "S1", at=NOW) == []
    assert "No open notices No metric of this store is past its threshold." in words_of(fetch(browser, "list", "S1"))


@pytest.mark.rule("DM-27", "PN-03")
def test_clock_that_ended_says_when_and_never_an_instant_to_come(browser: Client, record: Store) -> None:
    text = words_of(fetch(browser, "notice", "S1", "PN20260311-000001", at=NIGHT + ONE_DAY + HOUR))
    assert "Open within opened in time 2026-03-12 03:00 (GMT+8)" in text
