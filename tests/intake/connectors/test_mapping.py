"""The map from the platform's answers to canonical rows, and how its values read (IX-25). Pure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from intake.connectors.aliexpress import words
from intake.connectors.aliexpress.mapping import Reading, dispute_row, order_rows, review_rows, scan_rows
from intake.connectors.aliexpress.values import (
    Money,
    Oddity,
    certain_after,
    certain_before,
    local_text,
    moment_of,
    money_of,
    parse,
    rows_of,
    text_of,
)
from tests.intake.connectors.shop import FIRST, ended, money, order, shipped, trace

pytestmark = pytest.mark.rule("IX-25")


def reading() -> tuple[Reading, list[tuple[str, str, str]]]:
    doubts: list[tuple[str, str, str]] = []
    return Reading("S1", lambda *said: doubts.append(said)), doubts


def end_of(source: dict[str, Any]) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    read, doubts = reading()
    found = order_rows(source, read).order
    names = ("confirmed_at", "confirmed_by", "cancelled_at", "cancelled_by", "cancel_reason", "end_unclear")
    return {name: found[name] for name in names if found[name]}, doubts


CREATED = datetime(2026, 6, 1, 12, tzinfo=UTC)
OVER = "2026-06-21T12:00:00Z"


# ── Values ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        ({}, []),
        (None, []),
        ({"aeop_dto": []}, []),
        ({"aeop_dto": [{"a": 1}, {"a": 2}]}, [{"a": 1}, {"a": 2}]),
        ({"outer": {"inner": [{"a": 1}]}}, [{"a": 1}]),
        ([{"a": 1}, "noise"], [{"a": 1}]),
    ],
)
def test_lists_are_found_in_any_wrapper(value, rows):
    assert rows_of(value) == rows


def test_ids_keep_all_their_digits():
    assert text_of(parse(b'{"id": 3031000000000000001}')["id"]) == "3031000000000000001"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"amount": "21.50", "currency_code": "USD"}, Money(Decimal("21.50"), "USD")),
        (
            {"amount": 0, "cent": 2150, "cent_factor": 100, "currency": {"currency_code": "EUR"}},
            Money(Decimal("21.5"), "EUR"),
        ),
        ({"amount": "0.00", "cent": "350", "cent_factor": "1", "currency_code": "JPY"}, Money(Decimal(350), "JPY")),
        ("9.99", Money(Decimal("9.99"), "")),
        ({"amount": "free"}, None),
        ("NaN", None),
        (None, None),
    ],
)
def test_cents_win_over_an_amount_that_says_0(value, expected):
    assert money_of(value) == expected


@pytest.mark.parametrize(
    ("text", "at", "oddity"),
    [
        ("2026-07-01 05:00:00", datetime(2026, 7, 1, 12, tzinfo=UTC), None),
        ("2026-12-01 05:00:00", datetime(2026, 12, 1, 13, tzinfo=UTC), None),
        # The hour that the clocks are put forward over, and the one that comes twice.
        ("2026-03-08 02:30:00", datetime(2026, 3, 8, 10, 30, tzinfo=UTC), Oddity.SKIPPED),
        ("2026-11-01 01:30:00", datetime(2026, 11, 1, 8, 30, tzinfo=UTC), Oddity.TWICE),
        ("1782907200", datetime(2026, 7, 1, 12, tzinfo=UTC), None),
        ("1782907200000", datetime(2026, 7, 1, 12, tzinfo=UTC), None),
    ],
)
def test_local_times_are_pacific_with_daylight_saving(text, at, oddity):
    found = moment_of(text)
    assert (found.at, found.oddity) == (at, oddity)


@pytest.mark.parametrize("minutes", range(0, 180, 7))
def test_a_request_never_names_a_time_that_came_twice(minutes):
    at = datetime(2026, 11, 1, 7, 50, 30, tzinfo=UTC) + timedelta(minutes=minutes)
    before, after = certain_before(at), certain_after(at)
    assert before <= at <= after
    assert moment_of(local_text(before)).at == before
    assert moment_of(local_text(after)).at == after
    assert {moment_of(local_text(one)).oddity for one in (before, after)} == {None}


# ── Orders ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_order_is_read_whole():
    read, doubts = reading()
    found = order_rows(shipped(1, CREATED), read)
    buyer = found.order.pop("buyer_ref")
    assert (len(buyer), buyer != "ru1") == (32, True)
    assert found.order == {
        "store_no": "S1",
        "order_no": str(FIRST + 1),
        "site": "RU",
        "created_at": "2026-06-01T12:00:00Z",
        "paid_at": "2026-06-01T12:05:00Z",
        "total_amount": "21.5",
        "currency": "USD",
        "carrier": "CAINIAO_STANDARD",
        "tracking_no": "LP000000001CN",
        "shipped_at": "2026-06-02T18:00:00Z",
        "fulfilled_by": "seller",
        "confirmed_at": "",
        "confirmed_by": "",
        "cancelled_at": "",
        "cancelled_by": "",
        "cancel_reason": "",
        "end_unclear": "false",
        "sku": "LAMP-1",
    }
    assert found.lines == [
        {"store_no": "S1", "order_no": str(FIRST + 1), "line_no": "1", "sku": "LAMP-1", "quantity": "2", "amount": "19"}
    ]
    assert (found.refunds, found.settlements, doubts) == ([], [], [])


@pytest.mark.parametrize(
    ("reason", "more", "expected"),
    [
        ("buyer_confirm_goods", {}, {"confirmed_at": OVER, "confirmed_by": "buyer", "end_unclear": "false"}),
        ("order_completed", {}, {"confirmed_at": OVER, "end_unclear": "false"}),
        ("cancel_order_close_trade", {}, {"cancelled_at": OVER, "end_unclear": "false"}),
        (
            "cancel_order_close_trade",
            {"cancel_request_reason": "changed_mind"},
            {"cancelled_at": OVER, "cancelled_by": "buyer", "cancel_reason": "changed_mind", "end_unclear": "false"},
        ),
        (
            "send_goods_timeout",
            {},
            {
                "cancelled_at": OVER,
                "cancelled_by": "seller",
                "cancel_reason": "send_goods_timeout",
                "end_unclear": "false",
            },
        ),
        (
            "pay_timeout",
            {"gmt_pay_success": None, "gmt_pay_time": None},
            {"cancelled_at": OVER, "end_unclear": "false"},
        ),
    ],
)
def test_a_finished_order_was_received_or_cancelled(reason, more, expected):
    assert end_of(ended(1, CREATED, reason, **more)) == (expected, [])


def test_an_end_that_nobody_knows_is_a_data_issue():
    number = str(FIRST + 1)
    assert end_of(ended(1, CREATED, "abducted")) == ({"end_unclear": "true"}, [("end_reason", "abducted", number)])
    assert end_of(order(1, CREATED, order_status="LOST_IN_SPACE")) == (
        {"end_unclear": "false"},
        [("order_status", "LOST_IN_SPACE", number)],
    )


@pytest.mark.rule("MX-04a")
def test_orders_that_the_platform_ships_say_so():
    source = order(1, CREATED)
    products = source["child_order_list"]["aeop_tp_child_order_dto"]
    read, _doubts = reading()
    assert order_rows(source, read).order["fulfilled_by"] == "seller"
    products[0]["send_goods_operator"] = "WAREHOUSE_SEND_GOODS"
    assert order_rows(source, read).order["fulfilled_by"] == "platform"
    products.append({**products[0], "child_id": 1, "send_goods_operator": "SELLER_SEND_GOODS"})
    assert order_rows(source, read).order["fulfilled_by"] == "seller"


def test_items_and_parcels_have_an_order_of_their_own():
    source = shipped(1, CREATED)
    product = source["child_order_list"]["aeop_tp_child_order_dto"][0]
    source["child_order_list"]["aeop_tp_child_order_dto"] = [
        {**product, "child_id": 30, "sku_code": "C"},
        {**product, "child_id": 4, "sku_code": "", "total_product_amount": money("5", "EUR")},
    ]
    parcel = source["logistic_info_list"]["aeop_tp_logistic_info_dto"][0]
    late = {**parcel, "logistics_no": "LATE", "gmt_send": "2026-06-05 00:00:00"}
    source["logistic_info_list"]["aeop_tp_logistic_info_dto"] = [late, parcel, parcel]
    read, _doubts = reading()
    found = order_rows(source, read)
    assert [(line["line_no"], line["sku"], line["amount"]) for line in found.lines] == [
        ("1", "1005000000000001", ""),
        ("2", "C", "19"),
    ]
    assert [parcel["tracking_no"] for parcel in found.parcels] == ["LP000000001CN", "LATE"]
    assert [row["tracking_no"] for row in found.files()["shipments"]] == ["LATE"]


def test_refunds_and_releases_are_rows_of_their_own():
    refund = {"refund_status": "refund_ok", "refund_time": "2026-06-20 05:00:00", "refund_cash_amt": money("21.50")}
    loan = {"loan_amount": money("20.00"), "loan_time": "2026-06-22 05:00:00"}
    read, _doubts = reading()
    found = order_rows(ended(1, CREATED, refund_info=refund, loan_info=loan), read)
    number = str(FIRST + 1)
    assert found.refunds == [
        {
            "store_no": "S1",
            "refund_no": f"{number}-R",
            "order_no": number,
            "requested_at": "2026-06-20T12:00:00Z",
            "state": "completed",
            "completed_at": "2026-06-20T12:00:00Z",
            "amount_usd": "21.5",
            "full": "true",
        }
    ]
    assert found.settlements == [
        {
            "store_no": "S1",
            "order_no": number,
            "released_at": "2026-06-22T12:00:00Z",
            "amount": "20",
            "currency": "USD",
        }
    ]


def test_times_that_daylight_saving_makes_uncertain_are_data_issues():
    read, doubts = reading()
    order_rows(order(1, CREATED, gmt_create="2026-03-08 02:30:00", gmt_pay_success="soon"), read)
    number = str(FIRST + 1)
    assert doubts == [("created_at.skipped", "2026-03-08 02:30:00", number), ("paid_at.unreadable", "soon", number)]


def test_a_country_that_nobody_knows_costs_no_order():
    read, doubts = reading()
    found = order_rows(order(1, CREATED, buyer_info={"country": "ZZZ"}), read).order
    assert ("site" in found, doubts) == (False, [("site", "ZZZ", str(FIRST + 1))])
    assert order_rows(order(1, CREATED, buyer_info={"country": "UK"}), read).order["site"] == "GB"


# ── Scans, reviews, disputes ───────────────────────────────────────────────────────────────────────────────────────


def test_scans_have_kinds_and_who_signed_is_left_out():
    read, doubts = reading()
    found = scan_rows([*trace(CREATED), {"event_date": "2026-06-02 05:00:00", "action_code": "WARP"}], "O1", "T1", read)
    assert [(row["kind"], row["text"]) for row in found] == [
        ("label", "Consign"),
        ("pickup", "Pu_Pickup_Success"),
        ("transit", "Lh_Depart"),
        ("customs", "Cc_Im_Success"),
        ("delivered", ""),
    ]
    assert doubts == [("action_code", "WARP", "O1")]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("GTMS_SIGN_FAILED", "exception"),
        ("BUYER_REJECT", "exception"),
        ("RT_INBOUND", "returned"),
        ("CUS_HOLD", "customs"),
        ("GTMS_DELIVERING", "out_for_delivery"),
        ("", None),
        ("UNHEARD", None),
    ],
)
def test_scans_are_grouped_by_their_code(code, kind):
    assert words.scan_kind(code) == kind


def test_of_two_reviews_in_one_second_the_lower_counts():
    read, _doubts = reading()
    one = {
        "parent_order_id": 7,
        "buyer_evaluation": "5",
        "buyer_fb_date": "2026-07-01 05:00:00",
        "buyer_feedback": "good",
    }
    found = review_rows(
        [one, {**one, "buyer_evaluation": "2", "buyer_feedback": "bad"}, {**one, "buyer_fb_date": None}], read
    )
    assert found == [
        {
            "store_no": "S1",
            "order_no": "7",
            "created_at": "2026-07-01T12:00:00Z",
            "described": "2",
            "text": "bad",
            "kind": "buyer",
        }
    ]


LISTED = {
    "issue_id": 9,
    "issue_status": "processing",
    "gmt_create": "2026-07-01 05:00:00",
    "gmt_modified": "2026-07-05 05:00:00",
    "reason_english": "Not as described",
}
BY_BUYER = {"submit_member_type": "buyer", "action_type": "initiate", "gmt_create": "2026-07-01 05:00:00"}
BY_SELLER = {"submit_member_type": "seller", "action_type": "seller_refuse", "gmt_create": "2026-07-02 05:00:00"}
BY_PLATFORM = {"submit_member_type": "waiter", "gmt_create": "2026-07-03 05:00:00"}


@pytest.mark.parametrize(
    ("listed", "detail", "expected"),
    [
        ({}, {"process_dto_list": {"dto": [BY_BUYER]}}, {"state": "open"}),
        (
            {},
            {"process_dto_list": {"dto": [BY_BUYER, BY_SELLER]}},
            {"state": "responded", "responded_at": "2026-07-02T12:00:00Z"},
        ),
        (
            {},
            {"process_dto_list": {"dto": [BY_PLATFORM, BY_SELLER]}},
            {"state": "arbitration", "responded_at": "2026-07-02T12:00:00Z"},
        ),
        ({"issue_status": "canceled_issue"}, {}, {"state": "withdrawn", "closed_at": "2026-07-05T12:00:00Z"}),
        (
            {"issue_status": "finish"},
            {
                "platform_solution_list": {
                    "dto": [
                        {
                            "status": "reached",
                            "reached_type": "platform_arbitrate",
                            "refund_money_post": "0.00",
                            "reached_time": "2026-07-04 05:00:00",
                        }
                    ]
                }
            },
            {"state": "closed", "closed_at": "2026-07-04T12:00:00Z", "liability": "buyer", "outcome_usd": "0"},
        ),
        (
            {"issue_status": "finish"},
            {
                "seller_solution_list": {
                    "dto": [{"status": "reached", "reached_type": "negotiation_consensus", "refund_money_post": "5"}]
                }
            },
            {"state": "closed", "closed_at": "2026-07-05T12:00:00Z", "outcome_usd": "5"},
        ),
        ({"reason_english": "Package lost"}, {}, {"state": "open", "kind": "not_received"}),
    ],
)
def test_a_dispute_is_told_by_what_was_done(listed, detail, expected):
    read, doubts = reading()
    row = dispute_row({**LISTED, **listed}, detail, "O1", read)
    told = {name: value for name, value in row.items() if value}
    base = {"store_no": "S1", "dispute_no": "9", "order_no": "O1", "opened_at": "2026-07-01T12:00:00Z"}
    assert told == {**base, "kind": "not_as_described", **expected}
    assert doubts == []


def test_a_reason_without_known_words_is_a_data_issue():
    read, doubts = reading()
    steps = {"process_dto_list": {"dto": [{**BY_BUYER, "receive_goods": "N"}]}, "issue_reason_id": 99}
    row = dispute_row({**LISTED, "reason_english": "because"}, steps, "O1", read)
    assert (row["kind"], doubts) == ("not_received", [("issue_reason_id", "99", "9")])
