"""One metric of a store: where it stands, how it went, what it is made of (PG-04)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from core.timebase import days_between
from insights.history import History
from insights.queries.forecast import last_needed
from insights.queries.standing import Bench, Standing, load_span, standing_of
from insights.rules.forecast import can_forecast
from metrics.catalogue import METRICS, Calendar, Metric
from metrics.models import PlatformFigure, Published
from metrics.queries.days import PageDays, page_days, published_rows
from metrics.scorecards.benchmarks import Benchmarks
from metrics.scorecards.judging import acting_yellow
from metrics.scorecards.profiles import load_profiles
from metrics.scorecards.results import BenchmarkValue
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.storeday import StoreDay
from stores.models import Store


@dataclass(frozen=True, slots=True)
class MetricPage:
    """What the page of a metric shows besides its problem orders. ``platform``: the platform's own figure of the latest
    day up to the shown one (IX-08)."""

    metric: Metric
    days: PageDays
    figures: StoreSpan
    standing: Standing
    history: History
    published: Mapping[Calendar, Published]
    platform: PlatformFigure | None

    @property
    def day(self) -> date:
        return self.standing.card.day

    @property
    def store_day(self) -> StoreDay:
        """The store on the shown day."""
        return self.figures.on(self.day)

    @property
    def computed_at(self) -> datetime | None:
        row = self.published.get(self.metric.calendar)
        return row.computed_at if row else None


def metric_page(*, store: Store, code: str, at: datetime, asked: date | None, span: int) -> MetricPage:
    """Load a metric's page; ``span`` days of history up to the shown one."""
    metric = METRICS[code]
    context = load_profiles([store])[0]
    days = page_days(context, at, asked)
    until = last_needed(context.policy_on(days.performance, metric.calendar), days, at) if can_forecast(code) else None
    figures = load_span(store, days, span, [code], until=until, context=context)
    published = published_rows(store.id, days)
    shown = days.of(metric.calendar)
    book = Benchmarks(shown - timedelta(days=span - 1), shown, codes=[code], kept_only=True, store=context)
    standing = standing_of(figures, code, days, Bench(days, [code], published, book=book), published)
    platform = PlatformFigure.objects.filter(store=store, metric=code, day__lte=standing.card.day)
    return MetricPage(
        metric=metric,
        days=days,
        figures=figures,
        standing=standing,
        history=history_of(figures, code, standing.card.day, span, book),
        published=published,
        platform=platform.order_by("-day").first(),
    )


def history_of(figures: StoreSpan, code: str, last: date, span: int, book: Benchmarks) -> History:
    """A metric's values, lines and kept benchmarks over ``span`` days up to ``last``, which ``book`` covers."""
    metric = METRICS[code]
    days = days_between(last - timedelta(days=span - 1), last)
    marks = [book.of(figures.store, day).get(code) for day in days]
    lines = [_lines(figures, code, day, mark) for day, mark in zip(days, marks, strict=True)]
    return History(
        title=str(metric.title),
        unit=figures.policy(last, metric.calendar).metrics[code].unit,
        days=days,
        values=[figures.value(code, day).value for day in days],
        yellow=[pair[0] for pair in lines],
        red=[pair[1] for pair in lines],
        benchmark=[mark.value if mark else None for mark in marks],
        versions=[figures.policy(day, metric.calendar).number for day in days],
    )


def _lines(
    figures: StoreSpan, code: str, day: date, mark: BenchmarkValue | None
) -> tuple[Fraction | None, Fraction | None]:
    """Yellow and red as they acted; of the health score where promotion is blocked and where a person looks at it
    (DP-06)."""
    if code == "shs":
        rules = figures.policy(day, METRICS[code].calendar).shs
        return Fraction(rules.promotion_block_below), Fraction(rules.manual_review_below)
    lines = figures.on(day).thresholds(code)
    yellow = acting_yellow(figures.on(day).terms[code], lines, mark)
    return yellow, lines.red.value if lines.red else None
