"""Numbers of stores and companies are part of addresses (IX-05b); old ones that can't be break no list."""

import re
from datetime import UTC, datetime
from html import unescape
from io import StringIO
from urllib.parse import unquote

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import resolve, reverse

from core.models import Event
from core.pages.addresses import NumberConverter
from orders.models import Order
from stores.models import Company, Store
from stores.numbering import check_number
from stores.services import create_company
from tests.stores.people import client_of, make_person, make_staff, make_store

pytestmark = pytest.mark.sqlite_only

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
UNFIT = ("A/B", "..", ".", "?x=1", "A#B", "%2F", "/", "店/铺", 'a"b', "~x", "a b", "a\\b", "", "x" * 65, "<i>", "a;b")
FIT = ("S1", "1", "店铺-1", "a.b_c", "...", "магазин", "दुकान", "x" * 64)
STORED = tuple(number for number in UNFIT if len(number) < 65)


@pytest.mark.rule("IX-05b")
def test_numbers_are_of_any_script_and_stand_in_addresses() -> None:
    for number in FIT:
        check_number(number)
    for number in UNFIT:
        with pytest.raises(ValidationError):
            check_number(number)


@pytest.mark.rule("IX-05b")
def test_the_form_in_which_a_number_is_kept_is_named() -> None:
    with pytest.raises(ValidationError, match="12"):
        check_number("\uff11\uff12")


@pytest.mark.rule("RL-18")
@pytest.mark.parametrize("number", [*UNFIT, *FIT, "100%25", "A?", "\u0085", "😀"])
def test_whatever_a_number_is_its_address_leads_to_it(number: str) -> None:
    part = NumberConverter().to_url(number)
    assert NumberConverter().to_python(part) == number
    address = reverse("dashboard:order", args=[number, number])
    assert resolve(unquote(address)).kwargs == {"store_no": number, "order_no": number}


@pytest.mark.parametrize("part", ["~", "~!", "~é", "~_w", "~gA"])
def test_a_part_that_encodes_nothing_leads_nowhere(part: str) -> None:
    assert Client().get(f"/stores/{part}/orders/").status_code in (302, 404)


def links(html: str) -> set[str]:
    return {unescape(link) for link in re.findall(r'href="(/stores/[^"]*)"', html)}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.rule("RL-18", "IX-05b")
def test_lists_hold_stores_with_unfit_numbers_and_every_link_of_theirs_works() -> None:
    company = Company.objects.create(company_no="C/1", name="Old")
    for number in STORED:
        store = make_store(number, company, name=f"Store {number}", opened_at=NOON)
        Order.objects.create(
            store=store, order_no=number or "-", created_at=NOON, paid_at=NOON, state="paid",
            total_amount=10, currency="USD", total_usd=10,
        )  # fmt: skip
    browser = client_of(make_person("owner", company))
    browser.cookies["language"] = "en"
    page = browser.get(reverse("dashboard:stores"))
    assert [row.store.store_no for row in page.context["rows"]] != []
    assert {row.store.store_no for row in page.context["rows"]} == set(STORED)
    assert page.content.decode().count("number to be replaced by operations") == len(STORED)
    found = links(page.content.decode())
    assert len(found) >= len(STORED)
    for number in STORED:
        orders = browser.get(reverse("dashboard:orders", args=[number]) + "?tab=all")
        assert orders.status_code == 200
        [row] = orders.context["rows"]
        found.add(row.url)
    answers = {link: browser.get(link).status_code for link in found}
    assert {link: status for link, status in answers.items() if status != 200} == {}


@pytest.mark.django_db
@pytest.mark.rule("IX-05b")
def test_staff_give_a_store_with_an_unfit_number_another_one() -> None:
    staff = make_staff("root")
    staff.is_superuser = True
    staff.save()
    client = client_of(staff)
    client.cookies["language"] = "en"
    store = make_store("A/B", opened_at=NOON)
    change = reverse("admin:stores_store_change", args=[store.pk])
    assert f'href="{change}"' in client.get(reverse("dashboard:stores")).content.decode()
    form = client.get(change).context["adminform"].form
    data = {name: "" if value is None else value for name, value in form.initial.items() if name in form.fields}
    data |= {"opened_at_0": "2026-05-01", "opened_at_1": "12:00", "store_no": "A/C"}
    assert "part of addresses" in client.post(change, data).content.decode()
    assert client.post(change, data | {"store_no": "A-B"}).status_code == 302
    assert Store.objects.get().store_no == "A-B"
    event = Event.objects.get(kind="store.changed")
    assert (event.before["store_no"], event.after["store_no"]) == ("A/B", "A-B")
    assert "store_no" not in client.get(change).context["adminform"].form.fields


@pytest.mark.django_db
@pytest.mark.rule("IX-05b")
def test_no_way_in_takes_an_unfit_number(tmp_path) -> None:
    with pytest.raises(ValidationError):
        create_company(company_no="A/B", name="x", actor="test", at=NOON)
    with pytest.raises(CommandError):
        call_command("import_bundle", str(tmp_path), "--company", "A/B", stdout=StringIO(), stderr=StringIO())
    with pytest.raises(ValidationError):
        Store(company=Company.objects.create(company_no="C", name="C"), store_no="..", name="x").full_clean()
    assert list(Company.objects.values_list("company_no", flat=True)) == ["C"]
