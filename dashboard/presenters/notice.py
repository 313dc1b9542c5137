"""One notice as a document (PN-30)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from appeals.models import Appeal
from appeals.presenters.corrections import CorrectionPart, correction_part_of
from appeals.queries.corrections import CorrectionOfNotice
from appeals.rules import AppealKind
from core.pages import formats
from core.pages.components import Fact, Tab, Term
from core.pages.tables import Column
from dashboard.presenters.appeal_todos import appeal_url
from dashboard.presenters.notice_head import Clock, StepItem, clocks_of, follows_of, step_items
from dashboard.presenters.rescue import RescuePart, rescue_part
from dashboard.presenters.tools import Tool, tools_of
from dashboard.presenters.what_now import EXCEPTION_WORDS, WaysPart, ways_part
from dashboard.queries.notice import NoticePage
from dashboard.queries.what_now import Standing, WhatNow
from insights.presenters.causes import CausesPart, causes_part
from insights.presenters.reasons import also_text, measured_text
from insights.queries.causes import Causes
from insights.queries.status import MetricStatus
from metrics import words
from metrics.catalogue import METRICS
from metrics.reasons.beside import headings_of, instants_of
from metrics.reasons.lookup import Reason
from notifications.complaints import COPYRIGHT
from notifications.forms import NoticeOrderFilter
from notifications.models import Notice, NoticeOrder
from notifications.presenters.judgement import facts_of, terms_of
from notifications.presenters.parts import notice_url, plan_url, threshold_of, unit_of
from notifications.presenters.record import platform_text, record_url
from notifications.presenters.wording import figure, what_happened
from notifications.queries.past import PastNotice
from notifications.rules import State
from notifications.titles import counters_of, figures_of, rule_of, title_of, told_by_causes
from penalties.presenters.penalties import penalty_facts
from stores.access import StoreRequest, may_write
from stores.context_processors import nav
from stores.models import Store
from stores.principals import Area

# What the address of the print version holds.
PRINT = "print"
# Which problem orders an address asks for, by what can be done about them.
CAN = "can"
# States in which a notice has an improvement plan.
PLANNING = frozenset({State.PLAN, State.FAILED, State.RESOLVED})
STANDING_WORDS = {
    Standing.ACT: gettext_lazy("Can be saved"),
    Standing.APPEAL: gettext_lazy("Can be appealed"),
    Standing.PAST: gettext_lazy("Past"),
    Standing.GONE: gettext_lazy("Count no more"),
}
# The rules that every notice names beside its metric's.
RULES = ("PN-04", "PN-05", "PN-06", "DM-31")


def is_whole(request: StoreRequest) -> bool:
    """Whether the address asks for the print version."""
    return request.GET.get(PRINT) == "1"


@dataclass(frozen=True, slots=True)
class ThenAndNow:
    """The value when the notice was issued and the value now."""

    then: str
    then_day: date
    now: str
    now_day: date
    level: str
    url: str


@dataclass(frozen=True, slots=True)
class SimilarNotice:
    """An earlier notice of the metric, and what became of it."""

    notice: Notice
    url: str
    value: str
    outcome: str
    measures: Sequence[str]


@dataclass(frozen=True, slots=True)
class Act:
    """What to do about a problem order; ``linked``: its order's page is the place."""

    text: str
    note: str = ""
    linked: bool = False


@dataclass(frozen=True, slots=True)
class NoticeOrderRow:
    """A problem order of the snapshot and why it failed."""

    row: NoticeOrder
    url: str
    reason: str
    also: str
    act: Act
    headings: tuple[Any, Any]
    due: datetime | None
    done: datetime | None
    carrier: str


@dataclass(frozen=True, slots=True)
class NoticeDocument:
    """What templates/dashboard/notice.html reads; ``whole``: the print version, with all orders on one page;
    ``present``: None of a notice without a metric of its own; ``counted_in``: the metric that its failures count in;
    ``of_complaints``: its rows are complaints; ``platform``: the platform's own notices, beside a predicted one."""

    nav: dict[str, Any]
    store: Store
    now: datetime
    notice: Notice
    metric: str
    sentence: str
    correction: CorrectionPart | None
    clocks: list[Clock]
    rescue: RescuePart | None
    ways: WaysPart
    case_file_url: str
    present: ThenAndNow | None
    terms: list[Term]
    facts: list[Fact]
    platform: list[str]
    record_url: str
    replaced_by: Notice | None
    replaced_by_url: str
    replaces_url: str
    steps: list[StepItem]
    penalties: list[Fact]
    follows: list[str]
    form: NoticeOrderFilter
    columns: list[Column]
    tabs: list[Tab]
    rows: list[NoticeOrderRow]
    page: Page[NoticeOrder]
    whole: bool
    print_url: str
    clear_url: str
    similar: list[SimilarNotice]
    tools: list[Tool]
    causes_url: str
    causes: CausesPart | None
    counted_in: str
    of_complaints: bool
    package_url: str
    rules: list[str]


