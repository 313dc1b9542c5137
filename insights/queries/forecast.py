"""The forecast of one store's metric from loaded figures (MX-14).

Assumptions: thresholds, weights and the window are those that act on the day the forecast begins; a metric whose
failures are not the seller's own has one course, that of the usual pace."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from core.timebase import days_between, performance_day, to_epoch
from insights.queries.status import MetricStatus
from insights.rules.forecast import (
    Ahead,
    Bounds,
    Course,
    Flow,
    Pair,
    Past,
    Point,
    Turn,
    Usual,
    entering_marks,
    share_points,
    slide,
    turns,
)
from metrics.catalogue import METRICS, OWN_WORK, Calendar, Kind, Metric
from metrics.models import Problem
from metrics.queries.days import PageDays
from metrics.rules.composites import compose, ladder_of, weights_of
from metrics.rules.rating import STARS, is_rated_type, rescaled
from metrics.scorecards.spans import StoreSpan
from orders.models import Order
from rulebook.policy import Policy

# The rating's parts as ratios of counters: upper, lower, what the quotient is multiplied by (SR-01).
STAR_PARTS: dict[str, tuple[str, str, int]] = {
    "described": ("described_sum", "described_n", 1),
    "communication": ("communication_sum", "communication_n", 1),
    "dispatch": ("r_dispatch_ontime", "r_dispatch_n", STARS),
    "delivery": ("r_delivery_ontime", "r_delivery_n", STARS),
}
MARKS = "unconfirmed"
# How many of a day's own failures are lost: their deadline had passed when the data was known. (day, failures) → number
Lost = Callable[[date, int], int]
Names = Sequence[str]
Stands = Callable[[Names, date], int]


@dataclass(frozen=True, slots=True)
class Forecast:
    """A metric on the ``days`` after ``day``, by course. ``own``: whether the courses differ; where the seller has no
    work open only that of the usual pace is there. ``zone``: where the metric lies on ``day``."""

    code: str
    day: date
    value: Fraction | None
    zone: str | None
    days: list[date]
    courses: Mapping[Course, list[Point]]
    own: bool

    def along(self, course: Course) -> list[Point]:
        """The days of a course; where the courses are one, of that."""
        return self.courses.get(course, self.courses[Course.PACE])

    def turns(self, course: Course) -> list[Turn]:
        """The changes of zone along a course."""
        return turns(self.zone, self.courses[course])


@dataclass(frozen=True, slots=True)
class Work:
    """The seller's own failures in the facts of future days: how many of a day's are lost already, because their
    deadline had passed when the data was known; the others stand only if nothing is done."""

    counter: str
    lost: Lost

    def ahead(self, day: date, standing: int, failures: int) -> Ahead:
        """What the facts of a day hold, its own failures told apart."""
        lost = min(self.lost(day, failures), failures)
        return Ahead(standing, certain=lost, open=failures - lost)


def last_needed(policy: Policy, days: PageDays, at: datetime) -> date:
    """The last day whose facts a forecast and the next evaluation read."""
    return max(days.performance + timedelta(days=policy.judging.forecast_days), performance_day(at))


@dataclass(frozen=True, slots=True)
class Scene:
    """What a forecast starts from. ``stands``: what the facts of a future day hold of several counters."""

    store_span: StoreSpan
    code: str
    day: date
    days: list[date]
    bounds: Bounds
    work: Work | None
    stands: Stands

    @property
    def metric(self) -> Metric:
        return METRICS[self.code]

    @property
    def policy(self) -> Policy:
        return self.store_span.policy(self.day, self.metric.calendar)

    def past(self, names: Names, window: int) -> Past:
        """Counters over the window up to the day."""
        first = self.day - timedelta(days=window - 1)
        leaving = range(min(window, len(self.days)))
        oldest = [self.store_span.total(names, first + timedelta(days=place), 1) for place in leaving]
        return Past(self.store_span.total(names, self.day, window), oldest)

    def usual(self, upper: Names, lower: Names) -> Usual:
        """The usual pace: of fewer days in a store that opened since."""
        age = self.store_span.store.age_on(self.day, self.metric.calendar)
        days = self.policy.judging.forecast_pace_days
        days = days if age is None else max(1, min(days, age + 1))
        return Usual(self.store_span.total(upper, self.day, days), self.store_span.total(lower, self.day, days), days)

    def flow(self, upper: Names, lower: Names, window: int, ahead: list[Ahead]) -> Flow:
        """A ratio of counters with the days ahead."""
        return Flow(self.past(upper, window), self.past(lower, window), ahead, self.usual(upper, lower))


def forecast(
    store_span: StoreSpan, code: str, day: date, bounds: Bounds, *, lost: Lost, stands: Stands | None = None
) -> Forecast:
    """The courses of a metric after ``day``; the figures must cover the days ahead, unless ``stands`` says what their
    facts hold. ``lost``: see `Work`."""
    count = store_span.policy(day, METRICS[code].calendar).judging.forecast_days
    days = days_between(day + timedelta(days=1), day + timedelta(days=count))
    work = Work(OWN_WORK[code], lost) if code in OWN_WORK else None
    scene = Scene(
        store_span, code, day, days, bounds, work, stands or (lambda names, one: store_span.total(names, one, 1))
    )
    found = _stars(scene) if METRICS[code].kind == Kind.STARS else _ratio(scene)
    value = store_span.value(code, day)
    return _forecast(code, day, value.value, bounds.zone(value.value, value.count or 0), days, found)


def forecast_score(
    store_span: StoreSpan, code: str, day: date, *, lost_of: Callable[[str], Lost], stands: Stands | None = None
) -> Forecast:
    """The courses of the SHS or the SLA after ``day``, composed of the forecasts of its parts by the weights and scales
    of that day; a part counts on the days on which it will have enough. ``lost_of``: see `Work`, by part."""
    policy = store_span.policy(day, METRICS[code].calendar)
    weights, ladder = weights_of(policy, code), ladder_of(policy, code)
    parts = {
        part: forecast(store_span, part, day, _enough(store_span, part, day), lost=lost_of(part), stands=stands)
        for part in weights
        if store_span.has_feeds(METRICS[part]) and store_span.on(day).thresholds(part).applies
    }
    scales = {part: store_span.on(day).scale(code, part) for part in parts}
    days = min((found.days for found in parts.values()), key=len, default=[])

    def point(course: Course, place: int) -> Point:
        told = {part: found.along(course)[place] for part, found in parts.items()}
        scores = {
            part: scales[part].score(one.value)
            for part, one in told.items()
            if one.value is not None and one.zone is not None
        }
        score = compose(scores, weights).score
        return Point(score, ladder.zone(score))

    found = {course: [point(course, place) for place in range(len(days))] for course in Course}
    score = store_span.value(code, day).value
    return _forecast(code, day, score, ladder.zone(score), days, found)


def _forecast(
    code: str,
    day: date,
    value: Fraction | None,
    zone: str | None,
    days: list[date],
    found: Mapping[Course, list[Point]],
) -> Forecast:
    """A forecast with its courses, or with one where they are the same."""
    own = any(points != found[Course.PACE] for points in found.values())
    courses = found if own else {Course.PACE: found[Course.PACE]}
    return Forecast(code=code, day=day, value=value, zone=zone, days=days, courses=courses, own=own)


def _enough(store_span: StoreSpan, code: str, day: date) -> Bounds:
    """Bounds without thresholds: a value has a zone where it is sufficient (MX-05)."""
    rules = store_span.policy(day, METRICS[code].calendar).metrics[code]
    return Bounds(None, None, rules.floor_top, inclusive=rules.inclusive, least=rules.min_denominator)


def bounds_of(status: MetricStatus) -> Bounds:
    """The thresholds that act on a status's day."""
    result, rules = status.result, status.rules
    least = rules.min_denominator
    return Bounds(result.yellow, result.red, rules.floor_top, inclusive=rules.inclusive, least=least)


