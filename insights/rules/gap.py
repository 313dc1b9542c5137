"""What could explain that a platform's figure differs from ours: every hypothesis counted exactly (BX-21). Pure.

A hypothesis changes at most two things of how a metric is counted: which orders count, the clock, the window. It
explains the gap if the value that follows, rounded as the platform rounds, is the platform's.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate, combinations

from rulebook.rules import rounded

DAY = 86_400
HOUR = 3_600
# Seconds by which days of the performance calendar begin before those of UTC (DM-25).
OUR_OFFSET = 8 * HOUR
# Clocks of places where platforms count their days, hours from UTC.
CLOCKS = (0, 8, -8, -7, 3, 1)
WINDOWS = (7, 14, 28, 30, 60, 90, 180)
ENDS = (-1, 1, -2)
MOST_MISSING = 500
Fits = Callable[[int, int], bool]
Ids = frozenset[int]
# A metric's value from the sums of its counters by name; None without one.
ValueOf = Callable[[Mapping[str, int]], Fraction | None]


class Dimension(StrEnum):
    """What a part of a hypothesis changes; the order is that in which equally good ones are shown."""

    WINDOW = "window"
    END = "end"
    CLOCK = "clock"
    SYNC = "sync"
    RULE = "rule"
    THRESHOLD = "threshold"
    LEFT_OUT = "left_out"


SPANS = frozenset({Dimension.WINDOW, Dimension.END, Dimension.CLOCK})
ORDER = tuple(Dimension)


@dataclass(frozen=True, slots=True)
class Part:
    """One change. ``code`` names a condition or attribute; ``amount``: days of a window or of its end, hours of a clock
    or threshold."""

    dimension: Dimension
    code: str = ""
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """What a counter speaks of, an order, a dispute or a wait: when, the conditions (bits of `Subjects.conditions`)
    that it fails, and what it adds."""

    subject: int
    at: int
    failing: int
    amount: int = 1


# What each counter of a metric speaks of, before conditions are asked.
Counted = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Rate:
    """The value of rates: failures ÷ denominator, of floors (``is_floor``) the rest of it."""

    upper: Sequence[str]
    lower: Sequence[str]
    is_floor: bool = False

    def __call__(self, sums: Mapping[str, int]) -> Fraction | None:
        return self.of(*(sum(sums[name] for name in names) for names in (self.upper, self.lower)))

    def of(self, failures: int, denominator: int) -> Fraction | None:
        """The value of so many failures."""
        if denominator <= 0:
            return None
        share = Fraction(failures, denominator)
        return 1 - share if self.is_floor else share


@dataclass(frozen=True)
class Subjects:
    """All that hypotheses of a metric are counted from. ``by_threshold``: hours of a moved threshold → rows by counter,
    0 for ours; ``conditions``: their codes by bit; ``marks``: attributes by subject; ``attributes``: codes by bit.
    ``value_of`` makes the value; ``upper`` are the counters of what fails, or is divided, ``lower`` of the whole."""

    by_threshold: Mapping[int, Counted]
    conditions: Sequence[str]
    marks: Mapping[int, int]
    attributes: Sequence[str]
    value_of: ValueOf
    upper: Sequence[str]
    lower: Sequence[str]
    sync: int = 0
    _populations: dict[tuple[Part, ...], "Population"] = field(default_factory=dict)

    def population(self, parts: Iterable[Part]) -> "Population":
        """The orders that count under some parts."""
        key = tuple(part for part in parts if part.dimension not in SPANS)
        if key not in self._populations:
            self._populations[key] = self._select(key)
        return self._populations[key]

    def _select(self, parts: Sequence[Part]) -> "Population":
        dropped = self._bits(parts, Dimension.RULE, self.conditions)
        left_out = self._bits(parts, Dimension.LEFT_OUT, self.attributes)
        mended = self.sync if any(part.dimension == Dimension.SYNC for part in parts) else 0
        hours = next((part.amount for part in parts if part.dimension == Dimension.THRESHOLD), 0)
        counted = self.by_threshold[hours]
        return Population(
            {
                name: self._counting(rows, dropped, left_out | (mended if name in self.upper else 0))
                for name, rows in counted.items()
            }
        )

    def _bits(self, parts: Sequence[Part], dimension: Dimension, codes: Sequence[str]) -> int:
        return sum(1 << codes.index(part.code) for part in parts if part.dimension == dimension)

    def _counting(self, rows: Sequence[Row], dropped: int, left_out: int) -> "Line":
        counting = [
            (row.at, row.subject, row.amount)
            for row in rows
            if not row.failing & ~dropped and not self.marks.get(row.subject, 0) & left_out
        ]
        counting.sort()
        ats, subjects, amounts = zip(*counting, strict=True) if counting else ((), (), ())
        return Line(ats, subjects, tuple(accumulate(amounts, initial=0)))


@dataclass(frozen=True, slots=True)
class Line:
    """Instants in order, with their subjects and the sums up to each."""

    ats: Sequence[int]
    subjects: Sequence[int]
    sums: Sequence[int]

    def between(self, start: int, end: int) -> tuple[int, int]:
        return bisect_left(self.ats, start), bisect_left(self.ats, end)

    def between_subjects(self, start: int, end: int) -> Ids:
        """The subjects from an instant until before another."""
        first, last = self.between(start, end)
        return frozenset(self.subjects[first:last])


@dataclass(frozen=True, slots=True)
class Population:
    """What counts, by counter."""

    lines: Mapping[str, Line]

    def sums(self, start: int, end: int) -> dict[str, int]:
        """The sums of all counters from an instant until before another."""
        found = {}
        for name, line in self.lines.items():
            first, last = line.between(start, end)
            found[name] = line.sums[last] - line.sums[first]
        return found


@dataclass(frozen=True, slots=True)
class Asked:
    """The platform's figure: its day as a number, the days of our window, the decimals it was given with. ``offset``:
    seconds by which days of the metric's calendar begin before those of UTC (DM-25)."""

    theirs: Decimal
    places: int
    day: int
    window: int
    offset: int = OUR_OFFSET

    def span(self, parts: Iterable[Part]) -> tuple[int, int]:
        """The instants between which orders count under some parts; the second is not included."""
        amounts = {part.dimension: part.amount for part in parts}
        last = self.day + amounts.get(Dimension.END, 0)
        first = last - amounts.get(Dimension.WINDOW, self.window) + 1
        offset = amounts[Dimension.CLOCK] * HOUR if Dimension.CLOCK in amounts else self.offset
        return first * DAY - offset, (last + 1) * DAY - offset


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a hypothesis counts: failures and denominator, or what is divided by what, the sums of all counters, the
    value, and whether it is the platform's."""

    parts: tuple[Part, ...]
    failures: int
    denominator: int
    value: Fraction | None
    exact: bool
    distance: Fraction
    sums: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Residue:
    """What is left where no count of ours explains the gap: the fewest orders that are not here (``missing``, of which
    ``failed`` failed), or the fewest of our failures that the platform doesn't count (``uncounted``); 0 for none."""

    missing: int = 0
    failed: int = 0
    uncounted: int = 0


