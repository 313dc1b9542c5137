"""Notices, deadlines and held ratings in the list of stores (PG-02)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from metrics.models import Published
from metrics.services.night import run_night
from stores.deadlines import meet_deadline, open_deadline
from stores.models import Company, Deadline, Membership, Store
from tests.metrics.pages import NOW, TODAY, make_store_with_facts
from tests.stores.people import client_of, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def company() -> Company:
    """S1 has a red notice, S2 none, S3 none but a dispute to answer; S4 belongs to other people."""
    company = Company.objects.create(company_no="C1", name="Company")
    for number, late in (("S1", 14), ("S2", 0), ("S3", 0)):
        make_store_with_facts(company, number, late=late)
    make_store_with_facts(Company.objects.create(company_no="C2", name="Others"), "S4")
    Store.objects.update(mode=Store.Mode.GOVERNED)
    run_night(day=TODAY, at=NOW)
    answer("S3", hours=30)
    return company


@pytest.fixture
def browser(company: Company) -> Client:
    return client_of(make_person("owner", company, Membership.Role.OWNER))


def answer(number: str, *, hours: int) -> Deadline:
    return open_deadline(
        store=Store.objects.get(store_no=number), kind="dispute_answer", subject_kind="dispute", subject_key="D1",
        due_at=NOW + timedelta(hours=hours), at=NOW,
    )  # fmt: skip


def rows(browser: Client, **query: str) -> dict[str, str]:
    """Store number → the words of its row, in the order of the page."""
    answer = browser.get(reverse("metrics:stores"), query, headers={"accept-language": "en"})
    assert answer.status_code == 200
    body = unescape(answer.content.decode()).replace("\xa0", " ").partition("<tbody")[2]
    texts = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("<tr ")[1:]]
    return {re.findall(r"Store (S\d)", text)[0]: text for text in texts if "Store S" in text}


@pytest.mark.rule("PG-02", "DM-27")
def test_row_counts_open_notices_and_names_the_next_deadline(browser: Client) -> None:
    found = rows(browser)
    assert "1 red" in found["S1"]
    assert "72:00:00 open a notice" in found["S1"]
    assert "30:00:00 answer a dispute" in found["S3"]
    assert " red" not in found["S2"]


def test_the_nearest_deadline_counts_and_settled_ones_do_not(browser: Client) -> None:
    answer("S1", hours=2)
    assert "02:00:00 answer a dispute" in rows(browser)["S1"]
    store = Store.objects.get(store_no="S1")
    meet_deadline(store=store, kind="dispute_answer", subject_kind="dispute", subject_key="D1", at=NOW)
    assert "open a notice" in rows(browser)["S1"]


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


@pytest.mark.rule("PG-02", "SR-06")
def test_held_rating_stands_beside_the_computed_one(browser: Client) -> None:
    row = Published.objects.get(store__store_no="S2", calendar="rating")
    cards = row.cards
    cards["dsr"] |= {"value": "3.9100000000", "published": "4.7000000000", "frozen": True}
    Published.objects.filter(pk=row.pk).delete()
    Published.objects.create(
        store=row.store, day=row.day, calendar=row.calendar, policy_version=1, computed_at=NOW, cards=cards
    )
    text = rows(browser)["S2"]
    assert "4.70" in text
    assert "frozen computed 3.91" in text
    assert "computed" not in rows(browser)["S3"]