def notice_document_of(
    request: StoreRequest, form: NoticeOrderFilter, found: NoticePage, now: datetime
) -> NoticeDocument:
    """A notice of the request's store as a document."""
    notice, store_no = found.notice, request.store.store_no
    headings = headings_of(counters_of(notice.metric))
    urls = _urls(request, notice, found.now.appeal)
    ways = ways_part(notice, store_no, found.now, urls)
    return NoticeDocument(
        nav=nav(request, current="notices"),
        store=request.store,
        now=now,
        notice=notice,
        metric=str(title_of(notice.metric)),
        sentence=what_happened(notice),
        correction=_correction_part(notice, found.correction),
        clocks=clocks_of(found, ways, urls.get("plan", "")),
        rescue=rescue_part(notice, found.present, found.now),
        ways=ways,
        case_file_url=reverse("dashboard:notice_case_file", args=[store_no, notice.number]),
        present=then_and_now(notice, found.present) if notice.metric in METRICS else None,
        terms=terms_of(notice),
        facts=[*facts_of(notice), *_named_facts(found.named_since)],
        platform=[platform_text(one) for one in found.platform],
        record_url=_record_url(request, notice),
        replaced_by=found.replaced_by,
        replaced_by_url=_url_of(found.replaced_by, store_no),
        replaces_url=_url_of(notice.replaces, store_no),
        steps=step_items(notice, found.steps, now),
        penalties=penalty_facts(found.penalties, of_notice=True),
        follows=follows_of(notice),
        form=form,
        columns=order_columns(headings),
        tabs=_tabs(request, notice, found.now),
        rows=[
            order_row(
                row,
                reason,
                store_no,
                headings,
                notice.triggered_at,
                act_of(notice, row, found.now),
                form.carrier_names.get(row.carrier, row.carrier),
            )
            for row, reason in found.orders
        ],
        page=found.page,
        whole=is_whole(request),
        print_url=f"?{urlencode({PRINT: '1'})}",
        clear_url=request.path,
        similar=[similar_item(one, store_no) for one in found.similar],
        tools=tools_of(store_no, form.reason_codes),
        causes_url=_day_url("causes", notice, store_no) if told_by_causes(notice.metric) else "",
        causes=_causes_part(notice, found.causes) if found.causes else None,
        counted_in=figures_of(notice.metric),
        of_complaints=notice.metric == COPYRIGHT,
        package_url=_day_url("package", notice, store_no),
        rules=list(dict.fromkeys((rule_of(notice.metric), *RULES))),
    )


def _record_url(request: StoreRequest, notice: Notice) -> str:
    may_record = notice.state == State.PREDICTED and may_write(request.principal, request.store, Area.NOTICES)
    return record_url(notice, request.store.store_no) if may_record else ""


def _named_facts(numbers: Sequence[str]) -> list[Fact]:
    return [Fact(_("Upheld since"), pgettext("list", ", ").join(numbers))] if numbers else []


def _correction_part(notice: Notice, found: CorrectionOfNotice | None) -> CorrectionPart | None:
    return None if found is None else correction_part_of(found.report, found.policy, notice)


def standing_asked(params: QueryDict) -> Standing | None:
    """Which problem orders the address asks for by what can be done about them."""
    asked = params.get(CAN, "")
    return Standing(asked) if asked in set(Standing) else None


def _urls(request: StoreRequest, notice: Notice, appeal: Appeal | None) -> dict[str, str]:
    """The addresses to which the columns lead."""
    store_no = request.store.store_no
    urls = {
        "past": f"{request.path}?{urlencode({CAN: Standing.PAST})}#problems",
        "appeal": appeal_url(store_no, appeal)
        if appeal
        else reverse("appeals:start", args=[store_no, AppealKind.NOTICE, notice.number]),
    }
    if notice.state in PLANNING:
        urls["plan"] = plan_url(notice, store_no)
    return urls


