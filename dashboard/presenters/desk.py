"""The operations desk: every queue with its cases on one axis of time, and the tables behind it (PG-20)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.models import AppealReview
from appeals.presenters.review_figures import counts_text, share_text
from appeals.presenters.review_queue import subject_of
from appeals.queries.review_figures import ReviewFigures
from core.pages.graphics import position
from core.rules import has_lapsed
from core.templatetags.ui import duration
from dashboard.queries.desk import Desk, QueueCount, Waiting
from disputes.models import Arbitration
from metrics.presenters.nights import night_rows

# The axis: what is overdue, now, and the two days ahead.
PAST, AHEAD = timedelta(hours=4), timedelta(hours=48)
HOURS = (0, 12, 24, 36, 48)
SOON = timedelta(hours=4)

# What a queue is called, what is done there, and the query of the list that shows the same rows.
QUEUES: dict[Waiting, tuple[Any, Any, str, str]] = {
    Waiting.APPEALS: (
        gettext_lazy("Appeals"),
        gettext_lazy("to decide before they are due"),
        "admin:appeals_appeal_queue",
        "",
    ),
    Waiting.BLIND: (
        gettext_lazy("Blind reviews"),
        gettext_lazy("decisions to be decided again"),
        "admin:appeals_appealreview_blind",
        "",
    ),
    Waiting.ARBITRATIONS: (
        gettext_lazy("Disputes in arbitration"),
        gettext_lazy("to decide before they are due"),
        "admin:disputes_arbitration_queue",
        "",
    ),
    Waiting.PLANS: (
        gettext_lazy("Failed improvement plans"),
        gettext_lazy("a senior reviewer looks at them"),
        "admin:notifications_notice_changelist",
        "?state__exact=failed",
    ),
    Waiting.UNOPENED: (
        gettext_lazy("Unopened red notices"),
        gettext_lazy("their appeals are waived when their time is over"),
        "admin:notifications_notice_changelist",
        "?level__exact=red&state__exact=issued",
    ),
    Waiting.PROOFS: (
        gettext_lazy("Pickup proofs"),
        gettext_lazy("to judge before they are due"),
        "admin:orders_logisticsclaim_queue",
        "?part=proofs",
    ),
    Waiting.CLAIMS: (
        gettext_lazy("Logistics claims"),
        gettext_lazy("false deliveries, losses and damages to judge"),
        "admin:orders_logisticsclaim_queue",
        "?part=claims",
    ),
    Waiting.CASES: (
        gettext_lazy("Risk cases"),
        gettext_lazy("to confirm or dismiss"),
        "admin:orders_riskcase_queue",
        "",
    ),
    Waiting.RISKS: (
        gettext_lazy("Rating anomalies"),
        gettext_lazy("findings to look into"),
        "admin:metrics_ratinganomalycase_changelist",
        "?state__exact=open",
    ),
    Waiting.FREEZES: (
        gettext_lazy("Rating freezes"),
        gettext_lazy("ended by a reviewer once their cause is over"),
        "admin:metrics_ratingfreeze_changelist",
        "?state=open",
    ),
    Waiting.NIGHTS: (
        gettext_lazy("Failed parts of nights"),
        gettext_lazy("run again once their cause is fixed"),
        "admin:metrics_run_changelist",
        "?state__exact=failed",
    ),
    Waiting.OUTBOX: (
        gettext_lazy("Events given up"),
        gettext_lazy("to be tried again or discarded"),
        "admin:core_outboxentry_changelist",
        "",
    ),
}


@dataclass(frozen=True, slots=True)
class Tick:
    """A case on the axis, in percent; ``state``: overdue, soon or empty."""

    at: str
    state: str


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A queue. ``due_at``: of the case that is due next."""

    title: str
    text: str
    url: str
    count: int
    overdue: int
    due_at: datetime | None
    ticks: list[Tick]
    oldest: str
    unclaimed: int | None
    claim_url: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """Something that the reader has claimed."""

    number: str
    url: str
    text: str
    due_at: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure of the review with its course by week."""

    name: str
    value: str
    note: str
    points: list[float | None]


@dataclass(frozen=True, slots=True)
class DeskPage:
    """What templates/desk/desk.html reads; ``zero``: where now is on the axis."""

    rows: list[DeskRow]
    waiting: int
    overdue: int
    claims: list[ClaimRow]
    figures: list[FigureRow]
    nights: list[dict[str, Any]]
    may_claim: bool
    zero: str
    hours: list[int]
    now: datetime
    nav: dict[str, Any]


def desk_page(found: Desk, *, may_claim: bool, at: datetime, nav: dict[str, Any]) -> DeskPage:
    """The whole desk; queues by what is due next, then those without a deadline, the empty ones last."""
    rows = [desk_row(queue, may_claim=may_claim, at=at) for queue in found.queues]
    rows.sort(key=lambda row: (not row.count, row.due_at is None, row.due_at.timestamp() if row.due_at else 0))
    return DeskPage(
        rows=rows,
        waiting=sum(row.count for row in rows),
        overdue=sum(row.overdue for row in rows),
        claims=[
            *map(_claim, found.claims),
            *map(_blind_claim, found.blind_claims),
            *map(_arbitration_claim, found.arbitration_claims),
        ],
        figures=_figures(found.figures) if found.figures else [],
        nights=night_rows(found.nights or []),
        may_claim=may_claim,
        zero=_on_axis(at, at),
        hours=list(HOURS),
        now=at,
        nav=nav,
    )


def desk_row(found: QueueCount, *, may_claim: bool, at: datetime) -> DeskRow:
    """One queue."""
    title, text, name, query = QUEUES[found.queue]
    claims = {
        Waiting.APPEALS: "admin:appeals_appeal_next",
        Waiting.BLIND: "admin:appeals_appealreview_next",
        Waiting.ARBITRATIONS: "admin:disputes_arbitration_next",
    }
    has_free = may_claim and bool(found.unclaimed)
    return DeskRow(
        title=str(title),
        text=str(text),
        url=reverse(name) + query,
        count=found.count,
        overdue=sum(has_lapsed(due, at) for due in found.dues),
        due_at=found.dues[0] if found.dues else None,
        ticks=[Tick(_on_axis(due, at), _urgency(due, at)) for due in found.dues if due - at <= AHEAD],
        oldest=duration(at - found.since) if found.since else "",
        unclaimed=found.unclaimed,
        claim_url=reverse(claims[found.queue]) if has_free and found.queue in claims else "",
    )


def _on_axis(due: datetime, at: datetime) -> str:
    return position((due - at).total_seconds(), -PAST.total_seconds(), AHEAD.total_seconds())


def _urgency(due: datetime, at: datetime) -> str:
    return "overdue" if has_lapsed(due, at) else "soon" if due - at <= SOON else ""


def _claim(appeal: Any) -> ClaimRow:
    return ClaimRow(
        number=appeal.number,
        url=reverse("admin:appeals_appeal_review", args=[appeal.pk]),
        text=f"{appeal.store.name} · {subject_of(appeal)}",
        due_at=appeal.due_at,
        until=appeal.claimed_until,
    )


def _arbitration_claim(one: Arbitration) -> ClaimRow:
    return ClaimRow(
        number=one.dispute.dispute_no,
        url=reverse("admin:disputes_arbitration_decide", args=[one.pk]),
        text=f"{one.dispute.get_kind_display()} · {one.dispute.store.name}",
        due_at=one.due_at,
        until=one.claimed_until,
    )


def _blind_claim(review: AppealReview) -> ClaimRow:
    return ClaimRow(
        number=review.appeal.number,
        url=reverse("admin:appeals_appealreview_decide", args=[review.pk]),
        text=f"{_('Blind review')} · {subject_of(review.appeal)}",
        due_at=None,
        until=review.claimed_until,
    )


def _figures(found: ReviewFigures) -> list[FigureRow]:
    shares = (
        (_("Decided in time"), found.in_time, [week.in_time for week in found.weeks]),
        (_("Overturned"), found.overturned, [week.overturned for week in found.weeks]),
        (_("Blind reviews agree"), found.agreed, [week.agreed for week in found.weeks]),
    )
    rows = [
        FigureRow(name, share_text(share), counts_text(share), [_plain(week.value) for week in weeks])
        for name, share, weeks in shares
    ]
    return [*rows, FigureRow(_("Median time to decide"), duration(found.median), "", [])]


def _plain(value: Any) -> float | None:
    return None if value is None else float(value)


# ── The tables behind the desk ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class TableGroup:
    """A group of tables: what staff do there, and the tables for it as ``app.Model``."""

    title: Any
    text: Any
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group with the entries of Django's list of models that the person may see."""

    group: TableGroup
    models: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TablesPage:
    """What templates/desk/tables.html reads."""

    groups: list[ShownGroup]
    nav: dict[str, Any]


