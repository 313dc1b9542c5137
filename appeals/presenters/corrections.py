"""Correction reports in words: what was corrected, from what to what (BX-03, AP-05)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.paginator import Page
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from appeals.models import CorrectionReport
from appeals.queries.corrections import Cause
from core.pages import formats
from core.pages.people_sheets import Field, Sheet
from core.templatetags.ui import sentences
from insights.presenters.figure_files import figure, level_word
from metrics import words
from metrics.catalogue import METRICS
from metrics.rules.days import last_complete_day
from notifications.models import STATES, Notice
from notifications.rules import State
from notifications.titles import title_of
from penalties.models import ENDINGS, KINDS
from rulebook.policy import Policy
from stores.models import Store

NOTICE, FREEZE, PENALTY = "notice", "freeze", "penalty"
STATE_WORDS = dict(STATES)


@dataclass(frozen=True, slots=True)
class CorrectedValue:
    """A row of a report: what it is, its value before and after, and the level or state that this means. ``level`` is
    one of core.pages.statuses, empty without."""

    title: str
    note: str
    before: str
    after: str
    level: str = ""
    word: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionPart:
    """What templates/appeals/_correction.html reads; ``values``: how many results changed in all."""

    lead: str
    at: datetime
    rows: list[CorrectedValue]
    values: int
    whole_url: str
    store_no: str
    cause_no: str
    place: int


@dataclass(frozen=True, slots=True)
class CorrectionPage:
    """What templates/appeals/correction.html reads: the corrections of a store by one cause, newest first, and every
    value of the chosen one."""

    nav: dict[str, Any]
    store: Store
    title: str
    reason: str
    back_url: str
    back: str
    parts: list[CorrectionPart]
    single: bool
    page: Page[Any]
    rows: list[CorrectedValue]


def correction_part_of(report: CorrectionReport, policy: Policy, notice: Notice | None = None) -> CorrectionPart:
    """A report with its headline values. ``policy``: in force at the correction; ``notice``: the appealed one."""
    headlines = list(_headlines(report, policy, notice))
    outcomes = [_outcome_row(outcome, report.store.store_no) for outcome in report.outcomes]
    return CorrectionPart(
        lead=_lead(report, policy, notice),
        at=report.at,
        rows=[*headlines, *outcomes],
        values=len(report.results),
        whole_url=correction_url(report.store.store_no, report.cause_no, report.place),
        store_no=report.store.store_no,
        cause_no=report.cause_no,
        place=report.place,
    )


def correction_url(store_no: str, cause_no: str, place: int = 0) -> str:
    """The page of a store's corrections by a cause; ``place`` chooses one of them."""
    address = reverse("appeals:correction", args=[store_no, cause_no])
    return f"{address}?place={place}" if place else address


def correction_page_of(
    nav: dict[str, Any], reports: Sequence[CorrectionReport], cause: Cause, page: Page[Any], policy: Policy
) -> CorrectionPage:
    """The corrections by one cause; ``page``: some results of the chosen one."""
    store, notice = reports[0].store, None if cause.appeal is None else cause.appeal.notice
    back = reverse("appeals:events", args=[store.store_no])
    back_text = _("Protected events")
    if notice is not None:
        back, back_text = reverse("dashboard:notice", args=[store.store_no, notice.number]), notice.number
    return CorrectionPage(
        nav=nav,
        store=store,
        title=cause_title(cause),
        reason="" if cause.event is None else cause.event.reason,
        back_url=back,
        back=back_text,
        parts=[correction_part_of(report, policy, notice) for report in reports],
        single=len(reports) == 1,
        page=page,
        rows=[_value_row(result, policy) for result in page.object_list],
    )


def cause_title(cause: Cause) -> str:
    """``Correction after appeal AP20261130-000017``; an event by its title."""
    if cause.event is not None:
        return cause.event.title
    return _("Correction after appeal %(number)s") % {"number": cause.number}


