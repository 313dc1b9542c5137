"""Judging a store-day: benchmarks, deviation, levels (MX-05 … MX-12, PN-21, PN-22, DP-02, DP-03)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from .catalogue import DIMENSIONS, METRICS, Metric
from .instants import window
from .lines import applies, effective_lines, is_new
from .policy import Policy
from .scores import Score, has_feeds, score, shs_parts, sla_parts, window_sum
from .world import Store, World


@dataclass(frozen=True)
class Judgement:
    """A scorecard row (IX-13): yellow is the line that acts (for a new store the dynamic baseline, MX-10)."""

    score: Score
    yellow: Fraction | None
    red: Fraction | None
    level: str
    benchmark: Fraction | None
    deviation: Fraction | None
    held_back: bool


def scorecard(world: World, store_no: str, day: date) -> dict[str, Judgement]:
    """Every metric of the table, judged."""
    return {code: judge(world, store_no, code, day) for code in METRICS}


def judge(world: World, store_no: str, code: str, day: date) -> Judgement:
    """One metric of a store on a day."""
    metric, store = world.metric(code, day), world.store_on(store_no, day)
    effective_yellow, red = effective_lines(world, store_no, code, day)
    mark = benchmark(world, store, metric, day)
    yellow = acting_yellow(world, store, metric, day, effective_yellow, mark)
    value = score(world, store_no, code, day)
    word = level(world, store, metric, day, value, yellow, red)
    return Judgement(
        score=value,
        yellow=yellow,
        red=red,
        level=word,
        benchmark=mark,
        deviation=deviation(metric, value, mark),
        held_back=word == "ok" and is_past_yellow(metric, value, yellow),
    )


def is_past_yellow(metric: Metric, value: Score, yellow: Fraction | None) -> bool:
    """Whether the value lies beyond its yellow line, whatever the days before (PN-33)."""
    # reading: the line is the one that acts; liability has levels of its own.
    if metric.code == "liability_rate" or yellow is None or value.value is None:
        return False
    return crosses(metric, value.value, yellow)


# --- benchmark and deviation (MX-11, MX-12)


def benchmark(world: World, store: Store, metric: Metric, day: date) -> Fraction | None:
    """An imported value (latest day ≤ D), else ≥ 5 stores of the first-level category pooled, else all stores."""
    # reading: the store's own primary category is looked up first, then its ancestors.
    for category in store.path:
        known = [value for at, value in world.imported_benchmarks.get((category, metric.code), []) if at <= day]
        if known:
            return known[-1]
    # reading: category and status are those of the day; without a category the store is compared with all.
    active = [other for no in world.stores if (other := world.store_on(no, day)).status == "active"]
    peers = [other for other in active if store.first_level and other.first_level == store.first_level]
    if len(peers) < world.policy(day, metric.calendar).benchmark_min_stores:
        peers = active
    return pooled(world, peers, metric, day)


def pooled(world: World, stores: list[Store], metric: Metric, day: date) -> Fraction | None:
    """Pooled ratio of counts, or the unweighted mean of sufficient values for dsr and its dimensions (MX-11)."""
    # reading: shs, sla and sums have no benchmark of their own; stores with few orders count in the pooled ratio.
    if metric.code in {"shs", "sla"} or metric.kind == "sum" or not has_feeds(world, metric):
        return None
    if metric.kind == "score":
        values = [
            value.value
            for store in stores
            if (value := score(world, store.store_no, metric.code, day)).sufficient and value.value is not None
        ]
        return sum(values, Fraction(0)) / len(values) if values else None
    upper = sum(window_sum(world, store.store_no, metric.upper, day, metric.window) for store in stores)
    lower = sum(window_sum(world, store.store_no, metric.denominator, day, metric.window) for store in stores)
    if lower <= 0:
        return None
    return Fraction(lower - upper if metric.kind == "floor" else upper, lower * metric.unit)


def deviation(metric: Metric, value: Score, mark: Fraction | None) -> Fraction | None:
    """(store − benchmark) / benchmark of a rating dimension (MX-12)."""
    # reading: dimensions only (not dsr itself), also where the value is not sufficient.
    if metric.code not in DIMENSIONS or value.value is None or not mark:
        return None
    return (value.value - mark) / mark


# --- levels


def crosses(metric: Metric, value: Fraction, line: Fraction) -> bool:
    """Strictly beyond the line: > for rates, < for floors and stars."""
    return value < line if metric.lower_is_worse else value > line


def acting_yellow(
    world: World, store: Store, metric: Metric, day: date, line: Fraction | None, mark: Fraction | None
) -> Fraction | None:
    """For stores younger than 90 days the stricter of yellow line and benchmark, which is not scaled (MX-10, PN-22)."""
    policy = world.policy(day, metric.calendar)
    if line is None or mark is None or metric.code == "liability_rate" or not is_new(policy, store, metric, day):
        return line
    return max(line, mark) if metric.lower_is_worse else min(line, mark)


def is_stale(world: World, store_no: str, metric: Metric, day: date) -> bool:
    """Whether the day ends later than a needed feed is known (MX-07)."""
    # reading: of feeds of which one suffices (odr), all that are there must be known up to the end of the day.
    # reading: a composite score needs the feeds of the parts that are in it; a part that is left out needs none.
    parts = {"shs": shs_parts, "sla": sla_parts}
    measured = (
        [METRICS[code] for code in parts[metric.code](world, store_no, day)] if metric.code in parts else [metric]
    )
    needed = [feed for one in measured for feed in (*one.feeds, *one.any_feed)]
    end = world.day_end(day, metric.calendar)
    # reading: the end is 24:00, so that a feed known until 23:59:59 leaves the day stale.
    known = [world.known_until[feed] for feed in needed if feed in world.feeds]
    return any(until is None or until < end for until in known)


def level(
    world: World,
    store: Store,
    metric: Metric,
    day: date,
    value: Score,
    yellow: Fraction | None,
    red: Fraction | None,
) -> str:
    """The word of the scorecard's `level` column."""
    # In the order of words of metrics.md; few also stands for a denominator of 0.
    if not applies(world.policy(day, metric.calendar), store, metric.code):
        return "na"
    if not value.has_feeds:
        return "no_data"
    if is_stale(world, store.store_no, metric, day):
        return "stale"
    if value.value is None or not value.sufficient:
        return "few"
    policy = world.policy(day, metric.calendar)
    if metric.code == "liability_rate":
        return liability_level(policy, store, metric, day, value.value)
    age = store.age(day, metric.calendar)
    # reading: silent whatever the value, where lines exist.
    if yellow is not None and metric.code in policy.silent_metrics and age is not None and age < policy.silent_days:
        return "silent"
    if red is not None and crosses(metric, value.value, red):
        return "red"
    if yellow is not None and turns_yellow(world, store, metric, day, value.value, yellow):
        return "yellow"
    return "ok"


