"""The status at the next evaluation if nothing changes (BX-11), and what a metric's page says of days to come."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache

from core.timebase import performance_day, rating_day
from insights.queries.forecast import Forecast, Lost, bounds_of, forecast, forecast_score, lost_work
from insights.queries.metric import MetricPage
from insights.queries.status import MetricStatus
from insights.rules.forecast import can_forecast
from metrics.catalogue import METRICS, OWN_WORK, Calendar, Kind
from metrics.queries.days import RUN_AT, PageDays
from metrics.rules.composites import compose, weights_of
from metrics.rules.days import day_end
from metrics.scorecards.evaluating import judge
from metrics.scorecards.results import MetricResult
from metrics.scorecards.spans import StoreSpan


@dataclass(frozen=True, slots=True)
class Upcoming:
    """``result``: the running day judged as it will be if nothing changes; ``evaluated_at``: the run that closes it;
    ``acts_from``, ``acts_to``: when a change of rating acts on search (SR-04), None for other metrics."""

    result: MetricResult
    evaluated_at: datetime
    acts_from: datetime | None
    acts_to: datetime | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a metric's page says of days to come. ``so_far``: today's value without what is still open."""

    forecast: Forecast | None
    upcoming: Upcoming | None
    so_far: Fraction | None


def running_day(calendar: Calendar, at: datetime) -> date:
    """The day of a calendar that is not over."""
    return performance_day(at) if calendar == Calendar.PERFORMANCE else rating_day(at)


def upcoming(store_span: StoreSpan, status: MetricStatus, days: PageDays, at: datetime) -> Upcoming | None:
    """A metric at the evaluation of the running day, judged as if that day's data were complete; the figures must cover
    it. None where the page does not show the last complete day, or the store's data ends before it, so that the next
    run judges nothing."""
    calendar = status.metric.calendar
    today = running_day(calendar, at)
    if status.result.day != today - timedelta(days=1) or days.is_stale:
        return None
    end = day_end(today, calendar)
    feeds = {kind: max(until, end) for kind, until in store_span.store.feeds.items()}
    complete = StoreSpan(replace(store_span.store, feeds=feeds), store_span.sums)
    rules = store_span.policy(today, calendar).rating
    rated = status.metric.kind == Kind.STARS
    run = timedelta(hours=RUN_AT.hour, minutes=RUN_AT.minute) if calendar == Calendar.PERFORMANCE else timedelta()
    return Upcoming(
        result=judge(complete, status.result.code, today, status.result.benchmark),
        evaluated_at=end + run,
        acts_from=end + timedelta(hours=rules.search_effect_from_hours) if rated else None,
        acts_to=end + timedelta(hours=rules.search_effect_to_hours) if rated else None,
    )


def outlook_of(page: MetricPage, at: datetime) -> Outlook:
    """The forecast and the next evaluation of a metric's page; one query where the seller has work of his own in it.
    A metric that does not apply to the store's category is not judged, so it has neither (DM-31).
    An earlier day has none: the facts of the days after it hold what has happened since."""
    code, store_span, day = page.metric.code, page.store_span, page.day
    result = page.status.result
    if (
        not can_forecast(code)
        or not result.thresholds.applies
        or not result.value.has_feeds
        or not page.days.is_present
    ):
        return Outlook(None, None, None)
    lost_of = cache(lambda part: lost_work(store_span, part, at))
    if page.metric.kind == Kind.COMPOSITE:
        found = forecast_score(store_span, code, day, lost_of=lost_of)
    else:
        found = forecast(store_span, code, day, bounds_of(page.status), lost=lost_of(code))
    coming = upcoming(store_span, page.status, page.days, at)
    so_far = value_so_far(store_span, code, coming.result.day, lost_of) if coming else None
    return Outlook(forecast=found, upcoming=coming, so_far=so_far)


def value_so_far(store_span: StoreSpan, code: str, today: date, lost_of: Callable[[str], Lost]) -> Fraction | None:
    """Today's value without the seller's work that is still open, on either side; of other metrics as it stands, of a
    score that of its parts so far."""
    if METRICS[code].kind != Kind.COMPOSITE:
        return _so_far(store_span, code, today, lost_of(code))[0]
    policy = store_span.policy(today, METRICS[code].calendar)
    weights, scores = weights_of(policy, code), {}
    for part in weights:
        value, count = _so_far(store_span, part, today, lost_of(part))
        least = store_span.policy(today, METRICS[part].calendar).metrics[part].min_denominator
        if value is not None and count >= least and store_span.on(today).thresholds(part).applies:
            scores[part] = store_span.on(today).scale(code, part).score(value)
    return compose(scores, weights).score


def _so_far(store_span: StoreSpan, code: str, today: date, lost: Lost) -> tuple[Fraction | None, int]:
    """The value with the number that sufficiency looks at."""
    metric, value = METRICS[code], store_span.value(code, today)
    if metric.kind != Kind.RATE or code not in OWN_WORK or value.numerator is None or value.denominator is None:
        return value.value, value.count or 0
    failures = store_span.total(metric.upper, today, 1)
    still_open = failures - min(lost(today, failures), failures)
    rest = value.denominator - still_open
    return (Fraction(value.numerator - still_open, rest) if rest > 0 else None), rest
