"""Notices, deadlines and held ratings in the list of stores (PG-02)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.deadlines import meet_deadline, open_deadline
from core.models import Deadline
from dashboard.presenters.stores import StoreItem
from metrics.models import Published
from metrics.services.night import run_night
from orders.models import Order
from stores.models import Company, Membership, Store
from tests.metrics.pages import NOW, TODAY, make_store_with_facts
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module")
def closed_night(kept_rows: None) -> None:
    """S1 has a red notice, S2 none, S3 none but a dispute to answer; S4 belongs to other people."""
    with time_machine.travel(NOW, tick=False):
        company = Company.objects.create(company_no="C1", name="Company")
        for number, late in (("S1", 14), ("S2", 0), ("S3", 0)):
            make_store_with_facts(company, number, late=late)
        make_store_with_facts(Company.objects.create(company_no="C2", name="Others"), "S4")
        Store.objects.update(mode=Store.Mode.GOVERNED)
        run_night(day=TODAY, at=NOW)
        answer("S3", hours=30)


@pytest.fixture
def company(closed_night: None, db: None) -> Company:
    return Company.objects.get(company_no="C1")


@pytest.fixture
def browser(company: Company) -> Client:
    client = client_of(make_person("owner", company, Membership.Role.OWNER))
    client.cookies["language"] = "en"
    return client


def answer(number: str, *, hours: int) -> Deadline:
    return open_deadline(
        owner_id=Store.objects.get(store_no=number).pk, kind="dispute_answer", subject_kind="dispute", subject_key="D1",
        due_at=NOW + timedelta(hours=hours), at=NOW,
    )  # fmt: skip


def listed(browser: Client) -> list[StoreItem]:
    found: list[StoreItem] = browser.get(reverse("dashboard:stores")).context["rows"]
    return found


def rows(browser: Client, **query: str) -> dict[str, str]:
    """Store number → the words of its row, in the order of the page."""
    answer = browser.get(reverse("dashboard:stores"), query, headers={"accept-language": "en"})
    assert answer.status_code == 200
    body = unescape(answer.content.decode()).replace("\xa0", " ").partition("<tbody")[2]
    texts = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("<tr ")[1:]]
    return {re.findall(r"Store (S\d)", text)[0]: text for text in texts if "Store S" in text}


def waiting_order(number: str, *, hours: float, paid: timedelta = timedelta(days=1)) -> Order:
    """A paid order of a store, due to ship in this many hours."""
    order = Order.objects.filter(store__store_no="S1").first()
    assert order is not None
    order.pk, order.store = None, Store.objects.get(store_no=number)
    order.order_no = f"W{Order.objects.count()}"
    order.state, order.shipped_at = "paid", None
    order.paid_at, order.ship_by = NOW - paid, NOW + timedelta(hours=hours)
    order.save()
    return order


@pytest.mark.sqlite_only
@pytest.mark.rule("PG-02", "DM-27")
def test_row_counts_open_notices_and_names_the_next_deadline(browser: Client) -> None:
    found = rows(browser)
    assert "1 red" in found["S1"]
    assert "72:00:00 Open notice" in found["S1"]
    assert "30:00:00 Answer dispute D1" in found["S3"]
    assert " red" not in found["S2"]


def test_the_nearest_deadline_counts_and_settled_ones_do_not(browser: Client) -> None:
    answer("S1", hours=2)
    assert "02:00:00 Answer dispute D1 1 within 24 h" in rows(browser)["S1"]
    store = Store.objects.get(store_no="S1")
    meet_deadline(owner_id=store.pk, kind="dispute_answer", subject_kind="dispute", subject_key="D1", at=NOW)
    assert "Open notice" in rows(browser)["S1"]


@pytest.mark.sqlite_only
@pytest.mark.rule("PG-02", "TM-02", "DM-27")
def test_list_answers_which_store_needs_me_today(browser: Client) -> None:
    """Dispatch and confirmations are deadlines too; what is overdue longest comes first."""
    for hours in (-30, -2, 5, 6, 7):
        waiting_order("S2", hours=hours)
    waiting_order("S3", hours=80, paid=timedelta(hours=3))
    found = rows(browser)
    assert list(found) == ["S2", "S3", "S1"]
    assert "overdue by 30:00:00 2 orders past their dispatch deadline 2 overdue · 3 within 24 h" in found["S2"]
    assert "01:00:00 1 order to confirm 1 within 24 h" in found["S3"]
    assert list(rows(browser, due="0")) == ["S2"]
    assert list(rows(browser, due="24")) == ["S2", "S3"]


@pytest.mark.sqlite_only
@pytest.mark.rule("PG-02", "PG-03", "PG-06")
def test_next_step_of_each_store_is_the_panels_first_and_opens_as_many_orders(browser: Client) -> None:
    for hours in (-30, -2):
        waiting_order("S2", hours=hours)
    for hours in (5, 6, 7):
        waiting_order("S3", hours=hours)
    for number, count in (("S2", 2), ("S3", 3)):
        row = next(row for row in listed(browser) if row.store.store_no == number)
        panel = browser.get(reverse("dashboard:panel", args=[number])).context
        first = panel["todo"].items[0]
        assert (row.need.due, row.need.text, row.need.url) == (first.due, first.title, first.url)
        assert row.need.text.startswith(f"{count} ")
        assert len(browser.get(row.need.url).context["rows"]) == count


@pytest.mark.rule("PG-02", "RL-18")
def test_more_stores_than_are_compared_are_sorted_by_what_falls_due_first(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.queries.store_list.MOST_COMPARED", 2)
    monkeypatch.setattr("dashboard.queries.store_list.PAGE", 2)
    waiting_order("S2", hours=5)
    assert list(rows(browser)) == ["S2", "S3"]
    assert list(rows(browser, page="2")) == ["S1"]
    assert list(rows(browser, sort="-name")) == ["S3", "S2"]


@pytest.mark.sqlite_only
@pytest.mark.rule("PG-02", "DM-11a")
def test_closed_and_mirrored_stores_are_marked(browser: Client) -> None:
    Store.objects.filter(store_no="S2").update(status="closed", mode="mirrored")
    found = rows(browser)
    assert "closed mirrored" in found["S2"]
    assert "mirrored" not in found["S1"]


@pytest.mark.rule("RL-18")
def test_a_store_whose_number_makes_no_address_stays_in_the_list(browser: Client) -> None:
    Store.objects.filter(store_no="S2").update(store_no="S2/x")
    waiting_order("S2/x", hours=-1)
    found = rows(browser)
    assert list(found) == ["S2", "S3", "S1"]
    assert "overdue by 01:00:00" in found["S2"]


@pytest.mark.sqlite_only
@pytest.mark.rule("PG-02")
def test_trend_says_of_what_it_is_and_how_far_it_moved(browser: Client) -> None:
    row = Published.objects.get(store__store_no="S2", calendar="rating")
    earlier = {**row.scorecard, "dsr": {**row.scorecard["dsr"], "value": "4.6000000000"}}
    Published.objects.create(
        store=row.store, day=row.day - timedelta(days=9), calendar="rating", policy_version=1, computed_at=NOW,
        scorecard=earlier,
    )  # fmt: skip
    html = browser.get(reverse("dashboard:stores")).content.decode()
    assert 'aria-label="Rating over 30 days: 4.60 to 4.75"' in html
    assert "▲ 0.15" in rows(browser)["S2"]


def test_notices_and_deadlines_sort(browser: Client) -> None:
    assert next(iter(rows(browser, sort="-notices"))) == "S1"
    assert list(rows(browser, sort="due")) == ["S3", "S1", "S2"]
    assert list(rows(browser, sort="-due")) == ["S1", "S3", "S2"]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"notices": "any"}, {"S1"}),
        ({"notices": "red"}, {"S1"}),
        ({"due": "24"}, set()),
        ({"due": "72"}, {"S1", "S3"}),
        ({"notices": "nonsense", "due": "nonsense"}, {"S1", "S2", "S3"}),
    ],
)
def test_notices_and_deadlines_filter(browser: Client, query: dict[str, str], shown: set[str]) -> None:
    assert set(rows(browser, **query)) == shown


@pytest.mark.sqlite_only
@pytest.mark.rule("PG-02", "SR-06")
def test_held_rating_stands_beside_the_computed_one(browser: Client) -> None:
    row = Published.objects.get(store__store_no="S2", calendar="rating")
    scorecard = row.scorecard
    scorecard["dsr"] |= {"value": "3.9100000000", "published": "4.7000000000", "frozen": True}
    Published.objects.filter(pk=row.pk).delete()
    Published.objects.create(
        store=row.store, day=row.day, calendar=row.calendar, policy_version=1, computed_at=NOW, scorecard=scorecard
    )
    text = rows(browser)["S2"]
    assert "4.70" in text
    assert "frozen computed 3.91" in text
    assert "computed" not in rows(browser)["S3"]
