"""Pure rules of notices: states, what a judged day brings, numbers (PN-01, PN-06, PN-33, MX-09)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import count, takewhile
from typing import Any


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
# A notice in one of these keeps the store out of promotions for a time from its trigger (PN-12, PN-33).
BLOCKING_STATES = OPEN_STATES | {State.RESOLVED, State.RECTIFIED}
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


class AppealResult(StrEnum):
    """What became of the appeal against a notice, as its history tells (PN-13)."""

    NONE = ""
    UNDER_REVIEW = "under_review"
    WAIVED = "waived"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


def appeal_result(state: State, *, has_plan: bool) -> AppealResult:
    """A plan is what a rejected appeal leaves, whatever came of it later."""
    by_state = {
        State.APPEALING: AppealResult.UNDER_REVIEW,
        State.WAIVED: AppealResult.WAIVED,
        State.ACCEPTED: AppealResult.ACCEPTED,
    }
    return by_state.get(state, AppealResult.REJECTED if has_plan else AppealResult.NONE)


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


def is_within(level: NoticeLevel, published: Mapping[str, Any]) -> bool:
    """Whether a published result lies within the threshold of a notice's level (PN-18, PN-33). A yellow notice is over
    once the value is back, not while only the days before hold its yellow level back (MX-10). What says nothing is not
    within."""
    found = published.get("level")
    if level == NoticeLevel.RED and found == NoticeLevel.YELLOW:
        return True
    return found in WITHIN_LEVELS and (level == NoticeLevel.RED or not published.get("held_back", False))


def streak_length(day: date, within: Collection[date]) -> int:
    """How many consecutive days around ``day`` are among ``within``; 0 where it isn't itself."""
    if day not in within:
        return 0
    return 1 + sum(
        sum(1 for _day in takewhile(within.__contains__, (day + step * timedelta(n) for n in count(1))))
        for step in (-1, 1)
    )


def is_backfill(day_end: datetime, at: datetime, hours: int) -> bool:
    """Whether a day first judged at ``at`` is judged too late for its notices to act (MX-09)."""
    return at > day_end + timedelta(hours=hours)


def number_of(day: date, place: int) -> str:
    """The number of the ``place``-th notice of a performance day (PN-01)."""
    return f"PN{day:%Y%m%d}-{place:06d}"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of an improvement plan; ``cause`` is the key of a root cause, ``owner_id`` a member of the company."""

    kind: str
    text: str = ""
    cause: str = ""
    owner_id: int | None = None
    day: date | None = None
    proof: str = ""


@dataclass(frozen=True, slots=True)
class PlanContent:
    """What a seller answers to the three questions: cause, done, prevention (PN-10)."""

    causes: Sequence[Mapping[str, Any]] = ()
    explanation: str = ""
    measures: Sequence[Measure] = ()


class PlanGap(StrEnum):
    """What keeps a plan from being handed in."""

    NO_CAUSE = "no_cause"
    NO_EXPLANATION = "no_explanation"
    NOTHING_DONE = "nothing_done"
    MEASURE_INCOMPLETE = "measure_incomplete"
    CAUSE_WITHOUT_PREVENTION = "cause_without_prevention"


DONE, PREVENTION = "done", "prevention"


def cause_key(cause: Mapping[str, Any]) -> str:
    """How measures name a root cause."""
    return f"{cause['dimension']}:{cause['value']}"


def plan_gaps(content: PlanContent) -> list[PlanGap]:
    """What is missing: a cause with its explanation, something done, and against each cause a prevention; every measure
    with its words, its cause, the person responsible and a day (PN-10)."""
    causes = {cause_key(cause) for cause in content.causes}
    whole = [one for one in content.measures if one.text and one.cause in causes and one.owner_id and one.day]
    prevented = {one.cause for one in whole if one.kind == PREVENTION}
    found = {
        PlanGap.NO_CAUSE: not causes,
        PlanGap.NO_EXPLANATION: not content.explanation.strip(),
        PlanGap.NOTHING_DONE: not any(one.kind == DONE for one in whole),
        PlanGap.MEASURE_INCOMPLETE: len(whole) < len(content.measures),
        PlanGap.CAUSE_WITHOUT_PREVENTION: not prevented or bool(causes - prevented),
    }
    return [gap for gap, missing in found.items() if missing]


# ── Telling people ─────────────────────────────────────────────────────────────────────────────────────────────────


class MessageGroup(StrEnum):
    """What messages are about, as far as people choose whether and how they are mailed (PN-02, BX-08)."""

    RED = "red"
    DEADLINE = "deadline"
    CASE = "case"
    ASSIGNED = "assigned"
    YELLOW = "yellow"
    RISK = "risk"
    NEWS = "news"


class MailPace(StrEnum):
    """How messages of a group are mailed to a person."""

    NOW = "now"
    DIGEST = "digest"
    NEVER = "never"


# Mailed at once, whatever the person prefers.
URGENT_GROUPS = frozenset({MessageGroup.RED, MessageGroup.DEADLINE})
DEFAULT_PACES: dict[MessageGroup, MailPace] = {
    MessageGroup.RED: MailPace.NOW,
    MessageGroup.DEADLINE: MailPace.NOW,
    MessageGroup.CASE: MailPace.NOW,
    MessageGroup.ASSIGNED: MailPace.NOW,
    MessageGroup.YELLOW: MailPace.DIGEST,
    MessageGroup.RISK: MailPace.DIGEST,
    MessageGroup.NEWS: MailPace.DIGEST,
}
# The daily digest goes out at this hour of the person's zone.
DIGEST_HOUR = 9


def pace_of(group: MessageGroup, preferred: MailPace | None) -> MailPace:
    """How a message is mailed to a person with a preference, or none."""
    return DEFAULT_PACES[group] if preferred is None or group in URGENT_GROUPS else preferred


def digest_due(at: datetime, zone: tzinfo) -> datetime:
    """When the next digest after ``at`` goes to a person in a zone."""
    local = at.astimezone(zone)
    due = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    return (due if due > local else due + timedelta(days=1)).astimezone(UTC)


def reminder_due(due_at: datetime, hours_before: Sequence[int], after: datetime) -> datetime | None:
    """The first reminder of a deadline that comes after an instant; None where none is left."""
    later = [due_at - timedelta(hours=hours) for hours in hours_before]
    return min((instant for instant in later if instant > after), default=None)


def last_reminder_due(due_at: datetime, hours_before: Sequence[int], until: datetime) -> datetime | None:
    """The last reminder of a deadline that was due until an instant: a late sweep sends this one only (BX-08)."""
    earlier = [due_at - timedelta(hours=hours) for hours in hours_before]
    return max((instant for instant in earlier if instant <= until), default=None)
