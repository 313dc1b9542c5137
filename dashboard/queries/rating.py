"""The rating of a store: its parts, the deviation board, how it went (PG-05, SR-07)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from core.timebase import days_between, rating_day, rating_day_end
from dashboard.queries.annotations import ChartEvents, chart_events
from dashboard.queries.panel import RatingView, rating_view
from insights.history import History
from insights.queries.changes import Changes, changes_since
from insights.queries.metric import history_of
from insights.queries.status import PageBenchmarks, load_span
from insights.queries.upcoming import Upcoming, upcoming
from metrics.catalogue import DIMENSIONS, RATED, Calendar
from metrics.models import Published, RatingFreeze
from metrics.queries.days import PageDays, page_days, published_rows
from metrics.queries.freezes import past_freezes
from metrics.scorecards.benchmarks import Benchmarks
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.store_profiles import load_profiles
from stores.models import Store


@dataclass(frozen=True, slots=True)
class RatingPage:
    """What the rating page shows. ``deviations``: per dimension its deviation index on each day of the trend;
    ``acts_from``, ``acts_to``: when this day's rating acts on search (SR-04); ``upcoming``: its next evaluation
    (BX-11); ``changes``: what moved it; ``events``: what happened on the days of the history."""

    days: PageDays
    store_span: StoreSpan
    view: RatingView
    history: History
    deviations: Mapping[str, list[Fraction | None]]
    published: Published | None
    acts_from: datetime
    acts_to: datetime
    upcoming: Upcoming | None
    changes: Changes
    events: ChartEvents
    past_freezes: list[RatingFreeze]


def rating_page(*, store: Store, at: datetime, asked: date | None, span: int, since: date | None = None) -> RatingPage:
    """Load the rating page; ``span`` days of the rating's history, what changed ``since`` a day or in a week."""
    profile = load_profiles([store])[0]
    days = page_days(profile, at, asked)
    store_span = load_span(store, days, span, RATED, until=rating_day(at), profile=profile)
    published = published_rows(store.id, days)
    rules = store_span.policy(days.rating, Calendar.RATING).rating
    first = days.rating - timedelta(days=max(span, rules.trend_days) - 1)
    benchmarks = Benchmarks(first, days.rating, codes=RATED, kept_only=True, store=profile)
    view = rating_view(store_span, days, PageBenchmarks(days, RATED, published, benchmarks=benchmarks), published)
    end = rating_day_end(days.rating)
    history = history_of(store_span, "dsr", days.rating, span, benchmarks)
    return RatingPage(
        days=days,
        store_span=store_span,
        view=view,
        history=history,
        deviations=_deviations(store_span, days.rating, rules.trend_days, benchmarks),
        published=published.get(Calendar.RATING),
        acts_from=end + timedelta(hours=rules.search_effect_from_hours),
        acts_to=end + timedelta(hours=rules.search_effect_to_hours),
        upcoming=upcoming(store_span, view.status, days, at),
        changes=changes_since(store, days.rating, since, profile),
        events=chart_events(store, "dsr", history),
        past_freezes=past_freezes(store.pk, days.rating),
    )


def _deviations(
    store_span: StoreSpan, last: date, span: int, benchmarks: Benchmarks
) -> dict[str, list[Fraction | None]]:
    days = days_between(last - timedelta(days=span - 1), last)
    return {code: [_deviation(store_span, benchmarks, code, day) for day in days] for code in DIMENSIONS}


def _deviation(store_span: StoreSpan, benchmarks: Benchmarks, code: str, day: date) -> Fraction | None:
    value, benchmark = store_span.value(code, day).value, benchmarks.of(store_span.store, day).get(code)
    return (
        None
        if value is None or benchmark is None or not benchmark.value
        else (value - benchmark.value) / benchmark.value
    )
