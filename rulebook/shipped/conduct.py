"""Notices, appeals, penalties, and what goes beyond (PN, AP, BX)."""

from rulebook.shipped.form import Entries, assumed, given, merged

NAMES = {
    "anniversary": ("Anniversary sale", "周年庆"),
    "summer": ("Summer sale", "夏季大促"),
    "school": ("Back to school", "返校季"),
    "double_11": ("Double 11", "双 11"),
    "black_friday": ("Black Friday", "黑色星期五"),
    "year_end": ("Year-end sale", "年末大促"),
}


def promotion(code: str, year: int, *days: str) -> dict[str, str]:
    """A promotion of the calendar; ``days``: registration from and until, start and end, as month and day."""
    fields = ("register_from", "register_until", "starts", "ends")
    dated = {name: f"{year}-{day}" for name, day in zip(fields, days, strict=True)}
    return {"code": f"{code}_{year}", "name_en": NAMES[code][0], "name_zh": NAMES[code][1], **dated}


NOTICES = merged(
    given("notices.keep_days", 180, "PN-01", "000"),
    given("notices.yellow_channels", ["in_app", "email"], "PN-02", "000"),
    given("notices.red_channels", ["in_app", "email", "sms"], "PN-02", "000"),
    given("notices.extra_channels", ["browser_push", "dingtalk", "feishu", "lark", "wecom"], "PN-02"),
    given("notices.open_hours", 72, "PN-03", "000"),
    given("notices.open_reminder_hours", [24, 48, 66], "PN-03"),
    given("notices.red_restrictions", ["promotion_block", "search_demotion"], "PN-14", "000"),
    given("notices.monthly_red_limit", 3, "PN-14", "000"),
    assumed(
        "notices.ladder",
        [
            {"after_hours": 72, "action": "flash_deals_block"},
            {"after_hours": 168, "action": "funds_hold"},
            {"after_hours": 720, "action": "closing_review"},
        ],
        "PN-14",
        "000",
    ),
    given("notices.suspend_metric", "odr", "PN-11", "000"),
    given("notices.suspend_line", "0.012", "PN-11", "000"),
    given("notices.suspend_days", 90, "PN-11", "000"),
    given("notices.promotion_clear_days", 90, "PN-12", "000"),
    given("notices.promotion_min_rating", "4.7", "PN-12", "002"),
    given("notices.promotion_min_shs", "75", "PN-12", "001"),
    assumed("notices.clear_streak_days", 3, "PN-18", "000"),
    given("notices.clear_within_days", 7, "PN-18", "000"),
    assumed("notices.rectify_days", 7, "PN-33"),
    given("notices.plan_days", 7, "PN-10", "000"),
    assumed("notices.plan_verify_days", 14, "PN-10", "000"),
    assumed("notices.copyright_red_count", 2, "PN-24", "000"),
    assumed("notices.copyright_window_days", 90, "PN-24", "000"),
    assumed("notices.image_near_bits", 24, "PN-24"),
    given("notices.sync_grace_hours", 4, "PN-20"),
    assumed("notices.silence_factor", "2", "PN-20"),
    assumed("notices.silence_min_hours", 24, "PN-20"),
    assumed("notices.silence_learned_days", 7, "PN-20"),
    given(
        "notices.rectify_targets",
        {
            "odr": "reviews",
            "late_dispatch": "orders_to_ship",
            "dispute_rate": "disputes",
            "dsr": "reviews",
            "delivered": "carriers",
            "copyright": "listings",
            "carriers": "carrier_register",
        },
        "PN-07",
        "000",
    ),
    assumed("notices.reply_any_languages", ["en"], "PN-23", "000"),
    assumed("notices.detect_min_letters", 12, "PN-23"),
    assumed("notices.detect_min_probability", "0.9", "PN-23"),
    given("notices.template_languages", ["zh", "en", "es", "fr", "ru", "pt"], "PN-15", "000"),
    given("notices.trace_keep_days", 90, "PN-27", "000"),
    assumed("notices.carrier_dependence_share", "0.80", "PN-36", "000"),
    assumed("notices.carrier_dependence_days", 30, "PN-36", "000"),
    given("notices.unopened_banner_days", 30, "PN-37", "000"),
    assumed("notices.manipulation_minutes", 10, "PN-35", "000"),
    assumed("notices.manipulation_burst", 5, "PN-35", "000"),
    assumed("notices.manipulation_burst_hours", 24, "PN-35", "000"),
    assumed("notices.manipulation_penalty_days", 30, "PN-35", "000"),
)

