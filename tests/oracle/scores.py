"""Scores: values of the MX table, the rating SR-01, SHS DP-06 and SLA TM-05, from the facts, in exact fractions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from .catalogue import METRICS, Metric, Terms
from .instants import window
from .lines import applies, effective_lines
from .policy import Knots, Policy
from .world import World


@dataclass(frozen=True)
class Score:
    """A metric of a store on a day.

    numerator is the exported one (for a floor, denominator − failures; for a rate its failures); numerator and
    denominator are None for composed scores. `count` is the denominator that sufficiency looks at (MX-05).
    `value` is None without a feed or with a denominator of 0.
    """

    numerator: int | None
    denominator: int | None
    value: Fraction | None
    sufficient: bool
    has_feeds: bool
    count: int | None = None


NO_FEED = Score(None, None, None, False, False)


def score(world: World, store_no: str, code: str, day: date) -> Score:
    """Any metric of the table for a store and day (MX, SR-01, DP-06, TM-05)."""
    metric = world.metric(code, day)
    if code in {"shs", "sla"}:
        return weighted_score(world, store_no, code, day)
    if not has_feeds(world, metric):
        return NO_FEED
    if metric.kind == "score":
        return rating_score(world, store_no, code, day)
    return counted_score(world, store_no, metric, day)


def has_feeds(world: World, metric: Metric) -> bool:
    """Whether all needed feeds are on (MX-07)."""
    alternatives = not metric.any_feed or any(feed in world.feeds for feed in metric.any_feed)
    return alternatives and all(feed in world.feeds for feed in metric.feeds)


def window_sum(world: World, store_no: str, terms: Terms, day: date, days: int) -> int:
    """Σ sign · counter over the window D − N + 1 … D (DM-25)."""
    return sum(sign * world.total(store_no, counter, window(day, days)) for sign, counter in terms)


def counted_score(world: World, store_no: str, metric: Metric, day: date) -> Score:
    """A rate, floor, share, mean or sum."""
    policy = world.policy(day, metric.calendar)
    upper = window_sum(world, store_no, metric.upper, day, metric.window)
    if metric.kind == "sum":
        # reading: a sum has neither numerator nor denominator of its own and is always sufficient.
        return Score(None, None, Fraction(upper, metric.unit), True, True)
    denominator = window_sum(world, store_no, metric.denominator, day, metric.window)
    if metric.kind == "floor":
        upper = denominator - upper
    value = Fraction(upper, denominator * metric.unit) if denominator > 0 else None
    return Score(upper, denominator, value, denominator >= policy.min_denominator, True, denominator)


# --- the rating (SR-01)


@dataclass(frozen=True)
class Rating:
    """The parts of SR-01, each None without data, with their weights after rescaling."""

    described: Fraction | None
    communication: Fraction | None
    dispatch: Fraction | None
    delivery: Fraction | None
    shipping: Fraction | None
    dsr: Fraction | None
    marks: int
    described_n: int
    communication_n: int
    dispatch_n: int
    delivery_n: int
    weights: dict[str, Fraction]


def ratio(upper: int, lower: int, factor: int = 1) -> Fraction | None:
    """factor · upper / lower, or None for a denominator of 0."""
    return Fraction(factor * upper, lower) if lower > 0 else None


def marks(world: World, store_no: str, day: date, policy: Policy) -> int:
    """⌊unconfirmed over the window / 3⌋, only with the feed confirmations (TM-02)."""
    # reading: the 180 days of `unconfirmed` are the performance days of the same numbers.
    if "confirmations" not in world.feeds:
        return 0
    warnings = world.total(store_no, "unconfirmed", window(day, policy.rating_window))
    return warnings // policy.confirm_warnings_per_mark


def rating_weights(world: World, store_no: str, day: date, policy: Policy) -> dict[str, Fraction]:
    """SR-01's weights, or SR-09's for a high-value store with a mean eligible order value of ≥ 200 USD."""
    # reading: orders are those eligible in the window.
    days = list(window(day, policy.rating_window))
    value, number = (world.total(store_no, name, days) for name in ("r_value_cents_usd", "r_value_n"))
    uplift = "high_value" in world.store_on(store_no, day).flags and number > 0
    uplift = uplift and day <= policy.high_value_until
    if uplift and value >= policy.high_value_mean_cents * number:
        return dict(policy.high_value_weights)
    return dict(policy.rating_weights)


def rating(world: World, store_no: str, day: date) -> Rating:
    """SR-01 over the 180 rating days up to D."""
    policy = world.policy(day, "rating")
    days = list(window(day, policy.rating_window))

    def total(counter: str) -> int:
        return world.total(store_no, counter, days)

    marked = marks(world, store_no, day, policy)
    described_n, communication_n = total("described_n"), total("communication_n")
    # reading: marks alone are data: without any dispatch, one mark makes the part 0 of 1.
    dispatch_n, delivery_n = total("r_dispatch_n") + marked, total("r_delivery_n")
    parts = {
        "described": ratio(total("described_sum"), described_n),
        "communication": ratio(total("communication_sum"), communication_n),
        "dispatch": ratio(total("r_dispatch_ontime"), dispatch_n, 5),
        "delivery": ratio(total("r_delivery_ontime"), delivery_n, 5),
    }
    present = {name: part for name, part in parts.items() if part is not None}
    weights = rescaled(rating_weights(world, store_no, day, policy), set(present))
    # reading: "without any buyer review in the window" is described_n = 0.
    rated = described_n > 0 and world.stores[store_no].store_type in policy.rated_store_types
    shipping = [part for part in (parts["dispatch"], parts["delivery"]) if part is not None]
    return Rating(
        **parts,
        shipping=sum(shipping, Fraction(0)) / len(shipping) if shipping else None,
        dsr=sum((weights[name] * part for name, part in present.items()), Fraction(0)) if rated else None,
        marks=marked,
        described_n=described_n,
        communication_n=communication_n,
        dispatch_n=dispatch_n,
        delivery_n=delivery_n,
        weights=weights,
    )


def rescaled(weights: dict[str, Fraction], present: set[str]) -> dict[str, Fraction]:
    """The weights of the present parts, scaled to sum to 1."""
    kept = {name: weight for name, weight in weights.items() if name in present}
    whole = sum(kept.values(), Fraction(0))
    return {name: weight / whole for name, weight in kept.items()}


def rating_score(world: World, store_no: str, code: str, day: date) -> Score:
    """dsr or one of its dimensions as a score."""
    parts, policy = rating(world, store_no, day), world.policy(day, "rating")
    value, count = {
        "dsr": (parts.dsr, parts.described_n),
        "described": (parts.described, parts.described_n),
        "communication": (parts.communication, parts.communication_n),
        "shipping": (parts.shipping, shipping_count(parts)),
    }[code]
    return Score(None, None, value, value is not None and count >= policy.min_denominator, True, count)


def shipping_count(parts: Rating) -> int:
    """The denominator that makes the shipping dimension sufficient."""
    # reading: open in the specification; the larger of its two parts' denominators (they count the same orders).
    return max(parts.dispatch_n, parts.delivery_n)


def tier(world: World, value: Fraction, day: date) -> str:
    """SR-05, from the unrounded value (MX-06)."""
    policy = world.policy(day, "rating")
    for name, least in policy.tiers:
        if value >= least:
            return name
    return policy.lowest_tier


def anomalies(world: World, store_no: str, day: date) -> set[str]:
    """What freezes the published rating on a day: ``negative`` and/or ``late`` (SR-06)."""
    policy, found = world.policy(day, "rating"), set()
    reviews, negative = (world.total(store_no, name, [day]) for name in ("u_reviews", "u_negative"))
    if reviews >= policy.anomaly_min_reviews and Fraction(negative, reviews) > policy.anomaly_negative_share:
        found.add("negative")
    days = list(window(day, policy.anomaly_late_days))
    due, late = (world.total(store_no, name, days) for name in ("u_delivery_due", "u_delivery_late"))
    if due >= policy.min_denominator and Fraction(late, due) > policy.anomaly_late_share:
        found.add("late")
    return found


# --- composites


def interpolate(points: Knots, value: Fraction) -> Fraction:
    """Piecewise linear through the knots (rising values), constant outside them."""
    if value <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if value <= right:
            return low + (high - low) * (value - left) / (right - left)
    return points[-1][1]


def is_judged(world: World, store_no: str, code: str, day: date) -> bool:
    """What does not apply to the store's category is left out of every composite (DM-31)."""
    return applies(world.policy(day, METRICS[code].calendar), world.store_on(store_no, day), code)


