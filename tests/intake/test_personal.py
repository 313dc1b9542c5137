"""What is kept of buyers: removed by age, exported and erased on request, never across companies (RL-14)."""

import json
import re
import zipfile
from datetime import timedelta
from html import unescape
from io import BytesIO, StringIO
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.urls import reverse

from core.models import Event
from disputes.models import Dispute
from intake.models import ErasedBuyer, WaitingRow
from intake.personal.buyers import digest_of, erase_buyer, export_buyer, find_buyer
from intake.personal.columns import BY_TABLE, COLUMNS, REMOVED
from intake.personal.purging import purge_personal
from orders.models import Message, Order, Review, TrackingEvent
from rulebook.services import publish_policy
from rulebook.shipped import SHIPPED
from stores.models import Company, Store, User
from stores.roles import REVIEWER
from tests.intake.helpers import take, write
from tests.orders.build import DAY, NOW, make_order, scan
from tests.stores.people import client_of, make_person, make_staff, make_store

DOCS = Path(__file__).parents[2] / "docs" / "privacy.md"
BUYER = {"buyer_ref": "B-7", "ship_address": "1 Main St", "buyer_ip_hash": "ab12"}
ORDERS = (
    "store_no,order_no,created_at,paid_at,total_amount,currency,buyer_ref,ship_address,buyer_ip_hash\n"
    "S1,001,2024-05-01T10:00:00Z,2024-05-01T11:00:00Z,10.00,USD,B-7,1 Main St,ab12\n"
    "S1,002,2024-05-02T10:00:00Z,2024-05-02T11:00:00Z,12.00,USD,B-8,2 Main St,cd34\n"
)
MESSAGES = "store_no,order_no,message_no,sent_at,sender,text\nS1,001,M1,2024-05-03T10:00:00Z,buyer,I live here\n"
REVIEWS = "store_no,order_no,created_at,described,text\nS1,001,2024-05-09T10:00:00Z,2,hello from home\n"


def said(order: Order, text: str = "I live in Main St") -> Message:
    return Message.objects.create(
        store=order.store, order=order, message_no=f"M{order.pk}", sent_at=NOW, sender="buyer", text=text
    )


def personal(order: Order) -> tuple[str, str, str]:
    order.refresh_from_db()
    return order.buyer_ref, order.ship_address, order.buyer_ip_hash


@pytest.mark.rule("RL-14")
@pytest.mark.django_db
def test_addresses_and_texts_go_with_age_and_figures_stay() -> None:
    store = make_store("S1")
    old, young, open_one, disputed = (
        make_order(store, created_at=NOW - days * DAY, state=state, derived=False, **BUYER)
        for days, state in ((200, "success"), (170, "success"), (200, "paid"), (200, "success"))
    )
    Dispute.objects.create(store=store, order=disputed, dispute_no="D1", kind="not_received", opened_at=NOW - DAY)
    ancient = make_order(store, created_at=NOW - 800 * DAY, state="success", derived=False)
    message = said(ancient)
    review = Review.objects.create(store=store, order=ancient, created_at=NOW, described=1, text="Main St is far")
    removed = purge_personal(at=NOW)
    assert removed == {"orders_order.ship_address": 1, "orders_order.buyer_ip_hash": 1, "orders_review.text": 1}
    assert personal(old) == ("B-7", "", "")
    assert [personal(order) for order in (young, open_one, disputed)] == [("B-7", "1 Main St", "ab12")] * 3
    message.refresh_from_db()
    review.refresh_from_db()
    # Facts count that a review has a text, which it keeps.
    assert (message.text, review.text) == ("I live in Main St", REMOVED)
    assert purge_personal(at=NOW) == {}
    assert [event.after for event in Event.objects.filter(kind="personal.purged")] == [removed]


@pytest.mark.rule("PN-27")
@pytest.mark.django_db
def test_messages_and_traces_stay_for_ever_unless_policy_says_when_messages_go() -> None:
    store = make_store("S1")
    old, young = (
        make_order(store, created_at=NOW - days * DAY, state="success", derived=False) for days in (4_000, 99)
    )
    said(old)
    said(young)
    scan(old, NOW - 3_990 * DAY)
    assert purge_personal(at=NOW) == {}
    days = {"value": 100, "rules": ["PN-27"], "source": "", "assumption": False}
    data = {**SHIPPED, "privacy.message_days": days}
    publish_policy(data=data, effective_from=NOW, author="person:1", note="Shorter", at=NOW - DAY)
    assert purge_personal(at=NOW) == {"orders_message.text": 1}
    assert list(Message.objects.order_by("order_id").values_list("text", flat=True)) == [REMOVED, "I live in Main St"]
    assert TrackingEvent.objects.count() == 1


