"""The shown list of orders as a file: for people in their language, or in the machine form (RL-12, RL-14, DM-28)."""

import csv
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from stores.models import Carrier, Store
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def seller(store: Store) -> Client:
    return client_of(make_person("owner", store.company))


FILE_HEADINGS = {
    "zh-hans": (
        "订单号,订单状态,渠道,SKU,类目,站点,预售,下单时间 (GMT+8),付款时间 (GMT+8),确认发货时间 (GMT+8),"
        "发货期限 (GMT+8),发货时间 (GMT+8),物流商,运单号,首次扫描时间 (GMT+8),预计送达时间 (GMT+8),妥投时间 (GMT+8),"
        "确认收货时间 (GMT+8),确认方,取消时间 (GMT+8),取消方,退款时间 (GMT+8),关闭时间 (GMT+8),"
        "订单金额,币种,兑美元汇率,订单金额（美元）"
    ),
    "en": (
        "Order number,Order state,Channel,SKU,Category,Site,Presale,Created (GMT+8),Paid (GMT+8),"
        "Dispatch confirmed (GMT+8),Ship by (GMT+8),Shipped (GMT+8),Carrier,Tracking number,First scan (GMT+8),"
        "Estimated delivery (GMT+8),Delivered (GMT+8),Receipt confirmed (GMT+8),Confirmed by,Cancelled (GMT+8),"
        'Cancelled by,Refunded (GMT+8),Closed (GMT+8),Amount,Currency,USD per unit,"Amount, USD"'
    ),
}
FILE_ROWS = {
    "zh-hans": (
        "'8123456789012345,已取消,平台,,,西班牙,否,2026-11-18 12:00:00,2026-11-18 13:00:00,,"
        "2026-11-21 13:00:00,,菜鸟,,,,,,,2026-11-20 11:00:00,卖家,,,1200,JPY,0.006500000000,7.80"
    ),
    "en": (
        "'8123456789012345,cancelled,platform,,,Spain,no,2026-11-18 12:00:00,2026-11-18 13:00:00,,"
        "2026-11-21 13:00:00,,菜鸟,,,,,,,2026-11-20 11:00:00,seller,,,1200,JPY,0.006500000000,7.80"
    ),
}


@pytest.mark.rule("RL-12", "RL-14", "DM-28")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_file_for_people_speaks_their_language(store: Store, seller: Client, language: str) -> None:
    Carrier.objects.update_or_create(code="CAINIAO", defaults={"name": "菜鸟"})
    make_order(
        store, order_no="8123456789012345", site="ES", carrier="CAINIAO", paid_at=NOW - 2 * DAY + HOUR,
        cancelled_at=NOW - HOUR, cancelled_by="seller", total_amount=Decimal(1200), currency="JPY",
        usd_rate=Decimal("0.0065"), total_usd=Decimal("7.8"), ship_address="Calle Secreta 1",
    )  # fmt: skip
    seller.cookies["language"] = language
    response = seller.get(reverse("dashboard:orders_file", args=[store.store_no, "csv"]), {"tab": "all"})
    text = b"".join(response.streaming_content).decode()
    assert text.splitlines() == [f"\ufeff{FILE_HEADINGS[language]}", FILE_ROWS[language]]
    workbook = seller.get(reverse("dashboard:orders_file", args=[store.store_no, "xlsx"]), {"tab": "all"})
    assert workbook["Content-Disposition"] == 'attachment; filename="orders-all-20261120.xlsx"'
    rows = CalamineWorkbook.from_filelike(BytesIO(workbook.getvalue())).get_sheet_by_index(0).to_python()
    assert ",".join(map(str, rows[0])) == FILE_HEADINGS[language].replace('"', "")
    assert rows[1][:2] == ["8123456789012345", FILE_ROWS[language].split(",")[1]]
    assert rows[1][7] == datetime(2026, 11, 18, 12)
    assert rows[1][23:] == [1200.0, "JPY", 0.0065, 7.8]


@pytest.mark.rule("PG-06")
def test_the_list_offers_files_of_all_its_pages(store: Store, seller: Client) -> None:
    make_order(store, site="ES")
    html = seller.get(
        reverse("dashboard:orders", args=[store.store_no]), {"site": "ES", "earlier": "x"}
    ).content.decode()
    base = f"/stores/{store.store_no}/orders"
    for address in (
        f"{base}.xlsx?site=ES",
        f"{base}.csv?site=ES",
        f"{base}.csv?site=ES&amp;form=machine",
    ):
        assert f'href="{address}"' in html


@pytest.mark.rule("RL-12")
def test_the_machine_form_is_the_same_in_both_kinds_of_file(store: Store, seller: Client) -> None:
    make_order(store, order_no="A1", paid_at=NOW - DAY)
    query = {"form": "machine"}
    text = b"".join(seller.get(reverse("dashboard:orders_file", args=[store.store_no, "csv"]), query).streaming_content)
    cells = list(csv.reader(StringIO(text.decode("utf-8-sig"))))
    workbook = seller.get(reverse("dashboard:orders_file", args=[store.store_no, "xlsx"]), query)
    rows = CalamineWorkbook.from_filelike(BytesIO(workbook.getvalue())).get_sheet_by_index(0).to_python()
    assert rows[0] == cells[0]
    assert rows[1][:-4] == cells[1][:-4]
