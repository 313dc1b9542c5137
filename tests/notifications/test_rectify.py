"""Rectify now: the order list with a notice's problem orders filtered in (PN-07)."""

import csv
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from disputes.models import CopyrightComplaint
from metrics.catalogue import METRICS
from metrics.models import Problem
from notifications.models import Notice
from notifications.presenting.parts import rectify_url
from orders.models import Order
from stores.models import Company, Store
from tests.metrics.pages import NOW, TODAY, Made, make_store_with_facts
from tests.notifications.build import DAY, NIGHT, judge, make_store, publish
from tests.notifications.test_batches import make_order
from tests.notifications.test_pages import english, words_of
from tests.stores.people import client_of, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Made:
    """14 late orders of a notice, and two orders that it does not name: one of them to be shipped."""
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
    return {row["number"] for row in response.context["rows"]}


@pytest.mark.rule("PN-07")
def test_orders_of_a_notice_that_still_wait_stand_alone_in_their_tab(made: Made, browser: Client) -> None:
    notice = Notice.objects.get()
    address = rectify_url(notice, "N1", NOW)
    response = orders_at(browser, address)
    text = words_of(response.content.decode())
    assert "None of these orders is here now" in text
    assert f"Shown are only the problem orders of notice {notice.number}." in text
    late = made.late[3]
    Order.objects.filter(pk=late.pk).update(state="paid", shipped_at=None)
    assert listed(orders_at(browser, address)) == {late.order_no}


@pytest.mark.rule("PN-07", "RL-12")
def test_every_tab_filter_and_file_keeps_to_the_orders_of_the_notice(made: Made, browser: Client) -> None:
    number = Notice.objects.get().number
    response = orders_at(browser, f"{reverse('orders:list', args=['N1'])}?tab=all&notice={number}")
    assert listed(response) == {order.order_no for order in made.late}
    assert all(f"notice={number}" in tab["url"] for tab in response.context["tabs"])
    assert f'<input type="hidden" name="notice" value="{number}"' in response.content.decode()
    spanish = orders_at(browser, f"{reverse('orders:list', args=['N1'])}?tab=all&notice={number}&site=ES")
    assert listed(spanish) == {order.order_no for order in made.late if order.site == "ES"}
    file = orders_at(browser, f"{reverse('orders:list_csv', args=['N1'])}?tab=all&notice={number}")
    rows = list(csv.DictReader(file.getvalue().decode("utf-8-sig").splitlines()))
    assert {row["order_no"].removeprefix("'") for row in rows} == {order.order_no for order in made.late}


@pytest.mark.rule("PN-07", "RL-08")
@pytest.mark.parametrize("number", ["PN20260619-000099", "PN20260310-000001", "x\x00", ""])
def test_notice_that_the_store_does_not_have_filters_nothing(made: Made, browser: Client, number: str) -> None:
    publish(make_store("S9"), DAY, late_dispatch="red")
    judge(DAY)
    response = orders_at(browser, reverse("orders:list", args=["N1"]) + "?" + f"tab=all&notice={number}")
    assert len(listed(response)) == 16


@pytest.mark.rule("PN-07")
@pytest.mark.parametrize(
    ("code", "tab"),
    [("odr", "all"), ("late_dispatch", "ship"), ("dispute_rate", "dispute"), ("delivered", "abnormal"), ("dsr", "all")],
)
def test_notice_of_each_metric_has_its_page(made: Made, code: str, tab: str) -> None:
    Notice.objects.all().delete()
    publish(made.store, DAY, **{code: "red"})
    judge(DAY, calendar=METRICS[code].calendar)
    notice = Notice.objects.get()
    address = urlsplit(rectify_url(notice, "N1", NOW))
    assert address.path == reverse("orders:list", args=["N1"])
    assert parse_qs(address.query) == {"tab": [tab], "notice": [notice.number]}


@pytest.mark.rule("PN-07")
def test_notice_of_complaints_alone_leads_back(made: Made, browser: Client) -> None:
    complaint = CopyrightComplaint.objects.create(store=made.store, complaint_no="K1", sku="1", opened_at=NIGHT)
    Problem.objects.create(store=made.store, counter="copyright_upheld", day=DAY, order_id=0, subject_id=complaint.pk)
    publish(made.store, DAY, odr="red")
    judge(DAY)
    notice = Notice.objects.get(metric="odr")
    response = orders_at(browser, rectify_url(notice, "N1", NOW))
    assert "No order of this store is among them." in words_of(response.content.decode())
    assert f'href="{reverse("notifications:notice", args=["N1", notice.number])}"' in response.content.decode()
