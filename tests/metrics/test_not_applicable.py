"""Metrics that do not apply to a store's category (DM-31): value shown, no lines, level ``na`` before all other words,
in no composite, no notice, no forecast."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from metrics.facts.updating import apply_dirty
from metrics.models import Published
from metrics.services.night import run_night
from notifications.models import Notice
from rulebook.shipped import SHIPPED as SHIPPED_POLICY
from stores.models import Category, Store, StorePeriod
from stores.reference import resolve_categories
from tests.metrics.edges import DAY, Edges, publish
from tests.metrics.making import DAY as NIGHT
from tests.metrics.making import NOW, make_orders, make_store
from tests.oracle.policy import SHIPPED
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("DM-31")]
ALL_LATE = {"dispatch_due": 100, "dispatch_late": 100, "outcomes": 100, "undelivered": 100, "orders_paid": 100,
            "defect_orders": 2}  # fmt: skip


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize("opened", ["2020-01-01T00:00:00Z", "2024-03-10T00:00:00Z"], ids=["old", "silent"])
@pytest.mark.parametrize("missing", ["nothing", "feeds", "last day", "orders"])
def test_na_stands_before_every_other_word(missing: str, opened: str) -> None:
    edges = Edges()
    edges.store("S", primary_category="airy", opened_at=opened)
    edges.add("S", DAY, **{name: count // (50 if missing == "orders" else 1) for name, count in ALL_LATE.items()})
    if missing == "feeds":
        edges.feeds -= {"orders"}
    elif missing == "last day":
        edges.known["orders"] = "2024-03-13T00:00:00Z"
    scorecard = edges.judged(codes=["late_dispatch", "delivered"])["S"]
    assert {code: str(result.level) for code, result in scorecard.items()} == {"late_dispatch": "na", "delivered": "na"}
    for result in scorecard.values():
        assert (result.yellow, result.red, result.preview) == (None, None, None)
        assert (result.value.value is None) == (missing == "feeds")


def test_other_lines_of_virtual_goods_are_scaled() -> None:
    edges = Edges()
    for store, failures in (("within", 12), ("over", 13)):
        edges.store(store, primary_category="airy")
        edges.add(store, DAY, orders_paid=1_000, defect_orders=failures)
    assert edges.levels("odr") == {"within": "ok", "over": "red"}


def test_what_does_not_apply_is_in_no_composite() -> None:
    virtual = {"odr": "1.2", "late_dispatch": None, "delivered": None, "reply_missed": None, "positive_rate": None}
    start = datetime(2024, 1, 1, tzinfo=UTC)
    publish(start, factors__category={**SHIPPED_POLICY["factors.category"]["value"], "virtual": virtual})
    edges = Edges()
    exempt = SHIPPED.flag_exempt | {("virtual", "reply_missed"), ("virtual", "positive_rate")}
    edges.policy = [(0, SHIPPED), (int(start.timestamp()), replace(SHIPPED, flag_exempt=frozenset(exempt)))]
    counts = {"messages_due": 100, "messages_missed": 100, "reviews_positive": 10, "reviews_negative": 90,
              "orders_paid": 100}  # fmt: skip
    for store, category in (("leaf", "leaf"), ("airy", "airy")):
        edges.store(store, primary_category=category)
        edges.add(store, DAY, **counts)
    scorecard = edges.judged(codes=["shs", "sla", "reply_missed", "positive_rate"])
    assert {code: str(result.level) for code, result in scorecard["airy"].items()} == {
        "shs": "ok", "sla": "ok", "reply_missed": "na", "positive_rate": "na",
    }  # fmt: skip
    # Of the virtual store only refunds and cancellations are left, and there are none.
    assert [scorecard["airy"][code].value.value for code in ("shs", "sla")] == [100, 100]
    assert all(scorecard["leaf"][code].value.value < 100 for code in ("shs", "sla"))


@pytest.fixture
def airy() -> Store:
    """A store of virtual goods whose orders are all late."""
    store = make_store()
    Category.objects.create(code="airy", name="airy", flags="virtual")
    resolve_categories()
    Store.objects.update(primary_category="airy", opened_at=NOW - timedelta(days=900))
    StorePeriod.objects.update(primary_category="airy")
    make_orders(store, 20)
    apply_dirty()
    store.refresh_from_db()
    return store


def test_a_night_publishes_na_and_no_notice(airy: Store) -> None:
    run_night(day=NIGHT, at=NOW)
    scorecard = Published.objects.get(calendar="performance").scorecard
    assert (scorecard["late_dispatch"]["level"], scorecard["late_dispatch"]["numerator"]) == ("na", 20)
    assert not {"yellow", "red"} & scorecard["late_dispatch"].keys()
    assert scorecard["delivered"]["level"] == "na"
    assert not Notice.objects.exists()


def test_na_is_exported_and_explained(airy: Store, tmp_path) -> None:
    run_night(day=NIGHT, at=NOW)
    out = tmp_path / "cards.csv"
    call_command("export", "scorecards", out=out, stdout=StringIO())
    with out.open(encoding="utf-8-sig", newline="") as file:
        (row,) = [row for row in csv.DictReader(file) if row["metric"] == "late_dispatch"]
    assert (row["value"], row["level"], row["threshold_yellow"], row["threshold_red"]) == ("1.0000000000", "na", "", "")
    text = StringIO()
    call_command("explain", store="S1", metric="late_dispatch", day=date(2026, 3, 10), stdout=text)
    assert "level: na" in text.getvalue()
    assert "\ndoes not apply to this category\n" in text.getvalue()


@pytest.mark.parametrize(("language", "word"), [("en", "does not apply"), ("zh-hans", "不适用")])
def test_pages_say_that_it_does_not_apply(airy: Store, language: str, word: str) -> None:
    run_night(day=NIGHT, at=NOW)
    seller = client_of(make_person("owner", airy.company))
    day = f"?day={NIGHT.isoformat()}"
    seller.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    panel = seller.get(reverse("dashboard:panel", args=["S1"]) + day)
    metric = reverse("dashboard:metric", args=["S1", "late_dispatch"]) + day
    assert metric in {tile.url for tile in panel.context["quiet"]}
    for name, code in (("panel", None), ("metric", "late_dispatch"), ("what_if", None), ("trade", None)):
        page = seller.get(reverse(f"dashboard:{name}", args=["S1", code] if code else ["S1"]) + day)
        assert page.status_code == 200
        if name != "trade":
            assert word in page.content.decode(), name
    assert page.status_code == 200
