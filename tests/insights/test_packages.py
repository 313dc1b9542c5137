"""The raw data package makes the product's number again, in DuckDB and in SQLite (DM-32, IX-12)."""

import csv
import json
import tempfile
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from insights.explanation import event_page, order_lists
from insights.explanation.tallies import COUNTER_OF
from insights.packages import package_chunks
from metrics.catalogue import METRICS, Kind
from metrics.facts.updating import apply_dirty, rebuild_facts
from metrics.models import Fact
from metrics.scorecards.loading import load_spans
from orders.models import Exclusion, Message, Order, Review, TrackingEvent
from rulebook.rules import rounded
from stores.models import Company, Feed, Store
from tests.examples import costly
from tests.insights.packages import run_duckdb, run_sqlite, run_sqlite_shell, unpack
from tests.metrics.test_facts_against_reference import import_bundle
from tests.oracle.generator import random_bundle
from tests.oracle.strategies import bundles, exclusions
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
SEED = 13
CODES = list(METRICS)
COMPOSITES = [code for code, metric in METRICS.items() if metric.kind == Kind.COMPOSITE]


def check(store: Store, code: str, day: date) -> dict[str, Any]:
    """The package's number in both engines is the product's; what it lists as counted and left out, too. Returns the
    manifest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manifest = unpack(package_chunks(store=store, code=code, day=day), folder)
        value = manifest["value"] and manifest["value"]["decimal"]
        expected = (code, manifest["numerator"], manifest["denominator"], value)
        found, events = run_duckdb(folder)
        assert found == expected
        assert run_sqlite(folder) == (expected, events)
        assert_rows_once(folder)
    result = load_spans([store], day, day, codes=[code])[store.pk].value(code, day)
    assert value == (None if result.value is None else format(rounded(result.value, 10), "f"))
    assert (value is None) == bool(manifest["no_value"])
    listed: list[tuple[object, ...]] = []
    for part in manifest.get("parts", [manifest]):
        first = date.fromisoformat(part["window"]["first"])
        lists = order_lists(store_id=store.pk, code=part["metric"], first=first, last=day)
        listed += [(part["metric"], row.tally.name, "", "", row.counted_total) for row in lists if row.counted_total]
        for row in lists:
            with translation.override("en"):
                listed += [
                    (part["metric"], row.tally.name, why.rule, str(why.text), number) for why, number in row.left
                ]
            if row.tally.name in part["sums"] and not COUNTER_OF[row.tally.name].total:
                assert row.counted_total == part["sums"][row.tally.name]
    assert sorted(listed) == events
    return manifest


def assert_rows_once(folder: Path) -> None:
    """Each stored row is in its file once, and every row of an order belongs to one of the orders."""
    orders = [row["id"] for row in rows_of(folder / "orders.csv")]
    for path in folder.glob("*.csv"):
        rows = rows_of(path)
        assert len({tuple(row.values()) for row in rows}) == len(rows), path.name
        assert {row["order_id"] for row in rows if "order_id" in row} <= set(orders), path.name
    assert len(set(orders)) == len(orders)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.rule("DM-32", "MX-06", "DM-34")
@given(bundle=bundles(stores=1), data=st.data())
@settings(costly(3), phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_packages_of_random_bundles_make_the_numbers_again(bundle, data):
    with transaction.atomic():
        import_bundle(bundle)
        orders = {(order.store.store_no, order.order_no): order for order in Order.objects.select_related("store")}
        for place, (kind, key, metric) in enumerate(data.draw(exclusions(bundle))):
            if kind != "dispute" and (order := orders.get(key)):
                exclude(order, kind, metric, f"AP-{place}")
        apply_dirty()
        days = list(Fact.objects.order_by("day").values_list("day", flat=True))
        for code in data.draw(st.lists(st.sampled_from(CODES), min_size=3, max_size=3, unique=True)) if days else ():
            check(Store.objects.get(store_no="S1"), code, data.draw(st.sampled_from(days)))
        transaction.set_rollback(True)


@pytest.fixture
def store() -> Store:
    """A store of forty nasty orders of 2024, some of them with exclusions."""
    import_bundle(random_bundle(SEED, stores=1, orders=40))
    for place, order in enumerate(Order.objects.order_by("id")):
        if place % 3 == 0:
            exclude(order, "order", "late_dispatch", f"AP-{place}")
        if place % 4 == 0:
            exclude(order, "review", "dsr", f"AP-{place}")
    rebuild_facts()
    return Store.objects.get()


@pytest.fixture
def day(store: Store) -> date:
    days = list(Fact.objects.filter(described_n__gt=0).order_by("day").values_list("day", flat=True))
    return days[len(days) // 2]


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-32", "IX-12", "MX-06")
def test_package_makes_the_number_again_in_both_engines(store, day):
    for code in CODES:
        check(store, code, day)


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-32")
def test_order_with_several_disputes_in_the_window_is_packed_once(store):
    closed = [day for day, number in Fact.objects.order_by("day").values_list("day", "disputes_closed") if number]
    assert closed
    for day in closed:
        check(store, "liability_rate", day)


@pytest.mark.sqlite_only
@pytest.mark.rule("IX-12", "RL-14")
def test_package_command_writes_no_personal_data(store, day, tmp_path):
    canary = "CANARY"
    Order.objects.update(buyer_ref=canary, ship_address=canary, buyer_ip_hash=canary, tracking_no=canary)
    Order.objects.update(cancel_reason=canary)
    Review.objects.update(text=canary)
    Message.objects.update(text=canary)
    TrackingEvent.objects.update(text=canary, place=canary, tracking_no=canary)
    out = tmp_path / "out.zip"
    call_command("explain", store=store.store_no, metric="dsr", day=day, package=out, stdout=StringIO())
    manifest = unpack([out.read_bytes()], tmp_path)
    assert manifest["orders"] > 0
    assert not [path.name for path in tmp_path.iterdir() if path != out and canary in path.read_text()]
    shown = run_sqlite_shell(tmp_path)
    assert not shown or shown.endswith(manifest["value"]["decimal"])
    again = tmp_path / "again.zip"
    call_command("explain", store=store.store_no, metric="dsr", day=day, package=again, stdout=StringIO())
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-32", "DP-06", "TM-05")
@pytest.mark.parametrize("code", COMPOSITES)
def test_package_of_a_score_has_the_rows_of_all_its_parts(store, day, code):
    """Few orders are needed here, so that parts count; every order of a part's own package is in that of the score."""
    manifest = check(store, code, day)
    with tempfile.TemporaryDirectory() as name:
        whole = Path(name)
        unpack(package_chunks(store=store, code=code, day=day), whole)
        orders = {row["id"] for row in rows_of(whole / "orders.csv")}
    for part in manifest["parts"]:
        with tempfile.TemporaryDirectory() as name:
            unpack(package_chunks(store=store, code=part["metric"], day=day), Path(name))
            assert {row["id"] for row in rows_of(Path(name) / "orders.csv")} <= orders


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-32", "IX-12")
def test_every_metric_has_an_explanation_a_page_and_a_package(store, day, tmp_path):
    member = client_of(make_person("member", store.company, "analyst"))
    for code in CODES:
        (tmp_path / code).mkdir()
        assert_explained(store, day, code, member, tmp_path / code)


