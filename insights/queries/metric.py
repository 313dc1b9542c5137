"""One metric of a store: its value, history and components (PG-04)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from core.timebase import days_between
from insights.history import History
from insights.queries.forecast import last_needed
from insights.queries.status import MetricStatus, PageBenchmarks, load_span, status_of
from insights.rules.forecast import can_forecast
from metrics.catalogue import METRICS, Calendar, Metric
from metrics.models import PlatformFigure, Published
from metrics.queries.days import PageDays, page_days, published_rows
from metrics.scorecards.benchmarks import Benchmarks
from metrics.scorecards.evaluating import acting_yellow
from metrics.scorecards.results import BenchmarkValue
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.store_profiles import load_profiles
from metrics.scorecards.storeday import StoreDay
from stores.models import Store


@dataclass(frozen=True, slots=True)
class MetricPage:
    """What the page of a metric shows besides its problem orders. ``platform``: the platform's own figure of the latest
    day up to the shown one (IX-08)."""

    metric: Metric
    days: PageDays
    store_span: StoreSpan
    status: MetricStatus
    history: History
    published: Mapping[Calendar, Published]
    platform: PlatformFigure | None

    @property
    def day(self) -> date:
        return self.status.result.day

    @property
    def store_day(self) -> StoreDay:
        """The store on the shown day."""
        return self.store_span.on(self.day)

    @property
    def computed_at(self) -> datetime | None:
        row = self.published.get(self.metric.calendar)
        return row.computed_at if row else None


def metric_page(*, store: Store, code: str, at: datetime, asked: date | None, span: int) -> MetricPage:
    """Load a metric's page; ``span`` days of history up to the shown one."""
    metric = METRICS[code]
    profile = load_profiles([store])[0]
    days = page_days(profile, at, asked)
    until = last_needed(profile.policy_on(days.performance, metric.calendar), days, at) if can_forecast(code) else None
    store_span = load_span(store, days, span, [code], until=until, profile=profile)
    published = published_rows(store.id, days)
    shown = days.of(metric.calendar)
    benchmarks = Benchmarks(shown - timedelta(days=span - 1), shown, codes=[code], kept_only=True, store=profile)
    status = status_of(
        store_span, code, days, PageBenchmarks(days, [code], published, benchmarks=benchmarks), published
    )
    platform = PlatformFigure.objects.filter(store=store, metric=code, day__lte=status.result.day)
    return MetricPage(
        metric=metric,
        days=days,
        store_span=store_span,
        status=status,
        history=history_of(store_span, code, status.result.day, span, benchmarks),
        published=published,
        platform=platform.order_by("-day").first(),
    )


def history_of(store_span: StoreSpan, code: str, last: date, span: int, benchmarks: Benchmarks) -> History:
    """A metric's values, thresholds and kept benchmarks over ``span`` days up to ``last``, which ``benchmarks``
    cover."""
    metric = METRICS[code]
    days = days_between(last - timedelta(days=span - 1), last)
    compared = [benchmarks.of(store_span.store, day).get(code) for day in days]
    thresholds = [_thresholds(store_span, code, day, benchmark) for day, benchmark in zip(days, compared, strict=True)]
    return History(
        title=str(metric.title),
        unit=store_span.policy(last, metric.calendar).metrics[code].unit,
        days=days,
        values=[store_span.value(code, day).value for day in days],
        yellow=[pair[0] for pair in thresholds],
        red=[pair[1] for pair in thresholds],
        benchmark=[benchmark.value if benchmark else None for benchmark in compared],
        versions=[store_span.policy(day, metric.calendar).number for day in days],
    )


def _thresholds(
    store_span: StoreSpan, code: str, day: date, benchmark: BenchmarkValue | None
) -> tuple[Fraction | None, Fraction | None]:
    """Yellow and red as they acted; of the health score where promotion is blocked and where a person looks at it
    (DP-06)."""
    if code == "shs":
        rules = store_span.policy(day, METRICS[code].calendar).shs
        return Fraction(rules.promotion_block_below), Fraction(rules.manual_review_below)
    thresholds = store_span.on(day).thresholds(code)
    yellow = acting_yellow(store_span.on(day).terms[code], thresholds, benchmark)
    return yellow, thresholds.red.value if thresholds.red else None