# ── Headlines ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _headlines(report: CorrectionReport, policy: Policy, notice: Notice | None) -> Iterable[CorrectedValue]:
    """One row per metric: on the day of its notice, else on the last day that was over; with the number of others."""
    by_metric: dict[str, list[Mapping[str, Any]]] = {}
    for result in report.results:
        by_metric.setdefault(result["metric"], []).append(result)
    first = "" if notice is None else notice.metric
    for code in sorted(by_metric, key=lambda code: (code != first, list(METRICS).index(code))):
        results = by_metric[code]
        shown = _shown_result(results, report.at, notice if code == first else None)
        yield _value_row(shown, policy, others=len(results) - 1)


def _shown_result(results: Sequence[Mapping[str, Any]], at: datetime, notice: Notice | None) -> Mapping[str, Any]:
    """The result that says most: of the notice's day, else of the last day over, else the first."""
    last = last_complete_day(at, METRICS[results[0]["metric"]].calendar).isoformat()
    wanted = "" if notice is None else notice.day.isoformat()
    over = [result for result in results if result["day"] <= last]
    named = [result for result in results if result["day"] == wanted]
    return (named or over[-1:] or results)[0]


def _value_row(result: Mapping[str, Any], policy: Policy, others: int = 0) -> CorrectedValue:
    code = result["metric"]
    unit = policy.metrics[code].unit
    note = formats.day(date.fromisoformat(result["day"]))
    if others:
        more = ngettext("%(day)s, and %(count)s further day", "%(day)s, and %(count)s further days", others)
        note = more % {"day": note, "count": formats.number(others)}
    level = result["after"]["level"]
    return CorrectedValue(
        title=str(METRICS[code].title),
        note=note,
        before=value_of(result["before"], unit),
        after=value_of(result["after"], unit),
        level=level,
        word=str(level_word(level)),
    )


def value_of(figures: Mapping[str, Any], unit: str) -> str:
    """``24 ÷ 272 = 8.82 %``; of what is no ratio its value alone."""
    value = figures.get("value")
    lines = [Decimal(figures[name]) for name in ("yellow", "red") if name in figures]
    text = words.value_text(None if value is None else Decimal(value), unit, lines)
    if unit == "share" and figures.get("denominator"):
        counts = {name: formats.number(figures[name]) for name in ("numerator", "denominator")}
        return f"{counts['numerator']} ÷ {counts['denominator']} = {text}"
    return text


def _outcome_row(outcome: Mapping[str, str], store_no: str) -> CorrectedValue:
    if outcome["kind"] == NOTICE:
        after = outcome["after"]
        return CorrectedValue(
            title=_("Notice %(number)s") % {"number": outcome["key"]},
            note="",
            before=str(STATE_WORDS[outcome["before"]]),
            after=str(STATE_WORDS[after]),
            level="ok" if after == State.ACCEPTED else "red",
            word=_("not on the record") if after == State.ACCEPTED else _("still past its threshold"),
            url=reverse("dashboard:notice", args=[store_no, outcome["key"]]),
        )
    if outcome["kind"] == PENALTY:
        return _penalty_row(outcome, store_no)
    return CorrectedValue(
        title=_("Freeze of the rating since %(day)s") % {"day": outcome["key"]},
        note="",
        before=pgettext("freeze", "goes on"),
        after=pgettext("freeze", "ended"),
        level="ok",
        word=_("the next published day follows the computed rating"),
        url=reverse("dashboard:rating", args=[store_no]),
    )


def _penalty_row(outcome: Mapping[str, str], store_no: str) -> CorrectedValue:
    kind, key = outcome["key"].split(" ")
    return CorrectedValue(
        title=_("Penalty: %(kind)s") % {"kind": dict(KINDS)[kind]},
        note="",
        before=pgettext("penalty", "predicted") if outcome["before"] == "predicted" else _("in force"),
        after=str(dict(ENDINGS)[outcome["after"]]),
        level="ok",
        word=_("its cause no longer stands"),
        url=f"{reverse('penalties:penalties', args=[store_no])}#penalty-{key}",
    )


