"""Transactions and automatic feedback (TM, AF)."""

from rulebook.shipped.form import Entries, assumed, given, merged


def _flag(code: str, severity: str, due_hours: int, action_en: str, action_zh: str) -> dict[str, str | int]:
    return {
        "code": code,
        "severity": severity,
        "due_hours": due_hours,
        "action_en": action_en,
        "action_zh": action_zh,
    }


RISK_FLAGS = [
    _flag("dispatch_unconfirmed", "yellow", 0, "Confirm the dispatch of this order.", "请确认该订单的发货。"),
    _flag("dispatch_soon", "yellow", 24, "Ship before the dispatch deadline.", "请在发货期限前发货。"),
    _flag("dispatch_overdue", "red", 0, "Ship at once, or tell the buyer why not.", "请立即发货，或向买家说明原因。"),
    _flag("number_invalid", "red", 0, "Correct the tracking number.", "请更正物流单号。"),
    _flag(
        "number_reused",
        "red",
        0,
        "Replace the tracking number: another order has it.",
        "该单号已被其他订单使用，请更换。",
    ),
    _flag("no_first_scan", "yellow", 0, "Ask the carrier for the pickup scan.", "请联系物流商补录揽收记录。"),
    _flag("stalled_48h", "yellow", 0, "Ask the carrier where the parcel is.", "请向物流商查询包裹位置。"),
    _flag(
        "stalled_72h",
        "red",
        0,
        "Open an inquiry with the carrier and upload its proof.",
        "请向物流商发起查件并上传凭证。",
    ),
    _flag("delivery_overdue", "red", 0, "Tell the buyer and ask the carrier.", "请告知买家并联系物流商。"),
    _flag(
        "carrier_unapproved", "red", 0, "Use an approved and registered carrier.", "请改用平台认可且已备案的物流商。"
    ),
    _flag("fake_dispatch", "red", 0, "Upload the carrier's pickup proof.", "请上传物流商的揽收证明。"),
    _flag("message_unanswered", "yellow", 24, "Answer the buyer's message.", "请回复买家消息。"),
    _flag("low_star_tendency", "yellow", 0, "Write to the buyer before the review.", "请在买家评价前主动沟通。"),
    _flag("dispute_open", "red", 24, "Answer the dispute within the golden hours.", "请在黄金时段内响应纠纷。"),
    _flag(
        "refund_answer_due", "red", 120, "Agree, offer a part, or refuse with evidence.", "请同意、部分退款或举证拒绝。"
    ),
    _flag("address_doubtful", "yellow", 0, "Ask the buyer to check the address.", "请向买家核实收货地址。"),
    _flag("buyer_anomaly", "yellow", 0, "Check the order before shipping.", "请在发货前核查该订单。"),
]

TRANSACTIONS = merged(
    given("transactions.recheck_silence_hours", 72, "TM-03", "002"),
    given("transactions.funds_review_day", 5, "TM-04", "002"),
    given("transactions.funds_review_hour_utc", 0, "TM-04", "002"),
    given("transactions.funds_release_day", 7, "TM-04", "002"),
    given("transactions.funds_release_hour_utc", 10, "TM-04", "002"),
    given("transactions.warn_ahead_hours", 48, "TM-06", "002"),
    assumed(
        "transactions.risk_weights",
        {
            "address": 15,
            "payment": 15,
            "buyer_history": 20,
            "carrier_lane": 20,
            "trace_silence": 20,
            "unanswered": 10,
        },
        "TM-06",
        "002",
    ),
    given("transactions.risk_top_share", "0.05", "TM-06"),
    assumed("transactions.risk_red_score", 60, "TM-06", "002"),
    assumed("transactions.fake_dispatch_days", 5, "TM-07", "002"),
    given("transactions.fake_dispatch_points", 6, "TM-07", "002"),
    given("transactions.fake_dispatch_close_count", 2, "TM-07", "002"),
    given("transactions.fake_dispatch_window_days", 365, "TM-07 PN-43"),
    given("transactions.trade_window_days", 90, "TM-09", "002"),
    given("transactions.proof_review_hours", 2, "TM-11", "002"),
    assumed("transactions.claim_review_hours", 48, "TM-11 AF-08"),
    given("transactions.refund_answer_days", 5, "TM-12", "002"),
    assumed(
        "transactions.refund_refuse_reasons",
        ["delivered_as_described", "already_refunded", "buyer_damage", "returned_incomplete", "outside_return_period"],
        "TM-12",
        "002",
    ),
    given("transactions.inspect_hours", 48, "TM-13", "002"),
    given("transactions.dispatch_soon_hours", 24, "TM-14", "002"),
    assumed("transactions.low_star_late_days", 1, "TM-14", "002"),
    assumed("transactions.buyer_return_share", "0.30", "TM-14", "002"),
    assumed("transactions.buyer_return_min_orders", 3, "TM-14", "002"),
    assumed("transactions.risk_flags", RISK_FLAGS, "TM-14", "002"),
)

FEEDBACK = merged(
    given("feedback.confirm_days", 10, "AF-05", "004"),
    assumed("feedback.confirm_days_other", 15, "AF-05", "004"),
    given("feedback.trace_window_hours", 72, "AF-06", "004"),
    given("feedback.trace_min_events", 2, "AF-06", "004"),
    given("feedback.trace_silence_hours", 48, "AF-06", "004"),
    given("feedback.late_review_days", 30, "AF-07", "004"),
    given("feedback.guide_days", 7, "AF-09", "004"),
    assumed("feedback.second_guide_days", 12, "AF-09", "004"),
    given("feedback.second_guide_usd", "50", "AF-09", "004"),
    given("feedback.second_guide_flags", ["custom_made"], "AF-09", "004"),
    assumed("feedback.second_guide_categories", ["home_appliances"], "AF-09", "004"),
    given(
        "feedback.soliciting_ladder",
        ["warning", "penalty_points", "listing_delisted", "account_frozen"],
        "AF-12",
        "004",
    ),
    assumed("feedback.soliciting_points", 6, "AF-12", "004"),
    assumed("feedback.soliciting_warning_days", 30, "AF-12", "004"),
    given("feedback.target_trace_complete", "0.992", "AF-13", "004"),
    given("feedback.target_reply_hours", 2, "AF-13", "004"),
    given("feedback.target_scan_interval_hours", 36, "AF-13", "004"),
)

ENTRIES: Entries = merged(TRANSACTIONS, FEEDBACK)
