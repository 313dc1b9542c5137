"""What a policy must satisfy as a whole (DM-30): weights sum to 1, ladders rise, windows are positive."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rulebook.policy.core import Knots, MetricPolicy, RatingWeights

if TYPE_CHECKING:
    from rulebook.policy import Policy

METRIC_CODES = frozenset(
    re.findall(
        r"\w+",
        """
    odr late_dispatch dispute_rate dsr delivered liability_rate slow_fulfilment sla_dispute_rate positive_rate
    cancel_rate logistics_abnormal delivery_late reply_missed trace_complete refund_rate auto_review_share
    text_review_rate photo_review_rate review_rate avg_handling_hours avg_transit_days orders gmv aov
    avg_collection_days described communication shipping shs sla
    """,
    )
)
SHS_PARTS = frozenset({"liability_rate", "shipping", "refund_rate", "positive_rate"})
FACTOR_KINDS = frozenset({"category", "level", "site"})
PERIODS = ("_days", "_hours", "_months", "_minutes")


def contradictions(policy: "Policy") -> list[str]:
    """Every contradiction within a policy whose values all have the right type."""
    return [
        *_scalars(policy),
        *_metrics(policy),
        *_rating(policy),
        *_scores(policy),
        *_factors(policy),
        *_ladders(policy),
        *_reference(policy),
        *_promotions(policy),
    ]


def _leaves(node: Any, prefix: str = "") -> Iterator[tuple[str, str, Any]]:
    """(key, field name, value) of every plain value in the policy."""
    for spec in fields(node):
        value = getattr(node, spec.name)
        key = f"{prefix}{spec.name}"
        if is_dataclass(value):
            yield from _leaves(value, key + ".")
        elif isinstance(value, Mapping) and spec.metadata.get("by_name"):
            for name, item in value.items():
                if is_dataclass(item):
                    yield from _leaves(item, f"{key}.{name}.")
        else:
            yield key, spec.name, value


def _scalars(policy: "Policy") -> Iterator[str]:
    for key, name, value in _leaves(policy):
        if isinstance(value, int) and not isinstance(value, bool):
            if name.endswith(PERIODS) and value <= 0:
                yield f"{key}: must be positive, is {value}"
            elif value < 0:
                yield f"{key}: must not be negative, is {value}"
        elif isinstance(value, Decimal) and name.endswith("_share") and not 0 <= value <= 1:
            yield f"{key}: a share lies between 0 and 1, this is {value}"


def _metrics(policy: "Policy") -> Iterator[str]:
    for code in sorted(METRIC_CODES - set(policy.metrics)):
        yield f"metrics.{code}: missing"
    for code, metric in policy.metrics.items():
        if code not in METRIC_CODES:
            yield f"metrics.{code}: no such metric"
        for reason in _metric(metric):
            yield f"metrics.{code}{reason}"


def _metric(metric: MetricPolicy) -> Iterator[str]:
    top = metric.floor_top
    lines = [(name, getattr(metric, name)) for name in ("yellow", "red", "young_line")]
    lines += [(f"levels {name}", line) for name, line in metric.levels]
    for name, line in lines:
        if line is not None and not (line > 0 and (top is None or line < top)):
            yield f".{name}: a line lies above 0{'' if top is None else f' and below {top}'}, this is {line}"
    if metric.yellow is not None and metric.red is not None:
        worse = metric.red > metric.yellow if top is None else metric.red < metric.yellow
        if not worse:
            yield f".red: must be worse than yellow ({metric.yellow}), is {metric.red}"
    if not _rises([line for _, line in metric.levels]):
        yield ".levels: lines must rise"
    if metric.young_line is not None and metric.levels and metric.young_line > metric.levels[0][1]:
        yield f".young_line: must not be above {metric.levels[0][1]}, is {metric.young_line}"
    for kind in metric.scaled:
        if kind not in FACTOR_KINDS:
            yield f".scaled: {kind!r} is none of {', '.join(sorted(FACTOR_KINDS))}"


def _rating(policy: "Policy") -> Iterator[str]:
    rating = policy.rating
    for name in ("weights", "high_value_weights"):
        yield from _sums_to_one(f"rating.{name}", _weights(getattr(rating, name)))
    if not _falls([tier.at_least for tier in rating.tiers]):
        yield "rating.tiers: must fall from the best tier to the worst"
    if not rating.tiers or rating.tiers[-1].at_least != 0:
        yield "rating.tiers: the last tier must begin at 0"
    if rating.badge_tier not in {tier.code for tier in rating.tiers}:
        yield f"rating.badge_tier: {rating.badge_tier!r} is no tier"
    if rating.marks_per < 1:
        yield f"rating.marks_per: must be positive, is {rating.marks_per}"
    if rating.search_effect_from_hours > rating.search_effect_to_hours:
        yield "rating.search_effect_from_hours: must not be after search_effect_to_hours"
    for code in ("dsr", "described", "communication", "shipping"):
        metric = policy.metrics.get(code)
        if metric is not None and metric.window_days != rating.window_days:
            yield f"metrics.{code}.window_days: must equal rating.window_days ({rating.window_days})"


def _scores(policy: "Policy") -> Iterator[str]:
    yield from _sums_to_one("shs.weights", policy.shs.weights)
    yield from _sums_to_one("sla.weights", policy.sla.weights)
    if set(policy.shs.weights) != SHS_PARTS:
        yield f"shs.weights: the parts are {', '.join(sorted(SHS_PARTS))}"
    if set(policy.shs.knots) != set(policy.shs.weights):
        yield "shs.knots: every part of the score needs knots, and only those"
    for name, knots in policy.shs.knots.items():
        yield from _knots(f"shs.knots.{name}", knots)
    if policy.shs.manual_review_below > policy.shs.promotion_block_below:
        yield "shs.manual_review_below: must not be above promotion_block_below"
    for code in policy.sla.weights:
        metric = policy.metrics.get(code)
        if metric is None or metric.yellow is None or metric.red is None or metric.unit != "share":
            yield f"sla.weights: {code!r} is no rate with a yellow and a red line"
    sla = policy.sla
    if not _falls([sla.score_at_zero, sla.score_at_yellow, sla.score_at_red, Decimal(0)]):
        yield "sla.score_at_red: scores must fall from no failures over yellow to red, and stay above 0"
    if sla.zero_at_red_times <= 1:
        yield f"sla.zero_at_red_times: must be above 1, is {sla.zero_at_red_times}"
    if not _falls([grade.at_least for grade in sla.grades]):
        yield "sla.grades: must fall from the best grade to the worst"
    if not sla.grades or sla.grades[-1].at_least != 0:
        yield "sla.grades: the last grade must begin at 0"


def _factors(policy: "Policy") -> Iterator[str]:
    factors, flags = policy.factors, set(policy.reference.category_flags)
    for flag, by_metric in factors.category.items():
        if flag not in flags:
            yield f"factors.category: {flag!r} is no flag of categories"
        for code, factor in by_metric.items():
            metric = policy.metrics.get(code)
            if metric is None:
                yield f"factors.category: {code!r} is no metric"
            elif factor is not None and "category" not in metric.scaled:
                yield f"factors.category: {code!r} is not scaled by category"
            if factor is not None and factor <= 0:
                yield f"factors.category: {flag} {code} must be positive, is {factor}"
    for name, table in (("level", factors.level), ("site", factors.site)):
        for code, factor in table.items():
            if factor <= 0:
                yield f"factors.{name}: {code} must be positive, is {factor}"


def _ladders(policy: "Policy") -> Iterator[str]:
    rising: dict[str, Sequence[int | Decimal]] = {
        "notices.ladder": [step.after_hours for step in policy.notices.ladder],
        "notices.open_reminder_hours": [*policy.notices.open_reminder_hours, policy.notices.open_hours],
        "penalties.points_ladder": [step.points for step in policy.penalties.points_ladder],
        "disputes.golden_hours": [
            policy.disputes.golden_hours,
            policy.disputes.late_hours,
            policy.disputes.answer_days * 24,
        ],
        "transactions.funds_review_day": [policy.transactions.funds_review_day, policy.transactions.funds_release_day],
        "feedback.guide_days": [policy.feedback.guide_days, policy.feedback.second_guide_days],
    }
    for key, steps in rising.items():
        if not _rises(steps):
            yield f"{key}: must rise, is {', '.join(map(str, steps))}"
    for key, hours in (("beyond", policy.beyond.reminder_hours), ("appeals", policy.appeals.reminder_hours)):
        if not _falls(hours):
            yield f"{key}.reminder_hours: must fall towards the deadline"
    for name in ("funds_review_hour_utc", "funds_release_hour_utc"):
        if getattr(policy.transactions, name) > 23:
            yield f"transactions.{name}: an hour lies between 0 and 23"


def _reference(policy: "Policy") -> Iterator[str]:
    reference = policy.reference
    for name in ("sites", "categories", "carriers"):
        codes = [row.code for row in getattr(reference, name)]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            yield f"reference.{name}: {code} occurs twice"
    for category in reference.categories:
        for flag in sorted(set(category.flags) - set(reference.category_flags)):
            yield f"reference.categories: {category.code} has the unknown flag {flag!r}"
    for year, rates in reference.fx_usd.items():
        if not year.isdigit() or len(year) != 4:
            yield f"reference.fx_usd.{year}: a year of four digits is wanted"
        yield from (f"reference.fx_usd.{year}: {code} must be positive" for code, rate in rates.items() if rate <= 0)
    for year, plan in policy.calendar.years.items():
        for day in (*plan.off, *plan.work):
            if str(day.year) != year:
                yield f"calendar.years.{year}: {day} lies in another year"
        yield from (f"calendar.years.{year}.work: {day} is off as well" for day in plan.work if day in plan.off)


def _promotions(policy: "Policy") -> Iterator[str]:
    promotions = policy.penalties.promotions
    codes = [one.code for one in promotions]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield f"penalties.promotions: {code} occurs twice"
    for one in promotions:
        if not (one.register_from <= one.register_until <= one.ends and one.starts <= one.ends):
            yield f"penalties.promotions: {one.code}: its days must be in order and registration close before its end"


def _weights(weights: RatingWeights) -> dict[str, Decimal]:
    return {spec.name: getattr(weights, spec.name) for spec in fields(weights)}


def _sums_to_one(key: str, weights: Mapping[str, Decimal]) -> Iterator[str]:
    if sum(weights.values()) != 1:
        yield f"{key}: must sum to 1, sum to {sum(weights.values())}"
    yield from (f"{key}: {name} must be positive, is {weight}" for name, weight in weights.items() if weight <= 0)


def _knots(key: str, knots: Knots) -> Iterator[str]:
    xs, ys = [x for x, _ in knots], [y for _, y in knots]
    if len(knots) < 2 or not (_rises(xs) or _falls(xs)):
        yield f"{key}: at least two knots, whose values rise or fall, are wanted"
    if not _falls(ys):
        yield f"{key}: scores must fall from the best value to the worst"
    if ys and not all(0 <= y <= 100 for y in ys):
        yield f"{key}: scores lie between 0 and 100"


def _rises(values: Iterable[Any]) -> bool:
    return all(a < b for a, b in pairwise(values))


def _falls(values: Iterable[Any]) -> bool:
    return all(a > b for a, b in pairwise(values))
