"""Amazon's reports as they come: tab-separated, without quotes, a row per item (IX-06)."""

from pathlib import Path

import pytest
from django.utils import translation

from intake.reading import Answers
from tests.intake.converting import below, converted, text_file

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("IX-06", "IX-06b", "IX-05b")]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


AMAZON = (
    *("amazon-order-id", "merchant-order-id", "purchase-date", "last-updated-date", "order-status"),
    *(
        "fulfillment-channel",
        "sales-channel",
        "order-channel",
        "url",
        "ship-service-level",
        "product-name",
        "sku",
        "asin",
    ),
    *("item-status", "quantity", "currency", "item-price", "item-tax", "shipping-price", "shipping-tax"),
    *("gift-wrap-price", "gift-wrap-tax", "item-promotion-discount", "ship-promotion-discount", "ship-city"),
    *("ship-state", "ship-postal-code", "ship-country", "promotion-ids"),
)
ONE = {
    "amazon-order-id": "112-1234567-1234567",
    "purchase-date": "2026-05-01T08:00:00+00:00",
    "last-updated-date": "2026-05-02T08:00:00+00:00",
    "order-status": "Shipped",
    "fulfillment-channel": "Merchant",
    # No quoting: an inch mark is a character like any other.
    "product-name": '7" tablet, "used',
    "sku": "TAB-7",
    "asin": "B01",
    "quantity": "1",
    "currency": "USD",
    "item-price": "20.00",
    "item-tax": "1.50",
    "shipping-price": "3.00",
    "item-promotion-discount": "2.00",
    "ship-city": "Springfield",
    "ship-country": "US",
}
TWO = {**ONE, "sku": "BAG", "asin": "B02", "quantity": "2", "item-price": "10.00", "item-promotion-discount": ""}


def amazon(path: Path, *orders: dict[str, str], encoding: str = "utf-8") -> Path:
    lines = ["\t".join(row) for row in below(AMAZON, *orders)]
    # Rows may lack their trailing cells.
    path.write_bytes("\r\n".join(line.rstrip("\t") for line in lines).encode(encoding))
    return path


def test_amazon_items_are_summed_into_orders(tmp_path):
    found = converted(amazon(tmp_path / "orders.txt", ONE, TWO), Answers(store="S1"))
    assert found.kind == "amazon-orders"
    columns = ("order_no", "created_at", "total_amount", "shipping_amount", "currency", "site", "fulfilled_by")
    # 20 + 1.50 + 3 - 2, and 10 + 1.50 + 3.
    assert found.rows("orders", *columns) == [
        ("112-1234567-1234567", "2026-05-01T08:00:00Z", "37.00", "6.00", "USD", "US", "seller")
    ]
    lines = found.rows("order_lines", "line_no", "sku", "quantity", "amount")
    assert lines == [("1", "TAB-7", "1", "20.00"), ("2", "BAG", "2", "10.00")]
    assert found.bundle.warnings == []


def test_amazon_s_own_traps(tmp_path):
    older = {**ONE, "last-updated-date": "2026-05-01T09:00:00+00:00", "item-price": "99.00"}
    removal = {**ONE, "amazon-order-id": "S01-1234567-1234567"}
    pending = {**ONE, "amazon-order-id": "113-1", "order-status": "Pending", "item-price": ""}
    part = {
        **ONE,
        "amazon-order-id": "114-1",
        "item-status": "Cancelled",
        "quantity": "0",
        "item-price": "",
        "asin": "B9",
    }
    sent = {**ONE, "amazon-order-id": "114-1"}
    gone = {**ONE, "amazon-order-id": "115-1", "order-status": "Cancelled", "fulfillment-channel": "Amazon"}
    path = amazon(tmp_path / "orders.txt", older, ONE, removal, pending, part, sent, gone)
    found = converted(path, Answers(store="S1"))
    assert found.rows("orders", "order_no", "total_amount", "fulfilled_by", "end_unclear") == [
        ("112-1234567-1234567", "22.50", "seller", ""),
        ("114-1", "22.50", "seller", ""),
        # Nobody knows when it was cancelled, nor by whom.
        ("115-1", "22.50", "platform", "true"),
    ]
    assert found.bundle.warnings == [
        "orders.txt: 1 orders ended, and the file does not say how: they are marked as data issues",
        "orders.txt: 1 rows repeat an item; the latest of each counts",
        "orders.txt: rows of orders from outside the shop: 1",
        "orders.txt: rows of items without a price yet, or cancelled: 2",
    ]


