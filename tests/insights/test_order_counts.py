"""On the page of an order: in which metrics it counts, from when to when, why it fails, what leaves it out (PG-06)."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from insights.queries.order_counts import order_counts
from orders.models import Exclusion, Order
from stores.models import Store
from tests.metrics.test_facts_against_reference import import_bundle
from tests.metrics.test_reasons import CONFIRMED, PAID, SHIPPED, dispute, review
from tests.oracle.build import bundle, order
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.rule("PG-06")]

NOW = datetime(2024, 3, 30, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def counted(order_no: str) -> dict[str, tuple[str, str, date, date]]:
    """Metric → how, why (a reason's code or a rule), counted on, leaves on."""
    found = order_counts(Order.objects.get(order_no=order_no), NOW)
    return {
        one.metric.code: (
            str(one.outcome),
            one.condition.rule if one.condition else one.reason.code,
            one.day,
            one.leaves,
        )
        for one in found
    }


def test_an_order_tells_where_it_fails_where_it_counts_and_what_leaves_it_out() -> None:
    import_bundle(
        bundle(
            order("O", **PAID, shipped_at="2024-03-04T18:00:00Z", **CONFIRMED),
            order("ELSEWHERE", **PAID, source="external"),
            disputes=[dispute("O", "03-10T00:00:00")],
            reviews=[review("O", "03-21T00:00:00", 2)],
        )
    )
    due, sold, day = date(2024, 3, 4), date(2024, 3, 1), date(2024, 3, 10)
    found = counted("O")
    assert {
        code: found[code] for code in ("odr", "late_dispatch", "dispute_rate", "slow_fulfilment", "cancel_rate")
    } == {
        "odr": ("fails", "dispute.not_as_described", day, date(2024, 4, 9)),
        "late_dispatch": ("fails", "shipped_late", due, date(2024, 4, 3)),
        "dispute_rate": ("fails", "dispute.not_as_described", day, date(2024, 4, 9)),
        "slow_fulfilment": ("fails", "slow", date(2024, 3, 5), date(2024, 6, 3)),
        "cancel_rate": ("counts", "", sold, date(2024, 5, 30)),
    }
    assert found["positive_rate"][:2] == ("fails", "review.2")
    # An order of another channel counts nowhere, and says so.
    assert {how[:2] for how in counted("ELSEWHERE").values()} == {("left out", "MX-04")}


@pytest.mark.rule("DM-34")
def test_an_exclusion_leaves_an_order_out_of_its_metric_alone() -> None:
    import_bundle(bundle(order("O", **PAID, shipped_at="2024-03-04T18:00:00Z")))
    one = Order.objects.get()
    Exclusion.objects.create(
        store=one.store, order=one, subject_kind="order", subject_id=one.pk, metric="late_dispatch", cause_no="AP1",
        created_at=NOW,
    )  # fmt: skip
    found = counted("O")
    assert found["late_dispatch"][:2] == ("left out", "DM-34")
    assert found["slow_fulfilment"][:2] == ("fails", "slow")


def page_of(language: str) -> str:
    store = Store.objects.get()
    browser: Client = client_of(make_person("owner", store.company))
    browser.cookies["language"] = language
    html = browser.get(reverse("dashboard:order", args=["S", "O"])).content.decode()
    section = html[html.index('aria-labelledby="counts-title"') :].split("</section>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", section)).replace("\u00a0", " "))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            "en",
            ["Counts in", "Late dispatch fails shipped 18 h late 2024-03-04 2024-04-03", "dispute – not as described",
             "also: 2★ review", "Without failure in: "],
        ),
        ("zh-hans", ["计入指标", "未达标 晚发 18 小时 2024-03-04 2024-04-03", "纠纷 – 货不对版", "另有：2 星评价"]),
    ],
)  # fmt: skip
def test_the_page_says_so_in_its_first_answer(language: str, texts: list[str]) -> None:
    import_bundle(
        bundle(
            order("O", **PAID, shipped_at="2024-03-04T18:00:00Z", **CONFIRMED),
            disputes=[dispute("O", "03-10T00:00:00")],
            reviews=[review("O", "03-21T00:00:00", 2)],
        )
    )
    text = page_of(language)
    assert [part for part in texts if part not in text] == []


def test_what_is_still_to_come_and_what_is_past_say_so() -> None:
    import_bundle(
        bundle(
            order("O", **{**PAID, "ship_by": "2024-04-09T00:00:00Z"}),
            order("OLD", **{**SHIPPED, "paid_at": "2023-11-01T00:00:00Z", "created_at": "2023-11-01T00:00:00Z"}),
        )
    )
    assert "Late dispatch will fail not shipped 2024-04-09 if nothing changes" in page_of("en")


def test_an_order_costs_the_same_queries_however_much_happened() -> None:
    disputes = [dispute("MUCH", f"03-1{day}T00:00:00") for day in range(4)]
    import_bundle(bundle(order("LITTLE", **PAID), order("MUCH", **PAID), disputes=disputes))

    def cost(order_no: str) -> int:
        one = Order.objects.get(order_no=order_no)
        with CaptureQueriesContext(connection) as queries:
            order_counts(one, NOW)
        return len(queries)

    cost("LITTLE")
    assert cost("MUCH") == cost("LITTLE")
