"""``demo`` and its removal as their users call them (IX-15, IX-03)."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.models import Event
from metrics.models import Published
from orders.models import Order
from stores.models import Company, Membership, Store, User
from stores.purging import demo_companies

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.rule("IX-15")]


@pytest.mark.rule("IX-03")
def test_demo_comes_whole_and_goes_whole() -> None:
    out = StringIO()
    call_command("demo", "--scale", "0.03", "--nights", "3", "--json", stdout=out)
    people = {row["email"]: row["password"] for row in json.loads(out.getvalue())["sign_ins"]}
    assert {company.company_no for company in demo_companies()} == {"C1001", "C1002", "C1003"}
    assert Store.objects.count() == 12
    assert Published.objects.exists()
    assert User.objects.get(email="owner@example.com").check_password(people["owner@example.com"])
    assert set(Membership.objects.filter(company__company_no="C1001").values_list("role", flat=True)) == {
        *("owner", "manager", "analyst"),
    }
    call_command("demo", "--if-empty", stdout=out)
    assert User.objects.get(email="owner@example.com").check_password(people["owner@example.com"])
    call_command("remove_company", "--demo", "--yes", stdout=out)
    assert not Company.objects.exists()
    assert not Order.objects.exists()
    assert Event.objects.filter(kind="company.removed").count() == 3


def test_demo_does_not_mix_with_data_of_others() -> None:
    Company.objects.create(company_no="OWN", name="Own")
    with pytest.raises(CommandError, match="data of others"):
        call_command("demo", "--scale", "0.03")
    call_command("demo", "--if-empty")
    assert list(Company.objects.values_list("company_no", flat=True)) == ["OWN"]
