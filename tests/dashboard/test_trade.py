"""The trade page: twelve figures with trend, the period before, benchmark and reference (PG-15, TM-09, DP-13)."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from dashboard.queries.trade import TWELVE
from metrics.models import Fact, ImportedBenchmark
from stores.models import Company, Feed, Store
from tests.metrics.pages import ALL_FEEDS, NOW, TODAY
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def company() -> Company:
    return Company.objects.create(company_no="C1", name="Company")


@pytest.fixture
def browser(company: Company) -> Client:
    client = client_of(make_person("owner", company))
    client.cookies["language"] = "en"
    return client


def make_trading_store(company: Company, *, feeds: tuple[str, ...] = ALL_FEEDS) -> Store:
    """100 orders of 20 USD before, 120 of 25 USD in the last 90 days; 3 of 100, then 6 of 120 disputed."""
    store = Store.objects.create(
        company=company, store_no="S1", name="Store", opened_at=NOW - timedelta(days=900), primary_category="toys"
    )
    Feed.objects.bulk_create(Feed(store=store, kind=kind, known_until=NOW, supplied_at=NOW) for kind in feeds)
    for back, orders, price, disputed, hours in ((100, 100, 2_000, 3, 20), (10, 120, 2_500, 6, 25)):
        Fact.objects.create(
            store=store,
            day=TODAY - timedelta(days=back),
            orders_paid=orders,
            gmv_cents_usd=orders * price,
            settled=orders,
            disputes_opened_orders=disputed,
            shipped=orders,
            handling_seconds=orders * hours * 3_600,
        )
    return store


def page_of(browser: Client) -> str:
    html = browser.get(reverse("dashboard:trade", args=["S1"])).content.decode()
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " "))


def figures_of(browser: Client, **query: str) -> dict[str, dict[str, str]]:
    body = b"".join(browser.get(reverse("dashboard:trade_file", args=["S1", "csv"]), {"form": "machine", **query}))
    return {row["metric"]: row for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))}


@pytest.mark.rule("TM-09", "PG-15")
def test_the_twelve_of_tm09_stand_beside_the_period_before(browser: Client, company: Company) -> None:
    make_trading_store(company)
    rows = figures_of(browser)
    assert tuple(rows) == TWELVE
    shown = {code: [rows[code][name] for name in ("value", "previous_value", "change")] for code in TWELVE[:3]}
    assert shown == {
        "orders": ["120.0000000000", "100.0000000000", "0.2000000000"],
        "gmv": ["3000.0000000000", "2000.0000000000", "0.5000000000"],
        "aov": ["25.0000000000", "20.0000000000", "0.2500000000"],
    }
    disputes = rows["sla_dispute_rate"]
    assert [disputes[name] for name in ("value", "previous_value", "change", "change_kind", "level")] == [
        "0.0500000000", "0.0300000000", "0.0200000000", "difference", "red",
    ]  # fmt: skip
    assert (disputes["numerator"], disputes["denominator"]) == ("6", "120")
    assert (disputes["day"], disputes["previous_day"]) == ("2026-06-19", "2026-03-21")


@pytest.mark.rule("DP-13")
def test_dp13_dispute_rate_stands_beside_the_reference_of_all_the_platform(browser: Client, company: Company) -> None:
    make_trading_store(company)
    words = page_of(browser)
    assert "all platform: 2.37 %, store +2.63 points" in words
    assert "5.00 % 6 of 120" in words
    assert "+2.00 points worse" in words
    assert figures_of(browser)["sla_dispute_rate"]["reference"] == "0.0237"


def test_benchmark_names_its_source_and_sums_have_none(browser: Client, company: Company) -> None:
    make_trading_store(company)
    for code in ("sla_dispute_rate", "orders"):
        ImportedBenchmark.objects.create(category="toys", day=TODAY, metric=code, value=Decimal("0.021"))
    rows = figures_of(browser)
    assert rows["sla_dispute_rate"]["benchmark"] == "0.0210000000"
    assert rows["sla_dispute_rate"]["benchmark_source"] == "imported"
    assert rows["orders"]["benchmark"] == rows["orders"]["benchmark_source"] == ""
    assert "2.10 % supplied for the category" in page_of(browser)


def test_missing_feeds_and_few_orders_are_said_not_shown_as_zero(browser: Client, company: Company) -> None:
    make_trading_store(company, feeds=("orders",))
    rows = figures_of(browser)
    assert (rows["refund_rate"]["value"], rows["refund_rate"]["level"]) == ("", "no_data")
    assert (rows["avg_transit_days"]["value"], rows["avg_transit_days"]["level"]) == ("", "few")
    assert "Refund rate – no data" in page_of(browser)


def test_another_day_is_kept_in_every_link(browser: Client, company: Company) -> None:
    make_trading_store(company)
    page = browser.get(reverse("dashboard:trade", args=["S1"]), {"day": "2026-03-21"}).content.decode()
    for name in ("carriers", "platform"):
        assert f"{reverse(f'dashboard:{name}', args=['S1'])}?day=2026-03-21" in page
    assert f"{reverse('dashboard:trade_file', args=['S1', 'parquet'])}?day=2026-03-21" in page
    assert f"{reverse('dashboard:metric', args=['S1', 'aov'])}?day=2026-03-21" in page
    assert figures_of(browser, day="2026-03-21")["orders"]["value"] == "100.0000000000"


@pytest.mark.slow
def test_page_reads_as_often_for_much_data_as_for_little(browser: Client, company: Company) -> None:
    store = make_trading_store(company)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert browser.get(reverse("dashboard:trade", args=["S1"])).status_code == 200
        return len(caught)

    queries()
    before = queries()
    Fact.objects.bulk_create(
        Fact(store=store, day=TODAY - timedelta(days=back), orders_paid=5, shipped=5) for back in range(11, 90)
    )
    assert queries() == before <= 25


def test_store_without_data_says_how_it_comes(browser: Client, company: Company) -> None:
    Store.objects.create(company=company, store_no="S1", name="Store")
    assert "No data yet" in page_of(browser)


@pytest.mark.rule("PG-15", "RL-12")
def test_the_file_for_people_has_each_figure_in_its_unit(browser: Client, company: Company) -> None:
    make_trading_store(company)
    text = browser.get(reverse("dashboard:trade_file", args=["S1", "csv"])).getvalue().decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0] == (
        "Metric,Day,Days of the window,Value,Numerator,Denominator,Day before,Value before,Change in points,Change,"
        "Category benchmark,Source of the benchmark,All of the platform,Yellow line,Red line,Level"
    )
    rows = {row["Metric"]: row for row in csv.DictReader(lines)}
    shown = {
        title: [rows[title][name] for name in ("Value", "Value before", "Change in points", "Change")]
        for title in ("Orders", "Gross merchandise value", "Dispute rate, service level")
    }
    assert shown == {
        "Orders": ["120", "100", "", "20%"],
        "Gross merchandise value": ["3000.00", "2000.00", "", "50%"],
        "Dispute rate, service level": ["5%", "3%", "2", ""],
    }
    workbook = browser.get(reverse("dashboard:trade_file", args=["S1", "xlsx"])).getvalue()
    cells = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in cells[1:]] == list(rows)