def _ratio(scene: Scene) -> dict[Course, list[Point]]:
    metric = scene.metric

    def ahead(day: date) -> Ahead:
        standing = scene.stands(metric.lower, day)
        if scene.work is None:
            return Ahead(standing, unsure=standing)
        return scene.work.ahead(day, standing, scene.stands(metric.upper, day))

    window = scene.policy.metrics[scene.code].window_days
    flow = scene.flow(metric.upper, metric.lower, window, [ahead(day) for day in scene.days])
    is_floor = metric.kind == Kind.FLOOR
    return {course: share_points(flow.windows(course), scene.bounds, is_floor=is_floor) for course in Course}


def _stars(scene: Scene) -> dict[Course, list[Point]]:
    """The rating or a dimension: what stands in the facts of future days (reviews held back, orders whose wait
    runs) is settled and enters as it is; the rest of a usual day goes at the usual pace; missed confirmations are own
    work."""
    window = scene.policy.rating.window_days

    def part(name: str) -> list[Pair]:
        upper, lower, _factor = STAR_PARTS[name]
        ahead = [Ahead(scene.stands([lower], day), certain=scene.stands([upper], day)) for day in scene.days]
        return scene.flow((upper,), (lower,), window, ahead).windows(Course.PACE)

    wanted = {"dsr": tuple(STAR_PARTS), "shipping": ("dispatch", "delivery")}.get(scene.code, (scene.code,))
    windows = {name: part(name) for name in wanted}
    found = {}
    for course in Course:
        marks = _marks(scene, window, course) if "dispatch" in windows else [0] * len(scene.days)
        found[course] = [
            _star_point(scene, {name: pairs[place] for name, pairs in windows.items()}, marks[place])
            for place in range(len(scene.days))
        ]
    return found


