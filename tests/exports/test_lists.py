"""Every list that a person sees as a file: what it holds, how it is written (IX-13, RL-12, RL-14)."""

import csv
import io
from datetime import datetime, timedelta
from decimal import Decimal

import pyarrow.parquet
import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from exports.declaring import declared_exports
from tests.stores.people import client_of, make_person, make_staff
from tests.stores.world import NOON, Tenant, build_tenant

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-13")]

# The files of a tenant's lists, with the parameters under which they hold something.
LISTS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "dashboard:orders_file": ({}, {"tab": "all"}),
    "dashboard:disputes_file": ({}, {}),
    "dashboard:reviews_file": ({}, {"part": "buyers"}),
    "dashboard:listings_file": ({}, {}),
    "dashboard:held_funds_file": ({}, {}),
    "dashboard:settlements_file": ({}, {}),
    "dashboard:risk_lane_file": ({"code": "dispute_open"}, {}),
    "dashboard:scorecards_file": ({}, {}),
    "dashboard:ratings_file": ({}, {}),
    "dashboard:deadlines_file": ({}, {}),
    "notifications:list_file": ({}, {"part": "record"}),
    "orders:messages_file": ({}, {"part": "all"}),
    "orders:refunds_file": ({}, {"tab": "over"}),
    "orders:logistics_file": ({}, {}),
    "appeals:list_file": ({}, {"part": "all"}),
    "penalties:penalties_file": ({}, {}),
    "penalties:points_file": ({}, {}),
}


@pytest.fixture
def tenant() -> Tenant:
    return build_tenant("asked")


@pytest.fixture
def owner(tenant: Tenant) -> Client:
    browser = client_of(make_person("owner", tenant.company, "owner"))
    browser.cookies["language"] = "en"
    return browser


def fetch(browser: Client, name: str, tenant: Tenant, suffix: str, parts: dict[str, str], **query: str) -> bytes:
    address = reverse(name, kwargs={"store_no": tenant.store.store_no, "suffix": suffix, **parts})
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        response = browser.get(address, query)
    assert response.status_code == 200, (name, response.status_code)
    content: bytes = response.getvalue()
    return content


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("name", LISTS)
def test_formats_of_a_list_agree(tenant: Tenant, owner: Client, name: str) -> None:
    parts, query = LISTS[name]
    people = csv_rows(fetch(owner, name, tenant, "csv", parts, **query))
    machine = csv_rows(fetch(owner, name, tenant, "csv", parts, **query, form="machine"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(fetch(owner, name, tenant, "xlsx", parts, **query)))
    table = pyarrow.parquet.read_table(io.BytesIO(fetch(owner, name, tenant, "parquet", parts, **query)))
    sheet = book.get_sheet_by_index(0).to_python()
    assert table.column_names == machine[0]
    assert sheet[0] == people[0]
    assert len(people) == len(machine) == table.num_rows + 1 == len(sheet)
    # Headings of people are words, those of programs are names.
    assert all(name == name.lower() and " " not in name for name in machine[0])


def test_every_declared_list_has_an_address() -> None:
    seen = {name.partition(":")[2].removesuffix("_file") for name in LISTS}
    declared = {one.code for one in declared_exports()}
    assert {"orders", "disputes", "refunds", "penalties", "stores", "imports", "messages", "desk_audit"} <= declared
    assert {"orders", "disputes", "refunds", "penalties", "points"} <= seen


def test_types_reach_parquet_and_workbooks(tenant: Tenant, owner: Client) -> None:
    table = pyarrow.parquet.read_table(
        io.BytesIO(fetch(owner, "dashboard:orders_file", tenant, "parquet", {}, tab="all"))
    )
    assert [str(table.schema.field(name).type) for name in ("order_no", "paid_at", "total_amount", "is_presale")] == [
        "string", "timestamp[ms, tz=UTC]", "decimal128(38, 10)", "bool",
    ]  # fmt: skip
    row = table.to_pylist()[0]
    assert (row["order_no"], row["paid_at"], row["total_amount"]) == (tenant.order.order_no, NOON, Decimal(10))
    content = fetch(owner, "dashboard:orders_file", tenant, "xlsx", {}, tab="all")
    head, first = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    named = dict(zip(head, first, strict=True))
    assert named["Order number"] == tenant.order.order_no
    assert named["Amount"] == 10.0
    assert named["Paid (GMT+8)"] == datetime(2026, 5, 1, 20)


@pytest.mark.rule("RL-12")
def test_no_text_of_a_buyer_becomes_a_formula(tenant: Tenant, owner: Client) -> None:
    review = tenant.order.reviews.first()
    assert review is not None
    for text in ("=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1"):
        type(review).objects.filter(pk=review.pk).update(text=text)
        for form in ({}, {"form": "machine"}):
            rows = csv_rows(fetch(owner, "dashboard:reviews_file", tenant, "csv", {}, part="buyers", **form))
            assert f"'{text}" in rows[1], (text, form)
        content = fetch(owner, "dashboard:reviews_file", tenant, "xlsx", {}, part="buyers")
        cells = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1]
        assert text.strip("\t\r") in [str(cell).strip("\t\r\n") for cell in cells]


