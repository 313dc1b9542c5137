"""A store's promotion eligibility: the conditions now, the first day of each, and the calendar (PN-12)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from core.timebase import performance_day, performance_day_end
from insights.queries.metric import MetricPage
from metrics.catalogue import METRICS, Calendar, Kind, problem_counters
from metrics.queries.freezes import freeze_on, official_rating
from metrics.queries.problems import ProblemQuery, ProblemRow, problems_of, with_orders
from notifications.models import Notice
from notifications.rules import BLOCKING_STATES
from penalties.eligibility import Condition, Event, Finding, Obstacle, first_day_of_all, of_obstacles, of_score
from penalties.models import Penalty
from penalties.queries.foreseen import Outlooks, foreseen_days
from penalties.queries.penalties import standing_penalties
from rulebook.policy import Policy
from rulebook.policy.conduct import Promotion
from rulebook.queries import policy_at
from stores.models import Store

ORDERS_SHOWN = 5
NOT_FORESEEN: Mapping[str, date] = {}
# A day of the forecast and the score on it.
Ahead = Sequence[tuple[date, Fraction | None]]


@dataclass(frozen=True, slots=True)
class Score:
    """A score that promotions ask for, as published, and its days ahead if nothing changes. ``orders``: the newest
    problem orders that weigh on it, ``metric`` whose they are."""

    value: Fraction | None
    course: Ahead = ()
    orders: Sequence[ProblemRow] = ()
    metric: str = ""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What a store may register for. ``findings`` by what it registers for, in the order of `Condition`; ``notices``
    and ``penalties``: the rows behind the obstacles, by number and by id."""

    findings: Mapping[Event, Sequence[Finding]]
    notices: Mapping[str, Notice]
    penalties: Mapping[str, Penalty]
    scores: Mapping[Condition, Score]
    policy: Policy

    def passes(self, event: Event) -> bool:
        """Whether every condition is met."""
        return all(one.passes for one in self.findings[event])

    def first_day(self, event: Event) -> date | None:
        """The first day on which it may register if nothing changes."""
        return first_day_of_all(self.findings[event])


@dataclass(frozen=True, slots=True)
class PromotionOutlook:
    """A promotion of the calendar. ``may_register``: whether the store meets the conditions on some day on which
    registration is still open, None where that can't be foreseen; ``from_day``: the first such day; ``is_closed``:
    registration is over."""

    promotion: Promotion
    may_register: bool | None
    from_day: date | None
    is_closed: bool = False


def eligibility(
    *,
    store: Store,
    at: datetime,
    rating: Score,
    shs: Score,
    penalties: Sequence[Penalty],
    ends: Mapping[str, date] = NOT_FORESEEN,
) -> Eligibility:
    """The conditions of a store at an instant, which has these ``penalties`` in force; one query. ``ends``: the first
    day without those that last until something is back, by id."""
    policy = policy_at(at)
    notices = _blocking_notices(store, policy, at)
    forbidding = policy.penalties.forbidding
    days = timedelta(days=policy.notices.promotion_clear_days)
    by_notices = of_obstacles(
        Condition.NOTICES, [Obstacle(notice.number, notice.triggered_at + days) for notice in notices], at
    )
    by_rating = of_score(Condition.RATING, rating.value, policy.notices.promotion_min_rating, at, rating.course)
    by_shs = of_score(Condition.SHS, shs.value, policy.notices.promotion_min_shs, at, shs.course)
    findings = {}
    for event in Event:
        standing = [one for one in penalties if one.kind in forbidding.get(event, ())]
        obstacles = [Obstacle(str(one.pk), one.ends_at, ends.get(str(one.pk))) for one in standing]
        by_penalties = of_obstacles(Condition.PENALTIES, obstacles, at)
        findings[event] = (by_notices, by_rating, by_shs, by_penalties)
    return Eligibility(
        findings=findings,
        notices={notice.number: notice for notice in notices},
        penalties={str(one.pk): one for one in penalties},
        scores={Condition.RATING: rating, Condition.SHS: shs},
        policy=policy,
    )


def eligibility_ahead(*, store: Store, at: datetime) -> Eligibility:
    """The same with the days ahead at the usual pace: of rating and health score, and of what keeps penalties in force
    (MX-14)."""
    outlooks = Outlooks(store, at)
    penalties = standing_penalties(store, at)
    forbidding = {kind for kinds in outlooks.policy.penalties.forbidding.values() for kind in kinds}
    return eligibility(
        store=store,
        at=at,
        rating=_score(outlooks, "dsr"),
        shs=_score(outlooks, "shs"),
        penalties=penalties,
        ends=foreseen_days(outlooks, [one for one in penalties if one.kind in forbidding]),
    )


def _blocking_notices(store: Store, policy: Policy, at: datetime) -> list[Notice]:
    since = at - timedelta(days=policy.notices.promotion_clear_days)
    rows = Notice.objects.filter(store=store, state__in=BLOCKING_STATES, triggered_at__gte=since, triggered_at__lte=at)
    return list(rows.order_by("-triggered_at", "-id"))


def _score(outlooks: Outlooks, code: str) -> Score:
    page = outlooks.page(code)
    course = [(day, point.value) for day, point in outlooks.ahead(code)]
    found = page.status.result.value
    value = found.value if found.sufficient else None
    metric = code
    if code == "dsr":
        row = page.published.get(Calendar.RATING)
        value = official_rating(value, row, freeze_on(outlooks.store.pk, page.day))
    else:
        metric = _heaviest_part(page, code)
    return Score(value, course, _problem_orders(page, metric), metric)


def _heaviest_part(page: MetricPage, code: str) -> str:
    """The part of a composite score that costs it most points; the first of equals."""
    composite = page.store_day.composite(code)
    lost = {part: composite.weights[part] * (100 - score) for part, score in composite.parts.items()}
    return max(lost, key=lambda part: lost[part], default=code)


def _problem_orders(page: MetricPage, code: str) -> Sequence[ProblemRow]:
    """The newest orders that fail a metric in its window; none where it has no problem orders of its own."""
    counters = problem_counters(code)
    if not counters:
        return ()
    policy = page.store_span.policy(page.day, METRICS[code].calendar)
    window = policy.rating.window_days if METRICS[code].kind == Kind.STARS else policy.metrics[code].window_days
    first = page.day - timedelta(days=window - 1)
    query = ProblemQuery(page.store_span.store.id, counters, first, page.day)
    return with_orders(list(problems_of(query).order_by("-day", "order_id", "subject_id")[:ORDERS_SHOWN]))


def promotion_outlooks(found: Eligibility, at: datetime) -> list[PromotionOutlook]:
    """The promotions of the calendar that are not over, in order of their registration."""
    today = performance_day(at)
    coming = [one for one in found.policy.penalties.promotions if performance_day_end(one.ends) > at]
    first_day = found.first_day(Event.PROMOTION)
    return [_outlook(one, first_day, today) for one in sorted(coming, key=lambda one: (one.register_until, one.code))]


def _outlook(promotion: Promotion, first_day: date | None, today: date) -> PromotionOutlook:
    if promotion.register_until < today:
        return PromotionOutlook(promotion, False, None, is_closed=True)
    if first_day is None:
        return PromotionOutlook(promotion, None, None)
    day = max(first_day, promotion.register_from)
    within = day <= promotion.register_until
    return PromotionOutlook(promotion, within, day if within else None)