def outcome(subjects: Subjects, asked: Asked, parts: tuple[Part, ...]) -> Outcome:
    """Count one hypothesis; no parts count as we do."""
    sums = subjects.population(parts).sums(*asked.span(parts))
    failures, denominator = (sum(sums[name] for name in names) for names in (subjects.upper, subjects.lower))
    value = subjects.value_of(sums)
    exact = value is not None and rounded(value, asked.places) == rounded(Fraction(asked.theirs), asked.places)
    distance = Fraction(10**9) if value is None else abs(value - Fraction(asked.theirs))
    return Outcome(parts, failures, denominator, value, exact, distance, tuple(sums.values()))


def single_parts(subjects: Subjects, asked: Asked) -> list[Part]:
    """Every change that is tried."""
    return [
        *(Part(Dimension.WINDOW, amount=days) for days in WINDOWS if days != asked.window),
        *(Part(Dimension.END, amount=days) for days in ENDS),
        *(Part(Dimension.CLOCK, amount=hours) for hours in CLOCKS if hours * HOUR != asked.offset),
        *([Part(Dimension.SYNC)] if subjects.sync else []),
        *(Part(Dimension.RULE, code) for code in subjects.conditions if code),
        *(Part(Dimension.THRESHOLD, amount=hours) for hours in subjects.by_threshold if hours),
        *(Part(Dimension.LEFT_OUT, code) for code in subjects.attributes),
    ]