@pytest.mark.rule("RL-14", "RL-08")
@pytest.mark.django_db
def test_a_buyer_is_found_exported_and_erased_in_one_company_alone() -> None:
    store, foreign = make_store("S1"), make_store("S2")
    mine, other, theirs = make_order(store, **BUYER), make_order(store, **BUYER), make_order(foreign, **BUYER)
    said(mine)
    said(theirs)
    WaitingRow.objects.create(
        kind="orders", store_no="S9", order_no="9", key="k", source_at=NOW, company=store.company,
        data={"buyer_ref": "B-7", "ship_address": "1 Main St", "order_no": "9"},
    )  # fmt: skip
    found = find_buyer(store.company, mine.order_no)
    assert found is not None
    assert (found.reference, found.rows) == ("B-7", {"orders": 2, "messages": 1})
    with zipfile.ZipFile(BytesIO(export_buyer(found=found, actor="person:1", at=NOW))) as archive:
        assert archive.namelist() == ["orders.json", "messages.json"]
        orders = json.loads(archive.read("orders.json"))
        assert [order["order_no"] for order in orders] == [mine.order_no, other.order_no]
        assert [row["text"] for row in json.loads(archive.read("messages.json"))] == ["I live in Main St"]
    for _time in range(2):
        erased = erase_buyer(company=store.company, reference="B-7", actor="person:1", at=NOW)
    assert [personal(order) for order in (mine, other)] == [(erased.token, "", "")] * 2
    assert personal(theirs) == ("B-7", "1 Main St", "ab12")
    assert sorted(Message.objects.values_list("text", flat=True)) == ["I live in Main St", REMOVED]
    assert WaitingRow.objects.get().data == {"buyer_ref": erased.token, "ship_address": "", "order_no": "9"}
    events = [(event.kind, event.subject_key, event.after) for event in Event.objects.filter(subject_kind="buyer")]
    digest = digest_of(store.company_id, "B-7")[:32]
    assert events == [
        ("buyer.exported", digest, {"rows": {"orders": 2, "messages": 1}}),
        ("buyer.erased", digest, {"orders": 2, "waiting": 1}),
    ]
    assert find_buyer(store.company, "B-7") is None
    assert digest_of(store.company_id, "B-7") != digest_of(foreign.company_id, "B-7")


@pytest.mark.rule("RL-14", "IX-03")
@pytest.mark.django_db(transaction=True)
def test_imports_bring_no_erased_buyer_back(tmp_path) -> None:
    company = Company.objects.create(company_no="C1", name="One")
    Store.objects.create(company=company, store_no="S1", name="First")
    bundle = write(tmp_path / "a", orders=ORDERS, messages=MESSAGES, reviews=REVIEWS)
    take(bundle)
    facts = list(Order.objects.order_by("order_no").values_list("state", "total_usd", "paid_at", "data_issues"))
    erased = erase_buyer(company=company, reference="B-7", actor="person:1", at=NOW)
    take(bundle, as_of=NOW - DAY)
    take(write(tmp_path / "b", orders=ORDERS.replace("001", "003")), as_of=NOW - DAY)
    rows = list(Order.objects.order_by("order_no").values_list("order_no", "buyer_ref", "ship_address"))
    assert rows == [("001", erased.token, ""), ("002", "B-8", "2 Main St"), ("003", erased.token, "")]
    assert (Message.objects.get().text, Review.objects.get().text) == (REMOVED, REMOVED)
    after = Order.objects.filter(order_no__lt="003").order_by("order_no")
    assert list(after.values_list("state", "total_usd", "paid_at", "data_issues")) == facts


@pytest.mark.rule("RL-14")
@pytest.mark.django_db
def test_what_an_import_wrote_beside_an_erasure_is_erased_in_the_night() -> None:
    store = make_store("S1")
    erased = erase_buyer(company=store.company, reference="B-7", actor="person:1", at=NOW)
    late = make_order(store, **BUYER)
    assert purge_personal(at=NOW + timedelta(hours=9)) == {"erased": 1}
    assert personal(late) == (erased.token, "", "")


@pytest.mark.rule("RL-14", "RL-08")
@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_owners_alone_erase_on_the_page_and_operators_by_command() -> None:
    store = make_store("S1")
    order = make_order(store, **BUYER)
    asked = {"company": store.company.company_no, "buyer": "B-7"}
    url, erase = reverse("intake:buyers"), {**asked, "act": "erase"}
    stranger = make_person("stranger", make_store("S2").company)
    for person in (make_person("manager", store.company, "manager"), stranger):
        assert client_of(person).post(url, erase).status_code == 422
    assert personal(order)[0] == "B-7"
    owner = client_of(make_person("owner", store.company))
    assert "B-7" in owner.get(url, asked).content.decode()
    assert owner.post(url, {**asked, "act": "export"}).headers["Content-Type"] == "application/zip"
    out = StringIO()
    call_command("buyer_data", store.company.company_no, "B-7", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"rows": {"orders": 1}}
    with time_machine.travel(NOW, tick=False):
        assert owner.post(url, erase).status_code == 302
    assert personal(order) == (ErasedBuyer.objects.get().token, "", "")


@pytest.mark.rule("RL-14")
@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_operations_reach_a_buyer_from_the_order_with_the_right_to_import_alone() -> None:
    order = make_order(make_store("S1"), **BUYER)
    staff = make_staff("judge", REVIEWER)
    pages = (reverse("admin:orders_order_change", args=[order.pk]), reverse("admin:tables"))
    link = re.compile(rf'href="({reverse("intake:buyers")}[^"]*)"')
    assert [link.findall(client_of(staff).get(page).text) for page in pages] == [[], []]
    page = unescape(client_of(staff).get(reverse("intake:buyers"), headers={"accept-language": "en"}).text)
    assert "You may not see buyers' data" in page
    staff.user_permissions.add(Permission.objects.get(codename="add_import", content_type__app_label="intake"))
    client = client_of(User.objects.get(pk=staff.pk))
    (asked,), (search,) = (link.findall(client.get(page).text) for page in pages)
    assert search == reverse("intake:buyers")
    assert "B-7" in client.get(unescape(asked)).text


@pytest.mark.rule("RL-14")
@pytest.mark.sqlite_only
def test_the_documentation_names_every_column() -> None:
    text = DOCS.read_text()
    assert [column.name for column in COLUMNS if f"`{column.name}`" not in text] == []
    assert set(BY_TABLE) == {column.model._meta.db_table for column in COLUMNS}
