"""Days to come in words: the courses of a metric (MX-14) and its standing at the next evaluation (BX-11)."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from metrics import words
from metrics.charts import Future
from metrics.queries.forecast import Forecast
from metrics.queries.metric import MetricPage
from metrics.queries.standing import Standing
from metrics.queries.upcoming import Outlook, Upcoming
from metrics.rules.forecast import Course, Turn, Zone
from stores import formats
from stores.templatetags.ui import status_word

Part = dict[str, Any]
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
STAYS: dict[Zone, Any] = {
    Zone.OK: gettext_lazy("inside the lines for the next %(days)s days"),
    Zone.YELLOW: gettext_lazy("past the yellow line for the next %(days)s days"),
    Zone.RED: gettext_lazy("past the red line for the next %(days)s days"),
}
TURNS: dict[Zone, Any] = {
    Zone.OK: gettext_lazy("back inside the lines on %(day)s"),
    Zone.YELLOW: gettext_lazy("past the yellow line on %(day)s"),
    Zone.RED: gettext_lazy("past the red line on %(day)s"),
}
MOST_TURNS = 3


def outlook_context(page: MetricPage, outlook: Outlook) -> Part:
    """What templates/metrics/_forecast.html reads; ``forecast`` empty where there is none."""
    found = outlook.forecast
    return {
        "forecast": forecast_sentences(found, page) if found else [],
        "forecast_table": forecast_table(found, page) if found else None,
        "forecast_first": found.days[0] if found else None,
        "forecast_last": found.days[-1] if found else None,
        "evaluations": evaluations(page, outlook),
    }


def future_of(found: Forecast | None) -> Future | None:
    """The courses as the chart draws them; None without a value on any day."""
    if found is None or not any(point.value is not None for course in found.courses.values() for point in course):
        return None
    courses = [(str(COURSE_NAMES[course]), [point.value for point in points]) for course, points in _ordered(found)]
    return Future(found.days, courses)


def _ordered(found: Forecast) -> list[tuple[Course, Any]]:
    return [(course, found.courses[course]) for course in COURSE_NAMES if course in found.courses]


def forecast_sentences(found: Forecast, page: MetricPage) -> list[str]:
    """What each course crosses on which day; without lines only whether the courses can differ."""
    texts = []
    if not found.own:
        texts.append(_("Nothing in this metric waits for you; carriers, buyers and new orders decide."))
    if page.standing.card.yellow is not None or page.standing.card.red is not None:
        texts += [
            str(COURSE_WORDS[course]) % {"what": _course_text(found, course)} for course, _points in _ordered(found)
        ]
    return texts


def _course_text(found: Forecast, course: Course) -> str:
    zones = [point.zone for point in found.courses[course] if point.zone is not None]
    if not zones:
        return _("too few orders to judge within %(days)s days") % {"days": len(found.days)}
    changes = found.turns(course)[:MOST_TURNS]
    if not changes:
        return str(STAYS[zones[0]]) % {"days": len(found.days)}
    return _(", ").join(_turn_text(turn, found.days[turn.place]) for turn in changes)


def _turn_text(turn: Turn, day: date) -> str:
    if turn.before == Zone.RED and turn.zone == Zone.YELLOW:
        return _("back inside the red line on %(day)s") % {"day": formats.day(day)}
    return str(TURNS[turn.zone]) % {"day": formats.day(day)}


def forecast_table(found: Forecast, page: MetricPage) -> Part:
    """The courses as a table, the next day first."""
    courses, standing = _ordered(found), page.standing
    rows = [
        [formats.day(day)]
        + [words.value_text(points[place].value, standing.unit, standing.lines) for _course, points in courses]
        for place, day in enumerate(found.days)
    ]
    return {"columns": [_("Day"), *(str(COURSE_NAMES[course]) for course, _points in courses)], "rows": rows}


def evaluations(page: MetricPage, outlook: Outlook) -> list[Part]:
    """The last evaluation, today so far and the next one side by side, for components/definition_list.html (BX-11)."""
    coming, standing = outlook.upcoming, page.standing
    if coming is None:
        return []
    card = coming.card

    def shown(value: Any) -> str:
        return words.value_text(value, standing.unit, standing.lines)

    zone = timezone.get_current_timezone()
    return [
        {
            "name": _("Last complete day"),
            "value": f"{shown(standing.card.value.value)} {status_word(str(standing.card.level))}",
            "note": formats.day(page.day),
        },
        {"name": _("Today so far"), "value": shown(outlook.so_far), "note": formats.day(card.day)},
        {
            "name": _("Next evaluation, if nothing changes"),
            "value": f"{shown(card.value.value)} {status_word(str(card.level))}",
            "note": formats.instant(coming.evaluated_at, zone),
        },
        *_search_effect(coming),
    ]


def _search_effect(coming: Upcoming) -> list[Part]:
    if coming.acts_from is None or coming.acts_to is None:
        return []
    zone = timezone.get_current_timezone()
    span = f"{formats.instant(coming.acts_from, zone, named=False)} – {formats.instant(coming.acts_to, zone)}"
    return [{"name": _("Acts on search"), "value": span}]


def next_text(standing: Standing, coming: Upcoming | None) -> str:
    """The level at the next evaluation where it is another than the present one; empty where it is the same."""
    if coming is None or coming.card.level == standing.card.level:
        return ""
    value = words.value_text(coming.card.value.value, standing.unit, standing.lines)
    return _("next evaluation: %(value)s %(level)s") % {"value": value, "level": status_word(str(coming.card.level))}
