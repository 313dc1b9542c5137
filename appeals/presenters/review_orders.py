"""The orders of an appeal as its reviewer sees them: what the seller claims beside what the data say (AP-04)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from appeals.presenters.decisions import FIELD_WORDS, GAP_WORDS, decision_sentences, recorded_value
from appeals.presenters.wording import EXCEPTIONS
from appeals.queries.review_case import CaseOrder
from appeals.rules import EvidenceField, Gap, OrderDecision, Verdict
from core.pages.graphics import position
from core.rules import has_lapsed
from insights.presenters.reasons import code_text, measured_text
from insights.rules.fault import PARTY_WORDS
from orders.models import Order

# The instants of an order with the one that each is due by.
STEPS: tuple[tuple[str, str, Any], ...] = (
    ("paid_at", "", pgettext_lazy("step of an order", "Paid")),
    ("dispatch_confirmed_at", "ship_by", pgettext_lazy("step of an order", "Dispatch confirmed")),
    ("ship_by", "", pgettext_lazy("step of an order", "Ship by")),
    ("shipped_at", "ship_by", pgettext_lazy("step of an order", "Shipped")),
    ("first_scan_at", "ship_by", pgettext_lazy("step of an order", "First scan")),
    ("estimated_delivery_at", "", pgettext_lazy("step of an order", "Estimated delivery")),
    ("delivered_at", "estimated_delivery_at", pgettext_lazy("step of an order", "Delivered")),
)
# What is drawn is the way to the first scan; what comes later is told only.
DRAWN = ("paid_at", "dispatch_confirmed_at", "shipped_at", "first_scan_at")


@dataclass(frozen=True, slots=True)
class OrderCourse:
    """An order's way on a scale of 0 … 100: its events, its deadline, and the span that it was late."""

    marks: list[str]
    limit: str
    late_from: str
    late_length: str


@dataclass(frozen=True, slots=True)
class OrderStep:
    """An instant of an order; ``late``: after its deadline."""

    name: str
    at: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field of evidence that may fail."""

    code: str
    label: str
    ticked: bool
    evidence: str
    system: str


@dataclass(frozen=True, slots=True)
class DecisionChoice:
    """A decision to choose: its value, its mark and its word."""

    value: str
    level: str
    word: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ReviewOrder:
    """An order with its decision. ``answer``: what came as a supplement; ``data``: what the data say of it;
    ``sentence``: what the seller will read; ``gaps``: what the decision lacks; ``opened``: whether its details are
    shown."""

    key: int
    place: int
    order_no: str
    url: str
    tracking_no: str
    summary: str
    supported: bool
    exception: str
    claim: str
    answer: str
    data: str
    course: OrderCourse | None
    steps: list[OrderStep]
    choices: list[DecisionChoice]
    reason_code: str
    fields: list[FieldRow]
    remedy: str
    sentence: str
    gaps: list[str]
    opened: bool


@dataclass(frozen=True, slots=True)
class OrderGroup:
    """Orders that belong together: those that the data do not support come first."""

    title: str
    note: str
    supported: bool
    rows: list[ReviewOrder]


def order_groups(
    orders: Sequence[CaseOrder], verdicts: Mapping[int, Verdict], gaps: Mapping[int, list[Gap]], *, store_no: str | None
) -> list[OrderGroup]:
    """The orders by whether the data support the claim, empty groups left out. Without ``store_no`` they lead nowhere:
    an order's page tells what was excluded."""
    sides = (
        (False, _("Not supported by the data"), _("look at each")),
        (True, _("Supported by the data"), _("the records show what the seller claims")),
    )
    found = []
    for supported, title, note in sides:
        rows = [
            review_order(order, verdicts[order.row.pk], gaps.get(order.row.pk, ()), store_no=store_no)
            for order in orders
            if order.is_supported == supported
        ]
        if rows:
            found.append(OrderGroup(title, note, supported, rows))
    return found


