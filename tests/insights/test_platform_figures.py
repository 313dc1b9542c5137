"""The platform's own figures and notices beside ours, with the reason of a difference (IX-08)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from insights.rules.platform import Finding, Reason, explain, places_of
from metrics.models import PlatformFigure, PlatformNotice
from metrics.rules.values import NO_DATA, Value
from orders.models import Order
from stores.models import Company, Feed
from tests.metrics.pages import NOW, TODAY, Made, make_store_with_facts
from tests.stores.people import client_of, make_person

OURS = Value(14, 226, Fraction(14, 226), sufficient=True, count=226)
BEFORE = Value(13, 226, Fraction(13, 226), sufficient=True, count=226)


def told(
    theirs: str, *, ours: Value = OURS, stale: bool = False, sync: int = 0, code: str = "late_dispatch"
) -> Finding:
    return explain(code, Decimal(theirs), ours, BEFORE, places=4, stale=stale, sync=sync)


@pytest.mark.rule("IX-08")
def test_ix08_reasons_in_their_order() -> None:
    assert told("0.0619") == Finding(Reason.SAME)
    assert told("0.0619", stale=True) == Finding(Reason.SAME)
    assert told("0.0575") == Finding(Reason.WINDOW)
    assert told("0.0575", stale=True) == Finding(Reason.STALE)
    assert told("0.0708") == Finding(Reason.ORDERS_MISSING, 2)
    assert told("0.0531", sync=2) == Finding(Reason.LATE_SYNC, 2)
    assert told("0.0487", sync=2) == Finding(Reason.UNKNOWN)
    assert told("0.05", ours=NO_DATA) == Finding(Reason.NO_VALUE)


def test_floors_compare_what_failed() -> None:
    ours = Value(190, 200, Fraction(190, 200), sufficient=True, count=200)
    assert told("0.94", ours=ours, code="delivered") == Finding(Reason.ORDERS_MISSING, 2)
    assert told("0.96", ours=ours, code="delivered") == Finding(Reason.UNKNOWN)


def test_figures_compare_to_the_decimals_that_the_platform_gave() -> None:
    assert places_of(Decimal("0.0600000000"), "share") == 4
    assert places_of(Decimal("0.0619469000"), "share") == 7
    assert places_of(Decimal("4.7"), "stars") == 2
    assert places_of(Decimal(120), "count") == 2


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def made(db: None) -> Made:
    made = make_store_with_facts(Company.objects.create(company_no="C1", name="Company"))
    for back, value in ((0, "0.0619"), (1, "0.9"), (2, "0.5")):
        PlatformFigure.objects.create(
            store=made.store, day=TODAY - timedelta(days=back), metric="late_dispatch", value=Decimal(value)
        )
    PlatformFigure.objects.create(store=made.store, day=TODAY, metric="orders", value=Decimal(12))
    PlatformNotice.objects.create(
        store=made.store, number="AE-1", metric="late_dispatch", level="red", triggered_at=NOW - timedelta(days=3)
    )
    return made


@pytest.fixture
def browser(made: Made) -> Client:
    client = client_of(make_person("owner", Company.objects.get()))
    client.cookies["language"] = "en"
    return client


def page_of(browser: Client, htmx: bool = True, **query: str) -> str:
    headers = {"HX-Request": "true"} if htmx else {}
    html = browser.get(reverse("dashboard:platform", args=["S1"]), query, headers=headers).content.decode()
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " "))


def test_one_metric_shows_each_day_with_difference_and_reason(browser: Client) -> None:
    words = page_of(browser, metric="late_dispatch")
    assert "1 of 3 days agree " in words
    assert "2026-06-19 6.19 % 6.19 % – the same" in words
    # Before the last day nothing but the late orders was due.
    assert "2026-06-18 90.00 % 100.00 % −10.00 points not known" in words
    assert "AE-1 Late dispatch red 2026-06-17" in words


def test_all_metrics_show_their_newest_day(browser: Client) -> None:
    words = page_of(browser)
    assert words.count("2026-06-19") == 2
    assert "2026-06-18" not in words
    assert "Orders 0 of 1 day agrees 2026-06-19 12 0 +12.00 not known" in words


def test_late_sync_explains_what_it_can(browser: Client, made: Made) -> None:
    for order in made.late[5:7]:
        assert order.ship_by is not None
        Order.objects.filter(pk=order.pk).update(first_scan_at=order.ship_by - timedelta(hours=1))
    PlatformFigure.objects.filter(day=TODAY).update(value=Decimal("0.0531"))
    words = page_of(browser, metric="late_dispatch")
    assert "late sync: 2 orders are late here only because their numbers came late" in words


def test_stale_day_is_the_reason_before_others(browser: Client) -> None:
    Feed.objects.filter(kind="orders").update(known_until=NOW - timedelta(days=2))
    PlatformFigure.objects.filter(day=TODAY).update(value=Decimal("0.07"))
    assert "the data of this day is not complete" in page_of(browser, metric="late_dispatch")


def test_without_figures_it_says_how_they_come(browser: Client) -> None:
    PlatformFigure.objects.all().delete()
    words = page_of(browser, htmx=False)
    assert "They come with an import (platform_figures)" in words
    assert "Notices of the platform" in words


def test_metric_page_leads_to_the_comparison(browser: Client) -> None:
    address = reverse("dashboard:platform", args=["S1"]) + "?metric=late_dispatch"
    assert address in browser.get(reverse("dashboard:metric", args=["S1", "late_dispatch"])).content.decode()
    assert address not in browser.get(reverse("dashboard:metric", args=["S1", "odr"])).content.decode()
    assert browser.get(reverse("dashboard:platform", args=["S1"]), {"metric": "nonsense"}).status_code == 404
