"""What-if in words: each metric, score and notice as it is and as it would be (BX-04)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from metrics import words
from metrics.catalogue import METRICS, Kind
from metrics.charts import BOUNDS
from metrics.figures.cards import Card
from metrics.figures.store import Figures
from metrics.forms import WhatIfForm, parsed_day
from metrics.presenting import parts
from metrics.presenting.whatif_notices import stories_of
from metrics.presenting.whatif_orders import orders_context
from metrics.queries.whatif import (
    PAST_DAYS,
    DayPair,
    MetricCourse,
    NoUsualOrdersError,
    Supposed,
    WhatIf,
    ahead_choices,
    what_if,
)
from metrics.queries.whatif_orders import (
    EXCLUDE,
    EXCLUDE_DISPUTE,
    EXCLUDE_REVIEW,
    KINDS,
    MOST_ORDERS,
    PREVENT,
    Chosen,
    choose,
)
from metrics.queries.whatif_pace import CODES
from metrics.rules.headroom import Headroom, headroom
from metrics.words import Number
from rulebook.rules import rounded
from stores import formats
from stores.context import nav
from stores.figures import Line, Mark, Series, figure
from stores.models import Store
from stores.templatetags.ui import status_word

Part = dict[str, Any]
# What stands in the first table besides metrics that issue notices.
SCORES = ("liability_rate", "shs", "sla")
# Values that bring something at lines of their own: tiers, grades, what the health score brings.
RANKED = ("dsr", "shs", "sla")
# Scores have as many decimals (MX-06), more where two beside each other differ only there; values that agree in
# `PLACES` are shown as the same.
USUAL_PLACES, PLACES = 2, 4
RULES = ("BX-04", "DM-34", "MX-10", "MX-14")
MOST_NAMED = 5


def what_if_context(request: HttpRequest, store: Store, now: datetime) -> Part:
    """Everything that templates/metrics/what_if.html reads; what makes no sense in the address is told and left out."""
    params = request.GET
    form = WhatIfForm(params, metrics=[(code, METRICS[code].title) for code in CODES], ahead=ahead_choices(now))
    given, chosen = form.chosen(), choose(store.id, {kind: params.getlist(kind) for kind in KINDS})
    day = parsed_day(params.get("day"))
    supposed = Supposed(chosen.ticked, given.get("orders"), given.get("failures", 100), given.get("ahead"))
    try:
        found = what_if(store=store, at=now, supposed=supposed, asked=day)
    except NoUsualOrdersError:
        form.add_error("orders", _("This store had no orders of late: nothing tells what new ones would bring."))
        supposed = Supposed(chosen.ticked, None, supposed.failures_percent, supposed.ahead)
        found = what_if(store=store, at=now, supposed=supposed, asked=day)
    code = given.get("metric") or _worst(found)
    form.data = _shown(params, code, found)
    return {
        "nav": nav(request, current="panel", figures=parts.figures_of(found.days, None, now), now=now),
        "now": now,
        "store": store,
        "found": found,
        "form": form,
        "problems_told": told(form, chosen),
        "supposed": supposed_text(found, chosen),
        "answer": answer(found, found.courses[code]),
        "first_day": found.days.performance,
        "last_day": found.days.performance + timedelta(days=found.ahead),
        "usual_orders": formats.number(found.usual_orders, 1),
        "main": [row(found, one) for one in found.courses.values() if _is_main(one)],
        "rest": [row(found, one) for one in found.courses.values() if not _is_main(one)],
        "has_feeds": bool(found.as_is.store.feeds),
        "chart": chart_of(found, code),
        "table": table_of(found, found.courses[code]),
        "metric_title": METRICS[code].title,
        "metric_url": parts.metric_page(store.store_no, code),
        **stories_of(store, found),
        "by_day": by_day(found),
        "rules": [{"id": rule, "url": reverse("rulebook:rule", args=[rule])} for rule in RULES],
        "clear_url": request.path + (f"?{urlencode({'metric': code})}"),
        **orders_context(params, store, code, found, chosen, now),
    }


def _shown(params: QueryDict, code: str, found: WhatIf) -> QueryDict:
    """The form's data with what acts where the address says nothing, or nothing that a number field takes."""
    data = params.copy()
    acting = {"metric": code, "orders": "", "failures": str(found.supposed.failures_percent)}
    for name, value in acting.items():
        given = data.get(name, "").strip()
        data[name] = given if name != "metric" and _is_whole(given) else value
    data["ahead"] = str(found.ahead or found.choices[0])
    return data