def review_order(case: CaseOrder, verdict: Verdict, gaps: Sequence[Gap], *, store_no: str | None) -> ReviewOrder:
    """One order."""
    order, row = case.row.order, case.row
    ticked = {failing.field: failing.evidence for failing in verdict.fields}
    return ReviewOrder(
        key=row.pk,
        place=row.place,
        order_no=order.order_no,
        url=reverse("dashboard:order", args=[store_no, order.order_no]) if store_no else "",
        tracking_no=order.tracking_no,
        summary=" · ".join(filter(None, (case.site, _failure(case), case.carrier))),
        supported=case.is_supported,
        exception=str(EXCEPTIONS.get(row.exception, "")),
        claim=row.claim,
        answer=row.answer,
        data=data_text(case),
        course=course_of(order),
        steps=steps_of(order),
        choices=_choices(verdict),
        reason_code=verdict.reason_code,
        fields=[
            FieldRow(
                field.value,
                str(FIELD_WORDS[field]),
                field in ticked,
                ticked.get(field, ""),
                recorded_value(order, field, case.needed),
            )
            for field in EvidenceField
        ],
        remedy=verdict.remedy,
        sentence=decision_sentences(verdict, row.place),
        gaps=[str(GAP_WORDS[gap]) for gap in gaps],
        opened=bool(gaps) or not case.is_supported or _refuses(verdict),
    )


def data_text(case: CaseOrder) -> str:
    """What the records tell of why the order failed."""
    if case.suggestion is not None:
        word = EXCEPTIONS[case.suggestion.exception]
        return _("%(exception)s: %(text)s") % {"exception": word, "text": case.suggestion.text}
    if case.fault is None or case.fault.criterion is None:
        return _("The records tell no cause.")
    return _("%(party)s: %(text)s") % {"party": PARTY_WORDS[case.fault.party], "text": case.fault.criterion.text}


def steps_of(order: Order) -> list[OrderStep]:
    """The instants that are known, in the order of time."""
    known = [
        OrderStep(str(name), at, late=_is_late(getattr(order, limit, None), at))
        for column, limit, name in STEPS
        if (at := getattr(order, column)) is not None
    ]
    return sorted(known, key=lambda step: step.at)


def _is_late(limit: datetime | None, at: datetime) -> bool:
    return limit is not None and has_lapsed(limit, at)


def course_of(order: Order) -> OrderCourse | None:
    """The way from payment to the first scan, if there is a deadline to hold it against."""
    instants = [at for column in DRAWN if (at := getattr(order, column)) is not None]
    due = order.ship_by
    if due is None or not instants:
        return None
    seconds = [at.timestamp() for at in (*instants, due)]
    room = (max(seconds) - min(seconds)) * 0.04 or 1
    low, high = min(seconds) - room, max(seconds) + room
    limit, end = position(due.timestamp(), low, high), position(max(seconds), low, high)
    return OrderCourse(
        marks=[position(at.timestamp(), low, high) for at in instants],
        limit=limit,
        late_from=limit,
        late_length=f"{max(float(end) - float(limit), 0):.2f}",
    )


def _failure(case: CaseOrder) -> str:
    failure = case.failure
    if failure is None:
        return ""
    if failure.reason and failure.since_at and failure.until_at:
        return measured_text(failure.reason, failure.until_at - failure.since_at, failure.counter)
    return code_text(failure.reason, failure.counter) if failure.reason else ""


def _refuses(verdict: Verdict) -> bool:
    return verdict.decision in {OrderDecision.REJECTED, OrderDecision.SUPPLEMENT}


def _choices(verdict: Verdict) -> list[DecisionChoice]:
    offered = (
        (OrderDecision.ACCEPTED, "ok", _("Accept")),
        (OrderDecision.REJECTED, "red", _("Reject")),
        (OrderDecision.SUPPLEMENT, "yellow", _("Supplement")),
    )
    return [DecisionChoice(value.value, level, word, verdict.decision == value) for value, level, word in offered]