def hypotheses(subjects: Subjects, asked: Asked) -> Iterator[Outcome]:
    """Every hypothesis of one or two changes that changes what is counted. Of two, both must matter: a pair that counts
    as one of its parts does says no more than that."""
    base = outcome(subjects, asked, ())
    counts: dict[tuple[Part, ...], tuple[int, ...]] = {}
    for part in single_parts(subjects, asked):
        one = outcome(subjects, asked, (part,))
        counts[(part,)] = one.sums
        if one.sums != base.sums:
            yield one
    for pair in combinations(single_parts(subjects, asked), 2):
        if pair[0].dimension == pair[1].dimension and pair[0].dimension != Dimension.RULE:
            continue
        both = outcome(subjects, asked, pair)
        if both.sums not in {counts[(part,)] for part in pair} | {base.sums}:
            yield both


def ranked(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Those that give the platform's figure first, the simplest first among them; then the nearest."""

    def rank(one: Outcome) -> tuple[object, ...]:
        order = tuple(ORDER.index(part.dimension) for part in one.parts)
        return not one.exact, len(one.parts) if one.exact else 0, one.distance, len(one.parts), order

    return sorted(outcomes, key=rank)


def residue(subjects: Subjects, asked: Asked, base: Outcome) -> Residue:
    """The fewest missing orders, and the fewest uncounted failures, that give the platform's figure; of rates alone."""
    rate = subjects.value_of
    if not isinstance(rate, Rate):
        return Residue()
    theirs = rounded(Fraction(asked.theirs), asked.places)

    def fits(failures: int, denominator: int) -> bool:
        value = rate.of(failures, denominator)
        return value is not None and rounded(value, asked.places) == theirs

    missing, failed = _missing(fits, base, asked, rate.is_floor)
    fewer = (gone for gone in range(1, base.failures + 1) if fits(base.failures - gone, base.denominator))
    return Residue(missing, failed, next(fewer, 0))


def _missing(fits: Fits, base: Outcome, asked: Asked, is_floor: bool) -> tuple[int, int]:
    share = 1 - Fraction(asked.theirs) if is_floor else Fraction(asked.theirs)
    for more in range(1, MOST_MISSING + 1):
        wanted = int(rounded(share * (base.denominator + more), 0)) - base.failures
        for failed in (wanted - 1, wanted, wanted + 1):
            if 0 <= failed <= more and fits(base.failures + failed, base.denominator + more):
                return more, failed
    return 0, 0


@dataclass(frozen=True, slots=True)
class Difference:
    """What a hypothesis counts and we don't, or the other way round: ids of the whole and of what fails."""

    more: Ids
    fewer: Ids
    more_failed: Ids
    fewer_failed: Ids

    @property
    def ids(self) -> Ids:
        return self.more | self.fewer | self.more_failed | self.fewer_failed


def difference(subjects: Subjects, asked: Asked, parts: tuple[Part, ...]) -> Difference:
    """The subjects behind a hypothesis."""
    ours, theirs = (_counted(subjects, asked, some) for some in ((), parts))

    def only(these: Mapping[str, frozenset[int]], those: Mapping[str, frozenset[int]], names: Sequence[str]) -> Ids:
        return frozenset().union(*(these[name] - those[name] for name in names))

    lower, upper = subjects.lower, subjects.upper
    return Difference(
        only(theirs, ours, lower), only(ours, theirs, lower), only(theirs, ours, upper), only(ours, theirs, upper)
    )


def failures_of(subjects: Subjects, asked: Asked) -> Ids:
    """What fails as we count; of rates alone."""
    if not isinstance(subjects.value_of, Rate):
        return frozenset()
    counted = _counted(subjects, asked, ())
    return frozenset().union(*(counted[name] for name in subjects.upper))


def _counted(subjects: Subjects, asked: Asked, parts: tuple[Part, ...]) -> dict[str, Ids]:
    population, (start, end) = subjects.population(parts), asked.span(parts)
    return {name: line.between_subjects(start, end) for name, line in population.lines.items()}
