"""What could explain that a platform's figure differs from ours: every hypothesis counted exactly (BX-21). Pure.

A hypothesis changes at most two things of how a rate is counted: which orders count, the clock, the window. It explains
the gap if the value that follows, rounded as the platform rounds, is the platform's.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from itertools import combinations

from rulebook.rules import rounded

DAY = 86_400
HOUR = 3_600
# Seconds by which days of the performance calendar begin before those of UTC (DM-25).
OUR_OFFSET = 8 * HOUR
# Clocks of places where platforms count their days, hours from UTC.
CLOCKS = (0, -8, -7, 3, 1)
WINDOWS = (7, 14, 28, 30, 60, 90, 180)
ENDS = (-1, 1, -2)
MOST_MISSING = 500
Fits = Callable[[int, int], bool]


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
    """An order that a counter speaks of: when, and the conditions (bits of `Subjects.conditions`) that it fails.
    Complaints have ids below 0."""

    order_id: int
    at: int
    failing: int


@dataclass(frozen=True, slots=True)
class Counted:
    """The orders of a denominator and of its failures, before conditions are asked."""

    lower: Sequence[Row]
    upper: Sequence[Row]


@dataclass(frozen=True)
class Subjects:
    """All that hypotheses of a metric are counted from. ``by_threshold``: hours of a moved threshold → orders, 0 for
    ours; ``conditions``: their codes by bit; ``marks``: attributes of orders by id; ``attributes``: codes by bit."""

    by_threshold: Mapping[int, Counted]
    conditions: Sequence[str]
    marks: Mapping[int, int]
    attributes: Sequence[str]
    sync: int = 0
    is_floor: bool = False
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
            tuple(self._counting(counted.lower, dropped, left_out)),
            tuple(self._counting(counted.upper, dropped, left_out | mended)),
        )

    def _bits(self, parts: Sequence[Part], dimension: Dimension, codes: Sequence[str]) -> int:
        return sum(1 << codes.index(part.code) for part in parts if part.dimension == dimension)

    def _counting(self, rows: Sequence[Row], dropped: int, left_out: int) -> list[tuple[int, int]]:
        return sorted(
            (row.at, row.order_id)
            for row in rows
            if not row.failing & ~dropped and not self.marks.get(row.order_id, 0) & left_out
        )


@dataclass(frozen=True)
class Population:
    """Instants with ids, in order."""

    lower: Sequence[tuple[int, int]]
    upper: Sequence[tuple[int, int]]

    @cached_property
    def lower_at(self) -> list[int]:
        return [at for at, _order_id in self.lower]

    @cached_property
    def upper_at(self) -> list[int]:
        return [at for at, _order_id in self.upper]


@dataclass(frozen=True, slots=True)
class Asked:
    """The platform's figure: its day as a number, the days of our window, the decimals it was given with."""

    theirs: Decimal
    places: int
    day: int
    window: int

    def span(self, parts: Iterable[Part]) -> tuple[int, int]:
        """The instants between which orders count under some parts; the second is not included."""
        amounts = {part.dimension: part.amount for part in parts}
        last = self.day + amounts.get(Dimension.END, 0)
        first = last - amounts.get(Dimension.WINDOW, self.window) + 1
        offset = amounts[Dimension.CLOCK] * HOUR if Dimension.CLOCK in amounts else OUR_OFFSET
        return first * DAY - offset, (last + 1) * DAY - offset


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a hypothesis counts: failures and denominator, the value, and whether it is the platform's."""

    parts: tuple[Part, ...]
    failures: int
    denominator: int
    value: Fraction | None
    exact: bool
    distance: Fraction


@dataclass(frozen=True, slots=True)
class Residue:
    """What is left where no count of ours explains the gap: the fewest orders that are not here (``missing``, of which
    ``failed`` failed), or the fewest of our failures that the platform doesn't count (``uncounted``); 0 for none."""

    missing: int = 0
    failed: int = 0
    uncounted: int = 0


def outcome(subjects: Subjects, asked: Asked, parts: tuple[Part, ...]) -> Outcome:
    """Count one hypothesis; no parts count as we do."""
    found, (start, end) = subjects.population(parts), asked.span(parts)
    failures = bisect_left(found.upper_at, end) - bisect_left(found.upper_at, start)
    denominator = bisect_left(found.lower_at, end) - bisect_left(found.lower_at, start)
    value = _value(subjects, failures, denominator)
    exact = value is not None and rounded(value, asked.places) == rounded(Fraction(asked.theirs), asked.places)
    distance = Fraction(10**9) if value is None else abs(value - Fraction(asked.theirs))
    return Outcome(parts, failures, denominator, value, exact, distance)