def assert_explained(store: Store, day: date, code: str, client: Client, tmp_path: Path) -> None:
    for more in ({}, {"json": True}):
        out = StringIO()
        call_command(
            "explain", store=store.store_no, metric=code, day=day, package=tmp_path / "x.zip", stdout=out, **more
        )
        assert code in out.getvalue()
    data = json.loads(out.getvalue())
    assert data["metric"] == code
    assert bool(data["no_value"]) == ("value" not in data)
    page = client.get(reverse("dashboard:metric", args=[store.store_no, code]), {"day": day.isoformat()})
    assert reverse("dashboard:package", args=[store.store_no, code]) in page.content.decode()
    answer = client.get(reverse("dashboard:package", args=[store.store_no, code]), {"day": day.isoformat()})
    assert unpack(answer.streaming_content, tmp_path)["metric"] == code


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-32", "MX-05", "MX-07")
def test_package_without_a_value_says_why(store):
    """Long before the first order there is nothing to divide by; without feeds there is no data."""
    empty = {code: check(store, code, date(2019, 1, 1)) for code in CODES}
    assert {code: bool(found["no_value"]) for code, found in empty.items()} == {
        code: METRICS[code].kind != Kind.SUM for code in CODES
    }
    Feed.objects.filter(store=store).delete()
    for code in CODES:
        # What the engines do with nothing was seen above.
        with tempfile.TemporaryDirectory() as name:
            silent = unpack(package_chunks(store=store, code=code, day=date(2019, 1, 1)), Path(name))
        assert silent["no_value"]
        if METRICS[code].kind != Kind.COMPOSITE:
            assert "never supplied" in silent["no_value"]
        else:
            assert all(part["left_out"] for part in silent["parts"])


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-12")
def test_texts_are_harmless_to_spreadsheets_and_come_back_whole(store, day, tmp_path):
    for place, order in enumerate(Order.objects.order_by("id")[:2]):
        Order.objects.filter(pk=order.pk).update(order_no=("=1+1", "'=1+1")[place], paid_at=day_middle(day))
    unpack(package_chunks(store=store, code="orders", day=day), tmp_path)
    text = (tmp_path / "orders.csv").read_text()
    assert ",'=1+1," in text
    assert ",''=1+1," in text


