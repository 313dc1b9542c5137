"""What waits belongs to the company that brought it (RL-19)."""

import importlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone, translation

from intake.models import WaitingRow
from intake.sync.queries import absent_stores, health_of, stores_by_state
from orders.models import Order
from stores.models import Company, Feed, Membership, Store, User
from stores.principals import Person
from stores.purging import remove_company
from tests.intake.helpers import AS_OF, ORDERS, STORES, counts, errors, reasons, take, write
from tests.intake.test_uploads import imported

pytestmark = [pytest.mark.django_db, pytest.mark.clock, pytest.mark.rule("RL-19")]
S9_ORDERS = ORDERS.replace("S1", "S9")
S9_STORES = "store_no,name\nS9,Ninth\n"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def company(number: str) -> Company:
    return Company.objects.get_or_create(company_no=number, defaults={"name": number})[0]


def owner(number: str) -> User:
    person = User.objects.create_user(f"{number}@example.com", "pass-word-1", language="en")
    Membership.objects.create(user=person, company=company(number), role="owner")
    return person


def waiting() -> list[tuple[str, str, str | None]]:
    rows = WaitingRow.objects.order_by("kind", "order_no", "company__company_no")
    return list(rows.values_list("kind", "order_no", "company__company_no"))


def test_who_claims_a_number_later_gets_nothing_of_what_another_brought(tmp_path):
    take(write(tmp_path, orders=S9_ORDERS), company=company("A"))
    stranger = owner("B")
    _job, report = imported(stranger, company="B", stores=S9_STORES)
    assert counts(report, "stores") == {"new": 1}
    assert Store.objects.get(store_no="S9").company.company_no == "B"
    assert Order.objects.count() == Feed.objects.count() == 0
    assert waiting() == [("feed", "", "A"), ("orders", "001", "A"), ("orders", "002", "A")]
    # Nor do they see that something waits.
    assert absent_stores(Person(stranger)) == []
    assert [health.waiting for health in health_of(stores_by_state(Person(stranger)))] == [0]
    assert [(one.store_no, one.rows) for one in absent_stores(Person(owner("A")))] == [("S9", 3)]


def test_the_company_that_brought_rows_gets_them_with_its_store(tmp_path):
    take(write(tmp_path, orders=S9_ORDERS), company=company("A"))
    imported(owner("A"), company="A", stores=S9_STORES)
    assert Order.objects.filter(store__store_no="S9").count() == 2
    assert waiting() == []


def test_what_operations_brought_for_nobody_goes_where_they_put_the_store(tmp_path):
    take(write(tmp_path / "1", orders=S9_ORDERS))
    imported(owner("B"), company="B", stores=S9_STORES)
    assert (Order.objects.count(), [row[2] for row in waiting()]) == (0, [None, None, None])
    take(write(tmp_path / "2", stores="store_no,name,company_no\nS9,Ninth,B\n"))
    assert (Order.objects.filter(store__company__company_no="B").count(), waiting()) == (2, [])


def test_operations_put_a_number_elsewhere_and_the_rows_stay(tmp_path):
    take(write(tmp_path / "1", orders=S9_ORDERS), company=company("A"))
    take(write(tmp_path / "2", stores=S9_STORES), company=company("B"))
    assert (Order.objects.count(), {row[2] for row in waiting()}) == (0, {"A"})


@pytest.mark.rule("IX-03")
def test_operations_may_split_a_bundle_that_names_other_companies(tmp_path):
    take(write(tmp_path / "1", orders=S9_ORDERS), company=company("A"))
    take(write(tmp_path / "2", stores="store_no,name,company_no\nS9,Ninth,D\n"), company=company("A"))
    assert (Order.objects.filter(store__company__company_no="D").count(), waiting()) == (2, [])


def test_what_waits_in_a_store_moves_with_it(tmp_path):
    reviews = "store_no,order_no,created_at,described\nS1,003,2024-05-09T10:00:00Z,5\n"
    person = owner("C1")
    take(write(tmp_path / "1", stores=STORES))
    imported(person, company="C1", reviews=reviews)
    assert ("reviews", "003", "C1") in waiting()
    moved = STORES.replace("C1", "C2")
    take(write(tmp_path / "2", stores=moved), as_of=AS_OF + timedelta(days=1))
    assert waiting() == [("reviews", "003", "C2")]


def test_two_companies_may_wait_for_one_number_and_newer_rows_replace_only_their_own(tmp_path):
    take(write(tmp_path / "1", orders=S9_ORDERS), company=company("A"))
    take(write(tmp_path / "2", orders=S9_ORDERS.replace("10.00", "77.00")), company=company("B"))
    assert [row for row in waiting() if row[0] == "orders"] == [
        ("orders", "001", "A"),
        ("orders", "001", "B"),
        ("orders", "002", "A"),
        ("orders", "002", "B"),
    ]
    imported(owner("A"), company="A", stores=S9_STORES)
    assert Order.objects.get(order_no="001").total_usd == 10
    assert {row[2] for row in waiting()} == {"B"}


def test_rows_that_wait_leave_with_their_company_and_no_other_s(tmp_path):
    take(write(tmp_path / "1", orders=S9_ORDERS), company=company("A"))
    take(write(tmp_path / "2", orders=S9_ORDERS), company=company("B"))
    remove_company(company=company("A"), actor="test", at=timezone.now())
    assert {row[2] for row in waiting()} == {"B"}


def test_a_complete_export_removes_only_what_waits_for_its_own_store(tmp_path):
    take(write(tmp_path / "1", orders=S9_ORDERS), company=company("A"))
    take(write(tmp_path / "2", stores=S9_STORES), company=company("B"))
    manifest = '{"exported_at": "2024-07-01T00:00:00Z", "complete": true}'
    person = owner("B")
    header = ORDERS.splitlines()[0] + "\n"
    imported(person, company="B", orders=header + "S9,009,2024-05-01T10:00:00Z,,1,USD\n", manifest=manifest)
    assert ("orders", "001", "A") in waiting()


def test_of_other_companies_an_answer_tells_nothing(tmp_path):
    company("C2")
    person = owner("C1")
    rows = "company_no,name\nC2,C2\nC2,Other\nC9,C9\n"
    job, report = imported(person, company="C1", companies=rows)
    assert counts(report, "companies") == {"refused": 3}
    assert reasons(job, "companies") == [("company_no", "is not one of your companies")] * 3


def test_a_number_that_is_taken_is_rejected_without_saying_so(tmp_path):
    take(write(tmp_path, stores=STORES))
    job, _report = imported(owner("B"), company="B", stores="store_no,name\nS1,Mine\n")
    (row,) = errors(job, "stores")
    assert row["reason"] == (
        "S1 can't be the number of a store of yours: check it, and ask operations if the store is yours"
    )


def test_rows_that_waited_before_companies_were_kept_are_given_to_who_brought_them(tmp_path):
    take(write(tmp_path / "1", orders=S9_ORDERS), company=company("A"))
    take(
        write(
            tmp_path / "2",
            stores=STORES,
            reviews="store_no,order_no,created_at,described\nS1,77,2024-05-09T10:00:00Z,5\n",
        )
    )
    WaitingRow.objects.create(kind="orders", store_no="S8", order_no="1", key="lost", source_at=AS_OF)
    WaitingRow.objects.update(company=None)
    migration = importlib.import_module("intake.migrations.0004_waiting_rows_of_companies")
    migration.find_owners(apps, None)
    assert [row for row in waiting() if row[0] != "feed"] == [
        ("orders", "001", "A"),
        ("orders", "002", "A"),
        ("orders", "1", None),
        ("reviews", "77", "C1"),
    ]
