"""The next days of a metric in three courses (MX-14). Pure and exact: integers and fractions, no database, no clock.

A window of a future day is what is left of the past in it and what enters on the days between. What enters is what
already stands in the facts of those days, filled up to the usual daily mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from metrics.catalogue import METRICS, Kind
from metrics.rules.values import Zone
from rulebook.rules import crosses

Pair = tuple[Fraction, Fraction]


class Course(StrEnum):
    """What the seller does with the work that is open."""

    NOTHING = "nothing"
    IN_TIME = "in_time"
    PACE = "pace"


@dataclass(frozen=True, slots=True)
class Usual:
    """What was counted over the ``days`` of the pace: the upper and the lower part of a ratio. A supposed pace may be
    of fractions."""

    upper: int | Fraction
    lower: int | Fraction
    days: int

    @property
    def mean(self) -> Fraction:
        """The lower part of a usual day."""
        return Fraction(self.lower, self.days)

    @property
    def rate(self) -> Fraction:
        """The upper part for one of the lower; 0 where there was none."""
        return Fraction(self.upper, self.lower) if self.lower else Fraction()

    def expected(self, number: Fraction) -> Fraction:
        """The upper part that goes with ``number`` of the lower; without any in the pace, that of a usual day."""
        return self.rate * number if self.lower else Fraction(self.upper, self.days)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the facts of a future day hold: ``standing`` of the lower part; of the upper part ``certain``, which no
    course changes, and ``open``, which stands only if the seller does nothing; ``unsure``: how many of ``standing``
    depend on carriers or buyers and so go at the usual pace whatever the facts say."""

    standing: int
    certain: int = 0
    open: int = 0
    unsure: int = 0


def entering(ahead: Ahead, usual: Usual, course: Course) -> Pair:
    """Upper and lower part that enter on a future day."""
    lower = max(Fraction(ahead.standing), usual.mean)
    new = lower - ahead.standing
    own = {
        Course.NOTHING: Fraction(ahead.open),
        Course.IN_TIME: Fraction(),
        Course.PACE: ahead.open * min(usual.rate, Fraction(1)),
    }[course]
    return ahead.certain + own + usual.expected(new + ahead.unsure), lower


def entering_marks(ahead: Ahead, usual: Usual, course: Course) -> Fraction:
    """Missed confirmations of a future day: a count without a denominator of its own (TM-02). At the usual pace the
    usual number; what is open adds to it, or leaves it, only as far as it differs from that."""
    mean = max(usual.mean - ahead.certain, Fraction())
    count = {
        Course.NOTHING: max(Fraction(ahead.open), mean),
        Course.IN_TIME: max(mean - ahead.open, Fraction()),
        Course.PACE: mean,
    }[course]
    return ahead.certain + count


@dataclass(frozen=True, slots=True)
class Past:
    """A counter over the window up to today: its sum and its ``oldest`` days, which leave first; as many as there are
    days ahead, or all of a shorter window."""

    total: int
    oldest: Sequence[int]


def slide(past: Past, entered: Sequence[Fraction]) -> list[Fraction]:
    """Sums over the window of each future day. Where the window is shorter than what lies ahead, the first days that
    entered leave again."""
    sums, total = [], Fraction(past.total)
    leaving: list[Fraction] = [*map(Fraction, past.oldest), *entered][: len(entered)]
    for gone, come in zip(leaving, entered, strict=True):
        total += come - gone
        sums.append(total)
    return sums


@dataclass(frozen=True, slots=True)
class Flow:
    """A ratio over a window: its past, the days ahead, the pace."""

    upper: Past
    lower: Past
    ahead: Sequence[Ahead]
    usual: Usual

    def windows(self, course: Course) -> list[Pair]:
        """Upper and lower part of the window of each day ahead."""
        entered = [entering(day, self.usual, course) for day in self.ahead]
        uppers = slide(self.upper, [upper for upper, _lower in entered])
        lowers = slide(self.lower, [lower for _upper, lower in entered])
        return list(zip(uppers, lowers, strict=True))


@dataclass(frozen=True, slots=True)
class Bounds:
    """The thresholds that act and the least denominator that is judged (MX-05). None: no such threshold."""

    yellow: Fraction | None
    red: Fraction | None
    floor_top: Decimal | None
    inclusive: bool
    least: int

    def zone(self, value: Fraction | None, count: Fraction | int) -> Zone | None:
        """The zone of a value; None without a sufficient one."""
        if value is None or not 0 < count >= self.least:
            return None
        for threshold, zone in ((self.red, Zone.RED), (self.yellow, Zone.YELLOW)):
            if threshold is not None and crosses(value, threshold, floor_top=self.floor_top, inclusive=self.inclusive):
                return zone
        return Zone.OK


@dataclass(frozen=True, slots=True)
class Point:
    """A metric on a day ahead: ``value`` None for a denominator of 0, ``zone`` (of a score what it brings, see
    `metrics.rules.composites.Ladder`) None without a sufficient value."""

    value: Fraction | None
    zone: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of zone: on which of the days ahead (0 is the first), from where to where."""

    place: int
    before: str
    zone: str


def share_points(windows: Sequence[Pair], bounds: Bounds, *, is_floor: bool) -> list[Point]:
    """Values of a rate, or of a floor (denominator − failures), and their zones."""
    points = []
    for upper, lower in windows:
        share = upper / lower if lower else None
        value = 1 - share if is_floor and share is not None else share
        points.append(Point(value, bounds.zone(value, lower)))
    return points


def turns(now: str | None, points: Sequence[Point]) -> list[Turn]:
    """The days on which the zone changes. Days without a zone change nothing; before the first zone all is well."""
    found: list[Turn] = []
    before: str = now or Zone.OK
    for place, point in enumerate(points):
        if point.zone is not None and point.zone != before:
            found.append(Turn(place, before, point.zone))
            before = point.zone
    return found


def can_forecast(code: str) -> bool:
    """Whether a metric has a forecast: rates, floors, the rating and its dimensions, and the scores made of them."""
    return METRICS[code].kind in (Kind.RATE, Kind.FLOOR, Kind.STARS, Kind.COMPOSITE)
