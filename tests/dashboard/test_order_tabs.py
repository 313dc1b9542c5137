"""The tabs of the order list: what each holds, in which order, and its count (PG-06, TM-02, TM-03, DM-20)."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.models import Deadline
from dashboard.queries.order_tabs import BY_CODE, TABS
from disputes.models import Dispute
from disputes.services.clocks import derive_dispute_clocks
from orders.models import Order, OrderCount, RaisedFlag, ReturnParcel, Review
from orders.queries import Filters, Question, listing, tab_counts
from stores.models import Store
from tests.dashboard.test_order_list import numbers, seller, shown, store, walk
from tests.orders.build import DAY, HOUR, NOW, derive, make_order, scan

__all__ = ["seller", "store"]

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.rule("TM-02", "PG-06")
def test_to_confirm_holds_unconfirmed_orders_until_the_hours_are_over(store: Store, seller: Client) -> None:
    on_the_line = make_order(store, paid_at=NOW - 4 * HOUR)
    fresh = make_order(store, paid_at=NOW - HOUR)
    make_order(store, paid_at=NOW - 4 * HOUR - timedelta(seconds=1))
    make_order(store, paid_at=NOW - HOUR, dispatch_confirmed_at=NOW)
    make_order(store, paid_at=NOW - HOUR, is_presale=True)
    make_order(store, paid_at=NOW - HOUR, shipped_at=NOW)
    make_order(store)
    assert shown(seller, store, tab="confirm") == numbers(on_the_line, fresh)


@pytest.mark.rule("TM-03", "PG-06")
def test_stalled_holds_parcels_whose_trace_fell_silent_longest_first(store: Store, seller: Client) -> None:
    orders = [make_order(store, paid_at=NOW - 9 * DAY, shipped_at=NOW - 8 * DAY) for _ in range(4)]
    flags = (("stalled_48h", 2, None), ("stalled_72h", 5, None), ("stalled_48h", 6, NOW), ("no_first_scan", 7, None))
    for order, (code, days, cleared) in zip(orders, flags, strict=True):
        RaisedFlag.objects.create(
            store=store, order=order, code=code, since=NOW - days * DAY, raised_at=NOW, cleared_at=cleared
        )
    assert shown(seller, store, tab="stalled") == numbers(orders[1], orders[0])


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-20", "PG-06")
def test_to_ship_puts_the_overdue_first_and_tells_of_presale_without_a_date(store: Store, seller: Client) -> None:
    later = make_order(store, paid_at=NOW - DAY)
    overdue = make_order(store, paid_at=NOW - 4 * DAY)
    undated = make_order(store, paid_at=NOW - DAY, is_presale=True)
    make_order(store, paid_at=NOW - DAY, cancelled_at=NOW)
    assert shown(seller, store, tab="ship") == numbers(overdue, later)
    page = seller.get(reverse("dashboard:orders", args=[store.store_no]), {"tab": "ship"}).content.decode()
    assert "1 presale order has no dispatch deadline" in page
    assert "overdue by 24:00:00" in page
    assert shown(seller, store, tab="undated") == numbers(undated)


@pytest.mark.rule("TM-03", "PG-06")
def test_transit_and_abnormal_follow_the_scans(store: Store, seller: Client) -> None:
    moving = make_order(store, paid_at=NOW - 9 * DAY, shipped_at=NOW - 4 * DAY)
    silent = make_order(store, paid_at=NOW - 9 * DAY, shipped_at=NOW - 5 * DAY)
    back = make_order(store, paid_at=NOW - 9 * DAY, shipped_at=NOW - 6 * DAY)
    scan(moving, NOW - 47 * HOUR)
    scan(silent, NOW - 73 * HOUR)
    scan(back, NOW - 3 * DAY, "returned")
    derive(moving, silent, back)
    assert shown(seller, store, tab="transit") == numbers(back, silent, moving)
    assert shown(seller, store, tab="abnormal") == numbers(silent)
    page = seller.get(reverse("dashboard:orders", args=[store.store_no]), {"tab": "abnormal"}).content.decode()
    assert "no scan for 3\xa0d 1\xa0h" in page


@pytest.mark.rule("PG-06")
def test_open_disputes_returned_parcels_and_data_issues_have_their_tabs(store: Store, seller: Client) -> None:
    disputed, closed, returned, contradictory = (make_order(store, paid_at=NOW - DAY) for _ in range(4))
    Dispute.objects.create(store=store, order=disputed, dispute_no="D1", kind="quality", opened_at=NOW - HOUR)
    Dispute.objects.create(
        store=store, order=closed, dispute_no="D2", kind="quality", opened_at=NOW - HOUR, closed_at=NOW, state="closed"
    )
    Deadline.objects.create(
        store_id=store.pk,
        kind="dispute_answer",
        subject_kind="dispute",
        subject_key="D1",
        due_at=NOW + 23 * HOUR,
        opened_at=NOW,
    )
    ReturnParcel.objects.create(store=store, order=returned, return_no="R1", received_at=NOW - HOUR)
    ReturnParcel.objects.create(store=store, order=closed, return_no="R2", received_at=NOW - DAY, inspected_at=NOW)
    Order.objects.filter(pk=contradictory.pk).update(shipped_at=NOW - 9 * DAY)
    derive(contradictory)
    assert shown(seller, store, tab="dispute") == numbers(disputed)
    assert shown(seller, store, tab="inspect") == numbers(returned)
    assert shown(seller, store, tab="data_issues") == numbers(contradictory)
    assert tab_counts(TABS, store, NOW) == {
        "confirm": 0,
        "ship": 3,
        "transit": 1,
        "stalled": 0,
        "abnormal": 1,
        "dispute": 1,
        "inspect": 1,
        "data_issues": 1,
    }
    page = seller.get(reverse("dashboard:orders", args=[store.store_no]), {"tab": "dispute"}).content.decode()
    assert "dispute waits for your answer" in page
    assert f'data-due="{int((NOW + 23 * HOUR).timestamp())}"' in page


@pytest.mark.rule("PG-06", "DP-10", "DM-27")
def test_dispute_tab_puts_first_what_lapses_first(
    store: Store, seller: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the running clock, not by opening; then the unanswered without a clock, then those that wait for others."""
    monkeypatch.setattr(listing, "PAGE", 2)
    cases = [("golden", 20, "open"), ("late", 71, "open"), ("lapsed", 999, "open"), ("answered", 5, "responded")]
    cases += [("fresh", 1, "open"), ("judged", 70, "arbitration")]
    for number, hours, state in cases:
        order = make_order(store, order_no=number, paid_at=NOW - 60 * DAY, shipped_at=NOW - 59 * DAY)
        Dispute.objects.create(
            store=store, order=order, dispute_no=f"D-{number}", kind="quality", opened_at=NOW - hours * HOUR,
            state=state, responded_at=NOW if state != "open" else None,
        )  # fmt: skip
    derive_dispute_clocks(dispute_ids=Dispute.objects.values_list("pk", flat=True), at=NOW)
    expected = ["late", "golden", "fresh", "lapsed", "judged", "answered"]
    question = Question(store, BY_CODE["dispute"], NOW)
    assert [number for page in walk(question, "later") for number in page] == expected
    downwards = Question(store, BY_CODE["dispute"], NOW, Filters(), True)
    assert [number for page in walk(downwards, "earlier") for number in page] == expected[::-1]
    waiting = Question(store, BY_CODE["answer"], NOW)
    assert [number for page in walk(waiting, "later") for number in page] == expected[:4]
    file = seller.get(
        reverse("dashboard:orders_file", args=[store.store_no, "csv"]), {"tab": "dispute", "form": "machine"}
    )
    rows = list(csv.DictReader(StringIO(b"".join(file.streaming_content).decode("utf-8-sig"))))
    assert [row["order_no"] for row in rows] == expected


