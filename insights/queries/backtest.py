"""How good past forecasts would have been (MX-14): made from facts as of past days, compared with what came.

As far as they can be told: the facts of today don't hold what they held then. Windows, paces and thresholds up to a
past day are taken from today's facts, late data and corrections included. Of what was to come then, only the orders
waiting for dispatch are told, from the orders themselves: with today's deadlines, and without those that were cancelled
or refunded before theirs. Waiting messages, missed confirmations and whatever else stood ahead are taken to be none, so
that these go at the usual pace in every course. Thresholds are compared without streaks, usual swings and new stores'
benchmarks; the zone of a score is what it brings, of the SHS, or its grade, of the SLA."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from core.timebase import day_number, days_between, from_day_number, performance_day
from insights.queries.forecast import Forecast, Names, forecast, forecast_score
from insights.rules.forecast import Bounds, Course, Point
from metrics.catalogue import METRICS, Calendar, Kind
from metrics.models import OrderContribution
from metrics.rules.composites import ladder_of
from metrics.rules.days import day_end
from metrics.scorecards.loading import load_spans
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.windows import with_parts
from orders.models import Order
from rulebook.queries import policies
from rulebook.rules import rounded
from stores.models import Store

NAIVE = "as_it_is"
RIVALS: tuple[str, ...] = (*Course, NAIVE)
PLACES = 10
# By day of the forecast, then by day ahead: dispatches due, and those of them not yet shipped.
Waiting = dict[date, dict[date, tuple[int, int]]]


@dataclass
class Score:
    """How one way of forecasting a metric did: on how many days it was held against what came, on how many the zone
    was right, the sum of the absolute errors of the value (1e-10)."""

    metric: str
    rival: str
    days: int = 0
    held: int = 0
    error: Decimal = Decimal()

    def add(self, told: Point, came: Point) -> None:
        """Count one day; both sides must have a value."""
        if told.value is None or came.value is None:
            raise ValueError("only days with a value on both sides are compared")
        self.days += 1
        self.held += told.zone == came.zone
        self.error += rounded(abs(told.value - came.value), PLACES)

    @property
    def held_share(self) -> Fraction | None:
        """The share of days on which the zone was right."""
        return Fraction(self.held, self.days) if self.days else None

    @property
    def mean_error(self) -> Fraction | None:
        """The mean absolute error of the value."""
        return Fraction(self.error) / self.days if self.days else None


def backtest(stores: Sequence[Store], codes: Sequence[str], first: date, last: date) -> list[Score]:
    """Forecasts of every day from first to last, each held against the days after it that are known; by metric."""
    scores: dict[tuple[str, str], Score] = {
        (code, rival): Score(code, str(rival)) for code in codes for rival in RIVALS
    }
    for store in stores:
        for code in codes:
            for told, came in _compared(store, code, first, last):
                for rival, point in told.items():
                    scores[code, rival].add(point, came)
    return list(scores.values())


def _compared(store: Store, code: str, first: date, last: date) -> Iterator[tuple[dict[str, Point], Point]]:
    """Each day ahead of each day: what every rival told and what came. Days that one of them can't judge are left out,
    so that all are held against the same days."""
    store_span = load_spans([store], first, last, codes=[code])[store.id]
    known = store_span.store.known_day
    if known is None or not store_span.has_feeds(METRICS[code]):
        return
    horizon = store_span.policy(last, METRICS[code].calendar).judging.forecast_days
    until = min(last + timedelta(days=horizon), known)
    if until <= first:
        return
    store_span = load_spans([store], first, until, codes=[code])[store.id]
    told_by_orders = "late_dispatch" in with_parts([code], policies())
    waiting = _waiting(store, first, last, until) if told_by_orders else {}
    for day in days_between(first, min(last, until - timedelta(days=1))):
        # Without a value to stay as it is, none of the days ahead would be compared.
        if _point(store_span, code, day).zone is not None:
            yield from _after(store_span, code, day, until, waiting.get(day, {}))


def _after(
    store_span: StoreSpan, code: str, day: date, until: date, waiting: dict[date, tuple[int, int]]
) -> Iterator[tuple[dict[str, Point], Point]]:
    found = _forecast(store_span, code, day, waiting)
    for place, ahead in enumerate(found.days):
        if ahead > until:
            return
        told: dict[str, Point] = {NAIVE: Point(found.value, found.zone)}
        for course in Course:
            told[course] = found.along(course)[place]
        came = _point(store_span, code, ahead)
        if came.zone is not None and all(point.zone is not None for point in told.values()):
            yield told, came


def _forecast(store_span: StoreSpan, code: str, day: date, waiting: dict[date, tuple[int, int]]) -> Forecast:
    def stands(names: Names, ahead: date) -> int:
        due, still_open = waiting.get(ahead, (0, 0))
        return sum({"dispatch_due": due, "dispatch_late": still_open}.get(name, 0) for name in names)

    def lost(_day: date, _failures: int) -> int:
        return 0

    if METRICS[code].kind == Kind.COMPOSITE:
        return forecast_score(store_span, code, day, lost_of=lambda _part: lost, stands=stands)
    return forecast(store_span, code, day, _bounds(store_span, code, day), lost=lost, stands=stands)


def _bounds(store_span: StoreSpan, code: str, day: date) -> Bounds:
    thresholds, rules = (
        store_span.on(day).thresholds(code),
        store_span.policy(day, METRICS[code].calendar).metrics[code],
    )
    return Bounds(
        thresholds.yellow.value if thresholds.yellow else None,
        thresholds.red.value if thresholds.red else None,
        rules.floor_top,
        inclusive=rules.inclusive,
        least=rules.min_denominator,
    )


def _point(store_span: StoreSpan, code: str, day: date) -> Point:
    value = store_span.value(code, day)
    if METRICS[code].kind == Kind.COMPOSITE:
        return Point(value.value, ladder_of(store_span.policy(day, METRICS[code].calendar), code).zone(value.value))
    return Point(value.value, _bounds(store_span, code, day).zone(value.value, value.count or 0))


def _waiting(store: Store, first: date, last: date, until: date) -> Waiting:
    """The dispatches that were due ahead of each day, told from the orders that are counted when due."""
    counts: dict[date, dict[date, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    due = OrderContribution.objects.filter(store_id=store.id, due_day__range=(day_number(first) + 1, day_number(until)))
    days = {order_id: number for order_id, number in due.values_list("order_id", "due_day") if number is not None}
    orders = Order.objects.filter(pk__in=due.values("order_id")).values_list("pk", "paid_at", "shipped_at")
    for order_id, paid_at, shipped_at in orders.iterator():
        due_day = from_day_number(days[order_id])
        begin = max(first, performance_day(paid_at)) if paid_at else due_day
        end = min(last, due_day - timedelta(days=1))
        for day in days_between(begin, end) if begin <= end else ():
            pair = counts[day][due_day]
            pair[0] += 1
            pair[1] += shipped_at is None or shipped_at >= day_end(day, Calendar.PERFORMANCE)
    return {day: {ahead: (pair[0], pair[1]) for ahead, pair in by.items()} for day, by in counts.items()}
