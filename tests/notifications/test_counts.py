"""A count is a promise: every number that is a link opens a list of as many rows (PN-07, PG-03, PG-06, PG-10)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from dashboard.queries.order_tabs import TABS
from disputes.models import Dispute
from disputes.services.clocks import derive_dispute_clocks
from metrics.services.night import run_night
from notifications.models import Notice
from orders.models import Order, ReturnParcel
from stores.models import Company, Store
from tests.metrics.pages import NOW, TODAY, Made, make_store_with_facts
from tests.notifications.test_pages import english, words_of
from tests.orders.build import derive
from tests.outbox import deliver
from tests.stores.people import client_of, make_person

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
# Lists, by their address, and where their answer tells how many rows they have.
LISTS = {
    r"/stores/[^/]+/orders/\?": lambda answer: len(answer.context["rows"]),
    r"/stores/[^/]+/notices/(\?|$)": lambda answer: answer.context["page"].paginator.count,
    r"/stores/[^/]+/notices/PN[^/]+/(\?|$)": lambda answer: answer.context["page"].paginator.count,
    r"/messages/(\?|$)": lambda answer: answer.context["page"].paginator.count,
}


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def made() -> Made:
    """A store with everything that is counted: 14 late orders in a red notice, three of them unshipped; orders to
    confirm, close and later ones; disputes in every state; a parcel back; data issues."""
    made = make_store_with_facts(Company.objects.create(company_no="C", name="C"), "S1")
    Store.objects.update(mode="governed")
    derive(*Order.objects.all())
    run_night(day=TODAY, at=NOW)
    for place, hours in enumerate((-30, -2, -1, 4, 5, 90)):
        paid = NOW - (HOUR if place == 5 else 80 * HOUR)
        Order.objects.filter(pk=made.late[place].pk).update(
            state="paid", shipped_at=None, paid_at=paid, ship_by=NOW + hours * HOUR
        )
    for place, state in enumerate(("open", "open", "responded", "arbitration", "closed")):
        Dispute.objects.create(
            store=made.store, order=made.late[6 + place], dispute_no=f"D{place}", kind="quality", state=state,
            opened_at=NOW - (place + 1) * HOUR, responded_at=NOW if place > 1 else None,
            closed_at=NOW if state == "closed" else None,
        )  # fmt: skip
    derive_dispute_clocks(dispute_ids=Dispute.objects.values_list("pk", flat=True), at=NOW)
    ReturnParcel.objects.create(store=made.store, order=made.late[12], return_no="R1", received_at=NOW - HOUR)
    Order.objects.filter(pk=made.late[13].pk).update(data_issues=1)
    deliver()
    return made


def counted_links(html: str) -> Iterator[tuple[int, str]]:
    """Every link with one number in its words, and its address."""
    for address, inside in re.findall(r'<a [^>]*?href="([^"#]+)[^"]*"[^>]*>(.*?)</a>', html, re.DOTALL):
        numbers = re.findall(r"(?<![\w.,:%+-])\d+(?![\w.,:%-])", words_of(inside))
        if len(numbers) == 1:
            yield int(numbers[0]), unescape(address)


def rows_of(client: Client, address: str) -> int | None:
    """How many rows the list at an address has; None where it is no list."""
    for pattern, count in LISTS.items():
        if re.match(pattern, address):
            answer: Any = client.get(address)
            assert answer.status_code == 200, address
            return int(count(answer))
    return None


@pytest.mark.sqlite_only
@pytest.mark.slow
@pytest.mark.rule("PN-07", "PG-02", "PG-03", "PG-06", "PG-10")
def test_every_count_that_is_a_link_opens_as_many_rows(made: Made) -> None:
    client = english(client_of(make_person("owner", made.store.company)))
    pages = [reverse("dashboard:stores"), reverse("intake:index")]
    pages += [reverse(name, args=["S1"]) for name in ("dashboard:panel", "notifications:list", "dashboard:rating")]
    pages += [f"{reverse('dashboard:orders', args=['S1'])}?tab={tab.code}" for tab in TABS]
    pages += [reverse("dashboard:notice", args=["S1", notice.number]) for notice in Notice.objects.all()]
    promised: dict[str, int] = {}
    for page in pages:
        html = client.get(page).content.decode()
        for count, address in counted_links(html):
            whole = page.partition("?")[0] + address if address.startswith("?") else address
            rows = rows_of(client, whole)
            assert rows is None or rows == count, f"{page} says {count}, {whole} has {rows}"
            if rows is not None:
                promised[whole] = count
    orders = reverse("dashboard:orders", args=["S1"])
    notice = Notice.objects.get().number
    its_page = reverse("dashboard:notice", args=["S1", notice])
    assert promised == {
        **{f"{orders}?tab={tab}": count for tab, count in {
            "confirm": 1, "ship": 6, "transit": 8, "stalled": 0, "abnormal": 8, "dispute": 4, "inspect": 1,
            "data_issues": 1, "numberless": 8, "late": 3, "soon": 2, "later": 1, "answer": 2,
        }.items()},
        f"{orders}?tab=ship&rectify={notice}": 6,
        its_page: 14,
        f"{its_page}?can=act": 6,
        f"{its_page}?can=past": 8,
        reverse("notifications:list", args=["S1"]): 1,
        f"{reverse('notifications:list', args=['S1'])}?part=open": 1,
        f"{reverse('notifications:list', args=['S1'])}?part=record": 1,
        f"{reverse('notifications:list', args=['S1'])}?part=predicted": 0,
        f"{reverse('notifications:list', args=['S1'])}?part=historical": 0,
        f"{reverse('notifications:messages')}?show=unread": 1,
    }  # fmt: skip
