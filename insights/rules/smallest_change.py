"""The smallest change that brings a metric back within a threshold (BX-16). Pure, exact, by integers.

A rate is ``failures ÷ denominator`` and ``allowed = p ÷ q`` the share that its threshold allows, as in
`metrics.rules.headroom`. Taking a failing subject out changes both numbers: an excluded order stays in the denominator,
an excluded review leaves both. (F − Σf) ÷ (D − Σd) ≤ p ÷ q is Σ(f·q − d·p) ≥ F·q − D·p: every subject has a *gain*, the
gains have to reach the *excess*, and the largest gains reach it with the fewest subjects.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from itertools import accumulate


class Cost(IntEnum):
    """What it takes to have a failing subject not count, cheapest first. ``WAIT``: nobody can do anything about it, it
    leaves the window by itself."""

    ACT = 0
    READY = 1
    APPEAL = 2
    WAIT = 3


@dataclass(frozen=True, slots=True)
class Failing:
    """A failing subject: by how much ``failures`` and ``denominator`` fall without it, and what that takes.
    ``leaves_in``: in how many days it is out of the window."""

    key: int
    cost: Cost
    failures: int = 1
    denominator: int = 0
    leaves_in: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """A rate against a threshold; ``inclusive``: a share on the threshold crosses it."""

    failures: int
    denominator: int
    allowed: Fraction
    inclusive: bool = False

    @property
    def excess(self) -> int:
        """What gains have to reach; 0 or less where the rate is within the threshold."""
        over = self.failures * self.allowed.denominator - self.denominator * self.allowed.numerator
        return over + 1 if self.inclusive else over

    def gain(self, one: Failing) -> int:
        """How much nearer the rate comes to the threshold without a subject."""
        return one.failures * self.allowed.denominator - one.denominator * self.allowed.numerator

    def without(self, some: Iterable[Failing]) -> "Share":
        """The rate had these subjects not counted."""
        some = list(some)
        failures = self.failures - sum(one.failures for one in some)
        denominator = self.denominator - sum(one.denominator for one in some)
        return Share(failures, denominator, self.allowed, self.inclusive)


@dataclass(frozen=True, slots=True)
class SmallestChange:
    """``chosen``: the fewest subjects that bring the rate back, of those sets the one that costs least; all that can be
    changed where they don't suffice (``suffices``). ``after``: the rate without them. ``wait_days``: after how many
    days waiting alone is enough, ``with_chosen_days`` the same beside the chosen, None where that is unknown."""

    chosen: tuple[Failing, ...]
    suffices: bool
    after: Share
    wait_days: int | None
    with_chosen_days: int | None


def smallest_change(share: Share, failing: Sequence[Failing], *, window_days: int) -> SmallestChange:
    """The smallest change for a rate over its threshold; empty where it is within.

    Waiting looks at today's denominator and no new failure, as headroom does (MX-13); ``failing`` are all failures of
    the window.
    """
    able = [one for one in failing if one.cost is not Cost.WAIT and share.gain(one) > 0]
    chosen = tuple(_fewest(share, able))
    after = share.without(chosen)

    def days_beside(some: Sequence[Failing]) -> int | None:
        gone = {one.key for one in some}
        return _days_until(share.without(some), [one for one in failing if one.key not in gone], window_days)

    return SmallestChange(chosen, after.excess <= 0, after, days_beside(()), days_beside(chosen))


def _fewest(share: Share, able: Sequence[Failing]) -> list[Failing]:
    """The fewest subjects whose gains reach the excess; all of them where they don't."""
    gains = sorted(map(share.gain, able), reverse=True)
    reached = list(accumulate(gains, initial=0))
    size = next((count for count, sum_of in enumerate(reached) if sum_of >= share.excess), None)
    return list(able) if size is None else _cheapest(share.gain, able, size, share.excess)


def _cheapest(gain: Callable[[Failing], int], able: Sequence[Failing], size: int, excess: int) -> list[Failing]:
    """Of the sets of ``size`` subjects that reach the excess, one with the most of the cheapest kind, then of the
    next: a subject is taken if the largest gains among the rest can still complete the set."""
    if len(set(map(gain, able))) == 1:
        return sorted(able, key=lambda one: one.cost)[:size]
    chosen: list[Failing] = []
    left = sorted(able, key=lambda one: (one.cost, -gain(one)))
    while len(chosen) < size:
        one = left.pop(0)
        others = sorted(map(gain, left), reverse=True)[: size - len(chosen) - 1]
        if sum(map(gain, chosen)) + gain(one) + sum(others) >= excess:
            chosen.append(one)
    return chosen


def _days_until(share: Share, failing: Sequence[Failing], window_days: int) -> int | None:
    """The number of days until the subjects that leave the window bring the share back; 0 where it is within."""
    q = share.allowed.denominator
    for days in range(window_days + 1):
        gone = sum(one.failures for one in failing if one.leaves_in <= days) if days else 0
        if gone * q >= share.excess:
            return days
    return None
