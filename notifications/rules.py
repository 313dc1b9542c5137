"""Pure rules of notices: states, what a judged day brings, numbers (PN-01, PN-06, PN-33, MX-09)."""

from datetime import date, datetime, timedelta
from enum import StrEnum


class NoticeLevel(StrEnum):
    """The two levels of a notice (PN-02)."""

    YELLOW = "yellow"
    RED = "red"


class State(StrEnum):
    """The states of a notice (PN-33). ``PLAN``: an appeal was rejected and an improvement plan is due or handed in;
    ``FAILED``: the plan failed and a senior reviewer looks at it. Historical and predicted notices are records that
    nothing follows from."""

    ISSUED = "issued"
    OPENED = "opened"
    APPEALING = "appealing"
    WAIVED = "waived"
    ACCEPTED = "accepted"
    PLAN = "plan"
    FAILED = "failed"
    RESOLVED = "resolved"
    RECTIFIED = "rectified"
    CLEARED = "cleared"
    ESCALATED = "escalated"
    HISTORICAL = "historical"
    PREDICTED = "predicted"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.ISSUED: frozenset({State.OPENED, State.WAIVED, State.RECTIFIED, State.CLEARED, State.ESCALATED}),
    State.OPENED: frozenset({State.APPEALING, State.RECTIFIED, State.CLEARED, State.ESCALATED}),
    # Back to opened: the seller withdrew the appeal.
    State.APPEALING: frozenset({State.OPENED, State.ACCEPTED, State.PLAN, State.ESCALATED}),
    State.WAIVED: frozenset({State.RECTIFIED}),
    State.PLAN: frozenset(
        {State.APPEALING, State.FAILED, State.RESOLVED, State.RECTIFIED, State.CLEARED, State.ESCALATED}
    ),
    State.FAILED: frozenset({State.RESOLVED, State.RECTIFIED, State.ESCALATED}),
    State.ACCEPTED: frozenset(),
    State.RESOLVED: frozenset(),
    State.RECTIFIED: frozenset(),
    State.CLEARED: frozenset(),
    State.ESCALATED: frozenset(),
    State.HISTORICAL: frozenset(),
    State.PREDICTED: frozenset(),
}
# Only yellow notices are cleared or escalated, only red ones waived.
YELLOW_ONLY = frozenset({State.CLEARED, State.ESCALATED})
RED_ONLY = frozenset({State.WAIVED})
# While a notice is in one of these, the same level of its metric adds nothing (PN-06).
OPEN_STATES = frozenset({State.ISSUED, State.OPENED, State.APPEALING, State.WAIVED, State.PLAN, State.FAILED})
# Shown apart from the performance record.
APART_STATES = frozenset({State.HISTORICAL, State.PREDICTED})
# Levels of a metric without its threshold crossed; one that does not apply (any more) can't cross any (DM-31).
WITHIN_LEVELS = frozenset({"ok", "na"})
# Levels that say where a metric stands; those of too few orders or incomplete data don't (MX-05, MX-07).
SAYING_LEVELS = WITHIN_LEVELS | frozenset(NoticeLevel)


def may_move(level: NoticeLevel, state: State, to: State) -> bool:
    """Whether a notice of this level may change from one state to another (PN-33)."""
    if (to in YELLOW_ONLY and level != NoticeLevel.YELLOW) or (to in RED_ONLY and level != NoticeLevel.RED):
        return False
    return to in TRANSITIONS[state]


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
