"""A store on one day: values, thresholds and scores of its metrics (MX, SR-01, DP-06, TM-05, DM-31)."""

from datetime import date

from metrics.catalogue import METRICS, RATING_COUNTERS, Calendar, Kind
from metrics.rules.composites import Composite, Scale, compose_whole
from metrics.rules.rating import Rating, RatingSums, rate
from metrics.rules.values import NO_DATA, Value, ratio
from metrics.scorecards.store_profiles import StoreProfile
from metrics.scorecards.sums import WindowSums
from metrics.scorecards.terms import StoreTerms, Terms, Thresholds, needed_feeds, scale_of, scaled_thresholds
from rulebook.policy import Policy
from rulebook.rules import Exact, Factor, site_factor


class StoreDay:
    """Computed from what it is given: the store's profile, the terms of stores of its kind on the day, its
    window sums. Each result is computed when first asked for, and kept."""

    def __init__(self, store: StoreProfile, day: date, terms: StoreTerms, sums: WindowSums) -> None:
        self.store, self.day, self.terms, self.sums = store, day, terms, sums
        self._values: dict[str, Value] = {}
        self._composites: dict[str, Composite] = {}
        self._thresholds: dict[str, Thresholds] = {}
        self._site_factors: dict[int, Factor] = {}
        self._rating: Rating | None = None

    def policy(self, calendar: Calendar) -> Policy:
        """The version in force at the end of the day."""
        return self.store.policy_on(self.day, calendar)

    def value(self, code: str) -> Value:
        """A metric's value (MX-05, MX-07)."""
        value = self._values.get(code)
        if value is None:
            value = self._values[code] = self._value(self.terms[code])
        return value

    def _value(self, terms: Terms) -> Value:
        metric = terms.metric
        if metric.kind is Kind.COMPOSITE:
            score = self.composite(metric.code).exact
            return Value(None, None, score, score is not None, score is not None)
        if not terms.has_feeds:
            return NO_DATA
        if metric.kind is Kind.STARS:
            return self._stars(metric.code, terms.rules.min_denominator)
        return counted_value(terms, *self.counts(terms))

    def counts(self, terms: Terms) -> tuple[int, int]:
        """The sums of a metric's upper and lower counters over its window."""
        metric, total = terms.metric, self.sums.total
        upper = lower = 0
        for name in metric.upper:
            upper += total(name, self.day, terms.window_days)
        for name in metric.lower:
            lower += total(name, self.day, terms.window_days)
        return upper, lower

    def _stars(self, code: str, least: int) -> Value:
        rating = self.rating
        if code == "dsr":
            exact, count = rating.exact, rating.counts["described"]
        elif code == "shipping":
            exact, count = rating.shipping_exact, rating.shipping_count
        else:
            exact, count = rating.means[code], rating.counts[code]
        return Value(None, None, exact, exact is not None and count >= least, True, count)

    @property
    def rating(self) -> Rating:
        """The rating with its parts (SR-01)."""
        if self._rating is None:
            policy = self.policy(Calendar.RATING)
            total, day, days = self.sums.total, self.day, policy.rating.window_days
            self._rating = rate(
                RatingSums(*[total(name, day, days) for name in RATING_COUNTERS]),
                policy,
                high_value="high_value" in self.store.category_on(day).flags,
                store_type=self.store.store_type,
                confirmed="confirmations" in self.store.feeds,
                day=day,
            )
        return self._rating

    def composite(self, code: str) -> Composite:
        """SHS or SLA with its sub-scores; what is missing, insufficient or without thresholds in the store's category
        is left out (DP-06, TM-05)."""
        found = self._composites.get(code)
        if found is None:
            weights = self.terms[code].weights
            scores = {}
            for part in weights:
                value = self._scored(part)
                if value is not None:
                    scores[part] = self.scale(code, part).score(value)
            found = self._composites[code] = compose_whole(scores, weights)
        return found

    def _scored(self, part: str) -> Exact | None:
        """The value of a part that counts in a composite score; None where it does not."""
        value = self.value(part)
        if value.exact is None or not value.sufficient or not self.terms[part].thresholds.applies:
            return None
        return value.exact

    def scale(self, code: str, part: str) -> Scale:
        """How a part of the SHS or SLA becomes a sub-score (DP-06, TM-05)."""
        if self.terms[part].by_site:
            return scale_of(self.terms[code].policy, code, part, self.thresholds(part))
        return self.terms.scale(code, part)

    def thresholds(self, code: str) -> Thresholds:
        """The effective thresholds of a metric (DM-31, DP-03)."""
        terms = self.terms[code]
        if not terms.by_site:
            return terms.thresholds
        found = self._thresholds.get(code)
        if found is None:
            site = self._site_factor(terms)
            factors = tuple([site if factor.kind == "site" else factor for factor in terms.thresholds.factors])
            found = self._thresholds[code] = scaled_thresholds(terms.rules, factors, young=terms.young)
        return found

    def _site_factor(self, terms: Terms) -> Factor:
        """The factor of the destinations of the window, which metrics with the same window share."""
        days = terms.rules.window_days
        factor = self._site_factors.get(days)
        if factor is None:
            shipped = self.sums.shipped_by_site(self.day, days)
            factor = self._site_factors[days] = site_factor(terms.policy, shipped)
        return factor

    def is_stale(self, code: str) -> bool:
        """Whether the day ends later than a feed that the metric needs is known (MX-07). Of feeds of which one
        suffices, all that are there must be known."""
        terms = self.terms[code]
        if terms.metric.kind is not Kind.COMPOSITE or not terms.late:
            return terms.is_stale
        parts = self.composite(code).scores
        return any(not terms.late.isdisjoint(needed_feeds(METRICS[part])) for part in parts)


def counted_value(terms: Terms, upper: int, lower: int) -> Value:
    """The value of a metric from the sums of its upper and lower counters (MX-05)."""
    metric = terms.metric
    if metric.kind is Kind.SUM:
        return Value(None, None, ratio(upper, metric.per), sufficient=True)
    if metric.kind is Kind.FLOOR:
        upper = lower - upper
    enough = 0 < lower >= terms.rules.min_denominator
    return Value(upper, lower, ratio(upper, lower * metric.per), enough, True, lower)
