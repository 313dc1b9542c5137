"""Root causes of a store's failures, from stored orders to the page (MX-15)."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from insights.queries.causes import causes_of
from metrics.facts.updating import apply_dirty
from metrics.scorecards.batches import scorecards_between
from orders.models import Order
from stores.models import Store
from tests.metrics.making import DAY, NOW, make_orders, make_store, touch
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("MX-15")]


@pytest.fixture
def store() -> Store:
    """60 orders dispatched in time by one carrier, 20 late by another."""
    store = make_store()
    late = make_orders(store, 20, shipped_after=timedelta(hours=90))
    good = make_orders(store, 60, first=20, shipped_after=timedelta(hours=5))
    Order.objects.filter(id__in=[order.id for order in late]).update(carrier="SLOW", tracking_no="SZ120001", site="ES")
    Order.objects.filter(id__in=[order.id for order in good]).update(carrier="FAST", tracking_no="GZ990001", site="ES")
    touch(store, [*late, *good])
    apply_dirty()
    return store


def found_in(store: Store, code: str = "late_dispatch"):
    (_store, store_day, _cards), *_more = scorecards_between([store], DAY, DAY, codes=[code])
    return causes_of(store_day, code)


def test_carrier_and_number_prefix_that_fail_are_named(store):
    found = found_in(store)
    assert (found.orders, found.failures) == (80, 20)
    assert [(cause.group.dimension, cause.group.value, cause.share) for cause in found.causes] == [
        ("carrier", "SLOW", 1),
        ("prefix", "SZ12", 1),
    ]


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["shipped late (by up to 24 h)", "shipped late (by more than 72 h)", "not shipped"]),
        ("zh-hans", ["晚发货（24 小时以内）", "晚发货（超过 72 小时）", "未发货"]),
    ],
)
def test_failures_are_told_by_reason_and_how_late(store: Store, language: str, texts: list[str]) -> None:
    # 20 were 18 h late; exactly a day is still a day.
    day_late = make_orders(store, 1, first=90, shipped_after=timedelta(hours=96))
    late = [*day_late, *make_orders(store, 3, first=91, shipped_after=timedelta(hours=145))]
    touch(store, [*late, *make_orders(store, 2, first=95)])
    apply_dirty()
    browser = client_of(make_person("owner", store.company))
    browser.cookies["language"] = language
    with time_machine.travel(NOW, tick=False):
        page = browser.get(reverse("dashboard:causes", args=["S1", "late_dispatch"])).content.decode()
    shares = re.findall(r"<li><b>([\d.]+)\u00a0%</b> ([^<]+?) <span class=\"muted\">(\d+)</span></li>", page)
    assert shares == [("80.77", texts[0], "21"), ("11.54", texts[1], "3"), ("7.69", texts[2], "2")]


def test_failures_spread_evenly_have_no_cause():
    store = make_store()
    for number in range(10):
        orders = make_orders(store, 3, first=number * 10, shipped_after=timedelta(hours=5))
        orders += make_orders(store, 1, first=number * 10 + 3, shipped_after=timedelta(hours=90))
        Order.objects.filter(id__in=[order.id for order in orders]).update(carrier=f"C{number % 2}")
        touch(store, orders)
    apply_dirty()
    assert found_in(store).causes == []


@pytest.mark.parametrize(
    "code", ["odr", "dispute_rate", "positive_rate", "reply_missed", "liability_rate", "delivered"]
)
def test_metric_without_failures_names_no_cause(store, code):
    assert found_in(store, code).causes == []


def test_page_and_fragment_say_what_failing_orders_share(store):
    client = client_of(make_person("owner", store.company))
    address = reverse("dashboard:causes", args=[store.store_no, "late_dispatch"]) + f"?day={DAY.isoformat()}"
    page = client.get(address, headers={"Accept-Language": "en"}).content.decode()
    assert "SZ12" in page
    assert "<html" in page
    fragment = client.get(address, headers={"HX-Request": "true", "Accept-Language": "en"}).content.decode()
    assert "SLOW" in fragment
    assert "<html" not in fragment
    assert client.get(reverse("dashboard:causes", args=[store.store_no, "dsr"])).status_code == 404
