"""Store rating, factors on effective lines, seller health score, service-level score (SR, DM-31, DP-06, TM-05)."""

from rulebook.shipped.form import Entries, assumed, given, merged

RATING = merged(
    given("rating.window_days", 180, "SR-01", "003"),
    given("rating.weights.described", "0.40", "SR-01", "003"),
    given("rating.weights.communication", "0.30", "SR-01", "003"),
    given("rating.weights.dispatch", "0.15", "SR-01", "003"),
    given("rating.weights.delivery", "0.15", "SR-01", "003"),
    given("rating.high_value_weights.described", "0.50", "SR-09", "003"),
    assumed("rating.high_value_weights.communication", "0.25", "SR-09", "003"),
    assumed("rating.high_value_weights.dispatch", "0.125", "SR-09", "003"),
    assumed("rating.high_value_weights.delivery", "0.125", "SR-09", "003"),
    given("rating.high_value_min_usd", "200", "SR-09", "003"),
    assumed("rating.high_value_until", "2027-12-31", "SR-09", "003"),
    given("rating.marks_per", 3, "TM-02 SR-01", "002"),
    given(
        "rating.tiers",
        [
            {"code": "outstanding", "at_least": "4.70", "name_en": "outstanding", "name_zh": "卓越"},
            {"code": "excellent", "at_least": "4.50", "name_en": "excellent", "name_zh": "优秀"},
            {"code": "good", "at_least": "4.30", "name_en": "good", "name_zh": "良好"},
            {"code": "needs_improvement", "at_least": "4.00", "name_en": "needs improvement", "name_zh": "需改进"},
            {"code": "warning", "at_least": "0", "name_en": "warning", "name_zh": "警告"},
        ],
        "SR-05",
        "003",
    ),
    given("rating.badge_tier", "outstanding", "SR-05", "003"),
    assumed("rating.rated_store_types", ["standard", "exclusive", "brand", "official"], "SR-15", "003"),
    given("rating.search_effect_from_hours", 48, "SR-04", "003"),
    given("rating.search_effect_to_hours", 72, "SR-04", "003"),
    given("rating.anomaly_negative_share", "0.008", "SR-06", "003"),
    assumed("rating.anomaly_min_reviews", 125, "SR-06"),
    given("rating.anomaly_delay_share", "0.12", "SR-06", "003"),
    given("rating.anomaly_delay_days", 3, "SR-06", "003"),
    given("rating.anomaly_recovery_working_days", "5.3", "SR-06", "003"),
    given("rating.trend_days", 30, "SR-07"),
    given("rating.late_orders_shown", 10, "SR-12", "003"),
    given("rating.recompute_hours", 24, "SR-10 DM-34", "003"),
    given("rating.late_run_hours", 2, "SR-11", "003"),
    given(
        "rating.other_markets",
        [
            {
                "name": "Lazada",
                "window_days": 90,
                "fixed_weights": False,
                "removable_en": "weights are reset every month",
                "removable_zh": "权重系数每月重置",
            },
            {
                "name": "Shopee",
                "window_days": 0,
                "fixed_weights": True,
                "removable_en": "negative reviews for causes beyond control (customs) can be hidden by the seller",
                "removable_zh": "卖家可屏蔽“非可控因素”差评（如海关扣货）",
            },
        ],
        "SR-13",
        "003",
    ),
)

FACTORS = merged(
    assumed(
        "factors.category",
        {
            "fast_moving": {"odr": "0.8"},
            "custom_made": {"odr": "1.2", "late_dispatch": "1.5"},
            "virtual": {"odr": "1.2", "late_dispatch": None, "delivered": None},
        },
        "DM-31 PN-17",
        "000",
    ),
    assumed("factors.level", {"basic": "1", "gold": "0.95", "platinum": "0.9"}, "DM-31 PN-16", "000"),
    assumed("factors.site", {"ES": "0.9", "FR": "0.9", "RU": "1.1", "BR": "1.1"}, "DM-31 DM-13", "000"),
)

SHS = merged(
    given(
        "shs.weights",
        {"liability_rate": "0.35", "shipping": "0.25", "refund_rate": "0.20", "positive_rate": "0.20"},
        "DP-06",
        "001",
    ),
    assumed(
        "shs.knots.liability_rate",
        [["0", "100"], ["0.035", "75"], ["0.05", "60"], ["0.07", "40"], ["0.14", "0"]],
        "DP-06",
    ),
    assumed(
        "shs.knots.shipping",
        [["5.0", "100"], ["4.7", "85"], ["4.6", "75"], ["4.3", "60"], ["4.0", "40"], ["1.0", "0"]],
        "DP-06",
    ),
    assumed(
        "shs.knots.refund_rate",
        [["0", "100"], ["0.03", "85"], ["0.05", "75"], ["0.10", "60"], ["0.20", "0"]],
        "DP-06",
    ),
    assumed(
        "shs.knots.positive_rate",
        [["1", "100"], ["0.97", "85"], ["0.945", "75"], ["0.90", "60"], ["0.70", "0"]],
        "DP-06",
    ),
    given("shs.promotion_block_below", "75", "DP-06", "001"),
    given("shs.manual_review_below", "60", "DP-06", "001"),
)

SLA = merged(
    assumed(
        "sla.weights",
        {
            "sla_dispute_rate": "0.15",
            "cancel_rate": "0.15",
            "logistics_abnormal": "0.15",
            "slow_fulfilment": "0.20",
            "positive_rate": "0.20",
            "reply_missed": "0.15",
        },
        "TM-05",
        "002",
    ),
    assumed("sla.score_at_zero", "100", "TM-05"),
    assumed("sla.score_at_yellow", "75", "TM-05"),
    assumed("sla.score_at_red", "60", "TM-05"),
    assumed("sla.zero_at_red_times", "3", "TM-05"),
    assumed(
        "sla.grades",
        [
            {"code": "A", "at_least": "90"},
            {"code": "B", "at_least": "80"},
            {"code": "C", "at_least": "70"},
            {"code": "D", "at_least": "0"},
        ],
        "TM-05",
    ),
)

ENTRIES: Entries = merged(RATING, FACTORS, SHS, SLA)
