"""Metrics with windows and lines; counting and judging parameters (MX, PN-04, PN-05, PN-21, PN-22, DP-02, TM-10)."""

from typing import Any

from rulebook.shipped.form import Entries, assumed, given, merged

SHARE_TOP, STARS_TOP, SCORE_TOP = "1", "5", "100"


def _metric(
    code: str,
    window: int,
    rules: str,
    source: str = "",
    *,
    yellow: str | None = None,
    red: str | None = None,
    yellow_rules: str = "",
    assumed_lines: bool = False,
    least: int = 10,
    **more: Any,
) -> Entries:
    """The parameters of one metric; fields left out keep the default of MetricPolicy."""
    key = f"metrics.{code}"
    line = assumed if assumed_lines else given
    parts = [given(f"{key}.window_days", window, rules, source)]
    parts.append((assumed if least else given)(f"{key}.min_denominator", least, "MX-05"))
    if yellow is not None:
        parts.append(line(f"{key}.yellow", yellow, yellow_rules or rules, source))
    if red is not None:
        parts.append(line(f"{key}.red", red, rules, source))
    for name, value in more.items():
        parts.append(given(f"{key}.{name}", value, "DM-31" if name == "scaled" else rules, source))
    return merged(*parts)


def _notice(code: str, window: int, yellow: str, red: str, scaled: list[str], **more: Any) -> Entries:
    return _metric(
        code,
        window,
        "PN-04",
        "000",
        yellow=yellow,
        red=red,
        yellow_rules="PN-05",
        scaled=scaled,
        issues="notice",
        **more,
    )


METRICS = merged(
    _notice("odr", 30, "0.008", "0.01", ["category", "level"]),
    _notice("late_dispatch", 30, "0.04", "0.05", ["category", "level"]),
    _notice("dispute_rate", 30, "0.024", "0.03", ["level"]),
    _notice("dsr", 180, "4.7", "4.6", ["level"], floor_top=STARS_TOP, unit="stars"),
    _notice("delivered", 30, "0.96", "0.95", ["level", "site"], floor_top=SHARE_TOP),
    _metric(
        "liability_rate",
        30,
        "DP-02",
        "001",
        yellow="0.035",
        red="0.05",
        inclusive=True,
        levels=[["L1", "0.035"], ["L2", "0.05"], ["L3", "0.07"]],
        issues="levels",
    ),
    given("metrics.liability_rate.young_line", "0.028", "DP-03", "001"),
    _metric("slow_fulfilment", 90, "TM-10", "002", yellow="0.12", red="0.15", issues="sla_warning"),
    _metric("sla_dispute_rate", 90, "TM-10", "002", yellow="0.0256", red="0.032", issues="sla_warning"),
    _metric(
        "positive_rate", 90, "TM-10", "002", yellow="0.956", red="0.945", floor_top=SHARE_TOP, issues="sla_warning"
    ),
    _metric("cancel_rate", 90, "TM-05", "002", yellow="0.02", red="0.025", assumed_lines=True, issues="advice"),
    _metric("logistics_abnormal", 90, "TM-05", "002", yellow="0.08", red="0.1", assumed_lines=True, issues="advice"),
    _metric(
        "delivery_late",
        30,
        "TM-10",
        yellow="0.096",
        red="0.12",
        assumed_lines=True,
        scaled=["level", "site"],
        issues="advice",
    ),
    _metric(
        "reply_missed", 30, "PN-23", yellow="0.08", red="0.1", assumed_lines=True, scaled=["level"], issues="advice"
    ),
    _metric("trace_complete", 30, "AF-13", "004", yellow="0.992", floor_top=SHARE_TOP, issues="advice"),
    _metric("refund_rate", 90, "TM-09", "002"),
    _metric("auto_review_share", 90, "AF-15", "004"),
    _metric("text_review_rate", 90, "AF-15", "004"),
    _metric("photo_review_rate", 90, "AF-15", "004"),
    _metric("review_rate", 90, "AF-15", "004"),
    _metric("avg_handling_hours", 90, "TM-09", "002", unit="hours"),
    _metric("avg_transit_days", 90, "TM-09", "002", unit="days"),
    _metric("orders", 90, "TM-09", "002", least=0, unit="count"),
    _metric("gmv", 90, "TM-09", "002", least=0, unit="usd"),
    _metric("aov", 90, "TM-09", "002", unit="usd"),
    _metric("avg_collection_days", 90, "TM-09", "002", unit="days"),
    _metric("described", 180, "SR-01", "003", floor_top=STARS_TOP, unit="stars"),
    _metric("communication", 180, "SR-01", "003", floor_top=STARS_TOP, unit="stars"),
    _metric("shipping", 180, "SR-01", "003", floor_top=STARS_TOP, unit="stars"),
    _metric("shs", 90, "DP-06", "001", least=0, floor_top=SCORE_TOP, unit="score", issues="shs"),
    _metric("sla", 90, "TM-05", "002", least=0, floor_top=SCORE_TOP, unit="score"),
)

COUNTING = merged(
    assumed("counting.dispatch_hours", 72, "DM-20"),
    given("counting.slow_dispatch_hours", 72, "TM-10", "002"),
    given("counting.outcome_days", 60, "MX-01"),
    given("counting.first_scan_hours", 24, "TM-03", "002"),
    given("counting.silence_hours", 48, "TM-03", "004"),
    given("counting.review_hold_hours", 72, "SR-03", "003"),
    given("counting.reply_hours", 24, "PN-23", "000"),
    given("counting.confirm_hours", 4, "TM-02", "002"),
    given("counting.eligible_wait_days", 7, "SR-02", "003"),
    given("counting.min_order_usd", "2.00", "SR-02", "003"),
    given("counting.positive_from_stars", 4, "MX-01"),
    given("counting.negative_to_stars", 2, "MX-01"),
    given("counting.intervened_kinds", ["platform_claim", "chargeback"], "SR-02", "003"),
    given("counting.unrated_flags", ["virtual", "custom_made", "export_controlled"], "SR-08", "003"),
    given("counting.performance_sources", ["platform"], "MX-04 TM-16", "002"),
    given("counting.rating_sources", ["platform", "certified_api"], "MX-04 SR-14 TM-16", "003"),
)

JUDGING = merged(
    given("judging.streak_days", 3, "MX-10 PN-05", "000"),
    given("judging.new_store_days", 90, "MX-10 PN-22", "000"),
    given("judging.silent_days", 30, "PN-21", "000"),
    given("judging.silent_metrics", ["odr", "late_dispatch"], "PN-21", "000"),
    given("judging.stable_days", 90, "MX-10", "000"),
    given("judging.stable_share", "0.10", "MX-10", "000"),
    assumed("judging.backfill_hours", 24, "MX-09"),
    assumed("judging.benchmark_min_stores", 5, "MX-11"),
    given("judging.deviation_alert", "-0.15", "MX-12 SR-07", "003"),
    given("judging.forecast_days", 14, "MX-14"),
    assumed("judging.forecast_pace_days", 28, "MX-14"),
    given("judging.cause_max_p", "0.01", "MX-15"),
    given("judging.cause_min_share", "0.20", "MX-15"),
    given("judging.cause_prefix_length", 4, "MX-15", "000"),
)

ENTRIES: Entries = merged(METRICS, COUNTING, JUDGING)