def _value(subjects: Subjects, failures: int, denominator: int) -> Fraction | None:
    if denominator <= 0:
        return None
    share = Fraction(failures, denominator)
    return 1 - share if subjects.is_floor else share


def single_parts(subjects: Subjects, asked: Asked) -> list[Part]:
    """Every change that is tried."""
    return [
        *(Part(Dimension.WINDOW, amount=days) for days in WINDOWS if days != asked.window),
        *(Part(Dimension.END, amount=days) for days in ENDS),
        *(Part(Dimension.CLOCK, amount=hours) for hours in CLOCKS),
        *([Part(Dimension.SYNC)] if subjects.sync else []),
        *(Part(Dimension.RULE, code) for code in subjects.conditions if code),
        *(Part(Dimension.THRESHOLD, amount=hours) for hours in subjects.by_threshold if hours),
        *(Part(Dimension.LEFT_OUT, code) for code in subjects.attributes),
    ]


def hypotheses(subjects: Subjects, asked: Asked) -> Iterator[Outcome]:
    """Every hypothesis of one or two changes that changes what is counted. Of two, both must matter: a pair that counts
    as one of its parts does says no more than that."""
    base = outcome(subjects, asked, ())
    counts: dict[tuple[Part, ...], tuple[int, int]] = {}
    for part in single_parts(subjects, asked):
        one = outcome(subjects, asked, (part,))
        counts[(part,)] = one.failures, one.denominator
        if counts[(part,)] != (base.failures, base.denominator):
            yield one
    for pair in combinations(single_parts(subjects, asked), 2):
        if pair[0].dimension == pair[1].dimension and pair[0].dimension != Dimension.RULE:
            continue
        both = outcome(subjects, asked, pair)
        known = {counts[(part,)] for part in pair} | {(base.failures, base.denominator)}
        if (both.failures, both.denominator) not in known:
            yield both


def ranked(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Those that give the platform's figure first, the simplest first among them; then the nearest."""

    def rank(one: Outcome) -> tuple[object, ...]:
        order = tuple(ORDER.index(part.dimension) for part in one.parts)
        return not one.exact, len(one.parts) if one.exact else 0, one.distance, len(one.parts), order

    return sorted(outcomes, key=rank)


def residue(subjects: Subjects, asked: Asked, base: Outcome) -> Residue:
    """The fewest missing orders, and the fewest uncounted failures, that give the platform's figure."""
    theirs = rounded(Fraction(asked.theirs), asked.places)

    def fits(failures: int, denominator: int) -> bool:
        value = _value(subjects, failures, denominator)
        return value is not None and rounded(value, asked.places) == theirs

    missing, failed = _missing(fits, base, asked, subjects.is_floor)
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
    """Orders that a hypothesis counts and we don't, or the other way round: ids of denominators and of failures."""

    more: frozenset[int]
    fewer: frozenset[int]
    more_failed: frozenset[int]
    fewer_failed: frozenset[int]

    @property
    def ids(self) -> frozenset[int]:
        return frozenset(one for one in self.more | self.fewer | self.more_failed | self.fewer_failed if one > 0)


def difference(subjects: Subjects, asked: Asked, parts: tuple[Part, ...]) -> Difference:
    """The orders behind a hypothesis."""
    ours, theirs = (_counted(subjects, asked, some) for some in ((), parts))
    return Difference(theirs[0] - ours[0], ours[0] - theirs[0], theirs[1] - ours[1], ours[1] - theirs[1])


def failures_of(subjects: Subjects, asked: Asked) -> frozenset[int]:
    """The orders that fail as we count."""
    return frozenset(one for one in _counted(subjects, asked, ())[1] if one > 0)


def _counted(subjects: Subjects, asked: Asked, parts: tuple[Part, ...]) -> tuple[frozenset[int], frozenset[int]]:
    found, (start, end) = subjects.population(parts), asked.span(parts)

    def within(rows: Sequence[tuple[int, int]], instants: Sequence[int]) -> frozenset[int]:
        return frozenset(one for _at, one in rows[bisect_left(instants, start) : bisect_left(instants, end)])

    return within(found.lower, found.lower_at), within(found.upper, found.upper_at)
