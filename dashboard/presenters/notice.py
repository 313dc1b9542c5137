"""One notice as a document (PN-30)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import Deadline
from core.pages import formats
from core.pages.components import Fact, Term
from core.pages.downloads import file_links
from core.pages.tables import Column
from dashboard.queries.notice import NoticePage
from insights.presenters.causes import CausesPart, causes_part
from insights.presenters.reasons import also_text, measured_text
from insights.queries.causes import Causes
from insights.queries.status import MetricStatus
from insights.rules.causes import has_causes
from metrics import words
from metrics.catalogue import METRICS, problem_counters
from metrics.reasons.beside import headings_of, instants_of
from metrics.reasons.lookup import Reason
from notifications.forms import NoticeOrderFilter
from notifications.models import Notice, NoticeOrder
from notifications.presenters.judgement import facts_of, terms_of
from notifications.presenters.parts import notice_url, orders_url, rectify_text, threshold_of, unit_of
from notifications.presenters.wording import figure, what_happened
from notifications.queries.notices import APPEAL, VIEW
from notifications.queries.rectify import Rectification
from notifications.rules import NoticeLevel, State
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store

# What the address of the print version holds.
PRINT = "print"
# The rules that every notice names beside its metric's.
RULES = ("PN-04", "PN-05", "PN-06", "DM-31")


def is_whole(request: StoreRequest) -> bool:
    """Whether the address asks for the print version."""
    return request.GET.get(PRINT) == "1"


@dataclass(frozen=True, slots=True)
class RectifyPart:
    """The way to the orders that can be acted on, if any can, and what is said of those that are past (PN-07)."""

    all_url: str
    text: str = ""
    url: str = ""
    past: str = ""
    leaves: str = ""


@dataclass(frozen=True, slots=True)
class DeadlineItem:
    """A countdown of a notice, or how and when it ended."""

    name: str
    due: datetime
    at: datetime | None
    running: bool
    ended: str


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


@dataclass(frozen=True, slots=True)
class NoticeOrderRow:
    """A problem order of the snapshot and why it failed."""

    row: NoticeOrder
    url: str
    reason: str
    also: str
    headings: tuple[Any, Any]
    due: datetime | None
    done: datetime | None


@dataclass(frozen=True, slots=True)
class NoticeDocument:
    """What templates/dashboard/notice.html reads; ``whole``: the print version, with all orders on one page."""

    nav: dict[str, Any]
    store: Store
    now: datetime
    notice: Notice
    metric: str
    sentence: str
    deadlines: list[DeadlineItem]
    present: ThenAndNow
    terms: list[Term]
    facts: list[Fact]
    replaced_by: Notice | None
    replaced_by_url: str
    replaces_url: str
    follows: list[str]
    rectify: RectifyPart
    form: NoticeOrderFilter
    columns: list[Column]
    rows: list[NoticeOrderRow]
    page: Page[NoticeOrder]
    whole: bool
    print_url: str
    clear_url: str
    files: list[dict[str, str]]
    similar: list[SimilarNotice]
    causes_url: str
    causes: CausesPart | None
    package_url: str
    rules: list[str]


def notice_document_of(
    request: StoreRequest, form: NoticeOrderFilter, found: NoticePage, now: datetime
) -> NoticeDocument:
    """A notice of the request's store as a document."""
    notice, store_no = found.notice, request.store.store_no
    headings = headings_of(problem_counters(notice.metric))
    return NoticeDocument(
        nav=nav(request, current="notices"),
        store=request.store,
        now=now,
        notice=notice,
        metric=str(METRICS[notice.metric].title),
        sentence=what_happened(notice),
        deadlines=deadline_items(found.deadlines),
        present=then_and_now(notice, found.present),
        terms=terms_of(notice),
        facts=facts_of(notice),
        replaced_by=found.replaced_by,
        replaced_by_url=_url_of(found.replaced_by, store_no),
        replaces_url=_url_of(notice.replaces, store_no),
        follows=follows_of(notice, found.deadlines),
        rectify=rectify_part(notice, store_no, found.rectification),
        form=form,
        columns=order_columns(headings),
        rows=[order_row(row, reason, store_no, headings, notice.triggered_at) for row, reason in found.orders],
        page=found.page,
        whole=is_whole(request),
        print_url=f"?{urlencode({PRINT: '1'})}",
        clear_url=request.path,
        files=_files(request, notice),
        similar=[similar_item(one, store_no) for one in found.similar],
        causes_url=_day_url("causes", notice, store_no) if has_causes(notice.metric) else "",
        causes=_causes_part(notice, found.causes) if found.causes else None,
        package_url=_day_url("package", notice, store_no),
        rules=list(dict.fromkeys((METRICS[notice.metric].rule, *RULES))),
    )


def _url_of(notice: Notice | None, store_no: str) -> str:
    return notice_url(notice, store_no) if notice else ""


def _files(request: StoreRequest, notice: Notice) -> list[dict[str, str]]:
    """The problem orders as files, filtered as the page is."""
    asked, where = request.GET.copy(), [request.store.store_no, notice.number]
    asked.pop("page", None)
    return file_links(lambda suffix: reverse(f"dashboard:notice_orders_{suffix}", args=where), asked.dict())


