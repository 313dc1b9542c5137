"""Order reports of other platforms in the dress in which their back ends export them (IX-06)."""

import pytest
from django.utils import translation

from intake.reading import Answers, Memory
from tests.intake.converting import below, converted, text_file, workbook

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("IX-06", "IX-06b", "IX-05b")]
SINGAPORE = Answers(store="S1", zone="Asia/Singapore", currency="MYR")


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


# ── Shopee ─────────────────────────────────────────────────────────────────────────────────────────────────────────

SHOPEE = (
    *("Order ID", "Order Type", "Order Status", "Hot Listing", "Cancel reason", "Return / Refund Status"),
    *("Tracking Number*", "Shipping Option", "Shipment Method", "Estimated Ship Out Date", "Ship Time"),
    *("Order Creation Date", "Order Paid Time", "Parent SKU Reference No.", "Product Name", "SKU Reference No."),
    *("Variation Name", "Original Price", "Deal Price", "Quantity", "Returned quantity", "Product Subtotal"),
    *("Total Amount (PHP)", "Buyer Paid Shipping Fee", "Grand Total", "Username (Buyer)", "Receiver Name"),
    *("Phone Number", "Delivery Address", "Country", "Remark from buyer", "Order Complete Time", "Note"),
)
BOUGHT = {
    "Order ID": "260501ABCDEF12", "Order Status": "Completed", "Tracking Number*": "PH0001", "Shipping Option": "J&T",
    "Estimated Ship Out Date": "2026-05-04 23:59", "Ship Time": "2026-05-02 10:00",
    "Order Creation Date": "2026-05-01 08:00", "Order Paid Time": "2026-05-01 08:05", "SKU Reference No.": "LAMP",
    "Quantity": "2", "Product Subtotal": "200.00", "Total Amount (PHP)": "1,350.00", "Buyer Paid Shipping Fee": "50",
    "Username (Buyer)": "ana_l", "Receiver Name": "Ana Lopez", "Phone Number": "63912", "Delivery Address": "Main 7",
    "Country": "PH", "Order Complete Time": "2026-05-10 08:00",
}  # fmt: skip


def test_shopee_repeats_the_order_s_values_and_names_the_currency_in_a_heading(tmp_path):
    second = {**BOUGHT, "SKU Reference No.": "BULB", "Quantity": "1", "Product Subtotal": "1100.00"}
    cancelled = {**BOUGHT, "Order ID": "260501ABCDEF13", "Order Status": "Cancelled", "Order Paid Time": "",
                 "Cancel reason": "Cancelled by Seller. Reason: out of stock", "Order Complete Time": "",
                 "Ship Time": "",
                 "Tracking Number*": ""}  # fmt: skip
    odd = {**BOUGHT, "Order ID": "260501ABCDEF14", "Order Status": "Returning", "Cancel reason": "I changed my mind"}
    path = workbook(tmp_path / "Order.all.xlsx", *below(SHOPEE, BOUGHT, second, cancelled, odd))
    found = converted(path, Answers(store="S1", zone="Asia/Manila"))
    assert found.kind == "shopee-orders"
    columns = ("order_no", "created_at", "ship_by", "total_amount", "currency", "cancelled_at", "cancelled_by")
    assert found.rows("orders", *columns) == [
        ("260501ABCDEF12", "2026-05-01T00:00:00Z", "2026-05-04T15:59:00Z", "1350.00", "PHP", "", ""),
        ("260501ABCDEF13", "2026-05-01T00:00:00Z", "2026-05-04T15:59:00Z", "1350.00", "PHP", "2026-05-01T00:00:00Z",
        "seller"),
        # What the wording doesn't tell stays open.
        ("260501ABCDEF14", "2026-05-01T00:00:00Z", "2026-05-04T15:59:00Z", "1350.00", "PHP", "", ""),
    ]  # fmt: skip
    assert found.rows("order_lines", "sku", "quantity")[:2] == [("LAMP", "2"), ("BULB", "1")]
    (look,) = found.bundle.looks
    assert look.needs == ["store", "zone"]
    assert not [word for word in ("Ana Lopez", "63912", "Main 7", "ana_l") if word in str(found)]
    assert "unknown words in the column Order Status were left empty: Returning (1)" in str(found.bundle.warnings)


