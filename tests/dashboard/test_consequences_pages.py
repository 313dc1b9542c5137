"""What figures bring, on their pages and beside the scores of the panel (PG-03, PG-04)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from penalties.models import LevelDay
from penalties.services.deriving import derive_penalties
from stores.models import Company, Store
from tests.dashboard.test_pages import words_of
from tests.metrics.pages import NOW, TODAY, make_store_with_facts
from tests.orders.build import make_order
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]
BAD = {
    "liability": (2, "0.0520000000"),
    "insurance": (1, "0.0520000000"),
    "shs": (1, "70.0000000000"),
    "slow_fulfilment": (1, "0.1600000000"),
}


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def store() -> Store:
    return make_store_with_facts(Company.objects.create(company_no="C1", name="Company")).store


@pytest.fixture
def browser(store: Store) -> Client:
    client = client_of(make_person("owner", store.company))
    client.cookies["language"] = "en"
    return client


def fall(store: Store) -> None:
    """Five days ago every figure was past its threshold; since then the liability rate is below the level."""
    first = TODAY - timedelta(days=5)
    for name, (grade, value) in BAD.items():
        LevelDay.objects.create(store=store, figure=name, day=first, grade=grade, facts={"value": value})
    for back in (4, 3, 2):
        LevelDay.objects.create(store=store, figure="liability", day=TODAY - timedelta(days=back), grade=1)
    derive_penalties(store_ids=[store.pk], at=NOW)


def section(browser: Client, store: Store, code: str) -> str:
    html = browser.get(reverse("dashboard:metric", args=[store.store_no, code])).content.decode()
    found = re.search(r'aria-labelledby="consequences-title">(.*?)</section>', html, re.DOTALL)
    assert found
    return words_of(found[1]).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.rule("DP-04", "DP-12", "PG-04")
def test_page_of_the_liability_rate_counts_the_days_below(store: Store, browser: Client) -> None:
    Store.objects.filter(pk=store.pk).update(mode="governed", primary_category="apparel")
    paid = NOW - timedelta(hours=3)
    make_order(store, created_at=paid, paid_at=paid, insurance_premium_usd=Decimal("12.50"))
    calm = section(browser, store, "liability_rate")
    assert "level 2 from 5 % flash deals blocked, ad premium capped, insurance surcharge not in force" in calm
    assert "At stake with the insurance surcharge: 12.50 USD of premiums this month so far" in calm
    assert "4 % at the end of 2 consecutive months raises the commission from 5 % to 5.5 %." in calm
    assert "Predicted" not in calm
    fall(store)
    told = section(browser, store, "liability_rate")
    first = TODAY - timedelta(days=5)
    assert f"since {first}; 3 of 7 days below" in told
    assert f"since {first}; 0 of 7 days below" in told
    assert "Premiums of this month, 12.50 USD so far, are not refunded." in told


@pytest.mark.rule("DP-06", "TM-10", "PG-03")
def test_panel_names_what_the_scores_brought(store: Store, browser: Client) -> None:
    fall(store)
    html = browser.get(reverse("dashboard:panel", args=[store.store_no])).content.decode()
    told = words_of(html).replace("\N{NO-BREAK SPACE}", " ")
    first = TODAY - timedelta(days=5)
    assert f"predicted The health score was 70.00 on {first}, below 75." in told
    assert f"was 16.00 % on {first}, past the hard threshold of 15 % over 90 days" in told
    assert f"since {first}" in section(browser, store, "shs")
    assert "warning of a lower service level" in section(browser, store, "slow_fulfilment")
    assert "Predicted: the store's platform decides on penalties." in section(browser, store, "shs")