@pytest.mark.rule("DM-32")
def test_pages_of_events_hold_each_event_once(store, day, monkeypatch):
    monkeypatch.setattr("insights.explanation.counted_orders.PAGE", 3)
    first = day - timedelta(days=29)
    (late, due) = order_lists(store_id=store.pk, code="late_dispatch", first=first, last=day, limit=1000)
    for row in (late, due):
        for left_out, whole in ((False, row.counted), (True, row.left_out)):
            found, after = [], ""
            while True:
                page = event_page(
                    store_id=store.pk, code="late_dispatch", name=row.tally.name, left_out=left_out,
                    first=first, last=day, after=after,
                )  # fmt: skip
                found += page.events
                if not (after := page.next):
                    break
            assert found == whole


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-34")
def test_left_out_orders_carry_the_number_of_the_cause(store, day):
    lists = order_lists(store_id=store.pk, code="late_dispatch", first=day - timedelta(29), last=day, limit=1000)
    causes = [event.cause for event in lists[0].left_out if event.condition and event.condition.rule == "DM-34"]
    assert all(cause.startswith("AP-") for cause in causes)


def day_middle(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 6, tzinfo=UTC)


def exclude(order: Order, kind: str, metric: str, cause: str) -> None:
    Exclusion.objects.create(
        store=order.store, order=order, subject_kind=kind, subject_id=order.pk, metric=metric, cause_no=cause,
        created_at=0,
    )  # fmt: skip


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-32", "RL-08", "PG-04")
def test_page_offers_the_package_and_the_orders_to_members_only(store, day, tmp_path):
    member = client_of(make_person("member", store.company, "analyst"))
    page = member.get(reverse("dashboard:metric", args=[store.store_no, "late_dispatch"]), {"day": day.isoformat()})
    for name in ("events", "package"):
        assert reverse(f"dashboard:{name}", args=[store.store_no, "late_dispatch"]) in page.content.decode()
    address = reverse("dashboard:package", args=[store.store_no, "late_dispatch"])
    answer = member.get(address)
    assert answer["Content-Type"] == "application/zip"
    assert unpack(answer.streaming_content, tmp_path)["metric"] == "late_dispatch"
    listed = reverse("dashboard:events", args=[store.store_no, "late_dispatch"])
    for query in ({}, {"out": "1"}, {"part": "dispatch_due", "after": "x~y"}):
        assert member.get(listed, query).status_code == 200
    other = client_of(make_person("stranger", Company.objects.create(company_no="X", name="X")))
    assert {other.get(address).status_code, other.get(listed).status_code} == {404}