def test_the_sales_channel_tells_where_an_order_was_placed(tmp_path):
    own = {**ONE, "sales-channel": "Amazon.de"}
    foreign = {**ONE, "amazon-order-id": "116-1", "sales-channel": "Non-Amazon"}
    found = converted(amazon(tmp_path / "orders.txt", own, foreign), Answers(store="S1"))
    assert found.rows("orders", "order_no", "source") == [
        ("112-1234567-1234567", "platform"),
        ("116-1", "external"),
    ]


def test_amazon_in_japan_is_in_shift_jis_and_asks_for_that_alone(tmp_path):
    order = {
        **ONE,
        "product-name": "日本語の商品名です。東京で売れています",
        "purchase-date": "2026-05-01T08:00:00+09:00",
    }
    path = amazon(tmp_path / "orders.txt", {**order, "currency": "JPY", "item-price": "2000", "item-tax": "",
                                            "shipping-price": "", "item-promotion-discount": ""},
    encoding="cp932")  # fmt: skip
    found = converted(path, Answers(store="S1", encoding="cp932"))
    assert found.rows("orders", "created_at", "total_amount", "currency") == [("2026-04-30T23:00:00Z", "2000", "JPY")]
    looked = converted(path, Answers(store="S1"), is_look=True)
    assert [(look.kind, look.open) for look in looked.bundle.looks] == [
        ("encoding", ["encoding"]),
        ("amazon-orders", []),
    ]


def test_amazon_shipments_bring_parcels(tmp_path):
    headings = (
        *("amazon-order-id", "merchant-order-id", "shipment-id", "shipment-item-id", "amazon-order-item-id"),
        *(
            "purchase-date",
            "payments-date",
            "shipment-date",
            "reporting-date",
            "buyer-email",
            "sku",
            "quantity-shipped",
        ),
        *("currency", "item-price", "carrier", "tracking-number", "estimated-arrival-date", "fulfillment-center-id"),
    )
    first = {
        "amazon-order-id": "112-1", "shipment-item-id": "I1", "purchase-date": "2026-05-01T08:00:00+00:00",
        "payments-date": "2026-05-01T08:01:00+00:00", "shipment-date": "2026-05-03T08:00:00+00:00", "sku": "A",
        "quantity-shipped": "1", "currency": "USD", "item-price": "5.00", "carrier": "UPS", "tracking-number": "1Z2",
        "estimated-arrival-date": "2026-05-08T08:00:00+00:00", "buyer-email": "ana@example.com",
    }  # fmt: skip
    second = {**first, "shipment-item-id": "I2", "shipment-date": "2026-05-02T08:00:00+00:00", "tracking-number": "1Z1"}
    found = converted(
        text_file(tmp_path / "ship.txt", *below(headings, first, second), separator="\t"), Answers(store="S1")
    )
    columns = ("order_no", "shipped_at", "tracking_no", "carrier", "total_amount", "fulfilled_by")
    assert found.kind == "amazon-shipments"
    assert found.rows("orders", *columns) == [("112-1", "2026-05-02T08:00:00Z", "1Z1", "UPS", "10.00", "platform")]
    assert found.rows("shipments", "tracking_no", "shipped_at") == [("1Z2", "2026-05-03T08:00:00Z")]
    assert "ana@example.com" not in str(found.bundle.looks)


@pytest.mark.parametrize(
    "headings", [("amazon-order-id", "order-status", "sku"), ("order-id", "purchase-date", "order-status")]
)
def test_a_neighbour_is_none_of_them(tmp_path, headings):
    found = converted(text_file(tmp_path / "export.txt", headings, ["1"] * len(headings)), is_look=True)
    assert found.kind == ""
