"""The operations desk: every queue with its cases on one axis of time, and the tables behind it (PG-20)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.models import STATES
from appeals.presenters.review_figures import counts_text, share_text
from appeals.presenters.review_queue import subject_of
from core.pages.graphics import position
from core.rules import has_lapsed
from core.templatetags.ui import duration
from dashboard.presenters.desk_system import SystemRow, system_rows
from dashboard.queries.desk import Claimed, Desk
from dashboard.queries.desk_queues import Due, QueueCount, Waiting
from metrics.presenters.nights import night_rows
from orders.cases import case_kind
from penalties.models import KINDS
from penalties.presenters.proposals import title_of

# The axis: what is overdue, now, and the two days ahead, wider where it is urgent. Hours from now, and percent.
AXIS = ((-4, 0), (0, 14), (2, 35), (8, 56), (24, 77), (48, 98))
AHEAD = timedelta(hours=48)
HOURS = (2, 8, 24, 48)
SOON, VERY_SOON = timedelta(hours=4), timedelta(hours=2)

OUTCOMES = dict(STATES)

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
    Waiting.PROPOSALS: (
        gettext_lazy("Four eyes"),
        gettext_lazy("proposed by one person, decided by another"),
        "admin:penalties_penaltyproposal_queue",
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


# Where the first free case of a queue is claimed, with the query that says which.
NEXT: dict[Waiting, tuple[str, str]] = {
    Waiting.APPEALS: ("admin:appeals_appeal_next", ""),
    Waiting.BLIND: ("admin:appeals_appealreview_next", ""),
    Waiting.ARBITRATIONS: ("admin:disputes_arbitration_next", ""),
    Waiting.PROOFS: ("admin:orders_logisticsclaim_next", "?part=proofs"),
    Waiting.CLAIMS: ("admin:orders_logisticsclaim_next", "?part=claims"),
    Waiting.CASES: ("admin:orders_riskcase_next", ""),
    Waiting.PROPOSALS: ("admin:penalties_penaltyproposal_next", ""),
}


@dataclass(frozen=True, slots=True)
class Tick:
    """A case on the axis, in percent; ``state``: overdue, soon or empty; ``mine``: claimed by the reader."""

    at: str
    state: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the axis with its label."""

    at: str
    label: str


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A queue. ``due_at``: of the case that is due next; ``claim_url``: where the reader claims the first free case."""

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
    """Something that the reader has claimed, of which queue."""

    queue: str
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
    """What templates/desk/desk.html reads. ``next_url``: where the most urgent case of all queues is claimed; ``zero``:
    where now is on the axis, ``marks`` the hours after it."""

    rows: list[DeskRow]
    waiting: int
    overdue: int
    soon: int
    unclaimed: int
    claims: list[ClaimRow]
    figures: list[FigureRow]
    nights: list[dict[str, Any]]
    system: list[SystemRow]
    next_url: str
    zero: str
    marks: list[Mark]
    now: datetime
    nav: dict[str, Any]


def desk_page(found: Desk, *, at: datetime, nav: dict[str, Any]) -> DeskPage:
    """The whole desk; queues by what is due next, then those without a deadline, the empty ones last."""
    rows = [desk_row(queue, at=at) for queue in found.queues]
    rows.sort(key=lambda row: (not row.count, row.due_at is None, row.due_at.timestamp() if row.due_at else 0))
    soon = [due for queue in found.queues for due in queue.dues if timedelta() < due.at - at <= VERY_SOON]
    return DeskPage(
        rows=rows,
        waiting=sum(row.count for row in rows),
        overdue=sum(row.overdue for row in rows),
        soon=len(soon),
        unclaimed=sum(row.unclaimed or 0 for row in rows),
        claims=[claim_row(one) for one in found.claims],
        figures=_figures(found) if found.figures else [],
        nights=night_rows(found.nights or []),
        system=system_rows(found.system, at),
        next_url=reverse("admin:desk_next") if found.most_urgent else "",
        zero=_on_axis(at, at),
        marks=[Mark(_on_axis(at + timedelta(hours=hours), at), f"{hours} h") for hours in HOURS],
        now=at,
        nav=nav,
    )


def desk_row(found: QueueCount, *, at: datetime) -> DeskRow:
    """One queue."""
    title, text, name, query = QUEUES[found.queue]
    next_name, next_query = NEXT.get(found.queue, ("", ""))
    return DeskRow(
        title=str(title),
        text=_parts_text(found) or str(text),
        url=reverse(name) + query,
        count=found.count,
        overdue=sum(has_lapsed(due.at, at) for due in found.dues),
        due_at=found.dues[0].at if found.dues else None,
        ticks=[_tick(due, at) for due in found.dues if due.at - at <= AHEAD],
        oldest=duration(at - found.since) if found.since else "",
        unclaimed=found.unclaimed,
        claim_url=reverse(next_name) + next_query if found.free else "",
    )


def _parts_text(found: QueueCount) -> str:
    """How many of each kind wait."""
    names: Callable[[str], object] = _case_label if found.queue == Waiting.CASES else dict(KINDS).__getitem__
    return " · ".join(f"{names(kind)} {number}" for kind, number in found.parts)


def _case_label(kind: str) -> object:
    return case_kind(kind).label


def _tick(due: Due, at: datetime) -> Tick:
    return Tick(_on_axis(due.at, at), _urgency(due.at, at), due.mine)


def _on_axis(due: datetime, at: datetime) -> str:
    hours = (due - at).total_seconds() / 3600
    for (begin, left), (end, right) in pairwise(AXIS):
        if hours <= end:
            share = float(position(hours, begin, end)) / 100
            return f"{left + share * (right - left):.1f}"
    return f"{AXIS[-1][1]}"


def _urgency(due: datetime, at: datetime) -> str:
    return "overdue" if has_lapsed(due, at) else "soon" if due - at <= SOON else ""


# ── Claims of the reader ───────────────────────────────────────────────────────────────────────────────────────────


def claim_row(one: Claimed) -> ClaimRow:
    """Something that the reader has claimed, whichever queue it is of."""
    number, name, text, due_at = CLAIM_WORDS[one.queue](one.row)
    return ClaimRow(
        queue=str(QUEUES[one.queue][0]),
        number=number,
        url=reverse(name, args=[one.row.pk]),
        text=text,
        due_at=due_at,
        until=one.row.claimed_until,
    )


Claim = tuple[str, str, str, datetime | None]


def _appeal(row: Any) -> Claim:
    return row.number, "admin:appeals_appeal_review", f"{row.store.name} · {subject_of(row)}", row.due_at


def _blind(row: Any) -> Claim:
    return row.appeal.number, "admin:appeals_appealreview_decide", subject_of(row.appeal), None


def _arbitration(row: Any) -> Claim:
    text = f"{row.dispute.get_kind_display()} · {row.dispute.store.name}"
    return row.dispute.dispute_no, "admin:disputes_arbitration_decide", text, row.due_at


def _logistics(row: Any) -> Claim:
    text = f"{row.get_kind_display()} · {row.store.name}"
    return row.order.order_no, "admin:orders_logisticsclaim_review", text, row.due_at


def _case(row: Any) -> Claim:
    text = f"{case_kind(row.kind).label} · {row.store.name}"
    return row.subject_key, "admin:orders_riskcase_decide", text, row.due_at


def _proposal(row: Any) -> Claim:
    return title_of(row), "admin:penalties_penaltyproposal_decide", row.store.name, row.due_at


CLAIM_WORDS: Mapping[Waiting, Callable[[Any], Claim]] = {
    Waiting.APPEALS: _appeal,
    Waiting.BLIND: _blind,
    Waiting.ARBITRATIONS: _arbitration,
    Waiting.PROOFS: _logistics,
    Waiting.CLAIMS: _logistics,
    Waiting.CASES: _case,
    Waiting.PROPOSALS: _proposal,
}


# ── Figures ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _figures(desk: Desk) -> list[FigureRow]:
    found = desk.figures
    assert found is not None
    shares = (
        (_("Decided in time"), found.in_time, [week.in_time for week in found.weeks]),
        (_("Overturned"), found.overturned, [week.overturned for week in found.weeks]),
        (_("Blind reviews agree"), found.agreed, [week.agreed for week in found.weeks]),
    )
    rows = [
        FigureRow(name, share_text(share), counts_text(share), [_plain(week.value) for week in weeks])
        for name, share, weeks in shares
    ]
    today = desk.today or {}
    outcomes = " · ".join(f"{OUTCOMES.get(outcome, outcome)} {number}" for outcome, number in sorted(today.items()))
    return [
        FigureRow(_("Decided today"), str(sum(today.values())), outcomes, []),
        *rows,
        FigureRow(_("Median time to decide"), duration(found.median), "", []),
    ]


def _plain(value: Any) -> float | None:
    return None if value is None else float(value)
