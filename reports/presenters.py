"""A team report in the reader's words: the data of its page, the rows of its workbook, the page of subscriptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.forms import Form
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from core.pages import formats
from core.pages.people_sheets import Code, Field, Sheet
from dashboard.list_exports.figures import DEADLINES
from dashboard.presenters.needs import next_step
from insights.presenters.figure_files import figure, level_word
from metrics.catalogue import METRICS
from notifications.titles import title_of
from reports.models import ReportSubscription, TeamReport
from reports.queries import MOST_STORES, Figure, Report, Trend
from reports.rules import scaled
from stores.access import CompanyRequest
from stores.context_processors import nav
from stores.models import Company

# The levels of the bar, worst first, with the colour of each.
BAR = (
    ("red", ("red", "L3", "L2")),
    ("yellow", ("yellow", "L1")),
    ("ok", ("ok",)),
    ("unknown", ("silent", "stale", "few", "no_data", "na")),
)
MOST_STEPS = 6


def report_data(report: Report, language: str) -> dict[str, Any]:
    """What the template of the page reads: strings and numbers alone."""
    stores = len(report.rows)
    return {
        "lang": language.partition("-")[0],
        "title": _("Weekly report: %(company)s") % {"company": report.company.name},
        "author": "Dianwei",
        "subtitle": _("As of %(at)s · %(stores)s")
        % {
            "at": formats.instant(report.at, timezone.get_current_timezone()),
            "stores": ngettext("%(count)s store", "%(count)s stores", stores) % {"count": stores},
        },
        "words": {
            "levels": _("Stores by level"),
            "trends": _("What to look at: eight weeks"),
            "notices": _("Open notices"),
            "deadlines": _("Next deadlines"),
            "changes": _("What changed in the week"),
            "steps": _("What to do next"),
            "stores": _("Stores"),
            "nothing": _("Nothing"),
            "no_stores": _("No store yet."),
        },
        "bar": [
            {"tone": tone, "count": sum(report.levels.get(level, 0) for level in levels), "word": level_word(levels[0])}
            for tone, levels in BAR
        ],
        "stores": [_store_line(row) for row in report.rows[:MOST_STORES]],
        "stores_more": _more(stores - MOST_STORES),
        "store_heads": [_("Store"), _("Worst metric"), _("Rating"), _("Notices")],
        "trends": [_trend(one, report) for one in report.trends],
        "notices": [_notice_line(notice) for notice in report.notices],
        "notices_more": _more(report.notice_count - len(report.notices)),
        "deadlines": [
            [
                formats.instant(row.due_at, timezone.get_current_timezone(), named=False),
                f"{DEADLINES[row.kind]} {row.subject_key}",
                store.name,
            ]
            for store, row in report.deadlines
        ],
        "changes": _changes(report),
        "steps": _steps(report),
        "footer": _("Made by Dianwei. Figures are those published for the last known day of each store."),
    }


def _more(count: int) -> str:
    return ngettext("and %(count)s more", "and %(count)s more", count) % {"count": count} if count > 0 else ""


def _store_line(row: Any) -> list[str]:
    worst = f"{METRICS[row.worst].title}: {level_word(row.level)}" if row.worst else level_word(row.level)
    rating = formats.NO_VALUE if row.rating is None else f"{row.rating:.2f}"
    return [row.store.name, worst, rating, f"{row.notices.red} / {row.notices.yellow}"]


def _shown(value: Any, unit: str) -> str:
    if value is None:
        return formats.NO_VALUE
    return f"{100 * value:.2f} %" if unit == "share" else f"{value:.2f}"


def _trend(one: Trend, report: Report) -> dict[str, Any]:
    unit = report.units.get(one.code, "")
    values, lines = scaled(one.values, [one.yellow, one.red])
    return {
        "title": str(METRICS[one.code].title),
        "store": one.store.name,
        "tone": next((tone for tone, levels in BAR if one.level in levels), "unknown"),
        "value": _shown(one.last, unit),
        "line": _("red line %(line)s") % {"line": _shown(one.red, unit)} if one.red is not None else "",
        "heights": values,
        "yellow": lines[0],
        "red": lines[1],
    }


def _notice_line(notice: Any) -> list[str]:
    return [notice.number, f"{level_word(notice.level)} · {title_of(notice.metric)}", str(notice.get_state_display())]


def _changes(report: Report) -> list[str]:
    lines = [
        ngettext("%(count)s notice was issued", "%(count)s notices were issued", report.issued)
        % {"count": report.issued},
        ngettext("%(count)s notice ended", "%(count)s notices ended", report.ended) % {"count": report.ended},
    ]
    for one in report.changes[:MOST_STEPS]:
        given = {
            "store": one.store.name,
            "metric": METRICS[one.code].title,
            "before": level_word(one.level_before),
            "now": level_word(one.level),
        }
        lines.append(_("%(store)s: %(metric)s %(before)s → %(now)s") % given)
    return lines


def _steps(report: Report) -> list[list[str]]:
    zone = timezone.get_current_timezone()
    due = sorted((row.due.at, row.store.pk, row) for row in report.rows if row.due is not None)
    steps = []
    for _at, _pk, row in due[:MOST_STEPS]:
        step = next_step(row, report.needs[row.store.pk])
        if step.text and step.due:
            steps.append([formats.instant(step.due, zone, named=False), step.text, row.store.name])
    return steps


# ── The workbook ───────────────────────────────────────────────────────────────────────────────────────────────────


def report_sheet(report: Report) -> Sheet:
    """Every figure of the report's stores, with that of a week before."""
    fields = [
        Field(pgettext_lazy("column", "Store"), 20),
        Field(pgettext_lazy("column", "Name"), 28),
        Field(pgettext_lazy("column", "Metric"), 26),
        Field(pgettext_lazy("column", "Day"), 12),
        Field(pgettext_lazy("column", "Value"), 12),
        Field(pgettext_lazy("column", "A week before"), 14),
        Field(pgettext_lazy("column", "Yellow line"), 12),
        Field(pgettext_lazy("column", "Red line"), 12),
        Field(pgettext_lazy("column", "Level"), 12),
        Field(pgettext_lazy("column", "Level a week before"), 16),
    ]
    return Sheet(pgettext("sheet", "Figures"), fields, [_cells(one, report.units) for one in report.figures])


