"""What follows from a notice if nobody acts, step by step with its instants (PN-03, PN-08, PN-14). Pure.

Kinds of consequence are declared here; policy says which of them come when. What carries them out registers elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from notifications.rules import NoticeLevel, State
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


class Progress(StrEnum):
    """``AVOIDED``: it does not come any more, as somebody acted in time."""

    PAST = "past"
    AVOIDED = "avoided"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class ConsequenceStep:
    """What comes at an instant, ``hours`` after the trigger."""

    at: datetime
    hours: int
    kinds: tuple[Consequence, ...]
    progress: Progress


# Nothing more follows by itself from a notice in one of these states.
ENDED_STATES = frozenset({State.ACCEPTED, State.RESOLVED, State.RECTIFIED, State.CLEARED, State.ESCALATED})
# The appeal was handed in: its window does not close on it.
APPEALED_STATES = frozenset({State.APPEALING, State.ACCEPTED, State.PLAN, State.FAILED, State.RESOLVED})


def consequence_steps(
    policy: Policy,
    *,
    level: NoticeLevel,
    state: State,
    triggered_at: datetime,
    opened_at: datetime | None,
    at: datetime,
    ended_at: datetime | None = None,
) -> list[ConsequenceStep]:
    """The steps of a notice in order of time; those of one instant are one step. ``ended_at``: when the notice was
    over, None while it is open."""
    steps = []
    until = at if ended_at is None else min(at, ended_at)
    planned = sorted(_planned(policy, level), key=lambda one: one[0])
    for hours, group in groupby(planned, key=lambda one: one[0]):
        kinds = _still_possible(tuple(kind for _hours, kind in group), state)
        due = triggered_at + timedelta(hours=hours)
        steps.append(ConsequenceStep(due, hours, kinds, _progress(kinds, due, state, opened_at, until)))
    return steps


def _planned(policy: Policy, level: NoticeLevel) -> Iterator[tuple[int, Consequence]]:
    """Hours after the trigger, and what comes then."""
    if level == NoticeLevel.RED:
        yield from ((0, Consequence(kind)) for kind in policy.notices.red_restrictions)
        yield policy.notices.open_hours, Consequence.APPEAL_WAIVED
    yield policy.appeals.window_days * 24, Consequence.APPEAL_CLOSED
    if level == NoticeLevel.RED:
        yield from ((step.after_hours, Consequence(step.action)) for step in policy.notices.ladder)


def _still_possible(kinds: tuple[Consequence, ...], state: State) -> tuple[Consequence, ...]:
    """Without the end of a window that was used, unless the step is nothing else."""
    if state not in APPEALED_STATES:
        return kinds
    return tuple(kind for kind in kinds if kind != Consequence.APPEAL_CLOSED) or kinds


def _progress(
    kinds: tuple[Consequence, ...], due: datetime, state: State, opened_at: datetime | None, until: datetime
) -> Progress:
    """``until``: now, or when the notice ended."""
    if Consequence.APPEAL_WAIVED in kinds and state != State.WAIVED and opened_at is not None:
        return Progress.AVOIDED
    if kinds == (Consequence.APPEAL_CLOSED,) and state in APPEALED_STATES:
        return Progress.AVOIDED
    if due <= until:
        return Progress.PAST
    return Progress.AVOIDED if state in ENDED_STATES else Progress.AHEAD


def kinds_in(policy: Policy) -> Mapping[str, Consequence]:
    """Every kind that a policy names, by its name there; ValueError for one that is not declared."""
    names = (*policy.notices.red_restrictions, *(step.action for step in policy.notices.ladder))
    return {name: Consequence(name) for name in names}