def shs_parts(world: World, store_no: str, day: date) -> dict[str, Fraction]:
    """Sub-scores of the SHS; parts that are missing or insufficient are left out (DP-06)."""
    policy = world.policy(day, "rating")
    result = {}
    for code, _ in policy.shs_weights:
        part = score(world, store_no, code, day)
        if part.value is not None and part.sufficient and is_judged(world, store_no, code, day):
            result[code] = interpolate(policy.shs_knots[code], part.value)
    return result


def sla_parts(world: World, store_no: str, day: date) -> dict[str, Fraction]:
    """Sub-scores of the SLA; parts that are missing or insufficient are left out (TM-05, MX-05)."""
    policy = world.policy(day, "performance")
    result = {}
    for code, _ in policy.sla_weights:
        part = score(world, store_no, code, day)
        if part.value is None or not part.sufficient or not is_judged(world, store_no, code, day):
            continue
        # reading: the sub-score uses the effective lines (only reply_missed is scaled, by level).
        yellow, red = effective_lines(world, store_no, code, day)
        assert yellow is not None
        assert red is not None
        perfect = METRICS[code].perfect
        allowed = [abs(line - perfect) for line in (yellow, red)]
        points = (
            (Fraction(0), Fraction(100)),
            (allowed[0], Fraction(75)),
            (allowed[1], Fraction(60)),
            (3 * allowed[1], Fraction(0)),
        )
        result[code] = interpolate(points, abs(part.value - perfect))
    return result


def weighted_score(world: World, store_no: str, code: str, day: date) -> Score:
    """SHS or SLA: the weighted mean of the sub-scores that are there, weights rescaled."""
    policy = world.policy(day, METRICS[code].calendar)
    parts = shs_parts(world, store_no, day) if code == "shs" else sla_parts(world, store_no, day)
    weights = rescaled(dict(policy.shs_weights if code == "shs" else policy.sla_weights), set(parts))
    value = sum((weights[name] * part for name, part in parts.items()), Fraction(0)) if parts else None
    # reading: a composite is sufficient when any of its parts is, and has "no data" when none is.
    return Score(None, None, value, value is not None, value is not None)


def sla_grade(world: World, value: Fraction, day: date) -> str:
    """A ≥ 90, B ≥ 80, C ≥ 70, D below (TM-05)."""
    policy = world.policy(day, "performance")
    for name, least in policy.sla_grades:
        if value >= least:
            return name
    return policy.sla_lowest_grade