def _tabs(request: StoreRequest, notice: Notice, now: WhatNow) -> list[Tab]:
    """The problem orders by what can be done; each counts what it opens."""
    asked = standing_asked(request.GET)
    tabs = [Tab(_("All"), f"{request.path}#problems", current=asked is None, count=len(now.standings))]
    for standing, label in STANDING_WORDS.items():
        if count := len(now.of(standing)):
            url = f"{request.path}?{urlencode({CAN: standing})}#problems"
            tabs.append(Tab(str(label), url, current=asked == standing, count=count))
    return tabs


def act_of(notice: Notice, row: NoticeOrder, now: WhatNow) -> Act:
    """What to do about a problem order."""
    match now.standings[row.pk]:
        case Standing.ACT:
            return Act(_("Act now"), linked=bool(row.order_no))
        case Standing.APPEAL:
            return Act(_("Can be appealed"), str(EXCEPTION_WORDS[now.suggestions[row.order_no].exception]))
        case Standing.GONE:
            return Act(_("counts no more"))
    leaves = row.day + timedelta(days=int(notice.snapshot.get("days", 0)))
    return Act(_("leaves the window on %(day)s") % {"day": formats.day(leaves)})


def _url_of(notice: Notice | None, store_no: str) -> str:
    return notice_url(notice, store_no) if notice else ""


def _day_url(name: str, notice: Notice, store_no: str) -> str:
    """A page that takes the metric's number of the notice's day apart (MX-15, DM-32)."""
    url = reverse(f"dashboard:{name}", args=[store_no, figures_of(notice.metric)])
    return f"{url}?{urlencode({'day': notice.day.isoformat()})}"


def _causes_part(notice: Notice, causes: Causes) -> CausesPart:
    return causes_part(causes, reverse("dashboard:metric", args=[notice.store.store_no, notice.metric]))


def similar_item(past: PastNotice, store_no: str) -> SimilarNotice:
    """An earlier notice of the metric, and what became of it."""
    notice = past.notice
    return SimilarNotice(
        notice=notice,
        url=notice_url(notice, store_no),
        value=figure(notice.value, unit_of(notice), threshold_of(notice)),
        outcome=_outcome(past),
        measures=past.measures,
    )


def _outcome(past: PastNotice) -> str:
    notice = past.notice
    if past.replaced_by is not None:
        return _("replaced by %(number)s") % {"number": past.replaced_by.number}
    if notice.ended_day is not None:
        return _("within its thresholds again on %(day)s") % {"day": formats.day(notice.ended_day)}
    if past.ended_at is None:
        return str(notice.get_state_display())
    days = (past.ended_at - notice.triggered_at).days
    text = ngettext("%(state)s after %(days)s day", "%(state)s after %(days)s days", days)
    return text % {"state": notice.get_state_display(), "days": days}


def then_and_now(notice: Notice, status: MetricStatus) -> ThenAndNow:
    """The value then and the value now."""
    return ThenAndNow(
        then=figure(notice.value, unit_of(notice), threshold_of(notice)),
        then_day=notice.day,
        now=words.value_text(status.result.value.value, status.unit, status.thresholds),
        now_day=status.result.day,
        level=str(status.result.level),
        url=reverse("dashboard:metric", args=[notice.store.store_no, notice.metric]),
    )


def order_columns(headings: tuple[Any, Any]) -> list[Column]:
    """The columns of the problem orders: beside the reason stand the instants that the failures speak of."""
    columns = [
        Column("order", _("Order")),
        Column("day", _("Day")),
        Column("reason", _("Reason")),
        Column("act", _("What to do")),
        Column("due", str(headings[0])),
        Column("done", str(headings[1])),
        Column("carrier", _("Carrier and number")),
        Column("site", _("Site")),
        Column("paid", _("Paid")),
    ]
    return [column for column in columns if column.label]


def order_row(
    row: NoticeOrder, reason: Reason, store_no: str, headings: tuple[Any, Any], at: datetime, act: Act, carrier: str
) -> NoticeOrderRow:
    """A problem order of the snapshot and why it failed; what was open then is measured up to ``at``."""
    due, done = instants_of(reason, headings)
    return NoticeOrderRow(
        row=row,
        url=reverse("dashboard:order", args=[store_no, row.order_no]) if row.order_no else "",
        reason=measured_text(reason.code, reason.lasted(at), row.counter),
        also=also_text(reason.also),
        act=act,
        headings=headings,
        due=due,
        done=done,
        carrier=carrier,
    )
