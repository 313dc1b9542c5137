"""Sums of counters over trailing windows (MX): days are additive, a window is a difference of prefix sums."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import Protocol

from core.timebase import day_number


class WindowSums(Protocol):
    """Sums of one store's counters."""

    def total(self, counter: str, day: date, days: int) -> int:
        """The sum over the ``days`` days up to ``day``."""
        ...

    def shipped_by_site(self, day: date, days: int) -> Mapping[str, int]:
        """Orders shipped in the window by destination (DM-31)."""
        ...


class DaySums:
    """Sums of the windows of one day, as the database added them up."""

    def __init__(
        self, day: date, sums: Mapping[int, Mapping[str, int]], sites: Mapping[int, Mapping[str, int]]
    ) -> None:
        """``sums``: length of a window → counter → sum; ``sites``: the same → destination → orders shipped."""
        self._day = day
        self._sums = sums
        self._sites = sites

    def total(self, counter: str, day: date, days: int) -> int:
        if day != self._day:
            raise ValueError(f"{day} is not loaded")
        return self._sums[days].get(counter, 0)

    def shipped_by_site(self, day: date, days: int) -> Mapping[str, int]:
        if day != self._day:
            raise ValueError(f"{day} is not loaded")
        return self._sites.get(days, {})


class PrefixSums:
    """Counts on some days of a span, summed over any window inside it."""

    def __init__(self, first: int, last: int, numbers: Sequence[int], columns: Mapping[str, Sequence[int]]) -> None:
        """``numbers``: the days that have counts, rising; ``columns``: a name's counts on these days."""
        self._first = first
        # How many of the days with counts lie before each day of the span.
        self._before = [0] * (last - first + 2)
        for number in numbers:
            self._before[number - first + 1] = 1
        self._before = list(accumulate(self._before))
        self._sums = {name: list(accumulate(column, initial=0)) for name, column in columns.items()}

    def between(self, name: str, end: int, days: int) -> int:
        """The sum of a name's counts over the days up to the day number ``end``."""
        sums = self._sums.get(name)
        if sums is None:
            return 0
        place = end - self._first + 1
        if place < days or place >= len(self._before):
            raise ValueError(f"{days} days up to day {end} are not loaded")
        return sums[self._before[place]] - sums[self._before[place - days]]

    def each(self, name: str, first: int, last: int, days: int) -> list[int]:
        """`between` for every day from first to last."""
        sums = self._sums.get(name)
        if sums is None:
            return [0] * (last - first + 1)
        start, end = first - self._first + 1, last - self._first + 2
        if start < days or end > len(self._before):
            raise ValueError(f"{days} days up to days {first} … {last} are not loaded")
        befores, afters = self._before[start - days : end - days], self._before[start:end]
        return [sums[after] - sums[before] for before, after in zip(befores, afters, strict=True)]

    @property
    def names(self) -> Sequence[str]:
        """What is counted."""
        return tuple(self._sums)


class SpanSums:
    """Sums over any window inside a span of days."""

    def __init__(self, facts: PrefixSums, sites: PrefixSums) -> None:
        """``sites``: orders shipped, by destination."""
        self._facts, self._sites = facts, sites

    def total(self, counter: str, day: date, days: int) -> int:
        return self._facts.between(counter, day_number(day), days)

    def totals(self, counter: str, first: date, last: date, days: int) -> list[int]:
        """`total` of every day from first to last."""
        return self._facts.each(counter, day_number(first), day_number(last), days)

    def shipped_by_site(self, day: date, days: int) -> Mapping[str, int]:
        number = day_number(day)
        sums = {site: self._sites.between(site, number, days) for site in self._sites.names}
        return {site: count for site, count in sums.items() if count}
