"""Sections that the night reads: metrics, counting, judging, rating, factors, scores (MX, SR, DM-31, DP-06, TM-05).

Field names are the last part of a parameter's key: ``counting.review_hold_hours`` is ``Counting.review_hold_hours``.
A field with a default may be absent from a version's data; all others must be there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Knots = tuple[tuple[Decimal, Decimal], ...]


class Section:
    """A dataclass whose fields are parameters of their own (keys ``section.field``)."""


class Row:
    """A dataclass that is one row of a table parameter."""


def by_name() -> Mapping[str, object]:
    """Field metadata: a mapping whose entries are parameters of their own (keys ``section.field.name``)."""
    return {"by_name": True}


@dataclass(frozen=True, slots=True)
class MetricPolicy(Section):
    """What judges one metric (MX, table of metrics).

    ``yellow`` and ``red`` are shares (0.01 = 1 %) or stars; ``floor_top`` is None where more is worse, else the best
    possible value (1 for shares, 5 for stars, 100 for scores), and then less is worse. ``inclusive``: a value on a
    line crosses it. ``min_denominator`` 0 means that sufficiency is decided elsewhere (counts, composites).
    """

    window_days: int
    min_denominator: int
    unit: str = "share"
    yellow: Decimal | None = None
    red: Decimal | None = None
    inclusive: bool = False
    floor_top: Decimal | None = None
    scaled: tuple[str, ...] = ()
    levels: tuple[tuple[str, Decimal], ...] = ()
    young_line: Decimal | None = None
    issues: str = ""


@dataclass(frozen=True, slots=True)
class Counting(Section):
    """Parameters of what an order contributes; taken from the version in force at the order's created_at (MX)."""

    dispatch_hours: int
    slow_dispatch_hours: int
    outcome_days: int
    first_scan_hours: int
    silence_hours: int
    review_hold_hours: int
    reply_hours: int
    confirm_hours: int
    eligible_wait_days: int
    min_order_usd: Decimal
    positive_from_stars: int
    negative_to_stars: int
    intervened_kinds: tuple[str, ...]
    unrated_flags: tuple[str, ...]
    performance_sources: tuple[str, ...]
    rating_sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judging(Section):
    """How a day's values become levels (MX-09 to MX-16, PN-05, PN-21, PN-22)."""

    streak_days: int
    new_store_days: int
    silent_days: int
    silent_metrics: tuple[str, ...]
    stable_days: int
    stable_share: Decimal
    backfill_hours: int
    benchmark_min_stores: int
    deviation_alert: Decimal
    forecast_days: int
    forecast_pace_days: int
    cause_max_p: Decimal
    cause_min_share: Decimal
    cause_prefix_length: int


@dataclass(frozen=True, slots=True)
class RatingWeights(Section):
    """Weights of the four parts of the store rating; they sum to 1 (SR-01)."""

    described: Decimal
    communication: Decimal
    dispatch: Decimal
    delivery: Decimal


@dataclass(frozen=True, slots=True)
class Tier(Row):
    """A tier of the published rating: from ``at_least`` up to the next tier (SR-05)."""

    code: str
    at_least: Decimal
    name_en: str
    name_zh: str


@dataclass(frozen=True, slots=True)
class Market(Row):
    """Another market's rating rules, shown for comparison (SR-13). ``window_days`` 0: not published."""

    name: str
    window_days: int
    fixed_weights: bool
    removable_en: str
    removable_zh: str


@dataclass(frozen=True, slots=True)
class Rating(Section):
    """The store rating (SR). Shares as 0.008 = 0.8 %; ``high_value_until`` is the last day of the uplift."""

    window_days: int
    weights: RatingWeights
    high_value_weights: RatingWeights
    high_value_min_usd: Decimal
    high_value_until: date | None
    marks_per: int
    tiers: tuple[Tier, ...]
    badge_tier: str
    rated_store_types: tuple[str, ...]
    search_effect_from_hours: int
    search_effect_to_hours: int
    anomaly_negative_share: Decimal
    anomaly_min_reviews: int
    anomaly_delay_share: Decimal
    anomaly_delay_days: int
    anomaly_recovery_working_days: Decimal
    trend_days: int
    late_orders_shown: int
    recompute_hours: int
    late_run_hours: int
    other_markets: tuple[Market, ...]


@dataclass(frozen=True, slots=True)
class Factors(Section):
    """Factors on the allowed failure (DM-31): flag → metric → factor (None: the metric does not apply)."""

    category: Mapping[str, Mapping[str, Decimal | None]]
    level: Mapping[str, Decimal]
    site: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Shs(Section):
    """Seller health score (DP-06): weights by metric code, knots (metric value → sub-score), lines."""

    weights: Mapping[str, Decimal]
    knots: Mapping[str, Knots] = field(metadata=by_name())
    promotion_block_below: Decimal
    manual_review_below: Decimal


@dataclass(frozen=True, slots=True)
class Grade(Row):
    """A grade of the service-level score, from ``at_least`` up."""

    code: str
    at_least: Decimal


@dataclass(frozen=True, slots=True)
class Sla(Section):
    """Service-level score (TM-05): weights by metric code; scores at no failures, at the lines, and where it is 0."""

    weights: Mapping[str, Decimal]
    score_at_zero: Decimal
    score_at_yellow: Decimal
    score_at_red: Decimal
    zero_at_red_times: Decimal
    grades: tuple[Grade, ...]