def test_shopee_in_indonesia_writes_thousands_with_a_dot(tmp_path):
    headings = (
        *("No. Pesanan", "Status Pesanan", "Alasan Pembatalan", "No. Resi", "Opsi Pengiriman"),
        *("Pesanan Harus Dikirimkan Sebelum (Menghindari keterlambatan)", "Waktu Pengiriman Diatur"),
        *("Waktu Pesanan Dibuat", "Waktu Pembayaran Dilakukan", "Metode Pembayaran", "Nomor Referensi SKU", "Jumlah"),
        *("Total Harga Produk", "Total Pembayaran", "Ongkos Kirim Dibayar oleh Pembeli", "Username (Pembeli)"),
        *("Nama Penerima", "No. Telepon", "Waktu Pesanan Selesai"),
    )
    order = {
        "No. Pesanan": "260501ABCDEF12", "Status Pesanan": "Batal", "Waktu Pesanan Dibuat": "2026-05-01 08:00",
        "Waktu Pembayaran Dilakukan": "2026-05-01 08:05", "Nomor Referensi SKU": "LAMP", "Jumlah": "1",
        "Pesanan Harus Dikirimkan Sebelum (Menghindari keterlambatan)": "2026-05-03 23:59",
        "Total Harga Produk": "125.000", "Total Pembayaran": "1.137.500", "Nama Penerima": "Ana Lopez",
    }  # fmt: skip
    path = workbook(tmp_path / "Order.xlsx", *below(headings, order))
    found = converted(path, Answers(store="S1", zone="Asia/Jakarta", currency="IDR"))
    columns = ("total_amount", "currency", "created_at", "ship_by", "end_unclear")
    assert found.rows("orders", *columns) == [
        ("1137500", "IDR", "2026-05-01T01:00:00Z", "2026-05-03T16:59:00Z", "true")
    ]
    assert found.rows("order_lines", "sku", "amount") == [("LAMP", "125000")]


@pytest.mark.parametrize(
    ("headings", "order", "lines"),
    [
        (
            ("Mã đơn hàng", "Ngày đặt hàng", "Trạng Thái Đơn Hàng", "Tên sản phẩm", "SKU sản phẩm",
             "SKU phân loại hàng",
             "Số lượng", "Giá gốc", "Giá ưu đãi"),
            ("260501VN", "2026-05-01 08:00", "Hoàn thành", "Đèn", "L", "L-1", "2", "100.000", "90.000"),
            [("260501VN", "L-1", "2")],
        ),
        (
            ("หมายเลขคำสั่งซื้อ", "ชื่อสินค้า", "ราคาตั้งต้น", "ราคาขาย", "จำนวน",
            "เลขอ้างอิง SKU (SKU Reference No.)"),
            ("260501TH", "โคมไฟ", "100", "90", "3", "L-2"),
            [("260501TH", "L-2", "3")],
        ),
    ],
    ids=["vn", "th"],
)  # fmt: skip
def test_a_file_that_holds_no_orders_brings_their_lines_alone(tmp_path, headings, order, lines):
    found = converted(text_file(tmp_path / "Order.csv", headings, order), SINGAPORE)
    assert list(found.files) == ["order_lines"]
    assert found.rows("order_lines", "order_no", "sku", "quantity") == lines
    assert "the orders come from another file" in str(found.bundle.looks[0].notes)


# ── Lazada, TikTok Shop, eBay ──────────────────────────────────────────────────────────────────────────────────────

LAZADA = (
    *("orderItemId", "sellerSku", "lazadaSku", "createTime", "updateTime", "rtsSla", "ttsSla", "orderNumber"),
    *(
        "deliveredDate",
        "customerName",
        "shippingName",
        "shippingAddress",
        "shippingAddress2",
        "billingName",
        "payMethod",
    ),
    *("paidPrice", "unitPrice", "sellerDiscountTotal", "shippingFee", "shippingProvider", "trackingCode"),
    *("trackingCodeFM", "status", "refundAmount", "sellerNote"),
)
UNIT = {
    "orderItemId": "1000000000000001", "sellerSku": "LAMP", "createTime": "03 Jun 2026 20:41",
    "updateTime": "04 Jun 2026 08:00", "rtsSla": "05 Jun 2026 23:59", "orderNumber": "900000000000001",
    "deliveredDate": "08 Jun 2026 10:00", "shippingName": "Ana Lopez", "paidPrice": "18.00", "unitPrice": "20.00",
    "sellerDiscountTotal": "-2.00", "shippingFee": "2.50", "shippingProvider": "LEX", "trackingCode": "LX1",
    "status": "delivered",
}  # fmt: skip


