"""Pure rules of appeals: states and what may follow them (AP-01 … AP-05, PN-09, BX-05)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.numbering import dated_number
from insights.rules.fault import FaultVerdict, Party, Signals, fault_of
from rulebook.policy import Policy


class AppealKind(StrEnum):
    """What an appeal is against: a notice (PN-08), a negative review (SR-10), a liability verdict (DP-08)."""

    NOTICE = "notice"
    REVIEW = "review"
    VERDICT = "verdict"


class AppealState(StrEnum):
    """The states of an appeal. ``CLOSED``: what it was against is gone, such as a yellow notice that a red one
    replaced, or its window passed while it was a draft."""

    DRAFT = "draft"
    REVIEW = "review"
    SUPPLEMENT = "supplement"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


TRANSITIONS: dict[AppealState, frozenset[AppealState]] = {
    AppealState.DRAFT: frozenset({AppealState.REVIEW, AppealState.WITHDRAWN, AppealState.CLOSED}),
    AppealState.REVIEW: frozenset(
        {
            AppealState.SUPPLEMENT,
            AppealState.ACCEPTED,
            AppealState.REJECTED,
            AppealState.WITHDRAWN,
            AppealState.CLOSED,
        }
    ),
    # Accepted: of the orders that were decided before, when the supplement of the others never came.
    AppealState.SUPPLEMENT: frozenset(
        {
            AppealState.REVIEW,
            AppealState.ACCEPTED,
            AppealState.REJECTED,
            AppealState.WITHDRAWN,
            AppealState.CLOSED,
        }
    ),
    AppealState.ACCEPTED: frozenset(),
    AppealState.REJECTED: frozenset(),
    AppealState.WITHDRAWN: frozenset(),
    AppealState.CLOSED: frozenset(),
}
# One appeal per subject may be in one of these.
OPEN_STATES = frozenset({AppealState.DRAFT, AppealState.REVIEW, AppealState.SUPPLEMENT})
# An appeal in one of these was decided on.
DECIDED_STATES = frozenset({AppealState.ACCEPTED, AppealState.REJECTED})
# These wait for operations.
UNDECIDED_STATES = frozenset({AppealState.REVIEW, AppealState.SUPPLEMENT})


class Step(StrEnum):
    """The steps of a draft after what it is against was chosen (AP-01)."""

    ORDERS = "orders"
    STATEMENT = "statement"
    EVIDENCE = "evidence"
    CHECK = "check"
    CONFIRM = "confirm"


class Refusal(StrEnum):
    """Why an appeal can't be started or submitted."""

    # What it is against
    UNKNOWN = "unknown"
    WAIVED = "waived"
    REPLACED = "replaced"
    OVER = "over"
    HISTORICAL = "historical"
    NOT_NEGATIVE = "not_negative"
    NOT_CLOSED = "not_closed"
    NOT_LIABLE = "not_liable"
    NOTHING_TO_NAME = "nothing_to_name"
    # Time and number
    TOO_LATE = "too_late"
    UNDER_REVIEW = "under_review"
    DECIDED = "decided"
    NOT_REJECTED = "not_rejected"
    # What is lacking before it can be submitted
    MIRRORED = "mirrored"
    NO_ORDERS = "no_orders"
    NO_EXCEPTION = "no_exception"
    NO_STATEMENT = "no_statement"
    NOTHING_NEW = "nothing_new"
    NO_EXPEDITED = "no_expedited"
    NO_POINTS = "no_points"


