"""The Olist profile (IX-06a), on rows with the quirks of the real data set."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation

from orders.models import Order, OrderLine, Review
from stores.models import Feed, Store
from tests.intake.helpers import counts, errors, take

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-06", "IX-06a")]

FILES = {
    "olist_sellers_dataset": (
        "seller_id,seller_zip_code_prefix,seller_city,seller_state\nb,01,sao paulo,SP\na,02,rio,RJ\n"
    ),
    "olist_customers_dataset": "customer_id,customer_unique_id\nc1,person\n",
    "olist_products_dataset": "product_id,product_category_name\np1,beleza_saude\np2,\np3,pc_gamer\n",
    "product_category_name_translation": (
        "\ufeffproduct_category_name,product_category_name_english\nbeleza_saude,health_beauty\n"
    ),
    "olist_order_payments_dataset": (
        "order_id,payment_sequential,payment_type,payment_installments,payment_value\n"
        "two,1,voucher,1,5.00\ntwo,2,credit_card,1,95.00\n"
    ),
    "olist_order_items_dataset": (
        "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value\n"
        "two,1,p2,b,2017-10-20 10:00:00,10.00,1.50\ntwo,2,p1,b,2017-10-21 10:00:00,20.00,2.50\n"
        "two,3,p3,a,2017-10-22 10:00:00,30.00,3.00\ngone,1,p1,a,2018-02-18 10:00:00,1.00,0.10\n"
    ),
    "olist_orders_dataset": (
        "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,"
        "order_delivered_customer_date,order_estimated_delivery_date\n"
        "two,c1,delivered,2017-10-14 10:00:00,2017-10-14 11:00:00,2017-10-13 09:00:00,2017-10-30 12:00:00,"
        "2017-11-05 00:00:00\n"
        "gone,c2,canceled,2018-02-10 10:00:00,,,,2018-02-17 00:00:00\n"
        "empty,c3,unavailable,2018-02-10 10:00:00,2018-02-10 11:00:00,,,2018-02-17 00:00:00\n"
    ),
    "olist_order_reviews_dataset": (
        "review_id,order_id,review_score,review_comment_title,review_comment_message,review_creation_date,"
        "review_answer_timestamp\n"
        'r,two,1,ruim,"linha 1\nlinha 2",2017-10-31 00:00:00,2017-11-01 08:00:00\n'
        "r,gone,5,,,2018-02-20 00:00:00,2018-02-21 08:00:00\nr2,gone,4,,,2018-02-20 00:00:00,2018-02-22 08:00:00\n"
        "r3,empty,3,,,2018-02-20 00:00:00,2018-02-22 08:00:00\n"
    ),
}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def olist(folder: Path, **changed: str):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {**FILES, **changed}.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return take(folder, profile="olist")


def iso(instant) -> str:
    return instant.isoformat() if instant else ""


def test_an_order_per_order_and_seller(tmp_path):
    _job, report = olist(tmp_path)
    assert counts(report, "orders") == {"new": 3, "refused": 1}
    numbers = set(Order.objects.values_list("store__store_no", "order_no"))
    assert numbers == {("a", "two"), ("b", "two-2"), ("a", "gone")}
    assert OrderLine.objects.count() == 4
    assert dict(Store.objects.values_list("store_no", "name")) == {"a": "a (rio, RJ)", "b": "b (sao paulo, SP)"}


def test_what_an_order_says(tmp_path):
    olist(tmp_path)
    order = Order.objects.get(order_no="two-2")
    assert (order.sku, order.category, order.buyer_ref, order.site) == ("p1", "health_beauty", "person", "BR")
    assert (order.total_amount, order.currency, order.payment_method) == (Decimal("34.0000"), "BRL", "credit_card")
    assert order.total_usd == Decimal("34") * Decimal("0.3133")
    # 14 October is before summer time began in Sao Paulo, the others lie in it.
    assert iso(order.created_at) == "2017-10-14T13:00:00+00:00"
    assert iso(order.ship_by) == "2017-10-21T12:00:00+00:00"
    assert iso(order.delivered_at) == "2017-10-30T14:00:00+00:00"
    assert iso(order.estimated_delivery_at) == "2017-11-06T01:59:59+00:00"
    assert (iso(order.confirmed_at), order.confirmed_by) == ("2017-11-09T14:00:00+00:00", "system")
    assert order.data_issues & 2, "handed over before it was paid"


def test_cancelled_orders_and_days_that_end_twice(tmp_path):
    olist(tmp_path)
    order = Order.objects.get(order_no="gone")
    assert (iso(order.cancelled_at), order.cancelled_by) == ("2018-02-10T12:00:00+00:00", "platform")
    # The clocks went back at midnight: 17 February 2018 had 25 hours there.
    assert iso(order.estimated_delivery_at) == "2018-02-18T02:59:59+00:00"


def test_orders_without_items_are_rejected_by_their_line(tmp_path):
    job, report = olist(tmp_path)
    [order] = errors(job, "orders")
    assert (order["file"], order["line"], order["column"], order["value"]) == (
        "olist_orders_dataset.csv",
        "4",
        "order_id",
        "empty",
    )
    assert "has no items" in order["reason"]
    assert counts(report, "reviews")["refused"] == 1


def test_reviews_are_those_of_every_part_of_their_order(tmp_path):
    olist(tmp_path)
    said = sorted(Review.objects.values_list("order__order_no", "described", "text"))
    assert said == [
        ("gone", 4, ""),
        ("gone", 5, ""),
        ("two", 1, "ruim\nlinha 1\nlinha 2"),
        ("two-2", 1, "ruim\nlinha 1\nlinha 2"),
    ]


@pytest.mark.rule("MX-07")
def test_only_orders_and_reviews_are_fed(tmp_path):
    olist(tmp_path)
    assert set(Feed.objects.values_list("kind", flat=True)) == {"orders", "reviews"}


@pytest.mark.rule("MX-07")
def test_it_is_known_until_what_happened_last(tmp_path):
    items = FILES["olist_order_items_dataset"].replace("2018-02-18", "2020-02-05")
    olist(tmp_path, olist_order_items_dataset=items)
    # The answer to a review in São Paulo; a dispatch limit two years later says nothing.
    assert {iso(feed.known_until) for feed in Feed.objects.all()} == {"2018-02-22T11:00:00+00:00"}


def test_again_it_is_the_same(tmp_path):
    olist(tmp_path)
    _job, report = olist(tmp_path)
    assert counts(report, "orders") == {"same": 3, "refused": 1}


def test_a_folder_that_is_something_else_is_rejected(tmp_path):
    (tmp_path / "orders.csv").write_text("a,b\n")
    job, _report = take(tmp_path, profile="olist")
    assert "no Olist data set" in job.error


def test_an_unreadable_time_refuses_its_row(tmp_path):
    orders = FILES["olist_orders_dataset"].replace("2018-02-10 10:00:00,,,,", "10/02/2018,,,,")
    job, _report = olist(tmp_path, olist_orders_dataset=orders)
    assert [error["column"] for error in errors(job, "orders")] == ["order_purchase_timestamp", "order_id"]


@pytest.mark.rule("IX-05b")
def test_ids_and_times_in_spreadsheet_dress_are_the_same(tmp_path):
    olist(tmp_path / "a")
    items = FILES["olist_order_items_dataset"].replace("two,1,p2,b", '="two",1,\'p2,#b')
    items = items.replace("2017-10-20 10:00:00", "2017/10/20 10:00")
    orders = (
        FILES["olist_orders_dataset"]
        .replace("two,c1", "'two,c1")
        .replace("2018-02-10 10:00:00,,,,", "2018/2/10 10:00,--,NULL,0000-00-00,")
    )
    _job, report = olist(tmp_path / "b", olist_order_items_dataset=items, olist_orders_dataset=orders)
    assert counts(report, "orders") == {"same": 3, "refused": 1, "emptied": 3}
    assert counts(report, "order_lines") == {"same": 4}