@pytest.mark.rule("RL-14")
def test_no_address_of_a_buyer_leaves(tenant: Tenant, owner: Client) -> None:
    type(tenant.order).objects.update(ship_address="1 Secret Street", buyer_ip_hash="feedbeef")
    for name, (parts, query) in LISTS.items():
        for form in ({}, {"form": "machine"}):
            text = fetch(owner, name, tenant, "csv", parts, **query, **form).decode()
            assert "Secret Street" not in text, name
            assert "feedbeef" not in text, name


@pytest.mark.rule("PN-13")
def test_filters_of_the_page_hold_for_its_file(tenant: Tenant, owner: Client) -> None:
    held = csv_rows(fetch(owner, "dashboard:disputes_file", tenant, "csv", {}, kind="quality"))
    none = csv_rows(fetch(owner, "dashboard:disputes_file", tenant, "csv", {}, kind="chargeback"))
    assert (len(held), len(none)) == (2, 1)


def test_words_are_the_readers_and_codes_the_programs(tenant: Tenant, owner: Client) -> None:
    english = csv_rows(fetch(owner, "dashboard:disputes_file", tenant, "csv", {}))
    owner.cookies["language"] = "zh-hans"
    chinese = csv_rows(fetch(owner, "dashboard:disputes_file", tenant, "csv", {}))
    machine = csv_rows(fetch(owner, "dashboard:disputes_file", tenant, "csv", {}, form="machine"))
    assert (english[0][3], english[1][3]) == ("Kind", "quality")
    assert (chinese[0][3], chinese[1][3]) == ("类型", "质量问题")
    assert (machine[0][3], machine[1][3]) == ("kind", "quality")


def test_pages_offer_their_files_with_their_filters(tenant: Tenant, owner: Client) -> None:
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        page = owner.get(reverse("dashboard:disputes", args=[tenant.store.store_no]), {"kind": "quality", "page": "1"})
    address = reverse("dashboard:disputes_file", args=[tenant.store.store_no, "parquet"])
    assert f'href="{address}?kind=quality"' in page.content.decode()


DESK = ("desk_appeals", "desk_cases", "desk_claims", "desk_arbitrations", "desk_proposals", "desk_audit")


@pytest.mark.parametrize("code", DESK)
def test_lists_of_the_desk_are_for_those_who_see_them(tenant: Tenant, code: str) -> None:
    senior = client_of(make_staff("senior", "senior reviewer"))
    address = reverse("admin:desk_list", args=[code, "csv"])
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        assert senior.get(address).status_code == 200
        assert client_of(make_staff("temp")).get(address).status_code == 403
        assert client_of(make_person("owner2", tenant.company)).get(address).status_code == 302