def test_lazada_has_a_row_per_unit(tmp_path):
    same = {**UNIT, "orderItemId": "1000000000000002"}
    under_way = {**UNIT, "orderItemId": "1000000000000003", "sellerSku": "BULB", "deliveredDate": "",
                 "status": "shipped",
                 "trackingCode": "LX2"}  # fmt: skip
    cancelled = {**UNIT, "orderNumber": "900000000000002", "orderItemId": "1000000000000004", "status": "canceled",
                 "deliveredDate": ""}  # fmt: skip
    path = workbook(tmp_path / "export.xlsx", *below(LAZADA, UNIT, same, UNIT, under_way, cancelled), sheet="sheet1")
    found = converted(path, SINGAPORE)
    assert found.kind == "lazada-orders"
    columns = ("order_no", "created_at", "total_amount", "delivered_at", "tracking_no", "end_unclear")
    assert found.rows("orders", *columns) == [
        # One unit is under way: nothing is delivered yet.
        ("900000000000001", "2026-06-03T12:41:00Z", "61.50", "", "LX1", ""),
        ("900000000000002", "2026-06-03T12:41:00Z", "20.50", "", "LX1", "true"),
    ]
    lines = found.rows("order_lines", "order_no", "sku", "quantity", "amount")
    assert lines[:2] == [("900000000000001", "LAMP", "2", "36.00"), ("900000000000001", "BULB", "1", "18.00")]
    assert found.rows("shipments", "order_no", "tracking_no") == [("900000000000001", "LX2")]
    assert "Ana Lopez" not in str(found)


def test_a_cancelled_unit_of_lazada_does_not_keep_the_others_from_arriving(tmp_path):
    cancelled = {**UNIT, "orderItemId": "1000000000000002", "status": "canceled", "deliveredDate": ""}
    found = converted(text_file(tmp_path / "export.csv", *below(LAZADA, UNIT, cancelled)), SINGAPORE)
    assert found.rows("orders", "delivered_at", "cancelled_at", "end_unclear") == [("2026-06-08T02:00:00Z", "", "")]


def test_the_later_row_of_a_unit_counts_though_july_sorts_before_june(tmp_path):
    later = {**UNIT, "updateTime": "01 Jul 2026 08:00"}
    earlier = {**UNIT, "updateTime": "05 Jun 2026 08:00", "status": "shipped", "deliveredDate": ""}
    found = converted(text_file(tmp_path / "export.csv", *below(LAZADA, later, earlier)), SINGAPORE)
    assert found.rows("orders", "delivered_at") == [("2026-06-08T02:00:00Z",)]


TIKTOK = (
    *("Order ID", "Order Status", "Order Substatus", "Cancelation/Return Type", "Normal or Pre-order", "SKU ID"),
    *("Seller SKU", "Product Name", "Quantity", "SKU Subtotal After Discount", "Shipping Fee After Discount"),
    *("Order Amount", "Created Time", "Paid Time", "RTS Time", "Shipped Time", "Delivered Time", "Cancelled Time"),
    *("Cancel By", "Cancel Reason", "Tracking ID", "Shipping Provider Name", "Buyer Username", "Recipient", "Phone #"),
    *("Zipcode", "Country", "Payment Method", "Package ID"),
)
PAID = {
    "Order ID": "576543210987654321\t", "Order Status": "To ship", "Order Substatus": "Awaiting collection",
    "Normal or Pre-order": "Pre-order", "SKU ID": "1729\t", "Seller SKU": "LAMP", "Quantity": "1",
    "SKU Subtotal After Discount": "100", "Shipping Fee After Discount": "20", "Order Amount": "220",
    "Created Time": "01/05/2026 08:00:00\t", "Paid Time": "01/05/2026 08:01:00\t", "RTS Time": "02/05/2026 09:00:00\t",
    "Shipped Time": "\t", "Delivered Time": "\t", "Cancelled Time": "\t", "Tracking ID": "TT1\t",
    "Shipping Provider Name": "J&T", "Recipient": "Ana Lopez", "Phone #": "(+63)912", "Country": "Philippines",
}  # fmt: skip
LATER = {**PAID, "Order ID": "576543210987654322\t", "Created Time": "13/05/2026 08:00:00\t",
         "Paid Time": "13/05/2026 08:01:00\t", "RTS Time": "\t", "Cancelled Time": "14/05/2026 10:00:00\t",
         "Cancel By": "User", "Order Status": "Canceled", "Normal or Pre-order": "Normal"}  # fmt: skip


