"""Official against other carriers, in a store and in all (DP-18)."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from html import unescape

import pytest
import time_machine
from django.urls import reverse

from core.timebase import performance_day
from disputes.models import Dispute
from insights.queries.carriers import SHIPPED, all_carriers, claim_count, count_all_carriers, store_carriers
from insights.rules.carriers import Cell, added, shareable, value_of
from metrics.facts.updating import apply_dirty
from metrics.scorecards.loading import load_spans
from orders.models import Order
from stores.models import Carrier, Company, Feed, Store
from tests.metrics.making import make_store, touch
from tests.stores.people import client_of, make_person

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-06-20T06:00:00+00:00")
PAID = NOW - timedelta(days=20)
DAY = performance_day(NOW - timedelta(days=1))
LANES = ("", "ES", "FR", "US")


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def carriers() -> None:
    Carrier.objects.all().delete()
    Carrier.objects.create(code="OFF", name="Official Post", official=True)
    Carrier.objects.create(code="OWN", name="Own Courier", official=False)


def make_parcels(store: Store, carrier: str, count: int, *, days: int, disputed: int = 0) -> None:
    """Orders dispatched after a day and delivered ``days`` later, the first ``disputed`` of them in dispute."""
    shipped = PAID + timedelta(days=1)
    orders = [
        Order.objects.create(
            store=store, order_no=f"{store.store_no}-{carrier}-{number}", created_at=PAID, paid_at=PAID,
            shipped_at=shipped, carrier=carrier, delivered_given=shipped + timedelta(days=days),
            estimated_delivery_at=shipped + timedelta(days=7), confirmed_at=shipped + timedelta(days=days),
            total_amount=10, currency="USD", total_usd=10,
        )
        for number in range(count)
    ]  # fmt: skip
    for order in orders[:disputed]:
        Dispute.objects.create(
            store=store, order=order, dispute_no=order.order_no, kind="quality", opened_at=shipped + timedelta(days=2)
        )
    touch(store, orders)


def make_known(store: Store, *kinds: str) -> Store:
    Feed.objects.filter(store=store).update(known_until=NOW)
    for kind in kinds:
        Feed.objects.create(store=store, kind=kind, known_until=NOW, supplied_at=NOW)
    return store


@pytest.mark.rule("DP-18")
def test_dp18_a_store_compares_its_carriers_in_the_words_of_its_metrics() -> None:
    store = make_known(make_store(), "disputes")
    make_parcels(store, "OFF", 20, days=5, disputed=1)
    make_parcels(store, "OWN", 10, days=9, disputed=2)
    apply_dirty()
    found = store_carriers(load_spans([store], DAY, DAY)[store.id], DAY)
    cells = {("official" if group.official else "other"): group.cells for group in found.groups}
    assert {name: (c[SHIPPED].lower, c["sla_dispute_rate"], c["delivery_late"]) for name, c in cells.items()} == {
        "official": (20, Cell(1, 20, 1), Cell(0, 20, 1)),
        "other": (10, Cell(2, 10, 1), Cell(10, 10, 1)),
    }
    assert value_of("avg_transit_days", cells["other"]["avg_transit_days"], 10).value == 9
    # The tracking feed never came: no abnormal parcels are said, not none.
    assert "logistics_abnormal" not in cells["official"]
    totals = load_spans([store], DAY, DAY)[store.id].value("sla_dispute_rate", DAY)
    assert (totals.numerator, totals.denominator) == (3, 30)


def test_orders_without_carrier_or_long_past_are_left_out() -> None:
    store = make_known(make_store(), "disputes")
    make_parcels(store, "", 3, days=5)
    make_parcels(store, "OFF", 2, days=5)
    Order.objects.filter(carrier="OFF", order_no__endswith="-0").update(created_at=NOW - timedelta(days=400))
    apply_dirty()
    (group,) = store_carriers(load_spans([store], DAY, DAY)[store.id], DAY).groups
    assert group.cells[SHIPPED] == Cell(1, 1, 1)


def test_all_stores_are_shown_only_where_enough_contribute() -> None:
    stores = [make_known(make_store(f"S{number}"), "disputes") for number in range(5)]
    for store in stores:
        make_parcels(store, "OFF", 2, days=5)
    for store in stores[:4]:
        make_parcels(store, "OWN", 2, days=9)
    apply_dirty()
    assert all_carriers(DAY) is None
    assert count_all_carriers(DAY) == 2
    found = all_carriers(DAY)
    assert found is not None
    assert [(group.official, group.cells[SHIPPED], len(group.lines)) for group in found.groups] == [
        (True, Cell(10, 10, 5), 1)
    ]


def test_groups_are_sums_of_what_is_shown_so_no_difference_tells_a_store() -> None:
    many, few = {"delivered": Cell(1, 50, 5)}, {"delivered": Cell(9, 10, 1), SHIPPED: Cell(10, 10, 4)}
    kept = shareable({"A": many, "B": few}, 5)
    assert kept == {"A": many}
    assert added(kept.values()) == many


def test_small_numbers_are_marked() -> None:
    assert value_of("delivered", Cell(1, 9, 1), 10).sufficient is False
    assert value_of("delivered", Cell(1, 10, 1), 10).value == Fraction(9, 10)
    assert value_of("delivered", None, 10).value is None


def test_count_is_asked_for_once() -> None:
    assert [claim_count(DAY), claim_count(DAY)] == [True, False]


def test_page_shows_both_tables_and_htmx_the_block_alone() -> None:
    store = make_known(make_store(), "disputes")
    make_parcels(store, "OFF", 20, days=5, disputed=1)
    make_parcels(store, "OWN", 9, days=9)
    apply_dirty()
    browser = client_of(make_person("owner", Company.objects.get()))
    browser.cookies["language"] = "en"
    address = reverse("dashboard:carriers", args=[store.store_no])
    page = _words(browser.get(address).content.decode())
    assert "Official carriers 20 5.00 % 100.00 % 0.00 % – 5.00 d Official Post 20" in page
    assert "Other carriers 9 0.00 % few orders" in page
    assert "are being counted" in page
    count_all_carriers(DAY)
    block = browser.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in block
    assert "at least 5 stores contribute" in _words(block)
    part = browser.get(address, {"part": "all"}, headers={"HX-Request": "true"}).content.decode()
    assert "This store" not in part


@pytest.mark.rule("DP-18", "BX-02")
@pytest.mark.sqlite_only
def test_carriers_are_compared_on_one_lane() -> None:
    store = make_known(make_store(), "disputes")
    make_parcels(store, "OFF", 20, days=5, disputed=1)
    make_parcels(store, "OWN", 10, days=9, disputed=2)
    Order.objects.filter(order_no__in=["S1-OFF-0", "S1-OFF-1", "S1-OWN-9"]).update(site="ES")
    Order.objects.exclude(site="ES").update(site="FR")
    apply_dirty()
    span = load_spans([store], DAY, DAY)[store.id]
    lanes = {site: [group.cells[SHIPPED].lower for group in store_carriers(span, DAY, site).groups] for site in LANES}
    assert lanes == {"": [20, 10], "ES": [2, 1], "FR": [18, 9], "US": []}
    browser = client_of(make_person("owner", Company.objects.get()))
    browser.cookies["language"] = "en"
    address = reverse("dashboard:carriers", args=[store.store_no])
    lane = _words(browser.get(address, {"site": "ES"}).content.decode())
    assert "Carriers of this store, orders to Spain" in lane
    assert "Official Post 2 50.00 % few orders" in lane
    assert "Official Post 20 5.00 %" in _words(browser.get(address, {"site": "nowhere"}).content.decode())


def _words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " "))