def _is_whole(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and text.isascii()


def _worst(found: WhatIf) -> str:
    """The metric that the page opens on: the first red one that issues notices, else yellow, else the first."""
    noticed = [course for course in found.courses.values() if course.story is not None] or [*found.courses.values()]
    ranks = {"red": 0, "yellow": 1}
    return min(noticed, key=lambda course: ranks.get(str(course.days[0].as_is.level), 2)).code


def _is_main(course: MetricCourse) -> bool:
    return course.story is not None or course.code in SCORES


def told(form: WhatIfForm, chosen: Chosen) -> list[str]:
    """What was asked and can't be, each naming its field."""
    texts = [
        _("%(field)s: %(message)s") % {"field": form.fields[name].label, "message": message}
        for name, messages in form.errors.items()
        if name in form.fields
        for message in messages
    ]
    if chosen.unknown:
        texts.append(
            _("Ticked orders: this store has no order of the number %(numbers)s.") % {"numbers": _named(chosen.unknown)}
        )
    if chosen.twice:
        texts.append(
            _("Ticked orders: %(numbers)s can't be both excluded and prevented and counts as prevented.")
            % {"numbers": _named(chosen.twice)}
        )
    if chosen.over:
        texts.append(
            _("Ticked orders: at most %(most)s count at once; the last %(over)s are left out.")
            % {"most": formats.number(MOST_ORDERS), "over": formats.number(chosen.over)}
        )
    return texts


def _named(numbers: Sequence[str]) -> str:
    more = len(numbers) - MOST_NAMED
    text = _(", ").join(number.replace("\x00", "\ufffd")[:40] for number in numbers[:MOST_NAMED])
    return text if more <= 0 else _("%(numbers)s and %(more)s more") % {"numbers": text, "more": formats.number(more)}


def supposed_text(found: WhatIf, chosen: Chosen) -> str:
    """What is supposed, as one line; empty where nothing is."""
    counts = {kind: len(chosen.numbers[kind]) for kind in KINDS}
    texts = [_kind_text(kind, count) for kind, count in counts.items() if count]
    if found.supposed.orders_per_day is not None and found.ahead:
        number = found.supposed.orders_per_day
        text = ngettext("%(count)s new order a day", "%(count)s new orders a day", number)
        texts.append(text % {"count": formats.number(number)})
    if found.supposed.failures_percent != 100 and found.ahead:
        texts.append(_("failures at %(percent)s %% of the usual") % {"percent": found.supposed.failures_percent})
    return _(", ").join(texts)


def _kind_text(kind: str, count: int) -> str:
    text = {
        EXCLUDE: ngettext("%(count)s order excluded", "%(count)s orders excluded", count),
        EXCLUDE_REVIEW: ngettext("review of %(count)s order excluded", "reviews of %(count)s orders excluded", count),
        EXCLUDE_DISPUTE: ngettext(
            "disputes of %(count)s order excluded", "disputes of %(count)s orders excluded", count
        ),
        PREVENT: ngettext("failures of %(count)s order prevented", "failures of %(count)s orders prevented", count),
    }[kind]
    return text % {"count": formats.number(count)}


def row(found: WhatIf, course: MetricCourse) -> Part:
    """A metric on the last known day and on the last day ahead, each as it is and as it would be."""
    first, last = course.days[0], course.days[-1]
    return {
        "code": course.code,
        "name": METRICS[course.code].title,
        "url": "",
        "now": reading(found.as_is, course, first.as_is, first.would, counted=True),
        "would": reading(found.would, course, first.would, first.as_is, counted=True),
        "same": _alike(first),
        "later": reading(found.as_is, course, last.as_is, last.would),
        "later_would": reading(found.would, course, last.would, last.as_is),
        "later_same": _alike(last),
    }


def _alike(pair: DayPair) -> bool:
    return _close(pair.as_is, pair.would) and pair.as_is.level == pair.would.level


def _close(one: Card, other: Card) -> bool:
    """Whether two values are told apart by no more than `PLACES` decimals."""
    values = [card.value.value for card in (one, other)]
    if values[0] is None or values[1] is None:
        return values[0] is values[1]
    return rounded(values[0], PLACES) == rounded(values[1], PLACES)


def reading(
    figures: Figures, course: MetricCourse, card: Card, beside: Card | None = None, *, counted: bool = False
) -> Part:
    """A card as value, level and word; ``count`` behind it where it is of whole orders."""
    level, word = str(card.level), ""
    if card.metric.kind == Kind.COMPOSITE:
        level, word = parts.score_level(card.code, card.value.value, figures.policy(card.day, card.metric.calendar))
    count = _count(card) if counted else ""
    return {"value": value_text(figures, course, card, beside), "level": level, "word": word, "count": count}


def value_text(figures: Figures, course: MetricCourse, card: Card, beside: Card | None = None) -> str:
    """A value with as many decimals as tell it from the one that stands beside it, and from its lines (MX-06)."""
    value, unit = card.value.value, course.rules.unit
    lines: list[Number | None] = [card.yellow, card.red]
    if card.code in RANKED:
        lines += words.score_lines(card.code, figures.policy(card.day, card.metric.calendar))
    other = beside.value.value if beside is not None and not _close(card, beside) else None
    if value is None or other is None or unit == "share":
        return words.value_text(value, unit, lines)
    places = next((few for few in range(USUAL_PLACES, PLACES) if rounded(value, few) != rounded(other, few)), PLACES)
    return formats.score(value, [line for line in lines if line is not None], places=places)


def _count(card: Card) -> str:
    value = card.value
    if card.metric.kind not in (Kind.RATE, Kind.FLOOR) or value.denominator is None or value.numerator is None:
        return ""
    whole = {"part": formats.number(value.numerator), "whole": formats.number(value.denominator)}
    return _("%(part)s of %(whole)s") % whole


def answer(found: WhatIf, course: MetricCourse) -> str:
    """What the suppositions do to a metric, in one line: ``8.66 % → 8.30 % on 2026-11-21``."""
    changes = [
        _("%(before)s → %(after)s on %(day)s")
        % {
            "before": value_text(found.as_is, course, pair.as_is, pair.would),
            "after": value_text(found.would, course, pair.would, pair.as_is),
            "day": formats.day(pair.day),
        }
        for pair in course.ends
        if not _alike(pair)
    ]
    changes = changes or [_("no change")]
    changes += filter(None, [_room(course), _inside(course)])
    return _("%(metric)s: %(changes)s.") % {"metric": METRICS[course.code].title, "changes": _("; ").join(changes)}


def _room(course: MetricCourse) -> str:
    """How far the lines would be on the last known day, in orders (MX-13)."""
    card, rules = course.days[0].would, course.rules
    value = card.value
    if card.metric.kind not in (Kind.RATE, Kind.FLOOR) or value.numerator is None or not value.denominator:
        return ""
    failures = value.numerator if rules.floor_top is None else value.denominator - value.numerator

    def room(line: Fraction | None) -> Headroom | None:
        if line is None:
            return None
        allowed = line if rules.floor_top is None else Fraction(rules.floor_top) - line
        return headroom(failures, value.denominator or 0, allowed, inclusive=rules.inclusive)

    return words.headroom_short(room(card.yellow), room(card.red))


def _inside(course: MetricCourse) -> str:
    """From which day ahead on the metric would be within its lines, where it is not now."""
    levels = [str(pair.would.level) for pair in course.days]
    outside = [place for place, level in enumerate(levels) if level != "ok"]
    if not outside or levels[0] == "ok" or outside[-1] == len(levels) - 1:
        return ""
    return _("within its lines from %(day)s on") % {"day": formats.day(course.days[outside[-1] + 1].day)}


# ── Days ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def chart_of(found: WhatIf, code: str) -> Part:
    """The metric over the last weeks and the days ahead: as it is, as it would be, the lines."""
    course = found.courses[code]
    first = course.days[0].day
    past = [first - timedelta(days=back) for back in range(PAST_DAYS - 1, 0, -1)]
    days = [*past, *(pair.day for pair in course.days)]
    is_same = all(_alike(pair) for pair in course.days)
    series = [_curve(found.as_is, course, days, pgettext("what-if", "as it is"), "ink", 2 if is_same else 1.25)]
    if not is_same:
        series.append(_curve(found.would, course, days, pgettext("what-if", "would be"), "accent", 2.5))
    unit, card = course.rules.unit, course.days[0].as_is
    named = ((card.yellow, pgettext("line", "yellow"), "yellow"), (card.red, pgettext("line", "red"), "red"))
    lines = [
        Line(f"{word} {words.line_text(line, unit)}", float(line), tone)
        for line, word, tone in named
        if line is not None
    ]
    low, high = BOUNDS.get(unit, (0.0, None))
    marks = [Mark(formats.day(first), first, "muted")] if found.ahead else []
    return figure(series, lines, marks, percent=unit == "share", whole=unit == "count", floor=low, ceiling=high)


def _curve(figures: Figures, course: MetricCourse, days: Sequence[date], label: str, tone: str, width: float) -> Series:
    values = [figures.value(course.code, day).value for day in days]
    card, floats = course.days[0].as_is, [None if value is None else float(value) for value in values]
    texts = [words.value_text(value, course.rules.unit, [card.yellow, card.red]) for value in values]
    return Series(label, days, floats, tone, "solid", width, texts=texts)


def table_of(found: WhatIf, course: MetricCourse) -> Part:
    """The metric day by day: value and level, as it is and as it would be."""
    rows = [
        [formats.day(pair.day), _cell(found.as_is, course, pair.as_is), _cell(found.would, course, pair.would)]
        for pair in course.days
    ]
    return {"columns": [_("Day"), _("As it is"), _("As it would be")], "rows": rows}


def _cell(figures: Figures, course: MetricCourse, card: Card) -> str:
    one = reading(figures, course, card)
    return f"{one['value']} {one['word'] or status_word(one['level'])}"


def by_day(found: WhatIf) -> Part:
    """Every metric of the first table as it would be, a row for each day; the others are told by the chart's table."""
    shown = [course for course in found.courses.values() if _is_main(course)]
    most = max(len(course.days) for course in shown)
    rows = []
    for place in range(most):
        cells = [reading(found.would, one, one.days[place].would) for one in shown]
        rows.append({"day": found.days.performance + timedelta(days=place), "cells": cells})
    return {"columns": [METRICS[course.code].title for course in shown], "rows": rows}
