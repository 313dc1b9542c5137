"""Sums of counters over trailing windows (MX): days are additive, a window is a difference of prefix sums."""

from collections.abc import Mapping
from datetime import date
from itertools import accumulate
from typing import Protocol

from rulebook.timebase import day_number


class Totals(Protocol):
    """Sums of one store's counters."""

    def total(self, counter: str, day: date, days: int) -> int:
        """The sum over the ``days`` days up to ``day``."""
        ...

    def shipped_by_site(self, day: date, days: int) -> Mapping[str, int]:
        """Orders shipped in the window by destination (DM-31)."""
        ...


class SeriesTotals:
    """Sums over any window inside a span of days, from prefix sums."""

    def __init__(
        self,
        first: date,
        last: date,
        facts: Mapping[str, Mapping[int, int]],
        sites: Mapping[str, Mapping[int, int]],
    ) -> None:
        """``facts``: counter → day number → count; ``sites``: destination → day number → orders shipped."""
        self._first = day_number(first)
        length = day_number(last) - self._first + 1
        self._facts = {name: self._prefix(by_day, length) for name, by_day in facts.items()}
        self._sites = {site: self._prefix(by_day, length) for site, by_day in sites.items()}

    def _prefix(self, by_day: Mapping[int, int], length: int) -> list[int]:
        dense = [0] * length
        for number, count in by_day.items():
            dense[number - self._first] = count
        return [0, *accumulate(dense)]

    def _between(self, prefix: list[int], day: date, days: int) -> int:
        end = day_number(day) - self._first + 1
        if end - days < 0 or end >= len(prefix):
            raise ValueError(f"{days} days up to {day} are not loaded")
        return prefix[end] - prefix[end - days]

    def total(self, counter: str, day: date, days: int) -> int:
        prefix = self._facts.get(counter)
        return self._between(prefix, day, days) if prefix else 0

    def totals(self, counter: str, first: date, last: date, days: int) -> list[int]:
        """`total` of every day from first to last."""
        start, end = day_number(first) - self._first + 1, day_number(last) - self._first + 1
        prefix = self._facts.get(counter)
        if prefix is None:
            return [0] * (end - start + 1)
        if start - days < 0 or end >= len(prefix):
            raise ValueError(f"{days} days up to {first} … {last} are not loaded")
        return [after - before for before, after in zip(prefix[start - days :], prefix[start : end + 1], strict=False)]

    def shipped_by_site(self, day: date, days: int) -> Mapping[str, int]:
        sums = {site: self._between(prefix, day, days) for site, prefix in self._sites.items()}
        return {site: count for site, count in sums.items() if count}


class DayTotals:
    """Sums of the windows of one day, as the database added them up."""

    def __init__(self, day: date, sums: Mapping[tuple[str, int], int], sites: Mapping[int, Mapping[str, int]]) -> None:
        self._day = day
        self._sums = sums
        self._sites = sites

    def total(self, counter: str, day: date, days: int) -> int:
        if day != self._day:
            raise ValueError(f"{day} is not loaded")
        return self._sums.get((counter, days), 0)

    def shipped_by_site(self, day: date, days: int) -> Mapping[str, int]:
        if day != self._day:
            raise ValueError(f"{day} is not loaded")
        return self._sites.get(days, {})
