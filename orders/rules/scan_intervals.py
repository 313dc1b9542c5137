"""Whether a carrier scans often enough for valid traces (AF-13). No database, no clock, no request."""

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Pace:
    """Measured intervals between scans: how many, their sum in seconds, and how many were longer than the target."""

    intervals: int = 0
    seconds: int = 0
    longer: int = 0

    @property
    def mean(self) -> timedelta | None:
        return timedelta(seconds=self.seconds // self.intervals) if self.intervals else None

    @property
    def longer_share(self) -> Fraction | None:
        return Fraction(self.longer, self.intervals) if self.intervals else None

    def is_seldom(self, target: timedelta, *, least: int, typical_hours: int | None) -> bool:
        """Whether the average interval is longer than the target; with fewer than ``least`` measured ones, whether the
        carrier's typical one is, so that it is named before it causes harm."""
        if self.intervals >= least:
            return self.seconds > target.total_seconds() * self.intervals
        return typical_hours is not None and timedelta(hours=typical_hours) > target