def test_tiktok_cells_end_with_a_tab_and_dates_are_decided_over_the_whole_file(tmp_path):
    second = {**PAID, "Seller SKU": "BULB", "SKU Subtotal After Discount": "100"}
    path = text_file(tmp_path / "All order.csv", *below(TIKTOK, PAID, second, LATER), mark="\ufeff")
    found = converted(path, SINGAPORE)
    assert (found.kind, found.bundle.looks[0].needs) == ("tiktok-orders", ["store", "zone", "currency"])
    columns = ("order_no", "created_at", "dispatch_confirmed_at", "shipped_at", "cancelled_at", "cancelled_by",
               "is_presale", "total_amount")  # fmt: skip
    assert found.rows("orders", *columns) == [
        ("576543210987654321", "2026-05-01T00:00:00Z", "2026-05-02T01:00:00Z", "", "", "", "true", "220"),
        ("576543210987654322", "2026-05-13T00:00:00Z", "", "", "2026-05-14T02:00:00Z", "buyer", "false", "220"),
    ]
    assert not [word for word in ("Ana Lopez", "(+63)912") if word in str(found)]


def test_dates_that_may_be_read_in_two_ways_are_asked_for(tmp_path):
    path = text_file(tmp_path / "All order.csv", *below(TIKTOK, PAID))
    assert converted(path, SINGAPORE, is_look=True).bundle.looks[0].open == ["date_order"]
    assert "say which with --date-order" in converted(path, SINGAPORE).bundle.rejected["All order.csv"]
    american = Answers(store="S1", zone="America/New_York", currency="USD", date_order="month")
    assert converted(path, american).rows("orders", "created_at") == [("2026-01-05T13:00:00Z",)]
    mixed = text_file(tmp_path / "mixed.csv", *below(TIKTOK, LATER, {**PAID, "Created Time": "05/13/2026 8:00:00 AM"}))
    assert (
        "dates with the day first and dates with the month first"
        in converted(mixed, SINGAPORE).bundle.rejected["mixed.csv"]
    )


def test_tiktok_workbooks_have_a_row_of_explanations_and_damaged_ids_are_none_of_it(tmp_path):
    explained = dict.fromkeys(TIKTOK, "Explains the column.") | {"Order ID": "Platform unique order ID."}
    ruined = {**LATER, "Order ID": "5.76543E+17"}
    path = workbook(tmp_path / "All order.xlsx", *below(TIKTOK, explained, LATER, ruined), sheet="OrderSKUList")
    found = converted(path, SINGAPORE)
    assert found.rows("orders", "order_no") == [("576543210987654322",), ("5.76543E+17",)]


EBAY = (
    *("Sales Record Number", "Order Number", "Buyer Username", "Buyer Name", "Ship To Name", "Ship To Country"),
    *("Item Number", "Item Title", "Custom Label", "Quantity", "Sold For", "Shipping And Handling", "Total Price"),
    *("Payment Method", "Sale Date", "Paid On Date", "Ship By Date", "Maximum Estimated Delivery Date"),
    *("Shipped On Date", "Feedback Received", "Shipping Service", "Tracking Number"),
)
SUMMARY = {
    "Sales Record Number": "101", "Order Number": "26-12345-67890", "Buyer Username": "ana_l",
    "Buyer Name": "Ana Lopez",
    "Ship To Name": "Ana Lopez", "Ship To Country": "United States", "Quantity": "3", "Sold For": "$30.00",
    "Shipping And Handling": "$5.00", "Total Price": "$35.00", "Sale Date": "Sep-27-26", "Paid On Date": "Sep-27-26",
    "Ship By Date": "Sep-30-26 23:45:00", "Shipped On Date": "Sep-28-26", "Feedback Received": "Positive",
    "Shipping Service": "USPS", "Tracking Number": "9400",
}  # fmt: skip
FIRST = {"Sales Record Number": "101", "Item Number": "301", "Custom Label": "LAMP", "Quantity": "2",
         "Sold For": "$20.00",
         "Total Price": "--"}  # fmt: skip
