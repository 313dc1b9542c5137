"""The page of promotion eligibility: conditions, what stands in the way, the calendar of promotions (PN-12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.components import Fact
from insights.presenters.reasons import reason_text
from metrics.catalogue import METRICS
from metrics.queries.problems import ProblemRow
from notifications.models import LEVELS, STATES, Notice
from notifications.presenters.parts import notice_url
from notifications.titles import title_of
from penalties.eligibility import Condition, Event, Finding, Obstacle
from penalties.models import Penalty
from penalties.queries.eligibility import Eligibility, PromotionOutlook, Score
from penalties.sources import source_named
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True)
class ObstacleRow:
    """What stands in the way: its page, words, and until when; ``expected``: where that is foreseen only."""

    title: str
    url: str
    about: str
    until: datetime | None
    expected: str = ""


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """A condition: ``level`` and ``word`` of its status, what is asked and what there is, from when on it is met."""

    title: str
    passes: bool
    level: str
    word: str
    asked: str
    found: str
    first_day: str
    url: str
    obstacles: Sequence[ObstacleRow]
    orders_title: str
    orders: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class EventRow:
    """What a store registers for, and whether it may."""

    name: str
    level: str
    word: str
    first_day: str


@dataclass(frozen=True, slots=True)
class PromotionRow:
    """A promotion of the calendar; ``level`` and ``word`` say whether the store can register."""

    name: str
    registration: str
    runs: str
    level: str
    word: str
    about: str


@dataclass(frozen=True, slots=True)
class PromotionsPage:
    """What templates/penalties/promotions.html reads."""

    nav: dict[str, Any]
    now: datetime
    store: Store
    mirrored: bool
    events: Sequence[EventRow]
    conditions: Sequence[ConditionRow]
    promotions: Sequence[PromotionRow]


PENALTY_TITLES: dict[Event, Any] = {
    Event.PROMOTION: gettext_lazy("No penalty that forbids promotions"),
    Event.FLASH_DEALS: gettext_lazy("No penalty that forbids flash deals"),
}


def event_names() -> dict[Event, str]:
    """What a store registers for, in words."""
    return {Event.PROMOTION: pgettext("registration", "Promotions"), Event.FLASH_DEALS: _("Flash deals")}


def promotions_page_of(
    request: StoreRequest, found: Eligibility, promotions: Sequence[PromotionOutlook], now: datetime
) -> PromotionsPage:
    """The page of a store."""
    store = request.store
    return PromotionsPage(
        nav=nav(request, current="promotions", now=now),
        now=now,
        store=store,
        mirrored=store.mode == Store.Mode.MIRRORED,
        events=[_event(found, event) for event in Event],
        conditions=_conditions(store, found, now),
        promotions=[_promotion(one) for one in promotions],
    )


def promotion_facts(found: Eligibility) -> list[Fact]:
    """What a store may register for now, with the conditions that are not met."""
    titles = condition_titles(found)
    names = event_names()
    return [
        Fact(names[event], _verdict(found, event), _(", ").join(titles[one] for one in _failing(found, event)))
        for event in Event
    ]


def condition_titles(found: Eligibility) -> dict[Condition, str]:
    """The conditions in words."""
    days = found.policy.notices.promotion_clear_days
    return {
        Condition.NOTICES: _("No blocking notice in %(days)s days") % {"days": days},
        Condition.RATING: _("Published rating"),
        Condition.SHS: str(METRICS["shs"].title),
        Condition.PENALTIES: _("No penalty that forbids it"),
    }


def _failing(found: Eligibility, event: Event) -> list[Condition]:
    return [one.condition for one in found.findings[event] if not one.passes]


def _verdict(found: Eligibility, event: Event) -> str:
    failing = len(_failing(found, event))
    if not failing:
        return _("may register")
    return ngettext("%(count)s condition not met", "%(count)s conditions not met", failing) % {"count": failing}


def _event(found: Eligibility, event: Event) -> EventRow:
    passes = found.passes(event)
    return EventRow(
        name=event_names()[event],
        level="ok" if passes else "red",
        word=_verdict(found, event),
        first_day="" if passes else first_day_text(found.first_day(event)),
    )


def _conditions(store: Store, found: Eligibility, now: datetime) -> list[ConditionRow]:
    """The conditions that all have, then the penalties that forbid either; what is not met comes first."""
    shared = found.findings[Event.PROMOTION][:-1]
    titles = condition_titles(found)
    rows = [_condition(store, found, one, titles[one.condition], now) for one in shared]
    for event, title in PENALTY_TITLES.items():
        rows.append(_condition(store, found, found.findings[event][-1], str(title), now))
    return sorted(rows, key=lambda row: row.passes)


def first_day_text(day: date | None) -> str:
    """From when on something is met; None where that can't be foreseen."""
    if day is None:
        return _("no day in sight as things stand")
    return _("from %(day)s if nothing changes") % {"day": formats.day(day)}