GROUPS = (
    TableGroup(
        gettext_lazy("Decide and review"),
        gettext_lazy("Automatic findings for people to review."),
        (
            "appeals.Appeal",
            "appeals.AppealReview",
            "orders.RiskCase",
            "orders.LogisticsClaim",
            "metrics.RatingAnomalyCase",
            "metrics.RatingFreeze",
            "notifications.Notice",
        ),
    ),
    TableGroup(
        gettext_lazy("Look into a store"),
        gettext_lazy("Lists are found by store number, then order or record number."),
        (
            "stores.Store",
            "stores.Company",
            "orders.Order",
            "disputes.Dispute",
            "appeals.AppealOrder",
            "appeals.AppealFile",
            "disputes.CopyrightComplaint",
            "orders.Review",
            "orders.Refund",
            "orders.ReturnParcel",
            "orders.Message",
            "orders.TrackingEvent",
            "notifications.InboxMessage",
            "notifications.Advice",
            "core.Event",
            "core.Deadline",
        ),
    ),
    TableGroup(
        gettext_lazy("Nights and figures"),
        gettext_lazy("What was computed, published and compared with the platform's own."),
        (
            "metrics.Run",
            "metrics.Published",
            "metrics.Benchmark",
            "metrics.ImportedBenchmark",
            "metrics.PlatformFigure",
            "metrics.PlatformNotice",
            "core.OutboxEntry",
        ),
    ),
    TableGroup(
        gettext_lazy("Rules"),
        gettext_lazy("Current and future versions; versions are never edited."),
        ("rulebook.PolicyVersion",),
    ),
    TableGroup(
        gettext_lazy("People and access"),
        gettext_lazy("Who signs in, for which company, in which role."),
        ("stores.User", "stores.Membership", "auth.Group"),
    ),
)
REST = TableGroup(gettext_lazy("Everything else"), gettext_lazy("Records for reference."), ())


def groups_of(app_list: Iterable[Mapping[str, Any]]) -> list[ShownGroup]:
    """Django's list of apps, regrouped by what is done; a table that no group names stands in the last one."""
    entries = {f"{app['app_label']}.{model['object_name']}": model for app in app_list for model in app["models"]}
    shown = [ShownGroup(group, [entries.pop(name) for name in group.models if name in entries]) for group in GROUPS]
    shown.append(ShownGroup(REST, list(entries.values())))
    return [one for one in shown if one.models]
