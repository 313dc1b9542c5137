"""A store on one day: values, lines and scores of its metrics (MX, SR-01, DP-06, TM-05, DM-31)."""

from datetime import date

from metrics.catalogue import METRICS, RATING_COUNTERS, Calendar, Kind
from metrics.figures.common import Lines, Measure, Measures, Setting, Terms, made_lines, needed_feeds, scale_of
from metrics.figures.context import StoreContext
from metrics.figures.totals import Totals
from metrics.rules.composites import Composite, Scale, compose_whole
from metrics.rules.rating import Rating, RatingSums, rate
from metrics.rules.values import NO_DATA, Value, ratio
from rulebook.policy import Policy
from rulebook.rules import Exact, Factor, site_factor


class Sheet:
    """Everything is worked out when it is first asked for, and once. ``feeds``: the kinds of data of the store."""

    def __init__(self, store: StoreContext, totals: Totals, day: date, feeds: frozenset[str]) -> None:
        self.store, self.day = store, day
        self._totals, self._feeds = totals, feeds
        self._values: dict[str, Value] = {}
        self._composites: dict[str, Composite] = {}
        # By whether the calendar is that of ratings: members of an enumeration are slow keys.
        self._measures: dict[bool, Measures] = {}
        self._settings: dict[bool, Setting] = {}
        self._rating: Rating | None = None
        self._lines: dict[str, Lines] = {}
        self._site_factors: dict[int, Factor] = {}

    def measure(self, code: str) -> Measure:
        """How a metric is counted."""
        calendar = METRICS[code].calendar
        rating = calendar is Calendar.RATING
        measures = self._measures.get(rating)
        if measures is None:
            common = self.store.common
            measures = self._measures[rating] = common.measures(common.policy_on(self.day, calendar), self._feeds)
        return measures[code]

    def terms(self, code: str) -> Terms:
        """How a metric is judged."""
        calendar = METRICS[code].calendar
        rating = calendar is Calendar.RATING
        setting = self._settings.get(rating)
        if setting is None:
            setting = self._settings[rating] = self.store.setting_on(self.day, calendar)
        return setting[code]

    def value(self, code: str) -> Value:
        """A metric's value (MX-05, MX-07)."""
        value = self._values.get(code)
        if value is None:
            value = self._values[code] = self._value(self.measure(code))
        return value

    def _value(self, measure: Measure) -> Value:
        metric = measure.metric
        if metric.kind is Kind.COMPOSITE:
            score = self.composite(metric.code).exact
            return Value(None, None, score, score is not None, score is not None)
        if not measure.has_feeds:
            return NO_DATA
        if metric.kind is Kind.STARS:
            return self._stars(metric.code, measure.rules.min_denominator)
        return counted_value(measure, *self.counts(measure))

    def counts(self, measure: Measure) -> tuple[int, int]:
        """The sums of a metric's upper and lower counters over its window."""
        metric, total = measure.metric, self._totals.total
        upper = lower = 0
        for name in metric.upper:
            upper += total(name, self.day, measure.days)
        for name in metric.lower:
            lower += total(name, self.day, measure.days)
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
            policy = self.store.policy_on(self.day, Calendar.RATING)
            total, day, days = self._totals.total, self.day, policy.rating.window_days
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
        """SHS or SLA with its sub-scores; what is missing, insufficient or without lines in the store's category
        is left out (DP-06, TM-05)."""
        found = self._composites.get(code)
        if found is None:
            weights = self.measure(code).weights
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
        if value.exact is None or not value.sufficient or not self.lines(part).applies:
            return None
        return value.exact

    def scale(self, code: str, part: str) -> Scale:
        """How a part of the SHS or SLA becomes a sub-score (DP-06, TM-05)."""
        policy = self.store.policy_on(self.day, METRICS[code].calendar)
        terms = self.terms(part)
        if terms.by_site:
            return scale_of(policy, code, part, self.lines(part))
        scale = terms.scales.get((code, policy.number))
        if scale is None:
            scale = terms.scales[code, policy.number] = scale_of(policy, code, part, terms.lines)
        return scale

    def lines(self, code: str) -> Lines:
        """The effective lines of a metric (DM-31, DP-03)."""
        terms = self.terms(code)
        return self.lines_by_site(terms) if terms.by_site else terms.lines

    def lines_by_site(self, terms: Terms) -> Lines:
        """The lines of a metric that orders' destinations scale (DM-31)."""
        code = terms.metric.code
        lines = self._lines.get(code)
        if lines is None:
            site = self._site_factor(terms.policy, terms.rules.window_days)
            factors = tuple([site if factor.kind == "site" else factor for factor in terms.lines.factors])
            lines = self._lines[code] = made_lines(terms.rules, factors, young=terms.young)
        return lines

    def _site_factor(self, policy: Policy, days: int) -> Factor:
        factor = self._site_factors.get(days)
        if factor is None:
            factor = self._site_factors[days] = site_factor(policy, self._totals.shipped_by_site(self.day, days))
        return factor

    def is_stale(self, terms: Terms) -> bool:
        """Whether the day ends later than a feed that the metric needs is known (MX-07). Of feeds of which one
        suffices, all that are there must be known."""
        if terms.metric.kind is not Kind.COMPOSITE or not terms.late:
            return terms.is_stale
        parts = self.composite(terms.metric.code).scores
        return any(not terms.late.isdisjoint(needed_feeds(METRICS[part])) for part in parts)


def counted_value(measure: Measure, upper: int, lower: int) -> Value:
    """The value of a metric from the sums of its upper and lower counters (MX-05)."""
    metric = measure.metric
    if metric.kind is Kind.SUM:
        return Value(None, None, ratio(upper, metric.per), sufficient=True)
    if metric.kind is Kind.FLOOR:
        upper = lower - upper
    enough = 0 < lower >= measure.rules.min_denominator
    return Value(upper, lower, ratio(upper, lower * metric.per), enough, True, lower)
