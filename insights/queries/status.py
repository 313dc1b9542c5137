"""Where one metric of a store stands on a day: result, unit, headroom, what was published of it (MX-08, MX-13)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from metrics.catalogue import METRICS, Calendar, Kind, Metric
from metrics.models import Published
from metrics.queries.days import PageDays
from metrics.rules.composites import ladder_of
from metrics.rules.headroom import Headroom, headroom
from metrics.scorecards.batches import history_days
from metrics.scorecards.benchmarks import Benchmarks
from metrics.scorecards.evaluating import judge
from metrics.scorecards.loading import load_spans
from metrics.scorecards.results import BenchmarkValue, Level, MetricResult
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.store_profiles import StoreProfile
from metrics.scorecards.streaks import HeldBack, held_back
from rulebook.policy import MetricPolicy
from rulebook.rules import rounded
from stores.models import Store

PUBLISHED_PLACES = 10
ORDER = (Level.L3, Level.RED, Level.L2, Level.L1, Level.YELLOW, Level.OK, Level.SILENT, Level.STALE, Level.FEW)
QUIET = frozenset({Level.NA, Level.NO_DATA, Level.FEW, Level.SILENT, Level.STALE})


@dataclass(frozen=True, slots=True)
class MetricStatus:
    """A result with what a page says about it. ``published``: the published value where it differs from the computed
    one; ``room_yellow``, ``room_red``: None where the metric has no such threshold or no counts; ``steps``: the scores
    at which a composite one brings something else; ``holding``: why a value past its yellow threshold is not yellow."""

    result: MetricResult
    rules: MetricPolicy
    window_days: int
    room_yellow: Headroom | None
    room_red: Headroom | None
    published: Decimal | None
    steps: Sequence[Fraction] = ()
    holding: HeldBack | None = None

    @property
    def metric(self) -> Metric:
        return self.result.metric

    @property
    def unit(self) -> str:
        return self.rules.unit

    @property
    def is_floor(self) -> bool:
        """Whether less is worse."""
        return self.rules.floor_top is not None

    @property
    def is_quiet(self) -> bool:
        """Whether the level says nothing about the store: no data, few orders, silent, stale, does not apply."""
        return self.result.level in QUIET

    @property
    def thresholds(self) -> list[Fraction | None]:
        """What a shown value must stay on its side of (MX-06)."""
        return [self.result.yellow, self.result.red, *self.steps]


def load_span(
    store: Store,
    days: PageDays,
    span: int,
    codes: Collection[str],
    *,
    until: date | None = None,
    profile: StoreProfile | None = None,
) -> StoreSpan:
    """Days that cover the shown one, ``span`` days of trend, what levels look back on (MX-10), and the days up to
    ``until``. ``profile``: the store's own where it is at hand."""
    first = days.rating - timedelta(days=max(span - 1, history_days()))
    last = max(days.performance, until or days.performance)
    profiles = None if profile is None else [profile]
    return load_spans([store], first, last, codes=codes, profiles=profiles)[store.id]


class PageBenchmarks:
    """The benchmarks of a store on its page's days: the kept benchmark, else the one that was published with the
    day."""

    def __init__(
        self,
        days: PageDays,
        codes: Collection[str],
        published: dict[Calendar, Published],
        *,
        benchmarks: Benchmarks | None = None,
        store: StoreProfile | None = None,
    ) -> None:
        """``benchmarks``: one that covers these days and codes; ``store``: the only one whose benchmarks are asked
        for."""
        self._days = days
        self._published = published
        if benchmarks is None:
            benchmarks = Benchmarks(days.rating, days.performance, codes=codes, kept_only=True, store=store)
        self._benchmarks = benchmarks

    def benchmark(self, store_span: StoreSpan, code: str) -> BenchmarkValue | None:
        """The benchmark of a metric; None without one."""
        calendar = METRICS[code].calendar
        found = self._benchmarks.of(store_span.store, self._days.of(calendar)).get(code)
        if found is not None or calendar not in self._published:
            return found
        value = self._published[calendar].scorecard.get(code, {}).get("benchmark")
        return None if value is None else BenchmarkValue(Fraction(value), "published", "", 0)


