"""Orders that the platform ships itself: what counts of them, and what is said and asked of them (MX-04a)."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from dashboard.queries.order_tabs import BY_CODE
from metrics.counters import COUNTERS
from metrics.facts.updating import apply_dirty
from metrics.models import Fact, SiteFact
from orders.models import Order
from orders.queries.todo import open_work
from stores.models import Store
from tests.intake.helpers import take, write
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.rule("MX-04a")]
NAMES = [counter.name for counter in COUNTERS]
PAID = "2026-03-02T12:00:00Z"
HEAD = (
    "store_no,order_no,site,created_at,paid_at,dispatch_confirmed_at,shipped_at,estimated_delivery_at,delivered_at,"
    "confirmed_at,confirmed_by,cancelled_at,cancelled_by,refunded_at,total_amount,currency,fulfilled_by"
)
# Shipped, delivered and confirmed late; never arrived and disputed; never shipped, and cancelled by the seller.
LIVES = (
    f"{PAID},{PAID},,2026-03-07T12:00:00Z,2026-03-10T12:00:00Z,2026-03-12T12:00:00Z,2026-03-13T12:00:00Z,buyer,,,",
    f"{PAID},{PAID},,2026-03-03T12:00:00Z,2026-03-10T12:00:00Z,,,,,,",
    f"{PAID},{PAID},,,,,,,2026-03-20T12:00:00Z,seller,",
)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEPT = {
    "orders_paid": 3, "gmv_cents_usd": 3_000, "cancelled_by_seller": 1, "disputes_opened_orders": 1, "settled": 2,
    "disputes_closed": 1, "disputes_seller_liable": 1, "defect_orders": 2, "reviews_positive": 1, "successes": 1,
    "described_n": 1, "described_sum": 5, "u_reviews": 1, "r_value_n": 1, "r_value_cents_usd": 1_000,
    "messages_due": 1, "messages_missed": 1,
}  # fmt: skip
LEFT = {
    "dispatch_due": 3, "dispatch_late": 2, "shipped": 2, "shipped_over_72h": 1, "handling_seconds": 6 * 86_400,
    "unconfirmed": 3, "delivery_due": 2, "delivery_late": 2, "outcomes": 2, "undelivered": 1, "trace_incomplete": 2,
    "transit_seconds": 5 * 86_400, "deliveries": 1, "logistics_abnormal": 2, "r_dispatch_n": 1, "r_dispatch_late": 1,
    "r_delivery_n": 1, "r_delivery_late": 1, "u_delivery_due": 2, "u_delivery_late": 2,
}  # fmt: skip


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def lives(folder: Path, by: str) -> Store:
    orders = [f"S1,{number},ES,{life},10,USD,{by}" for number, life in enumerate(LIVES)]
    take(
        write(
            folder,
            stores="store_no,name\nS1,One\n",
            orders="\n".join([HEAD, *orders]) + "\n",
            disputes="store_no,dispute_no,order_no,kind,opened_at,closed_at,liability\n"
            "S1,D,1,not_received,2026-03-25T12:00:00Z,2026-03-30T12:00:00Z,seller\n",
            reviews="store_no,order_no,created_at,described\nS1,0,2026-03-13T13:00:00Z,5\n",
            messages="store_no,message_no,order_no,sent_at,sender,text\nS1,M,1,2026-03-20T12:00:00Z,buyer,Where?\n",
            tracking_events="store_no,order_no,at,kind\n",
        ),
        as_of=NOW,
    )
    apply_dirty()
    return Store.objects.get(store_no="S1")


def counted() -> dict[str, int]:
    rows = Fact.objects.values(*NAMES)
    totals = {name: sum(row[name] for row in rows) for name in NAMES}
    return {name: total for name, total in totals.items() if total}


@pytest.mark.parametrize(("by", "expected"), [("", KEPT | LEFT), ("seller", KEPT | LEFT), ("platform", KEPT)])
def test_only_what_is_no_dispatch_and_no_carriage_counts(tmp_path, by: str, expected: dict[str, int]) -> None:
    lives(tmp_path, by)
    assert counted() == expected
    assert SiteFact.objects.exists() == (by != "platform")


def test_a_change_of_who_ships_moves_the_facts(tmp_path) -> None:
    lives(tmp_path / "1", "seller")
    rows = "".join(f"S1,{number},{PAID},10,USD,platform\n" for number in range(3))
    head = "store_no,order_no,created_at,total_amount,currency,fulfilled_by\n"
    take(write(tmp_path / "2", orders=head + rows), as_of=NOW + timedelta(days=1))
    apply_dirty()
    assert counted() == KEPT


def test_explanations_say_why_they_are_left_out(tmp_path) -> None:
    store = lives(tmp_path, "platform")
    out = StringIO()
    call_command("explain", store=store.store_no, metric="late_dispatch", day=date(2026, 3, 20), stdout=out)
    text = out.getvalue()
    assert "shipped by the platform: not judged on dispatch or carriage" in text
    assert "MX-04a" in text


def test_nobody_in_the_store_is_asked_to_ship_them(tmp_path) -> None:
    head = "store_no,order_no,created_at,paid_at,shipped_at,total_amount,currency,fulfilled_by\n"
    made = [("", "platform"), ("", "seller"), (PAID, "platform"), (PAID, "seller")]
    rows = [f"S1,{number},{PAID},{PAID},{shipped},10,USD,{by}\n" for number, (shipped, by) in enumerate(made)]
    take(write(tmp_path, stores="store_no,name\nS1,One\n", orders=head + "".join(rows)), as_of=NOW)
    store, at = Store.objects.get(), datetime(2026, 3, 5, 12, tzinfo=UTC)
    shown = {
        code: sorted(order.order_no for order in BY_CODE[code].rows(store, at))
        for code in ("confirm", "ship", "late", "soon", "later", "undated", "act", "abnormal", "transit")
    }
    assert shown == {
        "confirm": [], "ship": ["1"], "late": [], "soon": ["1"], "later": [], "undated": [], "act": ["1"],
        "abnormal": ["3"], "transit": ["2", "3"],
    }  # fmt: skip
    work = open_work(store_id=store.id, at=at, confirmations=True)
    assert [pile.count for pile in (work.to_confirm, work.late, work.soon, work.later)] == [0, 0, 1, 0]


def test_the_order_page_says_who_ships_and_asks_nothing(tmp_path) -> None:
    store = lives(tmp_path, "platform")
    seller = client_of(make_person("owner", store.company))
    for number in Order.objects.values_list("order_no", flat=True):
        response = seller.get(reverse("dashboard:order", args=["S1", number]), headers={"accept-language": "en"})
        assert "not judged on dispatch or carriage" in response.content.decode()
        assert response.context["todo"] == []
        assert "shipped by the platform" in [badge.word for badge in response.context["badges"]]
        assert not any(entry.text.startswith("missed by") for entry in response.context["entries"])