class RefusedAppealError(Exception):
    """An appeal that can't be started or submitted, and why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class StaleAppealError(Exception):
    """Somebody else changed the appeal since the page was made: what was sent changed nothing (RL-06)."""


class ExceptionType(StrEnum):
    """Why an order should not count (PN-29)."""

    CUSTOMS_HOLD = "customs_hold"
    WRONG_ADDRESS = "wrong_address"
    FLIGHT_DISRUPTION = "flight_disruption"
    CARRIER_FAULT = "carrier_fault"
    MALICIOUS_BUYER = "malicious_buyer"
    PLATFORM_ERROR = "platform_error"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ExceptionRule:
    """The exception that an order's data suggest where they show the signal and it fails one of the counters;
    ``text`` says so to people."""

    exception: ExceptionType
    text: Any
    signal: str
    counters: frozenset[str]


# What the data of an order can show beside the signals of `insights.rules.fault` (PN-28a).
HELD_AT_CUSTOMS = "held_at_customs"  # its trace fell silent after a customs scan
FLIGHT_DISRUPTED = "flight_disrupted"  # a scan tells of flights or roads that were closed
ADDRESS_REFUSED = "address_refused"  # a scan says that the address is wrong
ADDRESS_CHANGED = "address_changed"  # the buyer asked for another address after paying
BUYER_ACCOUNTS = "buyer_accounts"  # several accounts from the buyer's network address opened disputes
HANDED_OVER = "handed_over"  # dispatch confirmed by its deadline, and the carrier's first scan came after it

_DISPATCH = frozenset({"dispatch_late", "r_dispatch_late", "shipped_over_72h"})
_CARRIAGE = frozenset({"delivery_late", "r_delivery_late", "undelivered", "trace_incomplete", "logistics_abnormal"})
_DISPUTED = frozenset({"disputes_opened_orders", "disputes_seller_liable", "refunded_orders", "defect_orders"})
_REVIEWED = frozenset({"reviews_negative", "described_low", "communication_low"})

# Asked in this order, before whose fault the failure is.
EXCEPTION_RULES = (
    ExceptionRule(
        ExceptionType.CUSTOMS_HOLD, _("the trace stood still after a customs scan"), HELD_AT_CUSTOMS, _CARRIAGE
    ),
    ExceptionRule(
        ExceptionType.FLIGHT_DISRUPTION,
        _("the carrier's scans tell of a flight or route that was cancelled or delayed"),
        FLIGHT_DISRUPTED,
        _CARRIAGE,
    ),
    ExceptionRule(
        ExceptionType.WRONG_ADDRESS,
        _("the carrier's scan says that the address is wrong"),
        ADDRESS_REFUSED,
        _CARRIAGE | _DISPUTED,
    ),
    ExceptionRule(
        ExceptionType.WRONG_ADDRESS,
        _("the buyer asked for another address after paying"),
        ADDRESS_CHANGED,
        _CARRIAGE | _DISPATCH,
    ),
    ExceptionRule(
        ExceptionType.MALICIOUS_BUYER,
        _("several accounts from the buyer's network address opened disputes"),
        BUYER_ACCOUNTS,
        _DISPUTED | _REVIEWED,
    ),
    ExceptionRule(
        ExceptionType.CARRIER_FAULT,
        _("handed over in time, but the carrier scanned it only after the deadline"),
        HANDED_OVER,
        _DISPATCH,
    ),
)
OF_PARTY = {
    Party.CARRIER: ExceptionType.CARRIER_FAULT,
    Party.PLATFORM: ExceptionType.PLATFORM_ERROR,
    Party.BUYER: ExceptionType.MALICIOUS_BUYER,
}
# A buyer who changed their mind harmed nobody: only a verdict against the buyer tells of abuse.
_CHANGED_MINDS = frozenset({"cancelled_by_buyer", "withdrawn"})


def suggested_exception(counters: Collection[str], signals: Signals) -> tuple[ExceptionType, Any] | None:
    """The exception that the data of an order failing these counters suggest, with the reason in words; None where
    they suggest none (PN-29, BX-13, BX-10)."""
    laid = [found for counter in counters if (found := _laid(fault_of(counter, signals))) is not None]
    platform = [found for found in laid if found[0] == ExceptionType.PLATFORM_ERROR]
    told = [
        (rule.exception, rule.text)
        for rule in EXCEPTION_RULES
        if rule.signal in signals and not rule.counters.isdisjoint(counters)
    ]
    return next(iter((*platform, *told, *laid)), None)


def _laid(verdict: FaultVerdict) -> tuple[ExceptionType, Any] | None:
    """The exception that whose fault it is suggests, with the criterion's words."""
    criterion = verdict.criterion
    if criterion is None or verdict.party not in OF_PARTY or not _CHANGED_MINDS.isdisjoint(criterion.having):
        return None
    return OF_PARTY[verdict.party], criterion.text


class OrderDecision(StrEnum):
    """What a reviewer decided about one order of an appeal (AP-04)."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SUPPLEMENT = "supplement"


def number_of(day: date, place: int, mark: str = "") -> str:
    """The number of the ``place``-th appeal of a day in the cell of the mark."""
    return dated_number("AP", day, place, mark=mark)


def outcome_of(decisions: Sequence[OrderDecision]) -> AppealState:
    """What an appeal comes to by the decisions on its orders: one accepted order is a success (assumption). Raises
    ValueError while an order is undecided."""
    if not decisions or set(decisions) - {OrderDecision.ACCEPTED, OrderDecision.REJECTED}:
        raise ValueError("undecided orders")
    return AppealState.ACCEPTED if OrderDecision.ACCEPTED in decisions else AppealState.REJECTED


# ── Review ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class EvidenceField(StrEnum):
    """What can fail in the evidence of an order (BX-18)."""

    TRACKING_NO = "tracking_no"
    ORDER_NO = "order_no"
    SHIPPED_AT = "shipped_at"
    FIRST_SCAN_AT = "first_scan_at"
    DESTINATION = "destination"
    PERIOD = "period"
    SEAL = "seal"
    KIND = "kind"
    LEGIBILITY = "legibility"
    CLAIM = "claim"


class Gap(StrEnum):
    """What a decision lacks before it can be sent (BX-12, BX-18)."""

    DECISION = "decision"
    REASON = "reason"
    FIELDS = "fields"
    EVIDENCE = "evidence"
    REMEDY = "remedy"


class Bar(StrEnum):
    """Why a person may not review an appeal: decided it or its first appeal already (BX-05, BX-07), or is a member of
    the company."""

    DECIDED_BEFORE = "decided_before"
    OWN_COMPANY = "own_company"


@dataclass(frozen=True, slots=True)
class FailingField:
    """A field that fails: what the evidence says, and what the system has (may be empty: it keeps no seals)."""

    field: EvidenceField
    evidence: str
    system: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer decides about one order; all but an acceptance name a reason, what fails and what would pass."""

    decision: OrderDecision
    reason_code: str = ""
    fields: tuple[FailingField, ...] = ()
    remedy: str = ""


