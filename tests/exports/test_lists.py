"""Every list that a person sees as a file: what it holds, how it is written (IX-13, RL-12, RL-14)."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow.parquet
import pytest
import time_machine
from django.urls import reverse
from openpyxl.worksheet.worksheet import Worksheet

from exports.declaring import declared_exports, export_named
from tests.exports.lists import AT, DESK, LISTS, UNNAMED, ListWorld, build_lists, counts_shown
from tests.stores.people import client_of, make_person, make_staff
from tests.stores.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-13")]


@pytest.fixture(scope="module")
def world(kept_rows: None) -> Iterator[ListWorld]:
    with time_machine.travel(AT, tick=False):
        yield build_lists()


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def sheet_of(content: bytes) -> Worksheet:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert isinstance(sheet, Worksheet)
    return sheet


@pytest.mark.sqlite_only
def test_every_declared_list_is_tried() -> None:
    assert set(LISTS) == {one.code for one in declared_exports()}


@pytest.mark.parametrize("code", LISTS)
def test_formats_of_a_list_agree(world: ListWorld, code: str, settings: Any) -> None:
    rows = LISTS[code].rows
    # As many rows as are sent at once: what decides it counts what the file holds.
    settings.EXPORT_ROWS_AT_ONCE = rows
    people, machine = csv_rows(world.fetch(code, "csv")), csv_rows(world.fetch(code, "csv", form="machine"))
    table = pyarrow.parquet.read_table(io.BytesIO(world.fetch(code, "parquet")))
    sheet = sheet_of(world.fetch(code, "xlsx"))
    assert table.column_names == machine[0]
    assert [cell.value for cell in sheet[1]] == people[0]
    assert [len(people), len(machine), table.num_rows + 1, sheet.max_row] == [rows + 1] * 4
    # Headings of people are words, those of programs are names.
    assert all(name == name.lower() and " " not in name for name in machine[0])
    settings.EXPORT_ROWS_AT_ONCE = rows - 1
    assert world.get(code, "csv").status_code == 302


@pytest.mark.sqlite_only
@pytest.mark.parametrize("code", LISTS)
def test_workbooks_have_a_frozen_head_widths_and_no_formula(world: ListWorld, code: str) -> None:
    sheet = sheet_of(world.fetch(code, "xlsx"))
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(sheet.max_row, sheet.max_column).coordinate}"
    widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]]
    assert all(width >= 8 for width in widths), widths
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row} <= {"s", "n", "d", "inlineStr"}


@pytest.mark.sqlite_only
def test_types_and_links_reach_workbooks_and_parquet(world: ListWorld, settings: Any) -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(world.fetch("orders", "parquet")))
    assert [str(table.schema.field(name).type) for name in ("order_no", "paid_at", "total_amount", "is_presale")] == [
        "string", "timestamp[ms, tz=UTC]", "decimal128(38, 10)", "bool",
    ]  # fmt: skip
    order, store = world.tenant.order, world.tenant.store
    row = next(row for row in table.to_pylist() if row["order_no"] == order.order_no)
    assert (row["paid_at"], row["total_amount"]) == (NOON, Decimal(10))
    head, *rows = sheet_of(world.fetch("orders", "xlsx")).iter_rows()
    cells = next(cells for cells in rows if cells[0].value == order.order_no)
    named = {str(title.value): cell for title, cell in zip(head, cells, strict=True)}
    number, amount, paid = named["Order number"], named["Amount"], named["Paid (GMT+8)"]
    assert number.data_type == "s"
    assert number.hyperlink is not None
    path = reverse("dashboard:order", args=[store.store_no, order.order_no])
    assert number.hyperlink.target == settings.BASE_URL + path
    assert (amount.value, amount.number_format) == (10, "#,##0.00")
    assert (paid.value, paid.number_format, paid.is_date) == (datetime(2026, 5, 1, 20), "yyyy-mm-dd hh:mm:ss", True)


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-12")
def test_no_text_of_a_buyer_becomes_a_formula(world: ListWorld) -> None:
    review = world.tenant.order.reviews.first()
    assert review is not None
    for text in ("=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1"):
        type(review).objects.filter(pk=review.pk).update(text=text)
        for form in ("people", "machine"):
            assert f"'{text}" in csv_rows(world.fetch("reviews", "csv", form=form))[1], (text, form)
        cells = sheet_of(world.fetch("reviews", "xlsx"))[2]
        assert [cell.data_type for cell in cells if str(cell.value).endswith(text.strip("\t\r"))] == ["s"], text


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-14")
@pytest.mark.parametrize("form", ["people", "machine"])
def test_no_address_of_a_buyer_leaves(world: ListWorld, form: str) -> None:
    type(world.tenant.order).objects.update(ship_address="1 Secret Street", buyer_ip_hash="feedbeef")
    for code in LISTS:
        text = world.fetch(code, "csv", form=form).decode()
        assert "Secret Street" not in text, code
        assert "feedbeef" not in text, code


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-13")
def test_filters_of_the_page_hold_for_its_file(world: ListWorld) -> None:
    held, none = (csv_rows(world.fetch("disputes", "csv", kind=kind)) for kind in ("quality", "chargeback"))
    assert (len(held), len(none)) == (2, 1)


@pytest.mark.sqlite_only
def test_words_are_the_readers_and_codes_the_programs(world: ListWorld) -> None:
    english, machine = (csv_rows(world.fetch("disputes", "csv", form=form)) for form in ("people", "machine"))
    world.owner.cookies["language"] = "zh-hans"
    chinese = csv_rows(world.fetch("disputes", "csv"))
    world.owner.cookies["language"] = "en"
    assert (english[0][3], english[1][3]) == ("Kind", "quality")
    assert (chinese[0][3], chinese[1][3]) == ("类型", "质量问题")
    assert (machine[0][3], machine[1][3]) == ("kind", "quality")


@pytest.mark.sqlite_only
def test_pages_offer_their_files_with_their_filters(world: ListWorld) -> None:
    store_no = world.tenant.store.store_no
    page = world.owner.get(reverse("dashboard:disputes", args=[store_no]), {"kind": "quality", "page": "1"})
    address = reverse("dashboard:disputes_file", args=[store_no, "parquet"])
    assert f'href="{address}?kind=quality"' in page.content.decode()
    trail = world.senior.get(reverse("admin:core_event_changelist"), {"q": store_no, "p": "1"})
    assert f'href="{reverse("admin:desk_list", args=["desk_audit", "xlsx"])}?q={store_no}"' in trail.content.decode()


@pytest.mark.sqlite_only
@pytest.mark.parametrize("code", [code for code, listed in LISTS.items() if listed.route == DESK])
def test_lists_of_the_desk_are_for_those_who_see_them(world: ListWorld, code: str) -> None:
    address = reverse(DESK, args=[code, "csv"])
    assert client_of(make_staff("temp")).get(address).status_code == 403
    assert client_of(make_person("owner2", world.tenant.company)).get(address).status_code == 302


# What narrows a list to none of its rows.
NARROWING = {
    "disputes": {"kind": "chargeback"},
    "listings": {"part": "delisted"},
    "notices": {"level": "yellow"},
    "orders": {"site": "ES"},
    "reviews": {"stars": "5"},
    "stores": {"q": "nowhere"},
    "threads": {"site": "ES"},
}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("code", LISTS)
def test_a_page_counts_and_names_what_its_file_holds(world: ListWorld, code: str) -> None:
    export = export_named(code)
    assert export is not None
    for narrowed in ({}, NARROWING.get(code, {})):
        page = world.page(code, export.page, **narrowed)
        _head, *rows = csv_rows(world.fetch(code, "csv", **narrowed))
        if not narrowed:
            assert counts_shown(page) <= {len(rows)}, code
        if code not in UNNAMED:
            assert [row[0] for row in rows if row[0].lstrip("'") not in page] == [], (code, narrowed)
    if code in NARROWING:
        assert rows == []
