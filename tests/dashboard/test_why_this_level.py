"""Tiles and pages say why a level is what it is: held back, or nothing to count (MX-05, MX-10, PG-03)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import translation

from dashboard.presenters.forecast import nothing_open
from metrics.catalogue import METRICS
from metrics.models import Fact
from stores.models import Company, Feed, Store, User
from tests.metrics.pages import ALL_FEEDS, NOW, TODAY
from tests.stores.people import client_of, make_person

pytestmark = pytest.mark.sqlite_only


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def store_with(late_by_day: dict[int, tuple[int, int]]) -> Store:
    """A basic store; how many days before `TODAY` → late and due dispatches of that day."""
    company = Company.objects.create(company_no="C1", name="Company")
    store = Store.objects.create(company=company, store_no="S1", name="S1", opened_at=NOW - timedelta(days=900))
    Feed.objects.bulk_create(Feed(store=store, kind=kind, known_until=NOW, supplied_at=NOW) for kind in ALL_FEEDS)
    Fact.objects.bulk_create(
        Fact(store=store, day=TODAY - timedelta(days=back), dispatch_late=late, dispatch_due=due)
        for back, (late, due) in late_by_day.items()
    )
    return store


def english(store: Store) -> Client:
    owner = User.objects.filter(email="owner@example.com").first() or make_person("owner", store.company)
    client = client_of(owner)
    client.cookies["language"] = "en"
    return client


def tile_and_page(store: Store, **query: str) -> tuple[str, str]:
    """The English texts of late dispatch on the panel's tile and on the metric's page."""
    client = english(store)
    pages = []
    for name, args in (("dashboard:panel", ["S1"]), ("dashboard:metric", ["S1", "late_dispatch"])):
        html = client.get(reverse(name, args=args), query).content.decode().replace("\u00a0", " ")
        if name == "dashboard:panel":
            html = re.findall(r'<article class="tile.*?</article>', html, re.S)
            html = next(tile for tile in html if "Late dispatch" in tile)
        pages.append(re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))))
    return pages[0], pages[1]


@pytest.mark.django_db
@pytest.mark.rule("MX-10", "PG-03")
@pytest.mark.parametrize(
    ("late_by_day", "tile", "sentence"),
    [
        # 4.5 % with a yellow threshold of 4 %: the first day, then the second.
        (
            {0: (45, 1000)},
            "past the yellow threshold: day 1 of 3",
            "past the yellow threshold for 1 day; yellow needs 3 days",
        ),
        (
            {1: (45, 1000)},
            "past the yellow threshold: day 2 of 3",
            "past the yellow threshold for 2 days; yellow needs 3 days",
        ),
        # The same share on every day for months: a swing of nothing.
        (
            dict.fromkeys(range(125), (45, 1000)),
            "past the yellow threshold, but within the store's usual swing",
            "no further from it than this store's mean of the months before",
        ),
    ],
)
def test_ok_past_the_yellow_line_says_why(late_by_day: dict[int, tuple[int, int]], tile: str, sentence: str) -> None:
    said, page = tile_and_page(store_with(late_by_day))
    assert "4.50 % ok" in said
    assert tile in said
    assert sentence in page


@pytest.mark.django_db
@pytest.mark.rule("MX-10")
def test_nothing_is_held_back_below_the_line_or_once_it_is_yellow() -> None:
    """2: yellow from the third day on, so nothing is explained away; and below the line there is nothing to explain."""
    said, page = tile_and_page(store_with({2: (45, 1000)}))
    assert "yellow" in said
    assert "past the yellow threshold:" not in said
    assert "past the yellow threshold for 3" not in page
    Fact.objects.update(dispatch_late=40)
    said, page = tile_and_page(Store.objects.get())
    assert "past the yellow threshold:" not in said
    assert "past the yellow threshold for 3" not in page


@pytest.mark.django_db
@pytest.mark.rule("MX-05")
def test_a_day_without_data_does_not_say_few_orders() -> None:
    """9 orders are few; where nothing lies in the window, that is what the page says."""
    store = store_with({0: (1, 9)})
    client = english(store)
    address = reverse("dashboard:metric", args=["S1", "late_dispatch"])
    assert "few orders" in client.get(address).content.decode()
    page = client.get(address, {"day": (TODAY - timedelta(days=3)).isoformat()}).content.decode()
    assert "few orders" not in page
    assert "nothing in the window" in page
    assert "The window contains nothing that this metric counts." in page


@pytest.mark.rule("MX-14", "BX-10")
def test_nobody_else_is_said_to_decide_where_every_failure_is_the_sellers() -> None:
    with translation.override("en"):
        sentences = {code: nothing_open(code) for code in METRICS}
    own = {code for code, sentence in sentences.items() if "carriers" not in sentence}
    assert own == {"cancel_rate", "communication", "late_dispatch", "liability_rate", "reply_missed", "slow_fulfilment"}
