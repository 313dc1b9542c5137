"""``demo`` and its removal as their users call them (IX-15, IX-03)."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from core.models import Event
from metrics.models import Published
from orders.models import Order
from stores.models import Company, Membership, Store, User
from stores.purging import demo_companies
from tests.demo.half_english import english_left, names_in_the_data
from tests.demo.others import OWN, make_others, rows_of
from tests.stores.people import client_of, enrol

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.rule("IX-15")]


SIGN_IN_PAGES = ("account_login", "account_reset_password", "account_reset_password_done", "account_signup")
OWN_PAGES = ("stores:profile", "mfa_index", "usersessions_list", "account_change_password", "account_logout")


@pytest.fixture(scope="module")
def others(kept_rows: None) -> tuple[Company, dict[str, Any]]:
    """A company beside the demo, and its rows before the demo was built."""
    company = make_others()
    return company, rows_of(company)


@pytest.fixture(scope="module")
def people(others: Any) -> dict[str, str]:
    """The passwords of a small demo, by e-mail address: one that was killed on its first step, then built anew."""
    Company.objects.create(company_no="C1001", name="Killed", is_demo=True)
    out = StringIO()
    call_command("demo", "--reset", "--scale", "0.03", "--json", stdout=out)
    return {row["email"]: row["password"] for row in json.loads(out.getvalue())["sign_ins"]}


@pytest.mark.sqlite_only
@pytest.mark.rule("PG-22", "DM-12")
def test_no_page_is_left_half_english(people: dict[str, str]) -> None:
    """The demo is walked through in Chinese."""
    names = names_in_the_data()
    public = english_left(Client(), [reverse(name) for name in SIGN_IN_PAGES], names)
    owner = client_of(User.objects.get(email="owner@example.com"))
    own = english_left(owner, ["/", *(reverse(name) for name in OWN_PAGES)], names, engine=True)
    staff = User.objects.get(email="staff@example.com")
    enrol(staff)
    operations = english_left(client_of(staff), [reverse("admin:index")], names)
    assert sorted(public[0] | own[0] | operations[0]) == []
    assert own[1] > 40
    assert operations[1] > 40


@pytest.mark.sqlite_only
def test_a_demo_built_anew_changes_nothing_of_others(
    people: dict[str, str], others: tuple[Company, dict[str, Any]]
) -> None:
    company, before = others
    assert {label for label, rows in before.items() if rows} >= {
        *("orders.Order", "orders.Review", "orders.Message", "orders.RiskCase", "notifications.Notice", "metrics.Fact"),
    }
    assert rows_of(company) == before


@pytest.mark.sqlite_only
@pytest.mark.rule("IX-03")
def test_demo_comes_whole_and_goes_whole(people: dict[str, str]) -> None:
    assert {company.company_no for company in demo_companies()} == {"C1001", "C1002", "C1003"}
    assert Store.objects.filter(company__is_demo=True).count() == 12
    assert Published.objects.exists()
    assert User.objects.get(email="owner@example.com").check_password(people["owner@example.com"])
    assert set(Membership.objects.filter(company__company_no="C1001").values_list("role", flat=True)) == {
        *("owner", "manager", "analyst"),
    }
    out = StringIO()
    call_command("demo", "--if-empty", stdout=out)
    assert User.objects.get(email="owner@example.com").check_password(people["owner@example.com"])
    call_command("remove_company", "--demo", "--yes", stdout=out)
    assert list(Company.objects.values_list("company_no", flat=True)) == [OWN]
    assert not Order.objects.exclude(store__company__company_no=OWN).exists()
    assert Event.objects.filter(kind="company.removed", actor="command:remove_company").count() == 3
