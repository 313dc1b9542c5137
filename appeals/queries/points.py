"""The reward points that expedited appeals cost (DM-11, PN-16)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from appeals.models import Appeal
from appeals.rules import AppealState, Refusal, points_left
from core.timebase import performance_day, performance_day_start
from rulebook.queries import policy_at
from stores.models import Store


@dataclass(frozen=True, slots=True)
class Expediting:
    """Whether a store may have an appeal expedited: ``refusal`` says why not; ``left``: expedited appeals that the
    year's points still allow; ``cost``: points of one."""

    refusal: Refusal | None
    left: int
    cost: int


def expediting_of(store: Store, at: datetime) -> Expediting:
    """What is left in the calendar year of ``at`` (Asia/Shanghai). A withdrawn appeal costs nothing (assumption)."""
    policy = policy_at(at)
    cost = policy.appeals.expedited_cost
    spent = Appeal.objects.filter(store=store, expedited=True, submitted_at__gte=_year_start(at))
    spent = spent.exclude(state=AppealState.WITHDRAWN)
    left = points_left(policy.penalties.reward_points_a_year, spent.count(), cost)
    refusal = None if left else Refusal.NO_POINTS
    if store.level not in policy.appeals.expedited_levels:
        refusal = Refusal.NO_EXPEDITED
    return Expediting(refusal, left, cost)


def _year_start(at: datetime) -> datetime:
    return performance_day_start(date(performance_day(at).year, 1, 1)).astimezone(UTC)
