"""The platform's own notices and figures, entered by hand beside the predicted ones (IX-08)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.models import Event
from metrics.models import PlatformFigure, PlatformNotice
from notifications.models import Notice
from stores.models import Store
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judged, make_store
from tests.notifications.pages import english, fetch, words_of
from tests.stores.people import client_of, make_person

pytestmark = pytest.mark.sqlite_only

NOTICE = {
    "do": "notice", "number": "AE-77", "metric": "late_dispatch", "level": "red", "triggered_at": "2026-03-11T09:30",
}  # fmt: skip


@pytest.fixture
def store(db: None) -> Store:
    store = make_store(mode="mirrored")
    judged(store, DAY, late_dispatch="red")
    return store


@pytest.fixture
def browser(store: Store) -> Client:
    return english(client_of(make_person("owner", store.company)))


def post(browser: Client, store: Store, **data: Any) -> Any:
    with time_machine.travel(NIGHT + ONE_DAY, tick=False):
        return browser.post(reverse("dashboard:platform_entry", args=[store.store_no]), data)


@pytest.mark.rule("IX-08", "PG-10", "DM-11a")
def test_platform_notice_stands_beside_the_predicted_one(browser: Client, store: Store) -> None:
    before = fetch(browser, "list", "S1", at=NIGHT)
    assert "Record the platform's notice" in words_of(before)
    assert f"{reverse('dashboard:platform_entry', args=['S1'])}?metric=late_dispatch&amp;level=red" in before
    response = post(browser, store, **NOTICE)
    assert (response.status_code, response.url) == (302, reverse("notifications:list", args=["S1"]))
    found = PlatformNotice.objects.get()
    # The person's zone is Shanghai.
    assert (found.number, found.level, found.triggered_at) == ("AE-77", "red", NIGHT + timedelta(hours=7.5))
    after = words_of(fetch(browser, "list", "S1", at=NIGHT + ONE_DAY))
    assert "The platform: AE-77, red, 2026-03-11 09:30" in after
    assert "Record another" in after
    document = fetch(browser, "notice", "S1", Notice.objects.get().number, at=NIGHT + ONE_DAY)
    assert words_of(document).count("The platform: AE-77, red, 2026-03-11 09:30") == 1
    assert f"{reverse('dashboard:platform_entry', args=['S1'])}?metric=late_dispatch&amp;level=red" in document
    event = Event.objects.get(kind="row.entered")
    assert (event.store_no, event.after["verdict"], event.after["row"]["number"]) == ("S1", "new", "AE-77")


@pytest.mark.rule("IX-08", "IX-03")
def test_notice_recorded_again_replaces_what_was_recorded(browser: Client, store: Store) -> None:
    post(browser, store, **NOTICE)
    post(browser, store, **{**NOTICE, "level": "yellow", "state": "closed"})
    assert list(PlatformNotice.objects.values_list("number", "level", "state")) == [("AE-77", "yellow", "closed")]


@pytest.mark.rule("IX-08")
@pytest.mark.parametrize(
    ("metric", "typed", "stored"), [("late_dispatch", "6.19", "0.0619"), ("dsr", "4.55", "4.55"), ("shs", "80", "80")]
)
def test_figure_is_entered_as_the_platform_shows_it(
    browser: Client, store: Store, metric: str, typed: str, stored: str
) -> None:
    response = post(browser, store, do="figure", metric=metric, day="2026-03-10", value=typed)
    assert response.url == reverse("dashboard:platform", args=["S1"])
    assert PlatformFigure.objects.values_list("metric", "day", "value").get() == (metric, DAY, Decimal(stored))


@pytest.mark.rule("IX-08")
@pytest.mark.parametrize(
    "data",
    [
        {**NOTICE, "triggered_at": "2026-03-14T00:00"},
        {**NOTICE, "number": ""},
        {**NOTICE, "metric": "shs"},
        {"do": "figure", "metric": "odr", "day": "2026-03-20", "value": "1"},
        {"do": "figure", "metric": "odr", "day": "2026-03-10", "value": "much"},
        {},
    ],
)
def test_what_makes_no_sense_is_said_and_not_recorded(browser: Client, store: Store, data: dict[str, str]) -> None:
    assert post(browser, store, **data).status_code == (422 if data else 200)
    assert not PlatformNotice.objects.exists()
    assert not PlatformFigure.objects.exists()


@pytest.mark.rule("IX-08", "DM-11a")
def test_governed_store_has_no_platform_beside_it(browser: Client, store: Store) -> None:
    Store.objects.update(mode="governed")
    assert post(browser, store, **NOTICE).status_code == 404
