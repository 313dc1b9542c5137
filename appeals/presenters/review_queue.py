"""The queue of appeals as its page shows it (AP-04)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from appeals.checks.findings import Severity
from appeals.models import Appeal
from appeals.presenters.finding_words import severity_word
from appeals.presenters.findings import LEVELS
from appeals.queries.review_queue import DEFAULT_PART, OVERDUE, Queue, QueuedAppeal, QueueQuery
from appeals.rules import AppealKind
from core.pages.components import Tab
from core.pages.graphics import position
from core.rules import has_lapsed
from metrics.words import threshold_text, value_text
from notifications.models import Notice
from notifications.presenters.parts import threshold_of, unit_of
from notifications.rules import NoticeLevel
from notifications.titles import title_of
from stores.claims import Holder, holder_of
from stores.models import User

SOON = timedelta(hours=4)
PART_WORDS: dict[str, Any] = {
    DEFAULT_PART: gettext_lazy("Waiting"),
    OVERDUE: gettext_lazy("Overdue"),
    "unclaimed": gettext_lazy("Unclaimed"),
    "mine": gettext_lazy("Mine"),
    "second": gettext_lazy("Second appeals"),
    "complex": pgettext_lazy("appeals", "Complex"),
    "supplement": gettext_lazy("Waiting for the seller"),
}


@dataclass(frozen=True, slots=True)
class FindingCount:
    """A status with a word of its own."""

    level: str
    word: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An appeal in the queue. ``used``: the share of its clock that has passed, 0 … 100; ``act``: claim, continue or
    watch."""

    pk: int
    number: str
    url: str
    store: str
    level: str
    tags: list[str]
    subject: str
    line: str
    value: str
    status: str
    orders: str
    evidence: str
    findings: list[FindingCount]
    due_at: datetime | None
    used: str
    overdue: bool
    holder: Holder | None
    act: str


@dataclass(frozen=True, slots=True)
class QueueGroup:
    """Appeals that are due in a span of time."""

    title: str
    rows: list[QueueRow] = field(default_factory=list)


def groups_of(queue: Queue, *, user: User, at: datetime, zone: tzinfo) -> list[QueueGroup]:
    """The page's rows by when they are due."""
    return rows_by_due([queue_row(row, user=user, at=at) for row in queue.rows], at, zone)


def rows_by_due(rows: Iterable[QueueRow], at: datetime, zone: tzinfo) -> list[QueueGroup]:
    """Rows under when they are due, empty groups left out."""
    groups = {
        "overdue": QueueGroup(_("Overdue")),
        "soon": QueueGroup(_("Due within 4 hours")),
        "today": QueueGroup(_("Due today")),
        "later": QueueGroup(_("Due later")),
    }
    for row in rows:
        groups[_span(row.due_at, at, zone)].rows.append(row)
    return [group for group in groups.values() if group.rows]


def tabs_of(queue: Queue, query: QueueQuery) -> list[Tab]:
    """The parts of the queue as tabs."""
    url = reverse("admin:appeals_appeal_queue")
    return [
        Tab(str(label), f"{url}?{urlencode({'part': name})}", name == query.part, queue.counts[name])
        for name, label in PART_WORDS.items()
    ]


def queue_row(row: QueuedAppeal, *, user: User, at: datetime) -> QueueRow:
    """One appeal."""
    appeal, notice = row.appeal, row.appeal.notice
    holder = holder_of(appeal, user=user, at=at)
    return QueueRow(
        pk=appeal.pk,
        number=appeal.number,
        url=reverse("admin:appeals_appeal_review", args=[appeal.pk]),
        store=appeal.store.name,
        level=str(appeal.store.get_level_display()),
        tags=tags_of(appeal),
        subject=subject_of(appeal),
        line=_line(notice) if notice else "",
        value=value_text(notice.value, unit_of(notice), [notice.yellow, notice.red]) if notice else "",
        status=notice.level if notice else "",
        orders=_orders(row),
        evidence=_evidence(row),
        findings=marks_of(row.findings),
        due_at=row.due_at,
        used=clock_used(row.begun_at, row.due_at, at),
        overdue=row.due_at is not None and has_lapsed(row.due_at, at),
        holder=holder,
        act="claim" if holder is None else "continue" if holder.mine else "watch",
    )


def subject_of(appeal: Appeal) -> str:
    """What the appeal is against, in words."""
    if appeal.notice is not None:
        return str(title_of(appeal.notice.metric))
    return _("Liability verdict") if appeal.kind == AppealKind.VERDICT else _("Negative review")


def tags_of(appeal: Appeal) -> list[str]:
    """What makes an appeal special."""
    held = (
        (appeal.expedited, _("expedited")),
        (appeal.previous_id, _("second appeal")),
        (appeal.is_complex, _("complex")),
    )
    return [word for holds, word in held if holds]


def marks_of(findings: Counter[str]) -> list[FindingCount]:
    """How many findings of each severity there are; none of note is a mark too."""
    severities = (Severity.HIGH, Severity.MEDIUM, Severity.LOW)
    found = [
        FindingCount(LEVELS[severity], f"{severity_word(severity)} {findings[severity]}")
        for severity in severities
        if findings[severity]
    ]
    return found or [FindingCount("ok", _("nothing found"))]


def clock_used(begun_at: datetime | None, due_at: datetime | None, at: datetime) -> str:
    """The share of a clock that has passed, 0 … 100."""
    if begun_at is None or due_at is None:
        return "0"
    return position((at - begun_at).total_seconds(), 0, max((due_at - begun_at).total_seconds(), 1))


def _span(due_at: datetime | None, at: datetime, zone: tzinfo) -> str:
    if due_at is None:
        return "later"
    if has_lapsed(due_at, at):
        return "overdue"
    if due_at - at <= SOON:
        return "soon"
    return "today" if due_at.astimezone(zone).date() == at.astimezone(zone).date() else "later"


def _line(notice: Notice) -> str:
    text = _("red threshold %(value)s") if notice.level == NoticeLevel.RED else _("yellow threshold %(value)s")
    return text % {"value": threshold_text(threshold_of(notice), unit_of(notice))}


def _orders(row: QueuedAppeal) -> str:
    if not row.problem_orders:
        return ngettext("%(count)s order", "%(count)s orders", row.orders) % {"count": row.orders}
    text = ngettext("%(count)s of %(total)s order", "%(count)s of %(total)s orders", row.problem_orders)
    return text % {"count": row.orders, "total": row.problem_orders}


def _evidence(row: QueuedAppeal) -> str:
    if not row.files:
        return _("none")
    files = ngettext("%(count)s file", "%(count)s files", row.files) % {"count": row.files}
    pages = ngettext("%(count)s page", "%(count)s pages", row.pages) % {"count": row.pages}
    return f"{files} · {pages}"
