"""Days to come in words: the courses of a metric (MX-14) and its status at the next evaluation (BX-11)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.pages import formats
from core.pages.components import Fact
from core.templatetags.ui import status_word
from dashboard.presenters.history_chart import ChartTable
from dashboard.presenters.parts import score_level
from insights.history import Future
from insights.queries.forecast import Forecast
from insights.queries.metric import MetricPage
from insights.queries.upcoming import Outlook, Upcoming
from insights.rules.fault import others_of
from insights.rules.forecast import Course, Turn
from metrics import words
from metrics.catalogue import Kind, problem_counters
from metrics.rules.values import Zone
from metrics.scorecards.results import MetricResult

# At the right end of a curve: as short as it can be said.
COURSE_NAMES: dict[Course, Any] = {
    Course.NOTHING: pgettext_lazy("forecast", "do nothing"),
    Course.PACE: pgettext_lazy("forecast", "usual pace"),
    Course.IN_TIME: pgettext_lazy("forecast", "all in time"),
}
COURSE_WORDS: dict[Course, Any] = {
    Course.NOTHING: gettext_lazy("If you do nothing: %(what)s."),
    Course.PACE: gettext_lazy("At your usual pace: %(what)s."),
    Course.IN_TIME: gettext_lazy("If you do all in time: %(what)s."),
}
STAYS: dict[str, Any] = {
    Zone.OK: gettext_lazy("inside the thresholds for the next %(days)s days"),
    Zone.YELLOW: gettext_lazy("past the yellow threshold for the next %(days)s days"),
    Zone.RED: gettext_lazy("past the red threshold for the next %(days)s days"),
}
TURNS: dict[str, Any] = {
    Zone.OK: gettext_lazy("back inside the thresholds on %(day)s"),
    Zone.YELLOW: gettext_lazy("past the yellow threshold on %(day)s"),
    Zone.RED: gettext_lazy("past the red threshold on %(day)s"),
}
# The health score by what it brings (DP-06): both thresholds are in the sentences.
HEALTH_STAYS: dict[str, Any] = {
    Zone.OK: gettext_lazy("at %(yellow)s or more for the next %(days)s days: nothing is blocked"),
    Zone.YELLOW: gettext_lazy("below %(yellow)s for the next %(days)s days: promotion blocked"),
    Zone.RED: gettext_lazy("below %(red)s for the next %(days)s days: manual review"),
}
HEALTH_TURNS: dict[str, Any] = {
    Zone.OK: gettext_lazy("back to %(yellow)s or more on %(day)s"),
    Zone.YELLOW: gettext_lazy("below %(yellow)s on %(day)s: promotion blocked"),
    Zone.RED: gettext_lazy("below %(red)s on %(day)s: manual review"),
}
MOST_TURNS = 3


@dataclass(frozen=True, slots=True)
class OutlookPart:
    """What templates/dashboard/_forecast.html reads; without a forecast only the evaluations."""

    evaluations: list[Fact]
    sentences: list[str] = field(default_factory=list)
    table: ChartTable | None = None
    first: date | None = None
    last: date | None = None


def outlook_part(page: MetricPage, outlook: Outlook) -> OutlookPart:
    """The days to come of a metric."""
    found, coming = outlook.forecast, evaluations(page, outlook)
    if found is None:
        return OutlookPart(coming)
    return OutlookPart(
        coming, forecast_sentences(found, page), forecast_table(found, page), found.days[0], found.days[-1]
    )


def future_of(found: Forecast | None) -> Future | None:
    """The courses as the chart draws them; None without a value on any day."""
    if found is None or not any(point.value is not None for course in found.courses.values() for point in course):
        return None
    courses = [(str(COURSE_NAMES[course]), [point.value for point in points]) for course, points in _ordered(found)]
    return Future(found.days, courses)


def _ordered(found: Forecast) -> list[tuple[Course, Any]]:
    return [(course, found.courses[course]) for course in COURSE_NAMES if course in found.courses]


def forecast_sentences(found: Forecast, page: MetricPage) -> list[str]:
    """What each course crosses on which day; without thresholds only whether the courses can differ."""
    texts = []
    if not found.own:
        texts.append(nothing_open(found.code))
    say = _words_of(page)
    if say is not None:
        texts += [
            str(COURSE_WORDS[course]) % {"what": _course_text(found, course, say)}
            for course, _points in _ordered(found)
        ]
    return texts


def nothing_open(code: str) -> str:
    """That no open work of the seller's can change a metric, and who decides then: where every failure is the seller's
    own, saying that others decide would be wrong."""
    counters = problem_counters(code)
    if counters and not others_of(counters):
        return _("No order that is still open can fail here any more. What counts has happened; new orders decide.")
    return _("No open work of yours changes this metric now; carriers, buyers and new orders decide.")


@dataclass(frozen=True, slots=True)
class _Words:
    """How zones and changes of zone are said: that one stays for some days, that it is another from a day on."""

    stays: Callable[[str, int], str]
    turns: Callable[[Turn, date], str]
    none: str


def _words_of(page: MetricPage) -> _Words | None:
    """By the thresholds, by what a health score brings, by grades; None for a metric without thresholds."""
    if page.metric.code == "sla":
        return _Words(_grade_stays, _grade_turns, _("no part will have enough data within %(days)s days"))
    if page.metric.code == "shs":
        return _health_words(page)
    if page.status.result.yellow is None and page.status.result.red is None:
        return None
    return _Words(_threshold_stays, _threshold_turns, _("too few orders to judge within %(days)s days"))


def _course_text(found: Forecast, course: Course, say: _Words) -> str:
    zones = [point.zone for point in found.courses[course] if point.zone is not None]
    if not zones:
        return say.none % {"days": len(found.days)}
    changes = found.turns(course)[:MOST_TURNS]
    if not changes:
        return say.stays(zones[0], len(found.days))
    return _(", ").join(say.turns(turn, found.days[turn.place]) for turn in changes)


def _threshold_stays(zone: str, days: int) -> str:
    return str(STAYS[zone]) % {"days": days}


def _threshold_turns(turn: Turn, day: date) -> str:
    if turn.before == Zone.RED and turn.zone == Zone.YELLOW:
        return _("back inside the red threshold on %(day)s") % {"day": formats.day(day)}
    return str(TURNS[turn.zone]) % {"day": formats.day(day)}


def _grade_stays(grade: str, days: int) -> str:
    return _("grade %(grade)s for the next %(days)s days") % {"grade": grade, "days": days}


def _grade_turns(turn: Turn, day: date) -> str:
    return _("grade %(grade)s from %(day)s") % {"grade": turn.zone, "day": formats.day(day)}


def _health_words(page: MetricPage) -> _Words:
    rules = page.store_span.policy(page.day, page.metric.calendar).shs
    thresholds = {
        "yellow": words.threshold_text(rules.promotion_block_below, page.status.unit),
        "red": words.threshold_text(rules.manual_review_below, page.status.unit),
    }

    def stays(zone: str, days: int) -> str:
        return str(HEALTH_STAYS[zone]) % (thresholds | {"days": str(days)})

    def turned(turn: Turn, day: date) -> str:
        if turn.before == Zone.RED and turn.zone == Zone.YELLOW:
            return _("back to %(red)s or more on %(day)s") % (thresholds | {"day": formats.day(day)})
        return str(HEALTH_TURNS[turn.zone]) % (thresholds | {"day": formats.day(day)})

    return _Words(stays, turned, _("no part will have enough data within %(days)s days"))


def forecast_table(found: Forecast, page: MetricPage) -> ChartTable:
    """The courses as a table, the next day first."""
    courses, status = _ordered(found), page.status
    rows = [
        [formats.day(day)]
        + [words.value_text(points[place].value, status.unit, status.thresholds) for _course, points in courses]
        for place, day in enumerate(found.days)
    ]
    return ChartTable([_("Day"), *(str(COURSE_NAMES[course]) for course, _points in courses)], rows)


def evaluations(page: MetricPage, outlook: Outlook) -> list[Fact]:
    """The last evaluation, today so far and the next one side by side, for components/definition_list.html (BX-11)."""
    coming, status = outlook.upcoming, page.status
    if coming is None:
        return []
    result, zone = coming.result, timezone.get_current_timezone()
    return [
        Fact(
            name=_("Last complete day"),
            value=f"{_shown(page, status.result.value.value)} {_level_word(page, status.result)}",
            note=formats.day(page.day),
        ),
        Fact(name=_("Today so far"), value=_shown(page, outlook.so_far), note=formats.day(result.day)),
        Fact(
            name=_("Next evaluation, if nothing changes"),
            value=f"{_shown(page, result.value.value)} {_level_word(page, result)}",
            note=formats.instant(coming.evaluated_at, zone),
        ),
        *_search_effect(coming),
    ]


def _shown(page: MetricPage, value: Fraction | None) -> str:
    return words.value_text(value, page.status.unit, page.status.thresholds)


def _level_word(page: MetricPage, result: MetricResult) -> str:
    """The level in a word; of a score what it brings or its grade."""
    if result.metric.kind == Kind.COMPOSITE:
        level, word = score_level(
            result.code, result.value.value, page.store_span.policy(result.day, result.metric.calendar)
        )
        return word or status_word(level)
    return status_word(str(result.level))


def _search_effect(coming: Upcoming) -> list[Fact]:
    if coming.acts_from is None or coming.acts_to is None:
        return []
    zone = timezone.get_current_timezone()
    span = f"{formats.instant(coming.acts_from, zone, named=False)} – {formats.instant(coming.acts_to, zone)}"
    return [Fact(name=_("Acts on search"), value=span)]