def _marks(scene: Scene, window: int, course: Course) -> list[int]:
    """Marks for missed confirmations in the window of each day (TM-02)."""
    if scene.work is None or "confirmations" not in scene.store_span.store.feeds:
        return [0] * len(scene.days)
    names, usual = (MARKS,), scene.usual((), (MARKS,))
    ahead = [scene.work.ahead(day, 0, scene.stands(names, day)) for day in scene.days]
    totals = slide(scene.past(names, window), [entering_marks(one, usual, course) for one in ahead])
    return [int(total // scene.policy.rating.marks_per) for total in totals]


def _star_point(scene: Scene, pairs: Mapping[str, Pair], marks: int) -> Point:
    """The score of one day ahead from the parts that have data on it, weighted as on the forecast's day (SR-01)."""
    counts = {name: lower + (marks if name == "dispatch" else 0) for name, (_upper, lower) in pairs.items()}
    scores = {name: STAR_PARTS[name][2] * pairs[name][0] / count for name, count in counts.items() if count > 0}
    if not scores or (scene.code == "dsr" and not _is_rated(scene, scores)):
        return Point(None, None)
    if scene.code == "dsr":
        rules = scene.policy.rating
        chosen = rules.high_value_weights if scene.store_span.on(scene.day).rating.uplifted else rules.weights
        weights = rescaled({name: Fraction(getattr(chosen, name)) for name in scores})
        value = sum((weights[name] * score for name, score in scores.items()), Fraction())
        return Point(value, scene.bounds.zone(value, counts["described"]))
    value = sum(scores.values(), Fraction()) / len(scores)
    return Point(value, scene.bounds.zone(value, max(counts.values())))


def _is_rated(scene: Scene, scores: Mapping[str, Fraction]) -> bool:
    """Whether there is a rating: of the store's type and with a buyer's review (SR-01, SR-15)."""
    return "described" in scores and is_rated_type(scene.policy, scene.store_span.store.store_type)


def lost_work(store_span: StoreSpan, code: str, at: datetime, *, among: Collection[int] | None = None) -> Lost:
    """How many of the seller's own failures on a day are lost: all on days over when the data was known, none on later
    ones, and on the day between those whose deadline had passed (one query); ``among``: of these orders alone."""
    feeds = [until for kind, until in store_span.store.feeds.items() if kind in METRICS[code].feeds]
    known = min([at, *feeds])
    today = performance_day(known)
    counter = OWN_WORK.get(code)
    passed = _passed(store_span, counter, today, known, among) if counter else 0

    def lost(day: date, failures: int) -> int:
        return failures if day < today else passed if day == today else 0

    return lost


def _passed(store_span: StoreSpan, counter: str, day: date, known: datetime, among: Collection[int] | None) -> int:
    """The failures of a day whose deadline is not after ``known``."""
    rules = store_span.policy(day, Calendar.PERFORMANCE).counting
    failed = Problem.objects.filter(store=store_span.store.id, counter=counter, day=day)
    if among is not None:
        failed = failed.filter(order_id__in=among)
    if counter == "messages_missed":
        return failed.filter(subject_id__lte=to_epoch(known - timedelta(hours=rules.reply_hours))).count()
    orders = Order.objects.filter(pk__in=failed.values("order_id"))
    if counter == MARKS:
        return orders.filter(paid_at__lte=known - timedelta(hours=rules.confirm_hours)).count()
    return orders.filter(ship_by__lte=known).count()
