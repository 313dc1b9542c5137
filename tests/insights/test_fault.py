"""Whose fault a failure is, by criteria (BX-10), and sync failures (BX-13)."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.urls import reverse

from core.timebase import performance_day
from disputes.models import Dispute
from insights.queries.faults import metric_faults, signal_sql, sync_failures
from insights.rules.fault import CRITERIA, SIGNALS, Party, fault_of, faults_of, has_faults, sync_gap
from metrics.catalogue import METRICS, problem_counters
from metrics.facts.updating import apply_dirty
from metrics.scorecards.loading import load_days
from orders.models import Order, Protection, TrackingEvent
from stores.models import Company, Feed, Store
from tests.metrics.making import make_store, touch
from tests.stores.people import client_of, make_person

pytestmark = pytest.mark.sqlite_only

NOW = datetime.fromisoformat("2026-06-20T06:00:00+00:00")
PAID = NOW - timedelta(days=20)
SHIP_BY = PAID + timedelta(hours=72)
HOUR = timedelta(hours=1)
DAY = performance_day(NOW - timedelta(days=1))


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def test_every_failure_of_every_metric_has_criteria_over_known_signals() -> None:
    counters = {name for code in METRICS if has_faults(code) for name in problem_counters(code)}
    assert counters <= set(CRITERIA)
    used = {name for rows in CRITERIA.values() for row in rows for name in (*row.having, *row.without)}
    assert used == set(SIGNALS)


@pytest.mark.rule("BX-10")
@pytest.mark.parametrize(
    ("counter", "signals", "party"),
    [
        ("dispatch_late", "dispatched_late", Party.SELLER),
        ("dispatch_late", "dispatched_late sync_failure scanned shipped", Party.PLATFORM),
        ("shipped_over_72h", "shipped", Party.SELLER),
        ("shipped_over_72h", "shipped scanned scanned_soon", Party.PLATFORM),
        ("cancelled_by_seller", "cancelled_by_seller", Party.SELLER),
        ("delivery_late", "shipped scanned", Party.CARRIER),
        ("delivery_late", "shipped scanned dispatched_late", Party.SELLER),
        ("delivery_late", "shipped scanned dispatched_late sync_failure", Party.CARRIER),
        ("delivery_late", "shipped", Party.SELLER),
        ("undelivered", "shipped scanned returned_or_lost", Party.CARRIER),
        ("undelivered", "shipped scanned cancelled_by_buyer", Party.BUYER),
        ("undelivered", "shipped", Party.SELLER),
        ("logistics_abnormal", "shipped scanned scanned_late", Party.SELLER),
        ("logistics_abnormal", "shipped scanned", Party.CARRIER),
        ("disputes_opened_orders", "verdict_carrier shipped scanned", Party.CARRIER),
        ("disputes_opened_orders", "verdict_seller withdrawn", Party.SELLER),
        ("disputes_opened_orders", "withdrawn", Party.BUYER),
        ("disputes_opened_orders", "not_received shipped scanned", Party.CARRIER),
        ("disputes_opened_orders", "not_received shipped scanned delivered", Party.UNKNOWN),
        ("disputes_opened_orders", "shipped scanned delivered", Party.UNKNOWN),
        ("refunded_orders", "cancelled_by_platform", Party.PLATFORM),
        ("refunded_orders", "shipped scanned delivered", Party.UNKNOWN),
        ("refunded_orders", "", Party.SELLER),
        ("reviews_negative", "shipped scanned delivered delivered_late", Party.CARRIER),
        ("reviews_negative", "shipped scanned delivered", Party.SELLER),
        ("messages_missed", "cancelled_by_buyer", Party.SELLER),
    ],
)
def test_bx10_first_criterion_that_holds_decides(counter: str, signals: str, party: Party) -> None:
    assert fault_of(counter, frozenset(signals.split())).party == party


def test_groups_add_up_by_party() -> None:
    found = faults_of([("dispatch_late", frozenset({"dispatched_late"}), 3), ("dispatch_late", frozenset(), 2)])
    assert (found.total, dict(found.by_party)) == (5, {Party.SELLER: 3, Party.UNKNOWN: 2})


@pytest.mark.rule("BX-13")
def test_bx13_a_sync_failure_was_scanned_in_time_and_recorded_late() -> None:
    late, in_time = SHIP_BY + 9 * HOUR, SHIP_BY - HOUR
    assert sync_gap(SHIP_BY, late, in_time) == 10 * HOUR
    assert sync_gap(SHIP_BY, late, SHIP_BY) == 9 * HOUR
    assert sync_gap(SHIP_BY, late, SHIP_BY + HOUR) is None
    assert sync_gap(SHIP_BY, in_time, in_time) is None
    # A protected event's hours move the deadline, for the scan as for the dispatch.
    assert sync_gap(SHIP_BY, late, SHIP_BY + HOUR, 2) == 8 * HOUR
    assert sync_gap(SHIP_BY, late, in_time, 9) is None
    assert sync_gap(SHIP_BY, None, in_time) is None


@pytest.fixture
def store(db: None) -> Store:
    store = make_store()
    for kind in ("tracking", "disputes"):
        Feed.objects.create(store=store, kind=kind, known_until=NOW, supplied_at=NOW)
    Feed.objects.update(known_until=NOW)
    return store


def make_order(store: Store, number: str, shipped_at: datetime | None, *scans: tuple[str, datetime]) -> Order:
    order = Order.objects.create(
        store=store, order_no=number, created_at=PAID, paid_at=PAID, ship_by_given=SHIP_BY, shipped_at=shipped_at,
        total_amount=10, currency="USD", total_usd=10, carrier="OFF", tracking_no=f"T{number}" if shipped_at else "",
    )  # fmt: skip
    for kind, at in scans:
        TrackingEvent.objects.create(store=store, order=order, at=at, kind=kind)
    return order


def make_late_orders(store: Store) -> None:
    """Two sync failures, one of them only with protected hours, one handed over late, one never dispatched."""
    late, in_time = SHIP_BY + 9 * HOUR, SHIP_BY - HOUR
    orders = [
        make_order(store, "sync", late, ("pickup", in_time)),
        make_order(store, "protected", late, ("pickup", SHIP_BY + HOUR)),
        make_order(store, "late", late, ("pickup", late)),
        make_order(store, "never", None),
        make_order(store, "good", in_time, ("pickup", in_time)),
    ]
    Protection.objects.create(store=store, order=orders[1], event_no="E1", extend_hours=2)
    touch(store, orders)
    apply_dirty()


def test_the_database_counts_by_fault_what_the_rule_says(store: Store) -> None:
    make_late_orders(store)
    store_day = load_days([store], DAY)[store.id]
    found = metric_faults(store_day, "late_dispatch")
    assert (found.total, dict(found.by_party)) == (4, {Party.PLATFORM: 2, Party.SELLER: 2})
    assert store_day.value("late_dispatch").numerator == 4
    assert set(signal_sql()) == set(SIGNALS)


def test_disputes_and_ends_of_parcels_are_read(store: Store) -> None:
    shipped = SHIP_BY - HOUR
    lost = make_order(store, "lost", shipped, ("pickup", shipped), ("lost", shipped + 48 * HOUR))
    gone = make_order(store, "gone", shipped)
    for order, more in ((lost, {"liability": "carrier", "state": "closed"}), (gone, {"state": "withdrawn"})):
        Dispute.objects.create(
            store=store, order=order, dispute_no=order.order_no, kind="quality", opened_at=shipped + 72 * HOUR,
            closed_at=shipped + 96 * HOUR, **more,
        )  # fmt: skip
    touch(store, [lost, gone])
    apply_dirty()
    store_day = load_days([store], DAY)[store.id]
    assert dict(metric_faults(store_day, "dispute_rate").by_party) == {Party.CARRIER: 1, Party.BUYER: 1}
    assert dict(metric_faults(store_day, "delivered").by_party) == {Party.CARRIER: 1}
    assert dict(metric_faults(store_day, "logistics_abnormal").by_party) == {Party.SELLER: 1}


def test_sync_failures_of_each_days_window(store: Store) -> None:
    make_late_orders(store)
    due = performance_day(SHIP_BY)
    found = sync_failures(store.id, due - timedelta(days=1), due + timedelta(days=2), 2)
    assert list(found.values()) == [0, 2, 2, 0]


def test_metric_page_shows_shares_criteria_and_marks_sync_failures(store: Store) -> None:
    make_late_orders(store)
    browser = client_of(make_person("owner", Company.objects.get()))
    browser.cookies["language"] = "en"
    address = reverse("dashboard:faults", args=[store.store_no, "late_dispatch"])
    block = browser.get(address, headers={"HX-Request": "true"}).content.decode()
    words = _words(block)
    assert "<html" not in block
    assert "50 % seller (2) · 50 % platform (2)" in words
    assert "2 are sync failures" in words
    page = _words(browser.get(reverse("dashboard:metric", args=[store.store_no, "late_dispatch"])).content.decode())
    assert page.count("sync failure: number") == 2
    assert "sync failure: number 10 h after the first scan" in page
    assert browser.get(reverse("dashboard:faults", args=[store.store_no, "gmv"])).status_code == 404


def _words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " "))
