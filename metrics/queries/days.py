"""Which day a page shows (MX-07, SR-11), and when its figures were and will be computed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from core.timebase import EPOCH_DAY, SHANGHAI_OFFSET, rating_day, rating_day_end
from metrics.catalogue import Calendar
from metrics.models import Published
from metrics.rules.days import last_complete_day
from metrics.scorecards.store_profiles import StoreProfile

# The performance run (MX-03).
RUN_AT = time(2)


@dataclass(frozen=True, slots=True)
class PageDays:
    """``performance`` and ``rating``: the days whose figures are shown; ``known``: the last day that every feed covers
    (None without feeds); ``last``: the last complete day; ``chosen``: whether the address names the day."""

    performance: date
    rating: date
    known: date | None
    last: date
    chosen: bool

    def of(self, calendar: Calendar) -> date:
        """The day of a metric's calendar."""
        return self.performance if calendar == Calendar.PERFORMANCE else self.rating

    @property
    def is_stale(self) -> bool:
        """Whether data of complete days is missing."""
        return self.known is not None and self.known < self.last

    @property
    def is_present(self) -> bool:
        """Whether the shown day is the last known one, so that what comes after it is to come."""
        return self.performance >= (min(self.known, self.last) if self.known else self.last)


def page_days(profile: StoreProfile, at: datetime, asked: date | None = None) -> PageDays:
    """The last known day, not after the last complete one; another day where the address names it (MX-07).

    The rating day ends eight hours after the performance day of the same date, so it may be one earlier."""
    last = last_complete_day(at, Calendar.PERFORMANCE)
    last_rating = last_complete_day(at, Calendar.RATING)
    known = profile.known_day
    if asked is not None:
        day = max(min(asked, last), EPOCH_DAY)
        return PageDays(day, min(day, last_rating), known, last, chosen=True)
    day = min(known, last) if known else last
    return PageDays(day, min(day, last_rating, _known_rating_day(profile) or day), known, last, chosen=False)


def _known_rating_day(profile: StoreProfile) -> date | None:
    until = profile.known_until
    if until is None:
        return None
    day = rating_day(until)
    return day if rating_day_end(day) <= until else day - timedelta(days=1)


def next_run_at(at: datetime) -> datetime:
    """The next performance run after an instant."""
    local = at.astimezone(SHANGHAI_OFFSET)
    run = datetime.combine(local.date(), RUN_AT, SHANGHAI_OFFSET)
    return (run if run > local else run + timedelta(days=1)).astimezone(UTC)


def published_rows(store_id: int, days: PageDays) -> dict[Calendar, Published]:
    """What was first published of the shown days, by calendar (MX-08)."""
    rows = Published.objects.filter(store=store_id, day__in={days.performance, days.rating})
    return {Calendar(row.calendar): row for row in rows if row.day == days.of(Calendar(row.calendar))}