def gaps_of(verdict: Verdict | None, reasons: Collection[str]) -> list[Gap]:
    """What a decision lacks; ``reasons``: the codes that policy offers."""
    if verdict is None or verdict.decision == OrderDecision.PENDING:
        return [Gap.DECISION]
    if verdict.decision == OrderDecision.ACCEPTED:
        return []
    lacking = {
        Gap.REASON: verdict.reason_code not in reasons,
        Gap.FIELDS: not verdict.fields,
        Gap.EVIDENCE: any(not failing.evidence.strip() for failing in verdict.fields),
        Gap.REMEDY: not verdict.remedy.strip(),
    }
    return [gap for gap, lacks in lacking.items() if lacks]


def is_drawn(draw: int, share: Decimal) -> bool:
    """Whether a decision is among the share that is decided again; ``draw`` is uniform below 2 ** 64 (BX-07)."""
    return Fraction(draw, 2**64) < Fraction(share)


def agreeing(first: Mapping[int, OrderDecision], second: Mapping[int, OrderDecision]) -> int:
    """The number of orders of which two reviews decided the same."""
    return sum(first.get(key) == decision for key, decision in second.items())


def points_left(allowance: int, spent: int, cost: int) -> int:
    """The expedited appeals of a year that the reward points still allow (PN-16)."""
    return max(allowance - spent * cost, 0) // cost if cost else allowance


class CauseKind(StrEnum):
    """What makes a correction: an accepted appeal (AP-05), or a protected event (BX-01)."""

    APPEAL = "appeal"
    EVENT = "event"


class EventState(StrEnum):
    """The states of a protected event (BX-01)."""

    DRAFT = "draft"
    APPLIED = "applied"
    WITHDRAWN = "withdrawn"


EVENT_TRANSITIONS: dict[EventState, frozenset[EventState]] = {
    EventState.DRAFT: frozenset({EventState.APPLIED}),
    EventState.APPLIED: frozenset({EventState.WITHDRAWN}),
    EventState.WITHDRAWN: frozenset(),
}


class Leg(StrEnum):
    """The part of an order's way on which an event can meet it: until its dispatch, under way, or all of it."""

    DISPATCH = "dispatch"
    CARRIAGE = "carriage"
    WHOLE = "whole"


# The metrics that an event can name, by the leg on which their failures come about (assumption).
LEG_OF: dict[str, Leg] = {
    "late_dispatch": Leg.DISPATCH,
    "slow_fulfilment": Leg.DISPATCH,
    "delivered": Leg.CARRIAGE,
    "delivery_late": Leg.CARRIAGE,
    "trace_complete": Leg.CARRIAGE,
    "logistics_abnormal": Leg.CARRIAGE,
    "odr": Leg.WHOLE,
    "dispute_rate": Leg.WHOLE,
    "liability_rate": Leg.WHOLE,
    "positive_rate": Leg.WHOLE,
    "cancel_rate": Leg.WHOLE,
    "refund_rate": Leg.WHOLE,
    "reply_missed": Leg.WHOLE,
    "dsr": Leg.WHOLE,
}


def event_number(day: date, place: int, mark: str = "") -> str:
    """The number of the ``place``-th protected event of a day in the cell of the mark."""
    return dated_number("EV", day, place, digits=4, mark=mark)


def evidence_kinds(kind: AppealKind, policy: Policy) -> tuple[str, ...]:
    """The kinds of evidence that a file of an appeal may be declared as (PN-28a, DP-07)."""
    if kind == AppealKind.VERDICT:
        return (*policy.disputes.evidence_kinds, *policy.disputes.supporting_kinds)
    return without_repeats(policy.appeals.exception_evidence.values())


def without_repeats(groups: Iterable[Collection[str]]) -> tuple[str, ...]:
    """What is in any of the groups, each once, in the order in which it first occurs."""
    return tuple(dict.fromkeys(one for group in groups for one in group))