@pytest.mark.rule("PG-06", "DM-20")
def test_parts_of_the_tab_to_ship_are_shown_with_their_counts(store: Store, seller: Client) -> None:
    waits = [timedelta(hours=hours) for hours in (-30, -1, 2, 30)]
    late, later, soon, far = (make_order(store, paid_at=NOW - 3 * DAY + wait) for wait in waits)
    for tab, expected in (
        ("late", (late, later)),
        ("soon", (soon,)),
        ("later", (far,)),
        ("ship", (late, later, soon, far)),
    ):
        response = seller.get(reverse("dashboard:orders", args=[store.store_no]), {"tab": tab})
        assert [row.number for row in response.context["rows"]] == numbers(*expected)
        parts = {part.label: part.count for part in response.context["parts"]}
        assert parts == {"all": None, "Past their dispatch deadline": "2", "Due soon": "1", "Due later": "1"}
        assert [part.url.rpartition("?tab=")[2] for part in response.context["parts"] if part.current] == [tab]
    assert seller.get(reverse("dashboard:orders", args=[store.store_no]), {"tab": "transit"}).context["parts"] == []


@pytest.mark.sqlite_only
def test_large_tabs_show_their_number_to_the_last_order(store: Store, seller: Client) -> None:
    make_order(store, paid_at=NOW - DAY)
    OrderCount.objects.filter(part="ship").update(number=22_394)
    page = seller.get(reverse("dashboard:orders", args=[store.store_no]), {"tab": "ship"})
    assert {tab.label: tab.count for tab in page.context["tabs"]}["To ship"] == "22,394"


@pytest.mark.rule("TM-16", "MX-04", "AF-03")
def test_rows_say_where_an_order_counts_and_who_reviewed_it(store: Store, seller: Client) -> None:
    reviewed = make_order(store)
    make_order(store, source="external")
    make_order(store, source="certified_api")
    Review.objects.create(store=store, order=reviewed, kind="auto", created_at=NOW)
    page = seller.get(reverse("dashboard:orders", args=[store.store_no]), {"tab": "all"}).content.decode()
    for words in ("not counted", "counts in the rating only", "reviewed by the system"):
        assert page.count(words) == 1, words
