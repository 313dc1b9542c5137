"""AliExpress's order export goes in as it is (IX-06): three generations, their traps, what a person is asked."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import translation

from intake.models import StoreSource
from intake.profiles.aliexpress.cells import read_amount, read_items, read_moment, read_parcels
from intake.profiles.aliexpress.headings import generation
from intake.profiles.aliexpress.orders import buyer_ref
from intake.reading import AnswerBook, Answers
from intake.reading.headings import heading_key
from orders.data_issues import data_issue_texts
from orders.models import Order, OrderLine
from orders.queries.parcels import parcels_of
from orders.rules.buyers import without_mark
from stores.models import Company, Feed, Store
from tests.intake.exports import MIDDLE, NEW, OLD, ORDERS, PERSONS, write_export
from tests.intake.helpers import counts, errors, take

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-06", "IX-06b")]
PACIFIC = "America/Los_Angeles"
SAID = Answers(store="S1", zone=PACIFIC)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def company() -> Company:
    return Company.objects.create(company_no="C1", name="Mine")


@pytest.fixture
def store(company) -> Store:
    return Store.objects.create(store_no="S1", name="First", company=company)


def taken(path: Path, said: Answers = SAID, **options):
    return take(path, answers=AnswerBook(said), as_of=datetime(2026, 6, 1, tzinfo=UTC), **options)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(PACIFIC)).astimezone(UTC)


# ── Pure parts ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("headings", "found"),
    [
        (NEW, "1c"),
        (MIDDLE, "1b"),
        ([heading.replace("（", "(").replace("）", ")") + "\u00a0" for heading in NEW], "1c"),
        (["\ufeff订单号", "订单状态", "下单时间", "付款时间", "订单金额", "产品信息", "实际发货物流：运单号"], "1a"),
        # What other programs and people call so.
        (["订单号", "下单时间", "订单金额", "店铺"], ""),
        (["Order ID", "Order Status"], ""),
    ],
)
def test_generations_are_told_by_their_headings(headings, found):
    assert generation(map(heading_key, headings)) == found


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("US $12.50", "12.50", "USD"),
        ("$12.5", "12.5", "USD"),
        ("CNY 1,234.56", "1234.56", "CNY"),
        ("￥80", "80", "CNY"),
        ("12.50", "12.50", ""),
        ("80.00元", "80.00", "CNY"),
        ("R$ 9.90", "9.90", "BRL"),
        ("€1", "1", "EUR"),
    ],
)
def test_amounts_say_their_currency_by_its_sign(text, amount, currency):
    value, sign = read_amount(text)
    assert (str(value), sign) == (amount, currency)


@pytest.mark.parametrize(
    ("text", "end_of_day", "found", "day_only"),
    [
        ("2019.04.01 10:05", False, "2019-04-01T17:05:00Z", False),
        ("2026-05-01 08:00:00", False, "2026-05-01T15:00:00Z", False),
        ("2026-05-01T08:00:00", False, "2026-05-01T15:00:00Z", False),
        ("2026/5/1 8:05", False, "2026-05-01T15:05:00Z", False),
        ("2026-12-01", False, "2026-12-01T08:00:00Z", True),
        ("2026-12-01", True, "2026-12-02T07:59:59Z", True),
    ],
)
def test_times_are_local(text, end_of_day, found, day_only):
    moment = read_moment(text, ZoneInfo(PACIFIC), end_of_day=end_of_day)
    assert (moment.text, moment.day_only) == (found, day_only)


def test_parcels_stand_below_each_other():
    assert read_parcels("CAINIAO_STANDARD:LP1\nYANWEN：UA2") == [("CAINIAO_STANDARD", "LP1"), ("YANWEN", "UA2")]
    assert read_parcels("LP1") == [("", "LP1")]
    assert read_parcels("") == []


def test_items_are_read_from_the_cell_that_tells_of_all():
    text = "【1】Lamp (red)\n(商家编码:L-1)\n(产品数量:2 piece)\n【2】Bulb\n(产品数量:1 piece)"
    assert read_items(text) == [("L-1", "2"), ("", "1")]


# ── Going in ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("headings", "quantity"), [(MIDDLE, 2), (NEW, None)], ids=["1b", "1c"])
def test_an_export_goes_in_as_it_is(store, tmp_path, headings, quantity):
    job, report = taken(write_export(tmp_path / "export.xlsx", headings))
    assert (report.rejected_files, counts(report, "orders")) == ({}, {"new": 4})
    first, second, unpaid, unclear = Order.objects.order_by("order_no")
    assert (first.created_at, first.paid_at) == (at(2026, 5, 1, 8), at(2026, 5, 1, 8, 5))
    assert (first.shipped_at, first.ship_by) == (at(2026, 5, 2, 9), at(2026, 5, 8, 8, 5))
    # The first of two parcels; the other one has its row.
    assert (first.carrier, first.tracking_no) == ("CAINIAO_STANDARD", "LP00501")
    assert [parcel.tracking_no for parcel in parcels_of([first])[first.pk]] == ["LP00501", "UA00502"]
    assert (first.total_usd, first.currency, first.shipping_amount, first.site) == (22.5, "USD", 2.5, "ES")
    assert (first.state, first.confirmed_at) == ("shipped", None)
    # A limit of a day alone is its end; receipt was confirmed, nobody knows by whom, and delivery is another thing.
    assert (second.ship_by, second.site) == (at(2026, 5, 9, 23, 59, 59), "BR")
    assert (second.state, second.confirmed_by, second.delivered_at) == ("success", "", None)
    assert (unpaid.state, unpaid.cancelled_at, unpaid.cancelled_by) == ("cancelled", unpaid.created_at, "")
    assert (unclear.state, data_issue_texts(unclear.data_issues)) == ("paid", ["ended, nobody knows how"])
    assert [order.data_issues for order in (first, second, unpaid)] == [0, 0, 0]
    # Only the new layout tells what the platform's warehouse ships.
    assert second.fulfilled_by == ("platform" if headings is NEW else "seller")
    assert [order.fulfilled_by for order in (first, unpaid, unclear)] == ["seller"] * 3
    lines = OrderLine.objects.order_by("order__order_no", "line_no")
    assert [(line.sku, line.quantity) for line in lines] == [("LAMP-1", quantity), ("TRAIN", None), ("RAILS", None)]
    assert [line.amount for line in lines][:2] == [20, None]
    remarks = " ".join(str(remark["text"]) for remark in job.remarks)
    assert "1 orders have several parcels" in remarks
    assert "1 orders ended, and the file does not say how" in remarks


def test_the_old_workbook_goes_in_as_it_is(store):
    job, report = taken(OLD)
    assert (report.rejected_files, counts(report, "orders")) == ({}, {"new": 4})
    first, second, unpaid, unclear = Order.objects.order_by("order_no")
    assert (first.created_at, first.ship_by) == (at(2019, 4, 1, 10, 5), at(2019, 4, 8, 23, 59, 59))
    assert (first.sku, first.site, first.total_usd) == ("LAMP-1", "RU", 22.5)
    # Only the day of dispatch is known: the day of payment, and not before it.
    assert second.shipped_at == second.paid_at == at(2019, 4, 2, 9)
    assert (second.carrier, second.tracking_no, second.state) == ("CAINIAO_STANDARD", "LP00123", "success")
    assert list(second.orderlines.order_by("line_no").values_list("sku", "quantity")) == [("TRAIN", 1), ("RAILS", 3)]
    assert (unpaid.state, unclear.end_unclear) == ("cancelled", True)
    assert "1 orders name only the day of dispatch" in " ".join(str(remark["text"]) for remark in job.remarks)


def test_the_hand_saved_text_goes_in_too(store, tmp_path):
    path = tmp_path / "cn1234567890_7.csv"
    columns = [
        "订单号",
        "订单状态",
        "下单时间",
        "付款时间",
        "订单金额",
        "产品信息",
        "收货国家",
        "实际发货物流:运单号",
        "发货时间",
    ]
    row = ["90013579246801", "等待您发货", "2019.04.01 10:05", "2019.04.01 10:20", "US $22.50", "", "Poland", "", ""]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([columns, row])
    _job, report = taken(path)
    assert counts(report, "orders") == {"new": 1}


def test_only_orders_are_known_afterwards(store, tmp_path):
    taken(write_export(tmp_path / "export.xlsx"))
    assert set(Feed.objects.values_list("kind", flat=True)) == {"orders"}


def test_nothing_of_a_person_is_kept(store, tmp_path):
    broken = {**ORDERS[0], "订单号": "8199633578334599", "下单时间": "yesterday"}
    job, report = taken(write_export(tmp_path / "export.xlsx", orders=[*ORDERS, broken]))
    assert counts(report, "orders") == {"new": 4, "refused": 1}
    (refused,) = errors(job, "orders")
    assert (refused["line"], refused["column"], refused["value"]) == ("6", "created_at", "yesterday")
    # What is about no person stands there as the export has it (IX-04).
    assert (refused["original: 订单号"], refused["original: 下单时间"]) == ("8199633578334599", "yesterday")
    kept = [str(list(model.objects.values())) for model in (Order, OrderLine)]
    kept += [file.read_text("utf-8") for file in job.folder.rglob("*") if file.is_file()]
    assert not [word for word in PERSONS if any(word in text for text in kept)]
    first, second = Order.objects.order_by("order_no")[:2]
    assert first.buyer_ref == second.buyer_ref
    assert without_mark(first.buyer_ref) == buyer_ref("S1", ORDERS[0]["买家名称"])
    assert "buyers of 2 orders are known by name only" in str(job.remarks)


def test_of_two_totals_the_one_that_is_goods_and_freight_counts(store, tmp_path):
    headings = [*NEW[:12], "订单金额 ", *NEW[12:]]
    orders = [{**order, "订单金额 ": "US $1.00"} for order in ORDERS]
    job, _report = taken(write_export(tmp_path / "export.xlsx", headings, orders))
    assert Order.objects.get(order_no="8199633578334501").total_usd == 22.5
    assert "two columns of order totals; number 2 was used: in 4 rows" in str(job.remarks)


def test_a_later_export_wins_over_one_of_an_earlier_span(store, tmp_path):
    later = [{**ORDERS[0], "订单金额": "US $99.00"}, {**ORDERS[1], "下单时间": "2026-05-30 08:00:00"}]
    write_export(tmp_path / "in" / "a2.xlsx", orders=later)
    write_export(tmp_path / "in" / "a1.xlsx", orders=ORDERS[:2])
    write_export(tmp_path / "in" / "b.xlsx", MIDDLE)
    _job, report = taken(tmp_path / "in")
    assert Order.objects.get(order_no="8199633578334501").total_usd == 99
    assert "of another generation" in report.rejected_files["b.xlsx · 后台"]


# ── What a person is asked, once ───────────────────────────────────────────────────────────────────────────────────


def bare(path: Path) -> Path:
    return write_export(
        path, orders=[{**order, "订单金额": order["订单金额"].removeprefix("US $")} for order in ORDERS]
    )


@pytest.mark.parametrize(
    ("said", "question"),
    [
        (Answers(), "does not name its store: say which with --store"),
        (Answers(store="S1"), "say which with --zone; the back end shows America/Los_Angeles"),
        (Answers(store="S1", zone=PACIFIC), "say which currency they are in with --currency"),
        (Answers(store="S9", zone=PACIFIC, currency="USD"), "store S9 is not known"),
    ],
)
def test_what_the_file_does_not_say_is_asked(store, tmp_path, said, question):
    job, report = taken(bare(tmp_path / "cn1_2026.xlsx"), said)
    assert job.state == "failed"
    assert question in report.rejected_files["cn1_2026.xlsx · 后台"]
    assert not Order.objects.exists()


def test_what_was_said_is_remembered_for_the_store_and_the_file(store, tmp_path):
    taken(bare(tmp_path / "cn1_01.xlsx"), Answers("", "S1", "", PACIFIC, "USD"))
    source = StoreSource.objects.get()
    assert (source.store, source.zone, source.currency, source.stems) == (store, PACIFIC, "USD", ["cn1"])
    # The next file of this login needs no word, another one its store.
    _job, report = taken(bare(tmp_path / "cn1_02.xlsx"), Answers())
    assert counts(report, "orders") == {"same": 4}
    _job, report = taken(bare(tmp_path / "cn2_01.xlsx"), Answers())
    assert "--store" in report.rejected_files["cn2_01.xlsx · 后台"]
    _job, report = taken(bare(tmp_path / "cn2_01.xlsx"), Answers(store="S1"))
    assert counts(report, "orders") == {"same": 4}


def test_a_dry_run_remembers_nothing_and_counts_the_same(store, tmp_path):
    path = write_export(tmp_path / "export.xlsx")
    _job, dry = taken(path, dry_run=True)
    assert not StoreSource.objects.exists()
    _job, report = taken(path)
    assert dry.counts == report.counts


def test_a_new_store_of_a_company_is_made(company, tmp_path):
    said = Answers(store="S7", store_name="Lamps", zone=PACIFIC)
    _job, report = taken(write_export(tmp_path / "export.xlsx"), said, company=company)
    assert (counts(report, "stores"), counts(report, "orders")) == ({"new": 1}, {"new": 4})
    assert list(Store.objects.values_list("store_no", "name", "company__company_no")) == [("S7", "Lamps", "C1")]


@pytest.mark.rule("IX-10")
def test_the_command_takes_it_with_store_and_zone(company, tmp_path, capsys):
    path = write_export(tmp_path / "export.xlsx")
    call_command("import_bundle", str(path), "--company", "C1", "--store", "S1", "--zone", PACIFIC, "--json")
    said = json.loads(capsys.readouterr().out)
    assert (said["state"], said["counts"]["orders"]["new"]) == ("done", 4)


@pytest.mark.rule("IX-03")
def test_what_was_remembered_goes_with_the_company(store, company, tmp_path):
    taken(write_export(tmp_path / "export.xlsx"))
    assert StoreSource.objects.count() == 1
    call_command("remove_company", "C1", "--yes", "--json")
    assert not StoreSource.objects.exists()
    assert not Store.objects.exists()