def rectify_part(notice: Notice, store_no: str, found: Rectification) -> RectifyPart:
    """The button to what can be acted on, if anything can, and what is past (PN-07)."""
    return RectifyPart(
        all_url=orders_url(notice, store_no),
        text=rectify_text(found.waiting) if found.waiting else "",
        url=orders_url(notice, store_no, found.tab) if found.waiting else "",
        past=_past_text(found.past) if found.past else "",
        leaves=_("All of them are out of the window from %(day)s on.") % {"day": formats.day(found.leaves)}
        if found.leaves
        else "",
    )


def _past_text(count: int) -> str:
    text = ngettext(
        "%(count)s problem order is past: nothing can be done about it any more.",
        "%(count)s problem orders are past: nothing can be done about them any more.",
        count,
    )
    return text % {"count": formats.number(count)}


def _day_url(name: str, notice: Notice, store_no: str) -> str:
    """A page that takes the metric's number of the notice's day apart (MX-15, DM-32)."""
    return (
        f"{reverse(f'dashboard:{name}', args=[store_no, notice.metric])}?{urlencode({'day': notice.day.isoformat()})}"
    )


def _causes_part(notice: Notice, causes: Causes) -> CausesPart:
    return causes_part(causes, reverse("dashboard:metric", args=[notice.store.store_no, notice.metric]))


def similar_item(notice: Notice, store_no: str) -> SimilarNotice:
    """An earlier notice of the metric, and what became of it."""
    replaced_by = next(iter(notice.replaced_by.all()), None)
    if replaced_by is not None:
        outcome = _("replaced by %(number)s") % {"number": replaced_by.number}
    elif notice.ended_day is not None:
        outcome = _("within its thresholds again on %(day)s") % {"day": formats.day(notice.ended_day)}
    else:
        outcome = notice.get_state_display()
    return SimilarNotice(
        notice=notice,
        url=notice_url(notice, store_no),
        value=figure(notice.value, unit_of(notice), threshold_of(notice)),
        outcome=str(outcome),
    )


def deadline_items(deadlines: Mapping[str, Deadline]) -> list[DeadlineItem]:
    """The countdowns on top of a notice, with what became of those that ended, and when."""
    names = {VIEW: _("Open within"), APPEAL: _("Appeal within")}
    ended = {
        (VIEW, Deadline.State.MET): _("opened in time"),
        (VIEW, Deadline.State.LAPSED): _("not opened in time"),
        (APPEAL, Deadline.State.LAPSED): _("the window has closed"),
        (APPEAL, Deadline.State.VOID): _("no appeal any more"),
    }
    return [
        DeadlineItem(
            name=name,
            due=deadlines[kind].due_at,
            at=deadlines[kind].settled_at,
            running=deadlines[kind].state == Deadline.State.OPEN,
            ended=ended.get((kind, Deadline.State(deadlines[kind].state)), ""),
        )
        for kind, name in names.items()
        if kind in deadlines
    ]


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


def follows_of(notice: Notice, deadlines: Mapping[str, Deadline]) -> list[str]:
    """What follows if nothing is done, as far as it is still ahead."""
    if notice.state == State.HISTORICAL:
        return [_("Nothing: the day was first judged long after it ended, so this is a record only.")]
    if notice.predicted:
        return [_("Nothing here: the platform decides. It may issue a notice of its own for this day.")]
    if notice.state == State.ESCALATED:
        return [_("The red notice that replaced this one counts now.")]
    sentences = []
    if VIEW in deadlines and deadlines[VIEW].state == Deadline.State.OPEN:
        sentences.append(_("If nobody of the company opens it in time, the appeal is waived."))
    if APPEAL in deadlines and deadlines[APPEAL].state == Deadline.State.OPEN:
        sentences.append(_("When the appeal window closes, the notice stands as it is."))
    if notice.state == State.WAIVED:
        sentences.append(_("The appeal is waived: nobody of the company opened the notice in time."))
    if notice.level == NoticeLevel.YELLOW:
        sentences.append(_("If the metric crosses the red threshold, a red notice replaces this one at once."))
    sentences.append(_("While the notice is open it stays in the performance record, and nobody can close or mute it."))
    return sentences


def order_columns(headings: tuple[Any, Any]) -> list[Column]:
    """The columns of the problem orders: beside the reason stand the instants that the failures speak of."""
    columns = [
        Column("order", _("Order")),
        Column("day", _("Day")),
        Column("reason", _("Reason")),
        Column("due", str(headings[0])),
        Column("done", str(headings[1])),
        Column("carrier", _("Carrier and number")),
        Column("site", _("Site")),
        Column("paid", _("Paid")),
    ]
    return [column for column in columns if column.label]


def order_row(
    row: NoticeOrder, reason: Reason, store_no: str, headings: tuple[Any, Any], at: datetime
) -> NoticeOrderRow:
    """A problem order of the snapshot and why it failed; what was open then is measured up to ``at``."""
    due, done = instants_of(reason, headings)
    return NoticeOrderRow(
        row=row,
        url=reverse("dashboard:order", args=[store_no, row.order_no]) if row.order_no else "",
        reason=measured_text(reason.code, reason.lasted(at), row.counter),
        also=also_text(reason.also),
        headings=headings,
        due=due,
        done=done,
    )
