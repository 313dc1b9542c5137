"""An appeal after its submission: state, clock, decisions with their reasons, history, what can be done (PG-11)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from appeals.checks.findings import Finding
from appeals.models import DECISIONS, AppealOrder
from appeals.presenters.corrections import CorrectionPart, correction_part_of
from appeals.presenters.decisions import decision_sentences, row_verdict
from appeals.presenters.effects import EffectPart, effect_part
from appeals.presenters.findings import Findings, present_findings
from appeals.presenters.steps import AttachedFile, attached_files
from appeals.presenters.wording import EXCEPTIONS, LEVELS, subject_name, subject_title, subject_url
from appeals.queries.deadlines import REVIEW, SUPPLEMENT
from appeals.queries.status_page import Status
from appeals.rules import UNDECIDED_STATES, AppealState, OrderDecision
from core.events import SYSTEM, event_label
from core.models import Event
from evidence.presenters import UploadPanel
from rulebook.policy import Policy
from stores.access import StoreRequest
from stores.context_processors import nav

DECISION_LEVELS = {
    OrderDecision.PENDING: "info",
    OrderDecision.ACCEPTED: "ok",
    OrderDecision.REJECTED: "red",
    OrderDecision.SUPPLEMENT: "yellow",
}
WORDS: dict[str, Any] = dict(DECISIONS)


@dataclass(frozen=True, slots=True)
class DecidedOrder:
    """An order with what was decided and why: ``reasons`` name what fails and what would pass (BX-12). Decisions that
    take no effect yet, because another order is waited for, are called otherwise (PN-09)."""

    place: int
    number: str
    url: str
    exception: str
    claim: str
    decision: str
    level: str
    reasons: list[str]
    answer: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A line of the history, as templates/components/timeline.html takes it."""

    at: datetime
    title: str
    text: str = ""
    actor: str = ""
    level: str = "info"
    future: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many orders have come to a decision."""

    word: str
    level: str
    count: int


@dataclass(frozen=True, slots=True)
class StatusPage:
    """What templates/appeals/appeal.html reads. ``due``: when the running clock ends, ``clock`` of what; ``upload``:
    where a supplement is asked for; ``withdraw``: whether it can be taken back; ``second_url``: where the decision can
    be appealed; ``whole``: the print version (PG-21)."""

    nav: dict[str, Any]
    now: datetime
    number: str
    version: int
    title: str
    line: str
    back: str
    back_url: str
    state: str
    level: str
    due: datetime | None
    clock: str
    stopped: bool
    expedited: bool
    review_hours: int
    reason: str
    tallies: list[Tally]
    asked: list[DecidedOrder]
    others: int
    orders: list[DecidedOrder]
    statement: str
    named_error: str
    files: list[AttachedFile]
    findings: Findings
    history: list[HistoryEntry]
    effect: EffectPart | None
    reports: list[CorrectionPart]
    upload: UploadPanel | None
    form: str
    supplement_url: str
    withdraw: bool
    withdraw_url: str
    review_begun: bool
    step_url: str
    second_url: str
    second_until: datetime | None
    second_days: int
    whole: bool
    print_url: str


def status_page(
    request: StoreRequest,
    found: Status,
    panel: UploadPanel | None,
    policy: Policy,
    now: datetime,
    *,
    may_write: bool,
) -> StatusPage:
    """The page of an appeal; what can be done is offered to those who ``may_write``."""
    appeal, subject, limits = found.appeal, found.subject, policy.appeals
    state = AppealState(appeal.state)
    is_final = state not in UNDECIDED_STATES
    orders = [_order(row, request.store.store_no, is_final=is_final) for row in found.orders]
    asked = [order for order, row in zip(orders, found.orders, strict=True) if row.decision == OrderDecision.SUPPLEMENT]
    clock, name = _clock(state)
    where = [request.store.store_no, appeal.number]
    second, is_draft = may_write and found.has_second, state == AppealState.DRAFT
    return StatusPage(
        nav=nav(request, current="appeals"),
        now=now,
        number=appeal.number,
        version=appeal.version,
        title=subject_title(subject),
        line=_line(found),
        back=subject_name(subject.kind, subject.key),
        back_url=subject_url(subject),
        state=str(appeal.get_state_display()),
        level=LEVELS[state],
        due=found.deadlines[clock].due_at if clock in found.deadlines else None,
        clock=name,
        stopped=state == AppealState.SUPPLEMENT,
        expedited=appeal.expedited,
        review_hours=limits.expedited_hours if appeal.expedited else limits.review_hours,
        reason=appeal.reason,
        tallies=_tallies(found.orders, is_final=is_final),
        asked=asked if state == AppealState.SUPPLEMENT else [],
        others=len(orders) - len(asked),
        orders=orders,
        statement=appeal.statement,
        named_error=appeal.named_error,
        files=attached_files(found.files),
        findings=present_findings(map(Finding.from_json, appeal.findings), found.files),
        history=_history(found),
        effect=effect_part(found.effect) if found.effect else None,
        reports=[correction_part_of(report, policy, subject.notice) for report in found.reports],
        upload=panel if may_write and state == AppealState.SUPPLEMENT else None,
        form="kinds",
        supplement_url=reverse("appeals:supplement", args=where),
        withdraw=may_write and (is_draft or (state == AppealState.REVIEW and not found.review_begun)),
        withdraw_url=reverse("appeals:withdraw", args=where),
        review_begun=found.review_begun,
        step_url=reverse(f"appeals:{appeal.step or 'orders'}", args=where) if may_write and is_draft else "",
        second_url=reverse("appeals:start", args=[where[0], subject.kind, subject.key]) if second else "",
        second_until=found.eligibility.until if second else None,
        second_days=limits.second_window_days,
        whole=request.GET.get("print") == "1",
        print_url="?print=1",
    )


def _line(found: Status) -> str:
    appeal = found.appeal
    parts = [subject_name(found.subject.kind, found.subject.key)]
    if appeal.previous is not None:
        parts.append(_("second appeal after %(number)s") % {"number": appeal.previous.number})
    return " · ".join(parts)


def _clock(state: AppealState) -> tuple[str, str]:
    return {
        AppealState.REVIEW: (REVIEW, _("Reviewed within")),
        AppealState.SUPPLEMENT: (SUPPLEMENT, _("Time to add")),
    }.get(state, ("", ""))


def _tallies(orders: Sequence[AppealOrder], *, is_final: bool) -> list[Tally]:
    counts = Counter(OrderDecision(row.decision) for row in orders)
    return [
        Tally(_decision_word(decision, is_final=is_final), DECISION_LEVELS[decision], counts[decision])
        for decision in OrderDecision
        if counts[decision]
    ]


def _decision_word(decision: OrderDecision, *, is_final: bool) -> str:
    if decision == OrderDecision.ACCEPTED and not is_final:
        return pgettext("decision", "enough so far")
    return str(WORDS[decision])


def _order(row: AppealOrder, store_no: str, *, is_final: bool) -> DecidedOrder:
    decision = OrderDecision(row.decision)
    told = decision in (OrderDecision.REJECTED, OrderDecision.SUPPLEMENT)
    return DecidedOrder(
        place=row.place,
        number=row.order.order_no,
        url=reverse("dashboard:order", args=[store_no, row.order.order_no]),
        exception=str(EXCEPTIONS.get(row.exception, "")),
        claim=row.claim,
        decision=_decision_word(decision, is_final=is_final),
        level=DECISION_LEVELS[decision],
        reasons=[decision_sentences(row_verdict(row), row.place)] if told else [],
        answer=row.answer,
    )


def _history(found: Status) -> list[HistoryEntry]:
    """What happened, then the instant that is waited for."""
    entries = [_entry(event, found) for event in found.events]
    clock, name = _clock(AppealState(found.appeal.state))
    if clock in found.deadlines:
        entries.append(HistoryEntry(found.deadlines[clock].due_at, str(name), future=True))
    return entries


def _entry(event: Event, found: Status) -> HistoryEntry:
    levels = {"appeal.accepted": "ok", "appeal.rejected": "red", "appeal.supplement": "yellow"}
    return HistoryEntry(
        at=event.at,
        title=str(event_label(event)),
        actor=_actor(event.actor, found),
        level=levels.get(event.kind, "info"),
    )


def _actor(actor: str, found: Status) -> str:
    if actor in found.people:
        return found.people[actor]
    return _("the system") if actor == SYSTEM else pgettext("actor", "a reviewer")
