"""The page of the review's figures (AP-06, BX-07)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from appeals.models import KINDS
from appeals.presenters.review import STATE_WORDS
from appeals.queries.review_figures import DAYS, DecisionShares, ReviewFigures, Share, Week
from core.pages import formats
from core.pages.charts import Series, figure
from core.pages.components import Fact
from core.templatetags.ui import duration
from metrics.catalogue import METRICS
from rulebook.reading import word
from stores.claims import name_of


@dataclass(frozen=True, slots=True)
class FigureTable:
    """Figures as texts, the first cell of a row its name."""

    columns: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class FigureChart:
    """A trend by week with its table."""

    chart_id: str
    caption: str
    figure: dict[str, Any]
    table: FigureTable


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """What templates/appeals/review_figures.html reads."""

    queue: list[Fact]
    decided: list[Fact]
    reasons: FigureTable
    reviewers: FigureTable
    metrics: FigureTable
    chart: FigureChart
    days: int
    nav: dict[str, Any]


def figures_page(found: ReviewFigures, oldest: str, next_due: str, nav: dict[str, Any]) -> FiguresPage:
    """Every figure in words; ``oldest`` and ``next_due``: the queue's instants as texts."""
    queue = found.queue
    return FiguresPage(
        queue=[
            Fact(_("Waiting"), formats.number(queue.waiting)),
            Fact(_("Unclaimed"), formats.number(queue.unclaimed)),
            Fact(_("Overdue"), formats.number(queue.overdue)),
            Fact(_("Waiting since"), oldest),
            Fact(_("Next due"), next_due),
        ],
        decided=[
            Fact(_("Decided in time"), share_text(found.in_time), counts_text(found.in_time)),
            Fact(_("Overturned"), share_text(found.overturned), counts_text(found.overturned)),
            Fact(_("Blind reviews agree"), share_text(found.agreed), counts_text(found.agreed)),
            Fact(_("Median time to decide"), duration(found.median)),
            *(Fact(str(STATE_WORDS[state]), formats.number(number)) for state, number in found.outcomes.most_common()),
        ],
        reasons=FigureTable([_("Reason"), _("Orders")], [[word(code), str(number)] for code, number in found.reasons]),
        reviewers=_table(_("Reviewer"), [(name_of(one.name), one) for one in found.by_reviewer]),
        metrics=_table(_("Rule"), [(_metric_word(one.name), one) for one in found.by_metric]),
        chart=_chart(found.weeks),
        days=DAYS,
        nav=nav,
    )


def share_text(share: Share) -> str:
    """A share in percent; a dash where there is nothing to share."""
    return formats.NO_VALUE if share.value is None else formats.percent(share.value, places=1)


def counts_text(share: Share) -> str:
    """A share as counts."""
    return f"{formats.number(share.count)} / {formats.number(share.total)}"


def _metric_word(code: str) -> str:
    return str(METRICS[code].title) if code in METRICS else str(dict(KINDS).get(code, code))


def _table(name: str, groups: Sequence[tuple[str, DecisionShares]]) -> FigureTable:
    columns = [name, _("Decisions"), _("In time"), _("Overturned"), _("Blind reviews agree")]
    rows = [
        [
            label,
            formats.number(one.in_time.total),
            share_text(one.in_time),
            f"{share_text(one.overturned)} ({counts_text(one.overturned)})",
            share_text(one.agreed),
        ]
        for label, one in groups
    ]
    return FigureTable(columns, rows)


def _chart(weeks: Sequence[Week]) -> FigureChart:
    named: tuple[tuple[str, list[Share], str, str], ...] = (
        (_("in time"), [week.in_time for week in weeks], "ink", "solid"),
        (_("blind reviews agree"), [week.agreed for week in weeks], "accent", "solid"),
        (_("overturned"), [week.overturned for week in weeks], "red", "dash"),
    )
    days = [week.last for week in weeks]
    drawn = [
        Series(
            label,
            days,
            [_plain(share.value) for share in shares],
            tone,
            dash,
            title=label,
            texts=[share_text(share) for share in shares],
        )
        for label, shares, tone, dash in named
        if any(share.total for share in shares)
    ]
    rows = [
        [
            formats.day(week.last),
            *(f"{share_text(share)} ({counts_text(share)})" for share in (week.in_time, week.agreed, week.overturned)),
        ]
        for week in reversed(weeks)
    ]
    table = FigureTable([_("Week up to"), _("In time"), _("Blind reviews agree"), _("Overturned")], rows)
    return FigureChart(
        chart_id="review-weeks",
        caption=_("Decisions in time, agreement of blind reviews and overturned decisions by week"),
        figure=figure(drawn, percent=True, floor=0.0, ceiling=1.0) if drawn else {},
        table=table,
    )


def _plain(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
