"""No page of a store runs the same query twice."""

from collections import Counter
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from metrics.services.night import run_night
from stores.models import Company, Membership
from tests.metrics.pages import NOW, TODAY, make_store_with_facts
from tests.stores.people import client_of, make_person

pytestmark = pytest.mark.django_db

# Address name, further arguments, and the most questions that the page may take.
PAGES = [
    ("dashboard:panel", [], 32),
    ("dashboard:rating", [], 23),
    ("dashboard:rating_changes", [], 20),
    ("dashboard:metric", ["late_dispatch"], 30),
    ("dashboard:metric", ["shs"], 20),
    ("dashboard:trade", [], 18),
    ("dashboard:orders", [], 28),
    ("notifications:list", [], 14),
]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def browser() -> Client:
    company = Company.objects.create(company_no="C1", name="Company", license_no="L1", controller_id="K1")
    make_store_with_facts(company, "S1")
    run_night(day=TODAY, at=NOW)
    return client_of(make_person("owner", company, Membership.Role.OWNER))


@pytest.mark.sqlite_only
@pytest.mark.slow
@pytest.mark.parametrize(("name", "arguments", "most"), PAGES, ids=lambda value: str(value))
def test_page_asks_each_question_once(browser: Client, name: str, arguments: list[str], most: int) -> None:
    address = reverse(name, args=["S1", *arguments])
    assert browser.get(address).status_code == 200
    with CaptureQueriesContext(connection) as caught:
        browser.get(address)
    asked = Counter(query["sql"] for query in caught)
    assert [sql for sql, times in asked.items() if times > 1] == []
    assert len(caught) <= most
