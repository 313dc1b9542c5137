"""What would be if orders were left out or had gone well, or if the next weeks went at another pace (BX-04). Pure and
exact: integers and fractions, no database, no clock.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from insights.rules.forecast import Usual
from metrics.counters import FAILURES
from metrics.rules.rating import STARS

Number = int | Fraction
# What a subject adds to each counter: the day (number) it falls on and the amount.
Counts = Mapping[str, tuple[int, int]]
# Differences to facts: counter → day number → amount.
Changes = dict[str, dict[int, Number]]

# Failures that are counted for freezes alone and listed nowhere.
UNLISTED_FAILURES = frozenset({"u_negative", "u_delivery_late"})
# What is counted of an order that went well, and of how many.
GOOD_OF: Mapping[str, str] = {"r_dispatch_ontime": "r_dispatch_n", "r_delivery_ontime": "r_delivery_n"}
STAR_PARTS = ("described", "communication")
LOW_REVIEWS = ("reviews_neutral", "reviews_negative")
LEAST_STARS = 1
# What ends a notice that stands apart: nothing is over a threshold, or the metric does not apply any more (DM-31).
WITHIN = frozenset({"ok", "na"})
NOTHING = "nothing"


def prevented(counts: Counts) -> dict[str, tuple[int, int]]:
    """What a subject adds had nothing failed in it: it stays in every denominator, and a low review counts as one of
    five stars (assumption)."""
    failures = FAILURES | UNLISTED_FAILURES
    found = {name: (day, 0 if name in failures else amount) for name, (day, amount) in counts.items()}
    for good, whole in GOOD_OF.items():
        if whole in counts:
            found[good] = counts[whole]
    for part in STAR_PARTS:
        if amount_of(counts, f"{part}_low"):
            day, number = counts[f"{part}_n"]
            found[f"{part}_sum"] = (day, STARS * number)
    low = sum(amount_of(counts, name) for name in LOW_REVIEWS)
    if low:
        day, positive = counts["reviews_positive"]
        found |= {"reviews_positive": (day, positive + low), **dict.fromkeys(LOW_REVIEWS, (day, 0))}
    return found


def amount_of(counts: Counts, name: str) -> int:
    """What a subject adds to a counter; 0 where it counts nowhere in it."""
    return counts[name][1] if name in counts else 0


def changes_between(before: Iterable[Counts], after: Iterable[Counts]) -> Changes:
    """What the facts of each day change by when subjects add ``after`` instead of ``before``."""
    found: Changes = {}
    for sign, side in ((-1, before), (1, after)):
        for counts in side:
            for name, (day, amount) in counts.items():
                by_day = found.setdefault(name, {})
                by_day[day] = by_day.get(day, 0) + sign * amount
    return without_zeros(found)


def without_zeros(changes: Changes) -> Changes:
    """The same changes, without days and counters on which nothing changes."""
    kept = {name: {day: amount for day, amount in by_day.items() if amount} for name, by_day in changes.items()}
    return {name: by_day for name, by_day in kept.items() if by_day}


def both(first: Changes, second: Changes) -> Changes:
    """Two sets of changes one after the other."""
    names = {**first, **second}
    return without_zeros(
        {
            name: {
                day: first.get(name, {}).get(day, 0) + second.get(name, {}).get(day, 0)
                for day in {**first.get(name, {}), **second.get(name, {})}
            }
            for name in names
        }
    )


class Steps:
    """Amounts on single days, to be summed over any span of days."""

    def __init__(self, by_day: Mapping[int, Number]) -> None:
        self._days = sorted(by_day)
        self._sums: list[Number] = [0, *accumulate(by_day[day] for day in self._days)]

    def between(self, first: int, last: int) -> Number:
        """The sum over the days from ``first`` to ``last`` (numbers, both included)."""
        return self._sums[bisect_right(self._days, last)] - self._sums[bisect_right(self._days, first - 1)]


@dataclass(frozen=True, slots=True)
class Pace:
    """How the next weeks go against the usual ones: orders ``volume`` times, failures of them ``failures`` times as
    many."""

    volume: Fraction = Fraction(1)
    failures: Fraction = Fraction(1)


USUAL = Pace()


@dataclass(frozen=True, slots=True)
class PacedUsual(Usual):
    """A usual pace of which a day has ``volume`` times as many; what stands already goes at the same rate whatever the
    volume, 0 included."""

    volume: Fraction = Fraction(1)

    @property
    def mean(self) -> Fraction:
        """The lower part of a day at the volume."""
        return Fraction(self.lower, self.days) * self.volume

    def expected(self, number: Fraction) -> Fraction:
        """The upper part that goes with ``number`` of the lower; without any in the pace, that of a day."""
        return self.rate * number if self.lower else Fraction(self.upper, self.days) * self.volume


def failing_at(usual: Usual, pace: Pace) -> PacedUsual:
    """The pace of failures (upper) among orders (lower); never more failures than orders unless that was usual."""
    most = max(usual.upper, usual.lower)
    return PacedUsual(min(usual.upper * pace.failures, most), usual.lower, usual.days, pace.volume)


def good_at(usual: Usual, pace: Pace, *, top: int, least: int = 0) -> PacedUsual:
    """The pace of what is good: of each of ``lower``, ``top`` at best and ``least`` at worst; what lacks to the top is
    what fails."""
    lacking = top * usual.lower - usual.upper
    most = max(lacking, (top - least) * usual.lower)
    upper = top * usual.lower - min(lacking * pace.failures, most)
    return PacedUsual(upper, usual.lower, usual.days, pace.volume)


def volume_of(orders_per_day: int, usual: Fraction) -> Fraction | None:
    """The volume that a number of orders a day stands for; None where none are usual, so that nothing can be scaled."""
    return Fraction(orders_per_day) / usual if usual else None


@dataclass(frozen=True, slots=True)
class NoticeStep:
    """What a judged day brings: ``kind`` is issue or escalate; ``place`` counts the walked days from 0."""

    place: int
    kind: str
    level: str


def walk_notices(
    levels: Sequence[str], current: str | None, step: Callable[[str, str | None], str], *, ends: bool
) -> tuple[list[NoticeStep], str | None]:
    """The notices that the levels of consecutive days bring, and the level of the one that stands at the end.

    ``current``: the level of the notice that stands before; ``step`` says what a level does beside it (PN-06);
    ``ends``: whether a day within bounds ends it, as it does for notices that stand apart.
    """
    found: list[NoticeStep] = []
    for place, level in enumerate(levels):
        if level in WITHIN and ends:
            current = None
        elif level in ("yellow", "red"):
            kind = step(level, current)
            if kind != NOTHING:
                found.append(NoticeStep(place, kind, level))
                current = level
    return found, current
