"""When penalties that last until something is back would end at the store's usual pace (PN-12, MX-14)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction

from core.models import Deadline
from core.timebase import performance_day
from insights.queries.metric import MetricPage, metric_page
from insights.queries.upcoming import outlook_of
from insights.rules.forecast import Course, Point
from metrics.catalogue import METRICS
from metrics.rules.days import run_begins
from metrics.rules.values import Zone
from notifications.models import Notice
from notifications.queries.notices import MENDED, days_within, deadlines_of
from notifications.rules import NoticeLevel, State, may_move
from penalties.eligibility import completing_day
from penalties.figures import HEALTH, LEVELS, LIABILITY, Figure, level_names
from penalties.models import Penalty
from penalties.queries.levels import graded_days
from rulebook.queries import policy_at
from stores.models import Store

Ahead = Sequence[tuple[date, Point]]


class Outlooks:
    """A store's metrics with their days ahead at the usual pace, each loaded when it is first asked for."""

    def __init__(self, store: Store, at: datetime) -> None:
        self.store, self.at = store, at
        self.policy = policy_at(at)
        self._pages: dict[str, MetricPage] = {}

    def page(self, code: str) -> MetricPage:
        """The page of a metric."""
        if code not in self._pages:
            self._pages[code] = metric_page(store=self.store, code=code, at=self.at, asked=None, span=1)
        return self._pages[code]

    def ahead(self, code: str) -> Ahead:
        """The days ahead of a metric; none where it can't be foreseen."""
        found = outlook_of(self.page(code), self.at).forecast
        return [] if found is None else list(zip(found.days, found.along(Course.PACE), strict=True))

    def begins(self, day: date, code: str) -> date:
        """The day on which a night publishes a day of a metric and what ended with it is over."""
        return max(performance_day(run_begins(day, METRICS[code].calendar)), performance_day(self.at))


def foreseen_days(outlooks: Outlooks, penalties: Collection[Penalty]) -> dict[str, date]:
    """The first day without each penalty, by its id; those that can't be foreseen are left out."""
    lasting = [row for row in penalties if row.ends_at is None]
    days = {**_of_notices(outlooks, lasting), **dict(_of_figures(outlooks, lasting))}
    return {key: day for key, day in days.items() if day is not None}


# ── Penalties of red notices ───────────────────────────────────────────────────────────────────────────────────────


def _of_notices(outlooks: Outlooks, lasting: Sequence[Penalty]) -> dict[str, date | None]:
    causes = {row.cause for row in lasting if row.source == "notice"}
    notices = Notice.objects.filter(store=outlooks.store, number__in=causes) if causes else ()
    ends = {notice.number: _end_of_notice(outlooks, notice) for notice in notices}
    return {str(row.pk): ends.get(row.cause) for row in lasting if row.source == "notice"}


def _end_of_notice(outlooks: Outlooks, notice: Notice) -> date | None:
    """A notice ends by its metric's days within the threshold (PN-33), a predicted one by the first (DM-11a), one of
    complaints at its own instant (PN-24); while an appeal is under review a person decides."""
    level, code = NoticeLevel(notice.level), notice.metric
    if not notice.predicted and not may_move(level, State(notice.state), State.RECTIFIED):
        return None
    if code not in METRICS:
        mended = deadlines_of(outlooks.store, [notice.number])[notice.number].get(MENDED)
        return performance_day(mended.due_at) if mended and mended.state == Deadline.State.OPEN else None
    needed = 1 if notice.predicted else outlooks.policy.notices.rectify_days
    ahead = {day: _is_within(level, point) for day, point in outlooks.ahead(code)}
    known = days_within(notice, min(ahead), needed) if ahead else {}
    day = completing_day({**ahead, **known}, needed, after=max(known, default=notice.day))
    return None if day is None else outlooks.begins(day, code)


def _is_within(level: NoticeLevel, point: Point) -> bool:
    return point.zone == Zone.OK or (level == NoticeLevel.RED and point.zone == Zone.YELLOW)


# ── Penalties of published figures ─────────────────────────────────────────────────────────────────────────────────


def _of_figures(outlooks: Outlooks, lasting: Sequence[Penalty]) -> Iterator[tuple[str, date | None]]:
    ends: dict[tuple[str, str], date | None] = {}
    for row in lasting:
        if row.source == "health":
            yield str(row.pk), _end_of_health(outlooks)
        elif row.source == "liability":
            key = (row.source, row.facts["level"])
            if key not in ends:
                ends[key] = _end_of_level(outlooks, row.facts["level"], row.facts["end_days"])
            yield str(row.pk), ends[key]


def _end_of_health(outlooks: Outlooks) -> date | None:
    """The first score that is not below the threshold (DP-06)."""
    least = outlooks.policy.shs.promotion_block_below
    good = {day: point.value is not None and point.value >= least for day, point in outlooks.ahead(HEALTH.metric)}
    return _completed(outlooks, HEALTH, good, needed=1, grade=1)


def _end_of_level(outlooks: Outlooks, name: str, needed: int) -> date | None:
    """The days below a level that end it (DP-04)."""
    names = level_names(outlooks.policy)
    if name not in names:
        return None
    grade = names.index(name) + 1
    least = _threshold(outlooks, grade)
    ahead = outlooks.ahead(LIABILITY)
    good = {day: point.zone is not None and point.value is not None and point.value < least for day, point in ahead}
    return _completed(outlooks, LEVELS, good, needed=needed, grade=grade)


def _threshold(outlooks: Outlooks, grade: int) -> Fraction:
    """Young stores reach the first level earlier (DP-03)."""
    terms = outlooks.page(LIABILITY).store_day.terms[LIABILITY]
    young = terms.rules.young_line if terms.is_new and grade == 1 else None
    return Fraction(terms.rules.levels[grade - 1][1] if young is None else young)


def _completed(
    outlooks: Outlooks, figure: Figure, good: Mapping[date, bool], *, needed: int, grade: int
) -> date | None:
    """From when on nothing is left of a spell at a grade: the graded days go before the foreseen ones."""
    store_id = outlooks.store.pk
    found = graded_days([store_id], [figure]).get((store_id, figure.name))
    known = {one.day: one.grade is not None and one.grade < grade for one in found.days} if found else {}
    if not known:
        return None
    day = completing_day({**good, **known}, needed, after=max(known))
    return None if day is None else outlooks.begins(day, figure.metric)