def _cells(one: Figure, units: Any) -> list[object]:
    unit = units.get(one.code, "")
    return [
        Code(one.store.store_no, reverse("dashboard:panel", args=[one.store.store_no])),
        one.store.name,
        METRICS[one.code].title,
        one.day,
        figure(one.value, unit),
        figure(one.before, unit),
        figure(one.yellow, unit),
        figure(one.red, unit),
        level_word(one.level),
        level_word(one.level_before) if one.level_before else None,
    ]


# ── The page of subscriptions ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """Who gets the report: ``last``: the latest one, ``level`` and ``state`` in words."""

    subscription: ReportSubscription
    last: TeamReport | None
    level: str
    state: str
    weekday: str
    language: str


@dataclass(frozen=True, slots=True)
class ReportsPage:
    """What templates/reports/reports.html reads."""

    nav: dict[str, Any]
    company: Company
    rows: list[SubscriptionRow]
    form: Form
    now: datetime
    team_url: str
    hour: int


@dataclass(frozen=True, slots=True)
class UnsubscribePage:
    """What templates/reports/unsubscribe.html reads."""

    company: str
    done: bool


def reports_page_of(
    request: CompanyRequest, subscriptions: Sequence[ReportSubscription], form: Form, now: datetime, hour: int
) -> ReportsPage:
    """The subscriptions of a company and the form that adds one."""
    return ReportsPage(
        nav=nav(request, current="team"),
        company=request.company,
        rows=[_row(one) for one in subscriptions],
        form=form,
        now=now,
        team_url=reverse("dashboard:team", args=[request.company.company_no]),
        hour=hour,
    )


def _row(subscription: ReportSubscription) -> SubscriptionRow:
    last = max(subscription.reports.all(), key=lambda one: one.day, default=None)
    level, state = "info", _("first report on its weekday")
    if subscription.stopped_at is not None:
        level, state = "na", _("unsubscribed")
    elif last is not None:
        levels = {TeamReport.State.SENT: "ok", TeamReport.State.FAILED: "red"}
        level, state = levels.get(TeamReport.State(last.state), "info"), str(last.get_state_display())
    return SubscriptionRow(
        subscription,
        last,
        level,
        state,
        str(subscription.get_weekday_display()),
        str(subscription.get_language_display()),
    )
