"""The rating page (PG-05): parts worked out, deviation board with its next steps, bands."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.pages import formats
from core.pages.components import Banner, Tab
from core.templatetags.ui import sentences
from core.timebase import rating_day_end
from dashboard.presenters import parts
from dashboard.presenters.annotations import Occurrence, chart_annotations, occurrences
from dashboard.presenters.changes import ChangesPart, changes_part
from dashboard.presenters.freezes import FreezeRow, freeze_rows
from dashboard.presenters.governance import freeze_banner
from dashboard.presenters.history_chart import ChartTable, chart_of, table_of
from dashboard.presenters.metric import span_tabs
from dashboard.presenters.rating_part import RatingPart, rating_part
from dashboard.queries.rating import RatingPage
from insights.queries.status import MetricStatus
from metrics import words
from metrics.rules.rating import Rating
from notifications.presenters.wording import NEXT_STEPS
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A dimension of the deviation board; ``points``: its deviation over the days of the trend; ``step``: the next step
    that an advice names (SR-07)."""

    name: str
    url: str
    value: Fraction | None
    benchmark: Fraction | None
    deviation: Fraction | None
    alert: list[Decimal]
    level: str
    word: str
    points: list[Fraction | None]
    step: str


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part of the rating: its stars, how many reviews or orders they come from, its weight, and what they give."""

    name: str
    stars: Fraction | None
    count: str
    weight: str
    gives: str
    note: str


@dataclass(frozen=True, slots=True)
class RatingPageContext:
    """What templates/dashboard/rating.html reads."""

    nav: dict[str, Any]
    now: datetime
    store: Store
    page: RatingPage
    has_feeds: bool
    behind: str
    present_url: str
    governance: list[Banner]
    is_late: bool
    late_hours: int
    window_first: date
    rating: RatingPart
    chart: dict[str, Any]
    annotations: list[Occurrence]
    table: ChartTable
    spans: list[Tab]
    changes: ChangesPart
    board: list[BoardRow]
    part_rows: list[PartRow]
    rating_total: str
    weights_text: str
    problems_url: str
    freezes: list[FreezeRow]


def rating_page_context(
    request: HttpRequest, store: Store, found: RatingPage, span: int, now: datetime
) -> RatingPageContext:
    """The rating page of a store."""

    def url(status: MetricStatus) -> str:
        return parts.metric_url(store.store_no, status.result.code, found.days)

    rules, banner = found.view.policy.rating, freeze_banner(found.view)
    annotations = occurrences(store, found.history, found.events)
    return RatingPageContext(
        nav=nav(request, current="rating", figures=_figures(found, now), now=now),
        now=now,
        store=store,
        page=found,
        has_feeds=bool(found.store_span.store.feeds),
        behind=parts.behind(parts.feeds_of(found.store_span, found.days.last)),
        present_url=request.path,
        governance=[banner] if banner else [],
        is_late=is_late(found, now),
        late_hours=rules.late_run_hours,
        window_first=found.days.rating - timedelta(days=rules.window_days - 1),
        rating=rating_part(found.view, url, found.upcoming),
        chart=chart_of(found.history, annotations=chart_annotations(annotations, found.history.days[-1])),
        annotations=annotations,
        table=table_of(found.history),
        spans=span_tabs(request, span),
        changes=changes_part(store, found.changes, request.path),
        board=[_board_row(one, found, url(one)) for one in found.view.dimensions],
        part_rows=part_rows(found),
        rating_total=formats.score(found.view.score) if found.view.score is not None else "",
        weights_text=weights_text(found),
        problems_url=parts.metric_page(store.store_no, "dsr"),
        freezes=freeze_rows(found.past_freezes),
    )


def _figures(found: RatingPage, now: datetime) -> parts.Freshness:
    """The freshness that the frame shows, of the rating's day."""
    computed_at = found.published.computed_at if found.published else None
    return replace(parts.figures_of(found.days, computed_at, now), day=found.days.rating)


def is_late(found: RatingPage, now: datetime) -> bool:
    """Whether the run of the shown day should have been through and was not (SR-11)."""
    allowed = timedelta(hours=found.view.policy.rating.late_run_hours)
    return not found.published and not found.days.chosen and now > rating_day_end(found.days.rating) + allowed


def _board_row(status: MetricStatus, found: RatingPage, url: str) -> BoardRow:
    result, alert = status.result, found.view.policy.judging.deviation_alert
    alerted = result.deviation is not None and result.deviation <= alert
    return BoardRow(
        name=str(result.metric.title),
        url=url,
        value=result.value.value,
        benchmark=result.benchmark.value if result.benchmark else None,
        deviation=result.deviation,
        alert=[alert],
        level="red" if alerted else str(result.level),
        word=pgettext("status", "advice") if alerted else "",
        points=found.deviations[result.code],
        step=str(NEXT_STEPS[result.code]) if alerted else "",
    )


def part_rows(found: RatingPage) -> list[PartRow]:
    """The four parts with weight and contribution; a part without data drops out (SR-01)."""
    return [_part_row(name, part, found.view.rating) for name, part in found.view.rating.parts.items()]


def _part_row(name: str, part: Fraction | None, rating: Rating) -> PartRow:
    weight = rating.weights.get(name)
    is_marked = name == "dispatch" and rating.marks
    return PartRow(
        name=str(words.PART_WORDS[name]),
        stars=part,
        count=formats.number(rating.counts[name]),
        weight=formats.percent(weight, places=1) if weight is not None else "",
        gives=formats.score(part * weight, places=4) if part is not None and weight is not None else "",
        note=_("marks for late confirmation: %(count)s") % {"count": rating.marks} if is_marked else "",
    )


def weights_text(found: RatingPage) -> str:
    """Why these weights are in force (SR-09)."""
    rules, rating = found.view.policy.rating, found.view.rating
    missing = [str(words.PART_WORDS[name]) for name, part in rating.parts.items() if part is None]
    texts = []
    if rating.uplifted:
        until = formats.day(rules.high_value_until) if rules.high_value_until else ""
        texts.append(
            _("High-value category with a mean order of at least %(usd)s USD: the buyers' stars weigh more")
            % {"usd": formats.number(rules.high_value_min_usd)}
            + (_(" until %(day)s.") % {"day": until} if until else _("."))
        )
    if missing:
        texts.append(
            _("Without data, so the other weights are scaled to 100 %%: %(parts)s.") % {"parts": _(", ").join(missing)}
        )
    return sentences(texts)