SECOND = {
    "Sales Record Number": "101",
    "Item Number": "302",
    "Quantity": "1",
    "Sold For": "$10.00",
    "Total Price": "--",
}
SINGLE = {**SUMMARY, "Sales Record Number": "102", "Order Number": "26-12345-67891", "Item Number": "303",
          "Custom Label": "BULB", "Quantity": "1", "Total Price": "$35.00", "Shipped On Date": "--"}  # fmt: skip


def test_ebay_s_header_is_in_the_second_line_and_a_footer_follows(tmp_path):
    rows = below(EBAY, SUMMARY, FIRST, SECOND, SINGLE)
    padding = [""] * len(EBAY)
    footer = ["2", "record(s) downloaded,from Sep-01-26 00:00:00, to Sep-30-26 23:59:59"]
    path = text_file(tmp_path / "eBay.csv", padding, rows[0], padding, *rows[1:], [], footer, ["Seller ID : lamps"])
    found = converted(path, Answers(store="S1", zone="America/Los_Angeles"))
    assert (found.kind, found.bundle.looks[0].needs) == ("ebay-orders", ["store", "zone"])
    columns = ("order_no", "created_at", "ship_by", "shipped_at", "total_amount", "currency", "tracking_no")
    assert found.rows("orders", *columns) == [
        (
            "26-12345-67890",
            "2026-09-27T07:00:00Z",
            "2026-10-01T06:45:00Z",
            "2026-09-28T07:00:00Z",
            "35.00",
            "USD",
            "9400",
        ),
        ("26-12345-67891", "2026-09-27T07:00:00Z", "2026-10-01T06:45:00Z", "", "35.00", "USD", "9400"),
    ]
    lines = found.rows("order_lines", "order_no", "sku", "quantity", "amount")
    assert [line[1:] for line in lines] == [("LAMP", "2", "20.00"), ("302", "1", "10.00"), ("BULB", "1", "30.00")]
    assert "2 cells of Sale Date name only a day" in str(found.bundle.warnings)
    assert not [word for word in ("Ana Lopez", "ana_l") if word in str(found)]


# ── Neighbours ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "headings",
    [
        ("Order ID", "Order Status", "Tracking Number", "Order Creation Date"),
        ("orderItemId", "sellerSku", "orderNumber"),
        ("Order ID", "Order Status", "RTS Time"),
        ("PO#", "FLIDS", "Order#", "Line#", "SKU"),
        ("Sales Record Number", "User Id", "Buyer Fullname", "Sale Date"),
    ],
)
def test_a_neighbour_is_none_of_them(tmp_path, headings):
    found = converted(text_file(tmp_path / "export.csv", headings, ["1"] * len(headings)), is_look=True)
    assert found.kind == ""
    assert list(found.bundle.rejected) == ["export.csv"]


def test_headings_that_nobody_knows_are_reported(tmp_path):
    rows = below((*TIKTOK, "Moon Phase"), {**LATER, "Moon Phase": "full"})
    found = converted(text_file(tmp_path / "All order.csv", *rows), SINGAPORE)
    assert found.bundle.looks[0].notes == ["unknown columns were ignored: Moon Phase"]


def test_a_lone_store_needs_no_word_once_its_zone_is_remembered(tmp_path):
    path = text_file(tmp_path / "All order.csv", *below(TIKTOK, LATER))
    memory = Memory(stores={("tiktok-orders", "S1"): SINGAPORE}, known={"S1": "Lamps"})
    found = converted(path, Answers(), memory=memory)
    assert found.rows("orders", "order_no", "currency") == [("576543210987654322", "MYR")]
