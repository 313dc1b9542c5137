"""Rectify now: the order list with a notice's problem orders filtered in (PN-07)."""

import csv
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from disputes.models import CopyrightComplaint, Dispute
from metrics.models import Problem
from notifications.models import Notice, NoticeOrder
from notifications.presenters.parts import orders_url, rectify_url
from notifications.queries.rectify import Rectification, Waiting, rectification_of, waiting_orders
from orders.models import Order
from stores.models import Company, Store
from tests.metrics.pages import NOW, TODAY, Made, make_store_with_facts
from tests.notifications.build import DAY, NIGHT, judge, make_store, publish
from tests.notifications.pages import english, fetch, words_of
from tests.notifications.test_batches import make_order
from tests.stores.people import client_of, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Made:
    """14 late orders of a notice, and two orders that it does not name: one of them to be shipped in time."""
    made = make_store_with_facts(Company.objects.create(company_no="C", name="C"), "N1")
    Store.objects.update(mode="governed")
    publish(made.store, TODAY, late_dispatch="red")
    judge(TODAY)
    make_order(made.store, "OTHER")
    Order.objects.filter(pk=make_order(made.store, "WAITS").pk).update(state="paid", paid_at=NOW, ship_by=NOW)
    return made


@pytest.fixture
def browser(made: Made) -> Client:
    return english(client_of(make_person("owner", made.store.company)))


def orders_at(client: Client, url: str) -> Any:
    with time_machine.travel(NOW, tick=False):
        response = client.get(url)
    assert response.status_code == 200
    return response


def listed(response: Any) -> set[str]:
    return {row.number for row in response.context["rows"]}


def found_of(notice: Notice) -> Rectification:
    return rectification_of(notice.store, notice, NOW)


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-07")
def test_rectify_counts_and_opens_what_can_be_acted_on_and_says_what_is_past(made: Made, browser: Client) -> None:
    notice = Notice.objects.get()
    waiting = made.late[3:5]
    Order.objects.filter(pk__in=[order.pk for order in waiting]).update(state="paid", shipped_at=None)
    text, page = notice_page(browser, notice)
    assert "Rectify now: 3 orders" in text
    assert "Past 12 Nothing can be done about them" in text
    address = f"{reverse('dashboard:orders', args=['N1'])}?tab=ship&rectify={notice.number}"
    assert f'href="{address.replace("&", "&amp;")}"' in page
    assert listed(orders_at(browser, address)) == {"WAITS", *(order.order_no for order in waiting)}
    banner = words_of(orders_at(browser, address).content.decode())
    assert f"Shown are only the orders that can still be saved for notice {notice.number}." in banner
    of_notice = f"{reverse('dashboard:orders', args=['N1'])}?tab=ship&notice={notice.number}"
    assert listed(orders_at(browser, of_notice)) == {order.order_no for order in waiting}


@pytest.mark.rule("PN-07")
def test_what_waits_is_told_by_urgency_with_its_first_clock(made: Made) -> None:
    notice = Notice.objects.get()
    overdue = made.late[3]
    Order.objects.filter(pk=overdue.pk).update(state="paid", shipped_at=None)
    groups = [(one.what, one.count, one.first_due, one.counted) for one in waiting_orders(made.store, notice, NOW)]
    assert groups == [(Waiting.OVERDUE, 1, overdue.ship_by, 1), (Waiting.SHIP, 1, NOW, 0)]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-07")
def test_notice_whose_orders_are_all_past_promises_nothing(made: Made, browser: Client) -> None:
    notice = Notice.objects.get()
    Order.objects.filter(order_no="WAITS").update(shipped_at=NOW, state="shipped")
    text, _page = notice_page(browser, notice)
    assert "Rectify now" not in text
    assert "See these 14 orders" in text
    assert "14 problem orders" in words_of(fetch(browser, "notice", "N1", notice.number, can="past"))
    shown = orders_at(browser, orders_url(notice, "N1"))
    assert len(listed(shown)) == 14
    assert words_of(shown.content.decode()).count("shipped 5 h late") == 14


