"""The life of a metric's notices while nobody acts, told from judged levels alone (BX-14, PN-06, PN-18, PN-33). Pure.

It makes the same steps as a night (`services.judging`, `services.recovering`) by the same rules; nobody opens, appeals
or writes a plan. A test compares it with nights over random worlds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from notifications.rules import WITHIN_LEVELS, NoticeLevel, State, Step, is_within, may_move, step_for, streak_length
from rulebook.policy.conduct import Notices


class SimulatedNotice(NamedTuple):
    """A notice that a night would issue."""

    metric: str
    level: NoticeLevel
    day: date


@dataclass(slots=True)
class NoticeLife:
    """What stands of one metric of a store; give it the days in order. ``mirrored``: notices are predictions, which
    any day within bounds ends (DM-11a)."""

    metric: str
    mirrored: bool
    standing: SimulatedNotice | None = None
    _days: dict[date, Mapping[str, Any]] = field(default_factory=dict)

    def judge(self, day: date, published: Mapping[str, Any], rules: Notices) -> SimulatedNotice | None:
        """The notice that a judged day brings; ``published``: its ``level``, and ``held_back`` as in `is_within`."""
        self._days[day] = published
        self._end(day, published, rules)
        level = published.get("level")
        if level not in frozenset(NoticeLevel):
            return None
        found = NoticeLevel(str(level))
        if step_for(found, self.standing.level if self.standing else None) == Step.NOTHING:
            return None
        self.standing = SimulatedNotice(self.metric, found, day)
        return self.standing

    def pass_over(self, day: date, published: Mapping[str, Any]) -> None:
        """Note a day on which the metric is published and not judged."""
        self._days[day] = published

    def _end(self, day: date, published: Mapping[str, Any], rules: Notices) -> None:
        notice = self.standing
        if notice is None:
            return
        if self.mirrored:
            if published.get("level") in WITHIN_LEVELS:
                self.standing = None
        elif is_within(notice.level, published) and self._has_recovered(notice, day, rules):
            self.standing = None

    def _has_recovered(self, notice: SimulatedNotice, day: date, rules: Notices) -> bool:
        """Cleared soon, else rectified."""
        within = {
            one for one, published in self._days.items() if one > notice.day and is_within(notice.level, published)
        }
        last = notice.day + timedelta(days=rules.clear_within_days)
        soon = {one for one in within if one <= last}
        if may_move(notice.level, State.ISSUED, State.CLEARED) and (
            streak_length(day, soon) >= rules.clear_streak_days
        ):
            return True
        return streak_length(day, within) >= rules.rectify_days


@dataclass(frozen=True, slots=True)
class NoticeChange:
    """A notice that differs between two simulations: its day in one and in the other, None where it is missing."""

    metric: str
    level: NoticeLevel
    before: date | None
    after: date | None

    @property
    def days_earlier(self) -> int:
        """How many days sooner it comes; 0 where it comes or goes, below 0 where it comes later."""
        return (self.before - self.after).days if self.before and self.after else 0


def notice_changes(before: Iterable[SimulatedNotice], after: Iterable[SimulatedNotice]) -> list[NoticeChange]:
    """What differs between two lists of a store's notices. Of a metric and level, notices of the same day are the same;
    the others are taken in order of days: the first of one side moved to the first of the other, and so on; what is
    left came or went."""
    old, new = set(before), set(after)
    kinds = sorted({(one.metric, one.level) for one in old ^ new})
    changes = []
    for metric, level in kinds:
        gone, came = (
            sorted(one.day for one in notices if (one.metric, one.level) == (metric, level))
            for notices in (old - new, new - old)
        )
        moved = min(len(gone), len(came))
        changes += [NoticeChange(metric, level, *days) for days in zip(gone, came, strict=False)]
        changes += [NoticeChange(metric, level, day, None) for day in gone[moved:]]
        changes += [NoticeChange(metric, level, None, day) for day in came[moved:]]
    return changes
