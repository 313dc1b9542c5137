"""Pure rules of notices: states, what a judged day brings, numbers (PN-01, PN-06, PN-33, MX-09)."""

from datetime import date, datetime, timedelta
from enum import StrEnum


class NoticeLevel(StrEnum):
    """The two levels of a notice (PN-02)."""

    YELLOW = "yellow"
    RED = "red"


class State(StrEnum):
    """The states of a notice (PN-33). Historical and predicted ones are records that nothing follows from."""

    ISSUED = "issued"
    OPENED = "opened"
    WAIVED = "waived"
    ESCALATED = "escalated"
    HISTORICAL = "historical"
    PREDICTED = "predicted"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.ISSUED: frozenset({State.OPENED, State.WAIVED, State.ESCALATED}),
    State.OPENED: frozenset({State.ESCALATED}),
    State.WAIVED: frozenset(),
    State.ESCALATED: frozenset(),
    State.HISTORICAL: frozenset(),
    State.PREDICTED: frozenset(),
}
# While a notice is in one of these, the same level of its metric adds nothing (PN-06).
OPEN_STATES = frozenset({State.ISSUED, State.OPENED, State.WAIVED})
# Shown apart from the performance record.
APART_STATES = frozenset({State.HISTORICAL, State.PREDICTED})


class Step(StrEnum):
    """The effect of an evaluated level on the open notice."""

    NOTHING = "nothing"
    ISSUE = "issue"
    ESCALATE = "escalate"


def step_for(level: NoticeLevel, standing: NoticeLevel | None) -> Step:
    """A first level issues, a worse one escalates, the same or a lesser one adds nothing (PN-06)."""
    if standing is None:
        return Step.ISSUE
    return Step.ESCALATE if (standing, level) == (NoticeLevel.YELLOW, NoticeLevel.RED) else Step.NOTHING


def is_backfill(day_end: datetime, at: datetime, hours: int) -> bool:
    """Whether a day first judged at ``at`` is judged too late for its notices to act (MX-09)."""
    return at > day_end + timedelta(hours=hours)


def number_of(day: date, place: int) -> str:
    """The number of the ``place``-th notice of a performance day (PN-01)."""
    return f"PN{day:%Y%m%d}-{place:06d}"