def notice_page(client: Client, notice: Notice) -> tuple[str, str]:
    page = orders_at(client, reverse("dashboard:notice", args=["N1", notice.number])).content.decode()
    return words_of(page), page


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-07", "DP-10")
@pytest.mark.parametrize(
    ("code", "state", "answered", "found"),
    [
        ("dispute_rate", "open", False, ("answer", 1, 2)),
        ("dispute_rate", "responded", True, ("answer", 0, 3)),
        ("odr", "open", False, ("act", 2, 1)),
        ("odr", "arbitration", True, ("act", 1, 2)),
        ("dsr", "closed", True, ("act", 1, 2)),
        ("late_dispatch", "open", False, ("ship", 2, 2)),
        ("delivered", "open", False, ("abnormal", 0, 3)),
    ],
)
def test_each_metric_counts_the_orders_that_its_page_shows(
    made: Made, browser: Client, code: str, state: str, answered: bool, found: tuple[str, int, int]
) -> None:
    """Of three problem orders one is disputed, one waits to be shipped, one is over."""
    notice = Notice.objects.get()
    kept = NoticeOrder.objects.order_by("place")[:3].values_list("pk", flat=True)
    NoticeOrder.objects.exclude(pk__in=list(kept)).delete()
    Notice.objects.filter(pk=notice.pk).update(metric=code)
    notice = Notice.objects.get()
    numbers = NoticeOrder.objects.order_by("place").values_list("order_no", flat=True)
    disputed, paid, _over = (Order.objects.get(order_no=number) for number in numbers)
    Order.objects.filter(pk=paid.pk).update(state="paid", shipped_at=None)
    Dispute.objects.create(
        store=made.store, order=disputed, dispute_no="D", kind="quality", opened_at=NOW, state=state,
        responded_at=NOW if answered else None, closed_at=NOW if state == "closed" else None,
    )  # fmt: skip
    mend = found_of(notice)
    assert (mend.tab, mend.waiting, mend.past) == found
    assert len(orders_at(browser, rectify_url(notice, "N1", mend.tab)).context["rows"]) == mend.waiting
    assert sum(group.count for group in waiting_orders(notice.store, notice, NOW)) == mend.waiting


@pytest.mark.rule("PN-07", "RL-12")
def test_every_tab_filter_and_file_keeps_to_the_orders_of_the_notice(made: Made, browser: Client) -> None:
    number = Notice.objects.get().number
    response = orders_at(browser, f"{reverse('dashboard:orders', args=['N1'])}?tab=all&notice={number}&form=machine")
    assert listed(response) == {order.order_no for order in made.late}
    assert all(f"notice={number}" in tab.url for tab in response.context["tabs"])
    assert f'<input type="hidden" name="notice" value="{number}"' in response.content.decode()
    spanish = orders_at(browser, f"{reverse('dashboard:orders', args=['N1'])}?tab=all&notice={number}&site=ES")
    assert listed(spanish) == {order.order_no for order in made.late if order.site == "ES"}
    file = orders_at(
        browser, f"{reverse('dashboard:orders_file', args=['N1', 'csv'])}?tab=all&notice={number}&form=machine"
    )
    rows = list(csv.DictReader(file.getvalue().decode("utf-8-sig").splitlines()))
    assert {row["order_no"].removeprefix("'") for row in rows} == {order.order_no for order in made.late}


@pytest.mark.rule("PN-07", "RL-12")
@pytest.mark.sqlite_only
def test_the_file_of_a_notices_orders_says_why_each_failed(made: Made, browser: Client) -> None:
    def reasons(query: str) -> dict[str, str]:
        file = orders_at(browser, f"{reverse('dashboard:orders_file', args=['N1', 'csv'])}?{query}")
        rows = csv.DictReader(file.getvalue().decode("utf-8-sig").splitlines())
        return {row["Order number"].removeprefix("'"): row.get("Reason", "no column") for row in rows}

    number = Notice.objects.get().number
    failed = {order.order_no: "shipped 5 h late" for order in made.late}
    assert reasons(f"tab=all&notice={number}") == failed
    assert reasons(f"tab=ship&rectify={number}") == {"WAITS": ""}
    assert reasons("tab=ship") == {"WAITS": "no column"}


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-07", "RL-08")
@pytest.mark.parametrize("number", ["PN20260619-000099", "PN20260310-000001", "x\x00", ""])
def test_notice_that_the_store_does_not_have_filters_nothing(made: Made, browser: Client, number: str) -> None:
    publish(make_store("S9"), DAY, late_dispatch="red")
    judge(DAY)
    response = orders_at(browser, reverse("dashboard:orders", args=["N1"]) + "?" + f"tab=all&notice={number}")
    assert len(listed(response)) == 16


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-07")
def test_notice_of_complaints_alone_leads_back(made: Made, browser: Client) -> None:
    complaint = CopyrightComplaint.objects.create(store=made.store, complaint_no="K1", sku="1", opened_at=NIGHT)
    Problem.objects.create(store=made.store, counter="copyright_upheld", day=DAY, order_id=0, subject_id=complaint.pk)
    publish(made.store, DAY, odr="red")
    judge(DAY)
    notice = Notice.objects.get(metric="odr")
    assert found_of(notice) == Rectification("act", 0, 0, DAY + timedelta(days=notice.snapshot["days"]))
    response = orders_at(browser, orders_url(notice, "N1"))
    assert "No order of this store is among them." in words_of(response.content.decode())
    assert f'href="{reverse("dashboard:notice", args=["N1", notice.number])}"' in response.content.decode()
