"""The values of metrics in columns: counted ones, the rating with its parts, composite scores (MX-05, SR-01, DP-06,
TM-05). The same figures as `StoreDay` has for one store on one day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby
from math import lcm
from typing import NamedTuple

import numpy as np

from metrics.catalogue import METRICS, RATING_COUNTERS, Calendar, Kind
from metrics.rules.rating import PARTS, STARS, is_rated_type, part_weights
from metrics.scorecards.columns.lines import Kindred, Line
from metrics.scorecards.columns.totals import EVERYWHERE, Totals
from metrics.scorecards.columns.whole import Mask, Places, Whole, choose, whole
from metrics.scorecards.store_profiles import StoreProfile
from metrics.scorecards.terms import SharedTerms, needed_feeds
from rulebook.policy import Policy
from rulebook.rules import Curve, Ratio


class Quotients(NamedTuple):
    """Exact numbers: ``upper`` ÷ ``lower`` where ``there``; elsewhere 0 ÷ 1 or anything over a positive number."""

    upper: Whole
    lower: Whole
    there: Mask


class Values(NamedTuple):
    """A metric's values; ``enough``: sufficient (MX-05); ``fed``: the feeds are there (MX-07); ``counts``: numerator
    and denominator as exported, None for scores and sums."""

    exact: Quotients
    enough: Mask
    fed: Mask
    counts: tuple[Whole, Whole] | None = None


@dataclass(frozen=True)
class Ratings:
    """The rating with its parts, `metrics.rules.rating.Rating` of every store and day."""

    means: Mapping[str, Quotients]
    counts: Mapping[str, Whole]
    marks: Whole
    shipping: Quotients
    score: Quotients


@dataclass(frozen=True)
class Composites:
    """A composite score, and of each part where it counts."""

    score: Quotients
    scored: Mapping[str, Mask]


class Batch:
    """Stores on days of one policy, stores below each other, the days of one after each other. Each column is made
    when it is first asked for."""

    def __init__(
        self,
        profiles: Sequence[StoreProfile],
        days: Sequence[date],
        kindred: Sequence[Kindred],
        kind_of: Places,
        totals: Totals,
    ) -> None:
        """``kind_of``: the place of each store and day among the kindred."""
        self.profiles, self.days, self.kindred, self.kind_of, self.totals = profiles, days, kindred, kind_of, totals
        self._values: dict[str, Values] = {}
        self._composites: dict[str, Composites] = {}
        self._ratings: Ratings | None = None
        self._site_factors: dict[int, tuple[Whole, Whole]] = {}

    def __len__(self) -> int:
        return len(self.profiles) * len(self.days)

    def policy(self, calendar: Calendar) -> Policy:
        """The version in force at the end of the days."""
        return self.profiles[0].policy_on(self.days[0], calendar)

    def lines(self, code: str) -> list[Line]:
        """What each kind's stores have in common in a metric."""
        return [one.line(code) for one in self.kindred]

    def where(self, code: str, holds: Callable[[Line], bool]) -> Mask:
        """The stores and days of whose kinds something holds."""
        return np.array([holds(line) for line in self.lines(code)], dtype=bool)[self.kind_of]

    def of_kinds(self, numbers: Sequence[Ratio]) -> tuple[Whole, Whole]:
        """A number of each kind, as numerators and denominators of stores and days."""
        uppers, lowers = zip(*numbers, strict=True)
        return whole(uppers)[self.kind_of], whole(lowers)[self.kind_of]

    def values(self, code: str) -> Values:
        """A metric's values (MX-05, MX-07)."""
        found = self._values.get(code)
        if found is None:
            found = self._values[code] = self._made(code)
        return found

    def _made(self, code: str) -> Values:
        kind = METRICS[code].kind
        if kind is Kind.COMPOSITE:
            score = self.composite(code).score
            return Values(score, score.there, score.there)
        fed = self.where(code, lambda line: line.terms.has_feeds)
        return self._stars(code, fed) if kind is Kind.STARS else self._counted(code, fed)

    def _counted(self, code: str, fed: Mask) -> Values:
        terms = self.kindred[0].terms[code]
        metric = terms.metric
        upper, lower = (self.totals.of(names, terms.window_days) for names in (metric.upper, metric.lower))
        if metric.kind is Kind.SUM:
            return Values(Quotients(upper, whole(np.full(len(self), metric.per)), fed), fed, fed)
        if metric.kind is Kind.FLOOR:
            upper = lower - upper
        there = (lower > 0) & fed
        divisor = choose(there, lower, 1) * metric.per
        enough = there & (lower >= terms.rules.min_denominator)
        return Values(Quotients(upper, divisor, there), enough, fed, (upper, lower))

    def _stars(self, code: str, fed: Mask) -> Values:
        rating = self.ratings
        if code == "dsr":
            exact, count = rating.score, rating.counts["described"]
        elif code == "shipping":
            parts = [rating.counts[name] for name in ("dispatch", "delivery")]
            exact, count = rating.shipping, choose(parts[0] > parts[1], parts[0], parts[1])
        else:
            exact, count = rating.means[code], rating.counts[code]
        there = exact.there & fed
        least = self.kindred[0].terms[code].rules.min_denominator
        return Values(exact._replace(there=there), there & (count >= least), fed)

    @property
    def ratings(self) -> Ratings:
        """The rating with its parts (SR-01)."""
        if self._ratings is None:
            self._ratings = self._rated()
        return self._ratings

    def _rated(self) -> Ratings:
        policy = self.policy(Calendar.RATING)
        rules = policy.rating
        sums = {name: self.totals.of([name], rules.window_days) for name in RATING_COUNTERS}
        confirmed = self._of_stores([("confirmations" in profile.feeds) for profile in self.profiles])
        marks = choose(confirmed, sums["unconfirmed"] // rules.marks_per, 0)
        counts = {
            "described": sums["described_n"],
            "communication": sums["communication_n"],
            "dispatch": sums["r_dispatch_n"] + marks,
            "delivery": sums["r_delivery_n"],
        }
        uppers = {
            "described": sums["described_sum"],
            "communication": sums["communication_sum"],
            "dispatch": sums["r_dispatch_ontime"] * STARS,
            "delivery": sums["r_delivery_ontime"] * STARS,
        }
        means = {name: _quotients(uppers[name], counts[name]) for name in PARTS}
        plain, high = part_weights(rules.weights), part_weights(rules.high_value_weights)
        uplifted = self._uplifted(policy, sums["r_value_cents_usd"], sums["r_value_n"])
        rated_types = {kind: is_rated_type(policy, kind) for kind in {profile.store_type for profile in self.profiles}}
        rated = self._of_stores([rated_types[profile.store_type] for profile in self.profiles])
        score = mean_of([(choose(uplifted, high[name], plain[name]), means[name]) for name in PARTS])
        return Ratings(
            means=means,
            counts=counts,
            marks=marks,
            shipping=mean_of([(1, means["dispatch"]), (1, means["delivery"])]),
            score=score._replace(there=score.there & rated & (sums["described_n"] > 0)),
        )

    def _uplifted(self, policy: Policy, cents: Whole, orders: Whole) -> Mask:
        """Where the mean order of a high-value category is worth enough (SR-09)."""
        until = policy.rating.high_value_until
        in_time = np.array([until is None or day <= until for day in self.days], dtype=bool)
        high_value = np.array([
            "high_value" in profile.category_on(day).flags for profile in self.profiles for day in self.days
        ], dtype=bool)  # fmt: skip
        least = Fraction(policy.rating.high_value_min_usd) * 100
        enough = cents * least.denominator >= orders * least.numerator
        uplifted: Mask = np.tile(in_time, len(self.profiles)) & high_value & (orders > 0) & enough
        return uplifted

    def _of_stores(self, holds: Sequence[bool]) -> Mask:
        return np.repeat(np.array(holds, dtype=bool), len(self.days))

    def composite(self, code: str) -> Composites:
        """SHS or SLA; what is missing, insufficient or without thresholds in the store's category is left out (DP-06,
        TM-05)."""
        found = self._composites.get(code)
        if found is None:
            weights, parts, scored = self.kindred[0].terms[code].weights, [], {}
            for part, weight in weights.items():
                values = self.values(part)
                applies = self.where(part, lambda line: line.terms.thresholds.applies)
                scored[part] = values.exact.there & values.enough & applies
                parts.append((weight, self._score(code, part, values.exact)._replace(there=scored[part])))
            found = self._composites[code] = Composites(mean_of(parts), scored)
        return found

    def _score(self, code: str, part: str, value: Quotients) -> Quotients:
        """The sub-scores of a part. Where destinations scale its thresholds, they stretch its curve by their factor, so
        the value is divided by it instead."""
        scales = [
            one.terms.scale(code, part) if one.line(part).terms.thresholds.applies else None for one in self.kindred
        ]
        used = [scale for scale in scales if scale is not None]
        if not used:
            return value
        upper, lower = value.upper, value.lower
        if used[0].top is not None:
            top, unit = used[0].top.as_integer_ratio()
            upper, lower = abs(upper * unit - lower * top), lower * unit
        if code == "sla" and any(one.line(part).terms.by_site for one in self.kindred):
            factor, of = self.site_factor(part)
            upper, lower = upper * of, lower * factor
        return self._on_curves([(scale or used[0]).curve for scale in scales], upper, lower)

    def _on_curves(self, curves: Sequence[Curve], upper: Whole, lower: Whole) -> Quotients:
        """`Curve.at` of each kind's curve."""
        beyond = self.of_kinds([curve.beyond for curve in curves])
        made = Quotients(beyond[0], beyond[1], np.ones(len(self), dtype=bool))
        most = max(len(curve.pieces) for curve in curves)
        for number in reversed(range(most)):
            # A curve of fewer pieces repeats its last, which takes nothing that it would not take anyway.
            pieces = [curve.pieces[min(number, len(curve.pieces) - 1)] for curve in curves]
            end, end_unit, slope, base, unit = (whole(column)[self.kind_of] for column in zip(*pieces, strict=True))
            inside = end * lower >= upper * end_unit
            made = Quotients(
                choose(inside, slope * upper + base * lower, made.upper),
                choose(inside, unit * lower, made.lower),
                made.there,
            )
        return made

    def is_stale(self, code: str) -> Mask:
        """Where a composite score has a part whose feeds are not known to the end of the day (MX-07)."""
        stale = np.zeros(len(self), dtype=bool)
        for part, scored in self.composite(code).scored.items():
            feeds = needed_feeds(METRICS[part])
            late = np.array([not one.terms[code].late.isdisjoint(feeds) for one in self.kindred], dtype=bool)
            stale |= scored & late[self.kind_of]
        return stale

    def site_factor(self, code: str) -> tuple[Whole, Whole]:
        """The factor of the destinations of a metric's window, as `rulebook.rules.site_factor` has it."""
        terms = self.kindred[0].terms[code]
        days = terms.rules.window_days
        found = self._site_factors.get(days)
        if found is None:
            factors = {site: factor.as_integer_ratio() for site, factor in terms.policy.factors.site.items()}
            unit = lcm(*(lower for _upper, lower in factors.values()))
            orders = self.totals.shipped_to(EVERYWHERE, days)
            weighed = orders * unit
            for site, (upper, lower) in factors.items():
                weighed = weighed + self.totals.shipped_to(site, days) * ((upper - lower) * (unit // lower))
            any_shipped = orders > 0
            found = choose(any_shipped, weighed, 1), choose(any_shipped, orders * unit, 1)
            self._site_factors[days] = found
        return found


def make_batch(
    profiles: Sequence[StoreProfile],
    days: Sequence[date],
    kind_of: Callable[[StoreProfile, date], Kindred],
    totals: Totals,
    *,
    alike: bool = False,
) -> Batch:
    """A batch of stores on days of one policy. ``alike``: a store's last day stands for all."""
    kindred: dict[int, tuple[int, Kindred]] = {}
    places = np.empty((len(profiles), len(days)), dtype=np.intp)
    for row, profile in enumerate(profiles):
        for column, day in enumerate(days[-1:] if alike else days):
            kind = kind_of(profile, day)
            place, _kind = kindred.setdefault(id(kind), (len(kindred), kind))
            if alike:
                places[row] = place
            else:
                places[row, column] = place
    return Batch(profiles, days, [kind for _place, kind in kindred.values()], places.reshape(-1), totals)


def spans_of_policies(days: Sequence[date], shared: SharedTerms) -> list[list[date]]:
    """The days in spans of which one policy of each calendar counts and judges all."""
    runs = groupby(days, lambda day: [shared.policy_on(day, calendar).number for calendar in Calendar])
    return [list(run) for _numbers, run in runs]


def mean_of(parts: Sequence[tuple[Whole | int, Quotients]]) -> Quotients:
    """The mean of the numbers that are there by their weights, as `rulebook.rules.weighted_mean` has it."""
    upper, lower, whole_weight = _weighed(parts[0])
    for part in parts[1:]:
        above, below, weight = _weighed(part)
        upper, lower, whole_weight = upper * below + above * lower, lower * below, whole_weight + weight
    there = whole_weight > 0
    return Quotients(upper, lower * choose(there, whole_weight, 1), there)


def _weighed(part: tuple[Whole | int, Quotients]) -> tuple[Whole, Whole, Whole]:
    """A number times its weight, as numerators and denominators, and the weight; what is not there weighs nothing."""
    weight = choose(part[1].there, part[0], 0)
    return choose(part[1].there, part[1].upper, 0) * weight, choose(part[1].there, part[1].lower, 1), weight


def _quotients(upper: Whole, lower: Whole) -> Quotients:
    """Nothing where the denominator is 0."""
    there = lower > 0
    return Quotients(upper, choose(there, lower, 1), there)