APPEALS = merged(
    given("appeals.window_days", 7, "PN-08", "000"),
    given("appeals.review_hours", 48, "PN-09 AP-05a", "000"),
    given("appeals.complex_working_days", 5, "PN-09", "000"),
    given("appeals.supplement_days", 7, "PN-09"),
    assumed("appeals.claim_minutes", 30, "AP-04"),
    assumed("appeals.expedited_hours", 12, "PN-16", "000"),
    assumed("appeals.expedited_cost", 1, "PN-16", "000"),
    assumed("appeals.expedited_levels", ["gold", "platinum"], "PN-16", "000"),
    given("appeals.max_files", 5, "PN-08 AP-02", "000"),
    given("appeals.max_file_bytes", 10 * 1024 * 1024, "PN-08 AP-02", "000"),
    given("appeals.pdf_max_pages", 100, "AP-02"),
    given("appeals.jpeg_max_megapixels", 50, "AP-02"),
    given("appeals.boilerplate_share", "0.90", "PN-29", "000"),
    given("appeals.second_window_days", 7, "BX-05"),
    given("appeals.reminder_hours", [24, 12, 4], "BX-08"),
    assumed(
        "appeals.exception_evidence",
        {
            "customs_hold": ["order_proof", "carrier_trace", "third_party_document"],
            "wrong_address": ["order_proof", "platform_messages"],
            "flight_disruption": ["carrier_trace", "third_party_document"],
            "carrier_fault": ["carrier_trace", "third_party_document"],
            "malicious_buyer": ["order_proof", "platform_messages", "buyer_abuse"],
            "platform_error": ["order_proof"],
            "other": ["order_proof"],
        },
        "PN-28a PN-29",
        "000",
    ),
    assumed(
        "appeals.rejection_reasons",
        [
            "evidence_missing",
            "evidence_unreadable",
            "evidence_altered",
            "wrong_order",
            "not_an_exception",
            "too_late",
            "boilerplate",
        ],
        "AP-04 BX-12",
        "000",
    ),
)

PROMOTIONS = [
    promotion("anniversary", 2026, "02-09", "03-02", "03-16", "03-25"),
    promotion("summer", 2026, "05-11", "06-01", "06-15", "06-22"),
    promotion("school", 2026, "07-13", "08-03", "08-17", "08-24"),
    promotion("double_11", 2026, "09-21", "10-19", "11-11", "11-19"),
    promotion("black_friday", 2026, "10-12", "11-09", "11-20", "12-03"),
    promotion("year_end", 2026, "11-09", "12-07", "12-15", "12-22"),
    promotion("anniversary", 2027, "02-08", "03-01", "03-15", "03-24"),
    promotion("summer", 2027, "05-10", "05-31", "06-14", "06-21"),
    promotion("school", 2027, "07-12", "08-02", "08-16", "08-23"),
    promotion("double_11", 2027, "09-20", "10-18", "11-11", "11-19"),
    promotion("black_friday", 2027, "10-11", "11-08", "11-19", "12-02"),
    promotion("year_end", 2027, "11-08", "12-06", "12-14", "12-21"),
]

PENALTIES = merged(
    assumed(
        "penalties.points_ladder",
        [
            {"points": 12, "days": 7, "actions": ["search_demotion"]},
            {"points": 24, "days": 14, "actions": ["search_demotion"]},
            {"points": 36, "days": 30, "actions": ["search_demotion", "promotion_block"]},
            {"points": 48, "days": 0, "actions": ["store_closed"]},
        ],
        "PN-43",
    ),
    given("penalties.two_reviewers", ["store_closed"], "PN-42"),
    assumed("penalties.proposal_hours", 24, "PN-42"),
    assumed("penalties.reward_points_a_year", 12, "DM-11 PN-16"),
    assumed(
        "penalties.forbidding",
        {
            "promotion": ["promotion_block", "account_frozen", "store_closed"],
            "flash_deals": ["promotion_block", "flash_deals_block", "account_frozen", "store_closed"],
        },
        "PN-12 PN-42",
    ),
    assumed("penalties.promotions", PROMOTIONS, "PN-12"),
)

BEYOND = merged(
    given("beyond.confidence", "0.95", "BX-02"),
    given("beyond.wilson_z", "1.959963984540054", "BX-02"),
    given("beyond.quality_sample_share", "0.05", "BX-07"),
    given("beyond.reminder_hours", [24, 12, 4], "BX-08"),
    assumed("beyond.chain_hours", 8, "BX-08"),
    given("beyond.impact_days", 90, "BX-14"),
    assumed("beyond.impact_sizes", [100, 1000], "BX-14"),
    assumed("beyond.announce_days", 15, "BX-14"),
)

PRIVACY = merged(
    assumed("privacy.address_days", 180, "RL-14"),
    assumed("privacy.text_days", 730, "RL-14"),
    assumed("privacy.rejected_days", 30, "RL-14"),
    assumed("privacy.evidence_days", 730, "RL-14"),
)

ENTRIES: Entries = merged(NOTICES, APPEALS, PENALTIES, BEYOND, PRIVACY)
