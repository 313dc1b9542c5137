"""The shipped policy as the oracle reads it from the specification (DM-30)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

HOUR = 3600
DAY = 86400

SITE_LANGUAGES: dict[str, frozenset[str]] = {
    "RU": frozenset({"ru"}),
    "US": frozenset({"en"}),
    "ES": frozenset({"es"}),
    "FR": frozenset({"fr"}),
    "BR": frozenset({"pt"}),
    "PL": frozenset({"pl"}),
    "IT": frozenset({"it"}),
    "DE": frozenset({"de"}),
    "NL": frozenset({"nl"}),
    "IL": frozenset({"he"}),
    "KR": frozenset({"ko"}),
    "JP": frozenset({"ja"}),
    "UA": frozenset({"uk", "ru"}),
    "SA": frozenset({"ar"}),
    "CL": frozenset({"es"}),
    "MX": frozenset({"es"}),
    "GB": frozenset({"en"}),
    "AU": frozenset({"en"}),
}


def percent(text: str) -> Fraction:
    """A percentage as an exact share: ``percent("0.8") == 1/125``."""
    return Fraction(text) / 100


Knots = tuple[tuple[Fraction, Fraction], ...]


def knots(*pairs: tuple[str, str], scale: str = "1") -> Knots:
    """Knots (value, score) of a piecewise linear score; values are multiplied by `scale`."""
    return tuple((Fraction(value) * Fraction(scale), Fraction(score)) for value, score in pairs)


@dataclass(frozen=True)
class Policy:
    """Counting parameters (in force at an order's created_at) and judging parameters (at the end of the day)."""

    # --- counting (metrics.md, DM-20, TM-02, TM-03, SR-02, SR-03, AF-07); seconds
    ship_by_after: int = 72 * HOUR
    slow_handling: int = 72 * HOUR
    outcome_after: int = 60 * DAY
    pool_silence: int = 48 * HOUR
    pool_first_scan: int = 24 * HOUR
    reply_within: int = 24 * HOUR
    confirm_within: int = 4 * HOUR
    review_wait: int = 72 * HOUR
    auto_review_open: int = 30 * DAY
    system_confirm_wait: int = 7 * DAY
    eligible_min_usd: Decimal = Decimal("2.00")
    # --- judging
    min_denominator: int = 10
    yellow_streak: int = 3
    new_store_days: int = 90
    silent_days: int = 30
    silent_metrics: frozenset[str] = frozenset({"odr", "late_dispatch"})
    stable_days: int = 90
    stable_share: Fraction = Fraction(1, 10)
    benchmark_min_stores: int = 5
    deviation_alert: Fraction = Fraction(-15, 100)
    confirm_warnings_per_mark: int = 3
    rating_window: int = 180
    rating_weights: tuple[tuple[str, Fraction], ...] = (
        ("described", Fraction(40, 100)),
        ("communication", Fraction(30, 100)),
        ("dispatch", Fraction(15, 100)),
        ("delivery", Fraction(15, 100)),
    )
    high_value_weights: tuple[tuple[str, Fraction], ...] = (
        ("described", Fraction(50, 100)),
        ("communication", Fraction(25, 100)),
        ("dispatch", Fraction(125, 1000)),
        ("delivery", Fraction(125, 1000)),
    )
    high_value_mean_cents: int = 200_00
    # reading: the last day of the temporary uplift (SR-09) is one of it.
    high_value_until: date = date(2027, 12, 31)
    # reading: "standard and above" (SR-15) names no other type; an absent type is standard, and only these are rated.
    rated_store_types: frozenset[str] = frozenset({"", "standard"})
    level_factors: dict[str, Fraction] = field(
        default_factory=lambda: {"basic": Fraction(1), "gold": Fraction(95, 100), "platinum": Fraction(90, 100)}
    )
    site_factors: dict[str, Fraction] = field(
        default_factory=lambda: {
            "ES": Fraction(9, 10),
            "FR": Fraction(9, 10),
            "RU": Fraction(11, 10),
            "BR": Fraction(11, 10),
        }
    )
    flag_factors: dict[tuple[str, str], Fraction] = field(
        default_factory=lambda: {
            ("fast_moving", "odr"): Fraction(8, 10),
            ("custom_made", "odr"): Fraction(12, 10),
            ("custom_made", "late_dispatch"): Fraction(15, 10),
            ("virtual", "odr"): Fraction(12, 10),
        }
    )
    flag_exempt: frozenset[tuple[str, str]] = frozenset({("virtual", "late_dispatch"), ("virtual", "delivered")})
    liability_levels: tuple[tuple[str, Fraction], ...] = (
        ("L3", percent("7")),
        ("L2", percent("5")),
        ("L1", percent("3.5")),
    )
    liability_new_store_l1: Fraction = Fraction(28, 1000)
    tiers: tuple[tuple[str, Fraction], ...] = (
        ("outstanding", Fraction("4.70")),
        ("excellent", Fraction("4.50")),
        ("good", Fraction("4.30")),
        ("needs_improvement", Fraction("4.00")),
    )
    lowest_tier: str = "warning"
    anomaly_negative_share: Fraction = Fraction(8, 1000)
    anomaly_min_reviews: int = 125
    anomaly_late_share: Fraction = Fraction(12, 100)
    anomaly_late_days: int = 3
    shs_weights: tuple[tuple[str, Fraction], ...] = (
        ("liability_rate", Fraction(35, 100)),
        ("shipping", Fraction(25, 100)),
        ("refund_rate", Fraction(20, 100)),
        ("positive_rate", Fraction(20, 100)),
    )
    shs_knots: dict[str, Knots] = field(
        default_factory=lambda: {
            "liability_rate": knots(("0", "100"), ("3.5", "75"), ("5", "60"), ("7", "40"), ("14", "0"), scale="1/100"),
            "shipping": knots(("1.0", "0"), ("4.0", "40"), ("4.3", "60"), ("4.6", "75"), ("4.7", "85"), ("5.0", "100")),
            "refund_rate": knots(("0", "100"), ("3", "85"), ("5", "75"), ("10", "60"), ("20", "0"), scale="1/100"),
            "positive_rate": knots(
                ("70", "0"), ("90", "60"), ("94.5", "75"), ("97", "85"), ("100", "100"), scale="1/100"
            ),
        }
    )
    sla_weights: tuple[tuple[str, Fraction], ...] = (
        ("sla_dispute_rate", Fraction(15, 100)),
        ("cancel_rate", Fraction(15, 100)),
        ("logistics_abnormal", Fraction(15, 100)),
        ("slow_fulfilment", Fraction(20, 100)),
        ("positive_rate", Fraction(20, 100)),
        ("reply_missed", Fraction(15, 100)),
    )
    sla_grades: tuple[tuple[str, Fraction], ...] = (("A", Fraction(90)), ("B", Fraction(80)), ("C", Fraction(70)))
    sla_lowest_grade: str = "D"
    # Rows of the MX table that a version changes: code → field of `Metric` → value.
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)


SHIPPED = Policy()

PolicyHistory = Policy | Sequence[tuple[int, Policy]]


def policy_at(policy: PolicyHistory, instant: int) -> Policy:
    """The version in force at an instant (epoch seconds): the last whose effective_from is not later (DM-30).

    A history is a sequence of (effective_from, Policy) in rising order; before the first one, the first holds.
    """
    if isinstance(policy, Policy):
        return policy
    chosen = policy[0][1]
    for effective_from, version in policy:
        if effective_from <= instant:
            chosen = version
    return chosen
