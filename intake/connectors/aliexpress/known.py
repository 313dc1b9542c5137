"""The fields of the platform's answers that are known: read by the map, or left out on purpose. Others are noted.

A path has ``[]`` for the rows of a list, however it is wrapped, and ends in ``*`` where nothing below it matters:
money, and all that is about persons, which is not looked into (RL-14).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from intake.connectors.aliexpress import wire
from intake.connectors.aliexpress.values import rows_of

Json = Any

_RESULT = "success result_success error_code error_message error_desc request_id time_stamp"
_LIST = f"{_RESULT} total_count total_item total total_page total_pages current_page page page_size"
_ORDER = """
    id order_id order_status biz_type buyer_login_id buyerloginid buyer_info* receipt_address* oaid memo
    gmt_create gmt_modified gmt_update gmt_pay_time gmt_pay_success gmt_send_goods_time gmt_trade_end
    timeout_left_time over_time_left order_amount* pay_amount* loan_amount* loan_status fund_status frozen_status
    issue_status logistics_status end_reason order_end_reason cancel_request_reason
"""
_PRODUCT = """
    id child_id product_id product_name sku_code product_count product_unit_price* total_product_amount*
    logistics_type logistics_service_name goods_prepare_time delivery_time son_order_status issue_status memo
    send_goods_operator end_reason order_end_reason
"""
_PARCEL = """
    logistics_no logistics_type_code logistics_service_name gmt_send gmt_received receive_status have_tracking_info
"""
_REFUND = "refund_status refund_type refund_reason refund_time refund_cash_amt*"
_SCAN = "event_date event_desc address signed_name action_code"
_DISPUTE = """
    issue_id order_id parent_order_id buyer_login_id issue_status reason_chinese reason_english gmt_create
    gmt_modified
"""
_DISPUTE_DETAIL = """
    id issue_reason issue_reason_id reverse_detail_status timeout_type timeout_trigger_time after_sale_warranty
    buyer_return_logistics_company buyer_return_logistics_lp_no buyer_return_no product_name product_price*
    product_price_currency refund_money_max* refund_money_max_currency refund_money_max_local*
    refund_money_max_local_currency
"""
_SOLUTION = """
    id buyer_accept_time seller_accept_time content is_default gmt_create gmt_modified version logistics_fee_amount*
    logistics_fee_amount_currency logistics_fee_bear_role reached_time reached_type refund_money*
    refund_money_currency refund_money_local* refund_money_local_currency refund_money_post*
    refund_money_post_currency solution_owner solution_type status
"""
_STEP = """
    action_type submit_member_type content receive_goods attachments* gmt_create has_buyer_video has_seller_video
"""
_EVALUATION = """
    parent_order_id order_id product_id buyer_login_id seller_login_id buyer_evaluation buyer_feedback buyer_fb_date
    buyer_reply seller_evaluation seller_feedback seller_fb_date seller_reply valid_date gmt_create gmt_modified
    gmt_order_complete
"""
_RELEASE = """
    child_order_id order_id loan_amount* real_loan_amount* escrow_fee* affiliate_commission* refund_amount*
    real_refund_amount*
"""
# By call: the names in the answer, and in its lists and objects by their path.
_ANSWERS: Mapping[wire.Method, Mapping[str, str]] = {
    wire.ORDER_LIST: {"": _LIST, "target_list[].": _ORDER, "target_list[].product_list[].": _PRODUCT},
    wire.ORDER: {
        "": f"{_RESULT} {_ORDER}",
        "child_order_list[].": _PRODUCT,
        "logistic_info_list[].": _PARCEL,
        "refund_info.": _REFUND,
        "loan_info.": "loan_amount* loan_time",
    },
    wire.TRACKING: {"": f"{_RESULT} official_website", "details[].": _SCAN},
    wire.DISPUTE_LIST: {"": _LIST, "data_list[].": _DISPUTE},
    wire.DISPUTE: {
        "": f"{_RESULT} {_DISPUTE} {_DISPUTE_DETAIL}",
        "buyer_solution_list[].": _SOLUTION,
        "seller_solution_list[].": _SOLUTION,
        "platform_solution_list[].": _SOLUTION,
        "process_dto_list[].": _STEP,
    },
    wire.EVALUATIONS: {"": _LIST, "target_list[].": _EVALUATION},
    wire.FUNDS: {"": _LIST, "son_order_list[].": _RELEASE},
}


def _paths(answer: Mapping[str, str]) -> frozenset[str]:
    places = {place.removesuffix(".") for place in answer if place}
    return frozenset(places | {f"{place}{name}" for place, names in answer.items() for name in names.split()})


KNOWN = {method.name: _paths(answer) for method, answer in _ANSWERS.items()}


def unknown_fields(content: Json, call: str) -> dict[str, Json]:
    """The fields of an answer that are not known and hold something: path → the first value."""
    found: dict[str, Json] = {}
    for path, value in _walk(content, "", KNOWN[call]):
        found.setdefault(path[:160], value)
    return found


def _walk(value: Json, parent: str, known: frozenset[str]) -> Iterator[tuple[str, Json]]:
    for name, inner in value.items() if isinstance(value, dict) else ():
        path = f"{parent}{name}"
        if f"{path}[]" in known:
            for row in rows_of(inner):
                yield from _walk(row, f"{path}[].", known)
        elif path in known:
            yield from _walk(inner, f"{path}.", known)
        elif f"{path}*" not in known and inner not in (None, "", [], {}):
            yield path, inner