def liability_level(policy: Policy, store: Store, metric: Metric, day: date, value: Fraction) -> str:
    """L1 … L3 at ≥ their lines, on one day (DP-02, DP-03)."""
    # reading: no streak, no hold-back, no dynamic baseline.
    for name, line in policy.liability_levels:
        least = policy.liability_new_store_l1 if name == "L1" and is_new(policy, store, metric, day) else line
        if value >= least:
            return name
    return "ok"


def turns_yellow(world: World, store: Store, metric: Metric, day: date, value: Fraction, yellow: Fraction) -> bool:
    """MX-10: one day for new stores; else three days in a row, and no small swing of a stable store."""
    policy = world.policy(day, metric.calendar)
    if is_new(policy, store, metric, day):
        return crosses(metric, value, yellow)
    for at in window(day, policy.yellow_streak):
        # reading: each day of the streak has its own effective line, without the baseline of its first 90 days.
        line, past = (
            effective_lines(world, store.store_no, metric.code, at)[0],
            score(world, store.store_no, metric.code, at),
        )
        if line is None or past.value is None or not past.sufficient or not crosses(metric, past.value, line):
            return False
    return not small_swing(world, store, metric, day, value, policy)


def small_swing(world: World, store: Store, metric: Metric, day: date, value: Fraction, policy: Policy) -> bool:
    """Today's failure share is within 10 % of its mean over the sufficient days of D − 90 … D − 1 (MX-10)."""
    shares = []
    for at in window(day - timedelta(days=1), policy.stable_days):
        past = score(world, store.store_no, metric.code, at)
        if past.value is not None and past.sufficient:
            shares.append(abs(past.value - metric.perfect))
    # reading: without a sufficient day nothing is held back; "within" means either side, the border included.
    if not shares:
        return False
    mean = sum(shares, Fraction(0)) / len(shares)
    return abs(abs(value - metric.perfect) - mean) <= policy.stable_share * mean
