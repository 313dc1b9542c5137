"""What follows from a notice if nobody acts, step by step with its instants (PN-03, PN-08, PN-14). Pure.

Kinds of consequence are declared here; policy says which of them come when. What carries them out registers elsewhere.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from core.rules import has_lapsed
from notifications.rules import NoticeLevel, State
from orders.rules.holds import HoldPeriod, after_holds
from rulebook.policy import Policy


class Consequence(StrEnum):
    """The declared kinds, as policy names them; the first two are the notice's own."""

    APPEAL_WAIVED = "appeal_waived"
    APPEAL_CLOSED = "appeal_closed"
    PROMOTION_BLOCK = "promotion_block"
    SEARCH_DEMOTION = "search_demotion"
    FLASH_DEALS_BLOCK = "flash_deals_block"
    FUNDS_HOLD = "funds_hold"
    CLOSING_REVIEW = "closing_review"


OF_APPEALS = frozenset({Consequence.APPEAL_WAIVED, Consequence.APPEAL_CLOSED})


class Progress(StrEnum):
    """``AVOIDED``: it does not come any more, as somebody acted in time. ``WAITING``: it does not come as long as
    somebody acts."""

    PAST = "past"
    AVOIDED = "avoided"
    WAITING = "waiting"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class ConsequenceStep:
    """What came or comes at an instant; ``hours`` after the trigger it is due."""

    at: datetime
    hours: int
    kinds: tuple[Consequence, ...]
    progress: Progress


@dataclass(frozen=True, slots=True)
class NoticeLife:
    """What consequences depend on. ``ended_at``: when the notice was over, None while it is open. ``acting``: periods
    in which an appeal was under review or an improvement plan under way."""

    level: NoticeLevel
    state: State
    triggered_at: datetime
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    acting: Sequence[HoldPeriod] = ()


# Nothing more follows by itself from a notice in one of these states.
ENDED_STATES = frozenset({State.ACCEPTED, State.RESOLVED, State.RECTIFIED, State.CLEARED, State.ESCALATED})
# The appeal was handed in: its window does not close on it.
APPEALED_STATES = frozenset({State.APPEALING, State.ACCEPTED, State.PLAN, State.FAILED, State.RESOLVED})
# Somebody acts on the notice: the ladder waits (PN-14). Opening it is not enough.
ACTING_STATES = frozenset({State.APPEALING, State.PLAN})


def consequence_steps(policy: Policy, life: NoticeLife, at: datetime) -> list[ConsequenceStep]:
    """The steps of a notice in order of time, as they stand at ``at``; those of one instant are one step."""
    planned = _still_possible(sorted(_planned(policy, life.level), key=lambda one: one[0]), life.state)
    items = [_step(policy, life, hours, kind, at) for hours, kind in planned]
    steps = []
    for (instant, hours, progress), group in groupby(
        sorted(items, key=lambda one: (one.at, one.hours)), key=lambda one: (one.at, one.hours, one.progress)
    ):
        steps.append(ConsequenceStep(instant, hours, tuple(kind for one in group for kind in one.kinds), progress))
    return steps


def _planned(policy: Policy, level: NoticeLevel) -> Iterator[tuple[int, Consequence]]:
    """Hours after the trigger, and what comes then."""
    if level == NoticeLevel.RED:
        yield from ((0, Consequence(kind)) for kind in policy.notices.red_restrictions)
        yield policy.notices.open_hours, Consequence.APPEAL_WAIVED
    yield policy.appeals.window_days * 24, Consequence.APPEAL_CLOSED
    if level == NoticeLevel.RED:
        yield from ((step.after_hours, Consequence(step.action)) for step in policy.notices.ladder)


def _still_possible(planned: Sequence[tuple[int, Consequence]], state: State) -> list[tuple[int, Consequence]]:
    """Without the end of a window that was used, unless nothing else comes then."""
    hours = Counter(one for one, _kind in planned)
    return [
        (due, kind)
        for due, kind in planned
        if kind != Consequence.APPEAL_CLOSED or state not in APPEALED_STATES or hours[due] == 1
    ]


def _step(policy: Policy, life: NoticeLife, hours: int, kind: Consequence, at: datetime) -> ConsequenceStep:
    due = life.triggered_at + timedelta(hours=hours)
    comes = due if not hours or kind in OF_APPEALS else after_holds(due, life.acting)
    return ConsequenceStep(comes or due, hours, (kind,), _progress(policy, life, kind, due, comes, at))


def _progress(
    policy: Policy, life: NoticeLife, kind: Consequence, due: datetime, comes: datetime | None, at: datetime
) -> Progress:
    if kind == Consequence.APPEAL_CLOSED and life.state in APPEALED_STATES:
        return Progress.AVOIDED
    if _needs_waiver(policy, life, kind, due) and _opened_in_time(life, due):
        return Progress.AVOIDED
    if life.ended_at is not None and due != life.triggered_at and (comes is None or comes >= life.ended_at):
        return Progress.AVOIDED
    if comes is None:
        return Progress.WAITING
    if comes <= at:
        return Progress.PAST
    return Progress.AVOIDED if life.state in ENDED_STATES else Progress.AHEAD


def _needs_waiver(policy: Policy, life: NoticeLife, kind: Consequence, due: datetime) -> bool:
    """Whether a consequence comes with the waiver alone: the step of the ladder that is due at the same time."""
    waived_at = life.triggered_at + timedelta(hours=policy.notices.open_hours)
    return kind != Consequence.APPEAL_CLOSED and due == waived_at


def _opened_in_time(life: NoticeLife, due: datetime) -> bool:
    return life.state != State.WAIVED and life.opened_at is not None and not has_lapsed(due, life.opened_at)


def kinds_in(policy: Policy) -> Mapping[str, Consequence]:
    """Every kind that a policy names, by its name there; ValueError for one that is not declared."""
    names = (*policy.notices.red_restrictions, *(step.action for step in policy.notices.ladder))
    return {name: Consequence(name) for name in names}
