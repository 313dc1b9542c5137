"""Notices of upheld copyright complaints: which level, and when one is over (PN-24). Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.timebase import performance_day, performance_day_start
from notifications.rules import NoticeLevel

# What such notices have as their metric. It is no metric of scorecards: no night judges it.
COPYRIGHT = "copyright"
COUNTER = "copyright_upheld"
UNIT = "count"


@dataclass(frozen=True, slots=True)
class UpheldComplaint:
    """A complaint about a listing's image that was decided against the store."""

    number: str
    sku: str
    opened_at: datetime
    resolved_at: datetime

    @property
    def day(self) -> date:
        return performance_day(self.resolved_at)


@dataclass(frozen=True, slots=True)
class CopyrightLine:
    """How many complaints within how many days make a notice red (policy)."""

    red_count: int
    days: int

    def level(self, count: int) -> NoticeLevel:
        """Yellow from the first, red from the policy's number on."""
        return NoticeLevel.RED if count >= self.red_count else NoticeLevel.YELLOW

    def needed(self, level: NoticeLevel) -> int:
        """How many complaints a notice of this level stands on."""
        return self.red_count if level == NoticeLevel.RED else 1


def counted_with(complaint: UpheldComplaint, complaints: Iterable[UpheldComplaint], days: int) -> list[UpheldComplaint]:
    """The complaints of the window that ends with this one, newest first."""
    first = complaint.day - timedelta(days=days - 1)
    found = [one for one in complaints if first <= one.day and _order(one) <= _order(complaint)]
    return sorted(found, key=_order, reverse=True)


def _order(complaint: UpheldComplaint) -> tuple[datetime, str]:
    return complaint.resolved_at, complaint.number


def leaves_at(complaints: Iterable[UpheldComplaint], needed: int, days: int) -> datetime | None:
    """The first instant of the day on which fewer than ``needed`` of the complaints are in the window, if none is
    added; None where there are fewer already."""
    latest = sorted((one.day for one in complaints), reverse=True)
    if len(latest) < needed:
        return None
    return performance_day_start(latest[needed - 1] + timedelta(days=days))


def over_at(mended: Sequence[datetime | None], left: datetime | None, days: int) -> datetime | None:
    """When a notice is rectified: so many days after none of the listings shows the image any more, or after the
    complaints have left the window (PN-33). ``mended``: since when each listing doesn't, None while it does."""
    whole = [instant for instant in mended if instant is not None]
    taken_down = max(whole) if whole and len(whole) == len(mended) else None
    since = min((instant for instant in (taken_down, left) if instant is not None), default=None)
    return None if since is None else since + timedelta(days=days)