def status_of(
    store_span: StoreSpan, code: str, days: PageDays, benchmarks: PageBenchmarks, published: dict[Calendar, Published]
) -> MetricStatus:
    """Judge a metric on the page's day."""
    metric = METRICS[code]
    day = days.of(metric.calendar)
    policy = store_span.policy(day, metric.calendar)
    result = judge(store_span, code, day, benchmarks.benchmark(store_span, code))
    rules = policy.metrics[code]
    window = policy.rating.window_days if metric.kind == Kind.STARS else rules.window_days
    return MetricStatus(
        result=result,
        rules=rules,
        window_days=window,
        room_yellow=_room(store_span, result, result.yellow, rules, day, window),
        room_red=_room(store_span, result, result.red, rules, day, window),
        published=_published(result, published.get(metric.calendar)),
        steps=[least for least, _name in ladder_of(policy, code).steps] if metric.kind == Kind.COMPOSITE else (),
        holding=held_back(store_span, result),
    )


def statuses_of(
    store_span: StoreSpan,
    codes: Sequence[str],
    days: PageDays,
    benchmarks: PageBenchmarks,
    published: dict[Calendar, Published],
) -> list[MetricStatus]:
    """The metrics, worst first; those that say nothing about the store at the end."""
    found = [status_of(store_span, code, days, benchmarks, published) for code in codes]
    return sorted(found, key=_worst_first)


def _worst_first(status: MetricStatus) -> tuple[int, Fraction, str]:
    level = status.result.level
    return (ORDER.index(level) if level in ORDER else len(ORDER), -_use_of_threshold(status), status.result.code)


def _use_of_threshold(status: MetricStatus) -> Fraction:
    """The share of what the threshold allows that is used up; 0 without a threshold or value."""
    threshold = status.result.red if status.result.red is not None else status.result.yellow
    value = status.result.value.value
    if threshold is None or value is None:
        return Fraction()
    top = Fraction(status.rules.floor_top or 0)
    return abs(value - top) / abs(threshold - top) if threshold != top else Fraction()


def _room(
    store_span: StoreSpan, result: MetricResult, threshold: Fraction | None, rules: MetricPolicy, day: date, window: int
) -> Headroom | None:
    metric = result.metric
    failures, denominator = failures_of(result), result.value.denominator
    if threshold is None or failures is None or not denominator or not result.thresholds.applies:
        return None
    allowed = threshold if rules.floor_top is None else Fraction(rules.floor_top) - threshold

    def remaining(later: int) -> int:
        return store_span.total(metric.upper, day, window - later) if later < window else 0

    return headroom(failures, denominator, allowed, inclusive=rules.inclusive, remaining=remaining, window_days=window)


def failures_of(result: MetricResult) -> int | None:
    """The failures of a rate or floor; None for other kinds and without data."""
    value = result.value
    if value.numerator is None or value.denominator is None:
        return None
    if result.metric.kind == Kind.RATE:
        return value.numerator
    return value.denominator - value.numerator if result.metric.kind == Kind.FLOOR else None


def _published(result: MetricResult, row: Published | None) -> Decimal | None:
    """The published value where it is another than the computed one (MX-08)."""
    text = (row.scorecard.get(result.code) or {}).get("value") if row else None
    if text is None or result.value.value is None or Decimal(text) == rounded(result.value.value, PUBLISHED_PLACES):
        return None
    return Decimal(text)


def trend(store_span: StoreSpan, code: str, last: date, days: int) -> list[Fraction | None]:
    """The values of the ``days`` days up to ``last``, oldest first."""
    return [store_span.value(code, last - timedelta(days=back)).value for back in range(days - 1, -1, -1)]
