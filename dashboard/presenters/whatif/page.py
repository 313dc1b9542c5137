"""What-if in words: each metric, score and notice as it is and as it would be (BX-04)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from dashboard.forms.whatif import WhatIfForm
from dashboard.presenters import parts
from dashboard.presenters.history_chart import ChartTable
from dashboard.presenters.whatif.days import DaysTable, by_day, chart_of, table_of
from dashboard.presenters.whatif.notices import StoryRow, story_row
from dashboard.presenters.whatif.orders import OrdersPart, Tick, all_ticks
from dashboard.presenters.whatif.values import MetricRow, alike, row, value_text
from insights.queries.whatif.simulation import (
    MetricCourse,
    WhatIf,
)
from insights.queries.whatif.ticked_orders import (
    EXCLUDE,
    EXCLUDE_DISPUTE,
    EXCLUDE_REVIEW,
    KINDS,
    MOST_ORDERS,
    PREVENT,
    Chosen,
)
from metrics import words
from metrics.catalogue import METRICS, Kind
from metrics.rules.headroom import Headroom, headroom
from stores.context_processors import nav
from stores.models import Store

RULES = ("BX-04", "DM-34", "MX-10", "MX-14")
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Results:
    """What templates/dashboard/_what_if_results.html reads: the metric that is looked at, what changes of figures and
    of notices, how much that is, and what stays as it is."""

    looked_at: MetricRow
    changed: list[MetricRow]
    moved: list[StoryRow]
    counted: str
    kept: list[MetricRow]
    kept_stories: list[StoryRow]


@dataclass(frozen=True, slots=True)
class WhatIfPage:
    """What templates/dashboard/what_if.html reads. ``problems_told``: what was asked and can't be; ``supposed`` and
    ``answer``: in a threshold each; ``orders``: the problem orders to tick, None for a score, which has none;
    ``ticked``: the ticks that no row shows."""

    nav: dict[str, Any]
    now: datetime
    store: Store
    found: WhatIf
    form: WhatIfForm
    problems_told: list[str]
    supposed: str
    answer: str
    first_day: date
    last_day: date
    usual_orders: str
    results: Results
    has_feeds: bool
    chart: dict[str, Any]
    table: ChartTable
    metric_title: str
    metric_url: str
    by_day: DaysTable
    rules: tuple[str, ...]
    clear_url: str
    orders: OrdersPart | None
    ticked: list[Tick]


def what_if_page(
    request: HttpRequest,
    store: Store,
    found: WhatIf,
    form: WhatIfForm,
    chosen: Chosen,
    code: str,
    orders: OrdersPart | None,
    now: datetime,
) -> WhatIfPage:
    """The page of a metric ``code``."""
    course = found.courses[code]
    return WhatIfPage(
        nav=nav(request, current="panel", figures=parts.figures_of(found.days, None, now), now=now),
        now=now,
        store=store,
        found=found,
        form=form,
        problems_told=told(form, chosen),
        supposed=supposed_text(found, chosen),
        answer=answer(found, course),
        first_day=found.days.performance,
        last_day=found.days.performance + timedelta(days=found.ahead),
        usual_orders=formats.number(found.usual_orders, 1),
        results=results(store, found, code),
        has_feeds=bool(found.as_is.store.feeds),
        chart=chart_of(found, code),
        table=table_of(found, course),
        metric_title=str(METRICS[code].title),
        metric_url=parts.metric_page(store.store_no, code),
        by_day=by_day(found),
        rules=RULES,
        clear_url=f"{request.path}?{urlencode({'metric': code})}",
        orders=orders,
        ticked=all_ticks(chosen) if orders is None else orders.ticked,
    )


def form_data(params: QueryDict, code: str, found: WhatIf) -> QueryDict:
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


def worst_metric(found: WhatIf) -> str:
    """The metric that the page opens on: the first red one that issues notices, else yellow, else the first."""
    noticed = [course for course in found.courses.values() if course.story is not None] or [*found.courses.values()]
    ranks = {"red": 0, "yellow": 1}
    return min(noticed, key=lambda course: ranks.get(str(course.days[0].as_is.level), 2)).code


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


def results(store: Store, found: WhatIf, code: str) -> Results:
    """What changes, the metric that is looked at first, and what stays as it is."""
    courses = sorted(found.courses.values(), key=lambda course: course.code != code)
    rows = [row(found, course) for course in courses]
    stories = [story_row(store, course) for course in courses if course.story is not None]
    changed = [one for one in rows if not one.same]
    moved = [one for one in stories if not one.same]
    return Results(
        looked_at=rows[0],
        changed=changed,
        moved=moved,
        counted=counted_text(len(changed), len(moved)),
        kept=[one for one in rows if one.same],
        kept_stories=[one for one in stories if one.same and one.as_is],
    )


def counted_text(figures: int, notices: int) -> str:
    """How much changes, in a few words."""
    texts = [
        ngettext("%(count)s figure changes", "%(count)s figures change", figures) % {"count": figures},
        ngettext("notices of %(count)s metric change", "notices of %(count)s metrics change", notices)
        % {"count": notices},
    ]
    return _(", ").join(text for text, count in zip(texts, (figures, notices), strict=True) if count) or _("no change")


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
        if not alike(pair)
    ]
    changes = changes or [_("no change")]
    changes += filter(None, [_room(course), _inside(course)])
    return _("%(metric)s: %(changes)s.") % {"metric": METRICS[course.code].title, "changes": _("; ").join(changes)}


def _room(course: MetricCourse) -> str:
    """How far the thresholds would be on the last known day, in orders (MX-13)."""
    result, rules = course.days[0].would, course.rules
    value = result.value
    if result.metric.kind not in (Kind.RATE, Kind.FLOOR) or value.numerator is None or not value.denominator:
        return ""
    failures = value.numerator if rules.floor_top is None else value.denominator - value.numerator

    def room(threshold: Fraction | None) -> Headroom | None:
        if threshold is None:
            return None
        allowed = threshold if rules.floor_top is None else Fraction(rules.floor_top) - threshold
        return headroom(failures, value.denominator or 0, allowed, inclusive=rules.inclusive)

    return words.headroom_short(room(result.yellow), room(result.red))


def _inside(course: MetricCourse) -> str:
    """From which day ahead on the metric would be within its thresholds, where it is not now."""
    levels = [str(pair.would.level) for pair in course.days]
    outside = [place for place, level in enumerate(levels) if level != "ok"]
    if not outside or levels[0] == "ok" or outside[-1] == len(levels) - 1:
        return ""
    return _("within its thresholds from %(day)s on") % {"day": formats.day(course.days[outside[-1] + 1].day)}
