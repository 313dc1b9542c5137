"""A metric over the days that a chart shows (PG-04, MX-14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

Numbers = Sequence[Fraction | None]


@dataclass(frozen=True, slots=True)
class History:
    """A metric over days, oldest first: value, the thresholds in force on each day, the benchmark; None where there is
    none. ``versions``: the policy version in force on each day."""

    title: str
    unit: str
    days: Sequence[date]
    values: Numbers
    yellow: Numbers
    red: Numbers
    benchmark: Numbers
    versions: Sequence[int]


@dataclass(frozen=True, slots=True)
class Future:
    """What may come after a history: its days and, per course, its name and values (MX-14)."""

    days: Sequence[date]
    courses: Sequence[tuple[str, Numbers]]