def _condition(store: Store, found: Eligibility, finding: Finding, title: str, now: datetime) -> ConditionRow:
    code = {Condition.RATING: "dsr", Condition.SHS: "shs"}.get(finding.condition)
    score = found.scores.get(finding.condition)
    return ConditionRow(
        title=title,
        passes=finding.passes,
        level="ok" if finding.passes else "red",
        word=_("met") if finding.passes else _("not met"),
        asked="" if finding.least is None else _("at least %(least)s") % {"least": formats.limit(finding.least)},
        found=_found(finding, code),
        first_day="" if finding.passes else first_day_text(finding.first_day),
        url="" if code is None else score_url(store, code),
        obstacles=[_obstacle(store, found, one) for one in finding.obstacles],
        orders_title=_orders_title(score) if score and not finding.passes else "",
        orders=[_order(store, row, now) for row in score.orders] if score and not finding.passes else [],
    )


def score_url(store: Store, code: str) -> str:
    """The page of the rating or of a metric."""
    if code == "dsr":
        return reverse("dashboard:rating", args=[store.store_no])
    return reverse("dashboard:metric", args=[store.store_no, code])


def _found(finding: Finding, code: str | None) -> str:
    if code is not None:
        if finding.value is None:
            return _("no score yet")
        marks = [] if finding.least is None else [finding.least]
        return formats.score(finding.value, marks)
    count = len(finding.obstacles)
    if finding.condition == Condition.NOTICES:
        return ngettext("%(count)s notice", "%(count)s notices", count) % {"count": count} if count else _("none")
    return ngettext("%(count)s penalty", "%(count)s penalties", count) % {"count": count} if count else _("none")


def _obstacle(store: Store, found: Eligibility, one: Obstacle) -> ObstacleRow:
    if one.key in found.notices:
        return _notice(store, found.notices[one.key], one.until)
    return _penalty(found.penalties[one.key], one)


def _notice(store: Store, notice: Notice, until: datetime | None) -> ObstacleRow:
    level, state = dict(LEVELS)[notice.level], dict(STATES)[notice.state]
    title = title_of(notice.metric)
    about = _("%(level)s, %(state)s") % {"level": level, "state": state}
    return ObstacleRow(f"{title} {notice.number}", notice_url(notice, store.store_no), about, until)


def _penalty(penalty: Penalty, one: Obstacle) -> ObstacleRow:
    told = source_named(penalty.source).words(penalty)
    about = _("predicted: %(cause)s") % {"cause": told.cause} if penalty.predicted else told.cause
    expected = ""
    if one.until is None and one.day is not None:
        expected = _("over on %(day)s if nothing changes") % {"day": formats.day(one.day)}
    return ObstacleRow(penalty.get_kind_display(), told.url, f"{about} · {told.lifted_by}", one.until, expected)


def _orders_title(score: Score) -> str:
    if not score.orders:
        return ""
    return _("Weighing on it most recently: %(metric)s") % {"metric": METRICS[score.metric].title}


def _order(store: Store, row: ProblemRow, now: datetime) -> Fact:
    reason, day = reason_text(row.reason, row.problem.counter, now), formats.day(row.problem.day)
    if row.order is None:
        return Fact(row.complaint.complaint_no if row.complaint else "", reason, day)
    return Fact(row.order.order_no, reason, day, reverse("dashboard:order", args=[store.store_no, row.order.order_no]))


def _promotion(outlook: PromotionOutlook) -> PromotionRow:
    one = outlook.promotion
    if outlook.is_closed:
        level, word = "no_data", _("closed")
    elif outlook.may_register:
        level, word = "ok", _("may register")
    elif outlook.may_register is None:
        level, word = "red", _("blocked")
    else:
        level, word = "red", _("not this time")
    return PromotionRow(
        name=one.name_zh if (get_language() or "").startswith("zh") else one.name_en,
        registration=span_text(one.register_from, one.register_until),
        runs=span_text(one.starts, one.ends),
        level=level,
        word=word,
        about=_promotion_about(outlook),
    )


def _promotion_about(outlook: PromotionOutlook) -> str:
    if outlook.from_day is not None:
        return _("from %(day)s on") % {"day": formats.day(outlook.from_day)}
    if outlook.is_closed:
        return _("registration is closed")
    if outlook.may_register is None:
        return _("open conditions have no day in sight")
    return _("registration closes before the conditions are met")


def span_text(first: date, last: date) -> str:
    """Two days as a span."""
    return _("%(first)s – %(last)s") % {"first": formats.day(first), "last": formats.day(last)}