def _lead(report: CorrectionReport, policy: Policy, notice: Notice | None) -> str:
    """What the correction comes to, in a sentence or two."""
    told = _orders_told(report)
    outcome = next((one for one in report.outcomes if notice is not None and one["key"] == notice.number), None)
    results = [one for one in report.results if notice is not None and one["metric"] == notice.metric]
    if notice is None or outcome is None or not results:
        return told
    shown = _shown_result(results, report.at, notice)
    parts = {
        "number": notice.number,
        "metric": title_of(notice.metric),
        "day": formats.day(date.fromisoformat(shown["day"])),
        "before": _plain(shown["before"], policy.metrics[notice.metric].unit),
        "after": _plain(shown["after"], policy.metrics[notice.metric].unit),
    }
    if outcome["after"] == State.ACCEPTED:
        closed = _("Notice %(number)s is closed: %(metric)s of %(day)s was corrected from %(before)s to %(after)s.")
    else:
        closed = _(
            "Notice %(number)s stands: %(metric)s of %(day)s was corrected from %(before)s to %(after)s, which is still"
            " past the threshold."
        )
    return sentences([closed % parts, told])


def _plain(figures: Mapping[str, Any], unit: str) -> str:
    return value_of({name: figures[name] for name in ("value", "yellow", "red") if name in figures}, unit)


def _orders_told(report: CorrectionReport) -> str:
    if not report.orders:
        # Of a copyright complaint, which has no order.
        taken_back = _("The correction was taken back: the complaint counts as before.")
        return taken_back if report.withdrawn else _("It concerns a copyright complaint.")
    if report.withdrawn:
        text = ngettext(
            "The correction was taken back: %(count)s order counts as before.",
            "The correction was taken back: %(count)s orders count as before.",
            report.orders,
        )
    else:
        text = ngettext("It concerns %(count)s order.", "It concerns %(count)s orders.", report.orders)
    return text % {"count": formats.number(report.orders)}


# ── Files ──────────────────────────────────────────────────────────────────────────────────────────────────────────

VALUE_COLUMNS = ("numerator", "denominator", "value", "level")
MACHINE_COLUMNS = (
    "day", "metric", *(f"{name}_{side}" for side in ("before", "after") for name in VALUE_COLUMNS),
    "threshold_yellow", "threshold_red",
)  # fmt: skip
FIELDS = (
    Field(pgettext_lazy("column", "Day"), 12),
    Field(pgettext_lazy("column", "Metric"), 22),
    Field(pgettext_lazy("column", "Part, before"), 12),
    Field(pgettext_lazy("column", "Whole, before"), 12),
    Field(pgettext_lazy("column", "Value, before"), 14),
    Field(pgettext_lazy("column", "Level, before"), 12),
    Field(pgettext_lazy("column", "Part, after"), 12),
    Field(pgettext_lazy("column", "Whole, after"), 12),
    Field(pgettext_lazy("column", "Value, after"), 14),
    Field(pgettext_lazy("column", "Level, after"), 12),
    Field(pgettext_lazy("column", "Yellow threshold"), 14),
    Field(pgettext_lazy("column", "Red threshold"), 14),
)


def report_sheet(report: CorrectionReport, policy: Policy) -> Sheet:
    """Every value of a report, before and after."""
    return Sheet(pgettext("sheet", "Correction"), FIELDS, (_cells(result, policy) for result in report.results))


def _cells(result: Mapping[str, Any], policy: Policy) -> list[object]:
    unit = policy.metrics[result["metric"]].unit
    cells: list[object] = [date.fromisoformat(result["day"]), METRICS[result["metric"]].title]
    for side in ("before", "after"):
        figures = result[side]
        cells += [
            figures.get("numerator"),
            figures.get("denominator"),
            figure(_decimal(figures, "value"), unit),
            level_word(figures["level"]),
        ]
    return [*cells, *(figure(_decimal(result["after"], name), unit) for name in ("yellow", "red"))]


def report_rows(report: CorrectionReport) -> Iterable[tuple[object, ...]]:
    """The same under `MACHINE_COLUMNS`, for programs."""
    for result in report.results:
        sides = (
            _decimal(result[side], name) if name == "value" else result[side].get(name)
            for side in ("before", "after")
            for name in VALUE_COLUMNS
        )
        thresholds = (_decimal(result["after"], name) for name in ("yellow", "red"))
        yield (date.fromisoformat(result["day"]), result["metric"], *sides, *thresholds)


def _decimal(figures: Mapping[str, Any], name: str) -> Decimal | None:
    return Decimal(figures[name]) if name in figures else None
