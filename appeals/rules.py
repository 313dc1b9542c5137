"""Pure rules of appeals: states and what may follow them (AP-01 … AP-05, PN-09, BX-05)."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum


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
# These wait for operations.
UNDECIDED_STATES = frozenset({AppealState.REVIEW, AppealState.SUPPLEMENT})


class ExceptionType(StrEnum):
    """Why an order should not count (PN-29)."""

    CUSTOMS_HOLD = "customs_hold"
    WRONG_ADDRESS = "wrong_address"
    FLIGHT_DISRUPTION = "flight_disruption"
    CARRIER_FAULT = "carrier_fault"
    MALICIOUS_BUYER = "malicious_buyer"
    PLATFORM_ERROR = "platform_error"
    OTHER = "other"


class OrderDecision(StrEnum):
    """What a reviewer decided about one order of an appeal (AP-04)."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SUPPLEMENT = "supplement"


def number_of(day: date, place: int) -> str:
    """The number of the ``place``-th appeal of a day."""
    return f"AP{day:%Y%m%d}-{place:06d}"


def outcome_of(decisions: Sequence[OrderDecision]) -> AppealState:
    """What an appeal comes to by the decisions on its orders: one accepted order is a success (assumption). Raises
    ValueError while an order is undecided."""
    if not decisions or set(decisions) - {OrderDecision.ACCEPTED, OrderDecision.REJECTED}:
        raise ValueError("undecided orders")
    return AppealState.ACCEPTED if OrderDecision.ACCEPTED in decisions else AppealState.REJECTED
