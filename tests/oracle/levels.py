"""The penalties that hang on the liability rate, the health score and the hard thresholds, from their days alone
(DP-02, DP-04, DP-06, DP-11, DP-12, TM-10). Slow on purpose: for every day it looks at all days."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

END_DAYS, FREEZE_DAYS, MONTHS = 7, 30, 2
SURCHARGED_FROM = Fraction(4, 100)
BROUGHT = {
    1: ["warning"],
    2: ["flash_deals_block", "ad_premium_cap"],
    3: ["search_demotion", "promotion_block", "withdrawal_freeze", "new_store_block"],
}
INSURED = 2


@dataclass(frozen=True)
class Known:
    """What was published of a day: the level, 0 for none; a rate; neither where it says nothing. ``late``: published
    more than a day after its end (MX-09)."""

    level: int | None
    rate: Fraction | None = None
    late: bool = False


Days = Mapping[date, Known]
Told = tuple[str, str, datetime, datetime | None, str]


def night_of(day: date) -> datetime:
    """02:00 in Shanghai on the next day."""
    return datetime(day.year, day.month, day.day, 2, tzinfo=timezone(timedelta(hours=8))) + timedelta(days=1)


def penalties(days: Days) -> set[Told]:
    """Kind, cause, beginning, end if it is over, and why, of every penalty after these days."""
    now = night_of(max(days))
    told: set[Told] = set()
    for level, kinds in BROUGHT.items():
        for first, last in level_spells(days, level, END_DAYS):
            for kind in kinds:
                end, why = (night_of(last), "met") if last else (None, "")
                latest = night_of(first) + timedelta(days=FREEZE_DAYS)
                # reading: a freeze runs out after thirty days, and is not renewed while the level lasts.
                if kind == "withdrawal_freeze" and latest <= min(now, end or now):
                    end, why = latest, "expired"
                told.add((kind, f"L{level} {first}", night_of(first), end, why))
    for first, last in insured(days):
        told.add(one("insurance_surcharge", str(first), last, first))
    for first, last in surcharged(days):
        told.add(one("commission_surcharge", str(first), last, first))
    return told


def warnings(metric: str, days: Days) -> set[Told]:
    """The warnings of a hard threshold: past it is level 1; the first day that is not past it ends it."""
    return {one("warning", f"{metric} {first}", last, first) for first, last in level_spells(days, 1, 1)}


def blocks(days: Days) -> set[Told]:
    """Promotions are blocked by a score below the threshold, which is level 1, until the first that is not below it.
    Scores are published when the day ends in UTC, eight hours after 00:00 in Shanghai."""
    later = timedelta(hours=6)
    told = [one("promotion_block", f"shs {first}", last, first) for first, last in level_spells(days, 1, 1)]
    return {(kind, cause, start + later, end and end + later, why) for kind, cause, start, end, why in told}


def one(kind: str, cause: str, last: date | None, first: date) -> Told:
    return kind, cause, night_of(first), night_of(last) if last else None, "met" if last else ""


def reaches(known: Known | None, level: int) -> bool:
    return known is not None and known.level is not None and known.level >= level


def level_spells(days: Days, level: int, needed: int) -> Iterator[tuple[date, date | None]]:
    """Reached on a day that was published in time; over with the last of so many days running below."""
    covered = date.min
    for day in sorted(days):
        if day <= covered or days[day].late or not reaches(days[day], level):
            continue
        ends = [other for other in sorted(days) if other > day and are_below(days, other, day, level, needed)]
        yield day, ends[0] if ends else None
        covered = ends[0] if ends else date.max


def are_below(days: Days, last: date, after: date, level: int, needed: int) -> bool:
    row = [last - timedelta(days=back) for back in range(needed)]
    # reading: a day without a value that says something is not a day below.
    return all(
        day > after and day in days and days[day].level is not None and not reaches(days[day], level) for day in row
    )


def insured(days: Days) -> Iterator[tuple[date, date | None]]:
    covered = date.min
    for day in sorted(days):
        if day <= covered or days[day].late or not reaches(days[day], INSURED):
            continue
        ends = [end for end in month_ends(days) if (end.year, end.month) > (day.year, day.month) and clean(days, end)]
        yield day, ends[0] if ends else None
        covered = ends[0] if ends else date.max


def month_ends(days: Days) -> list[date]:
    last = {date(day.year, day.month, monthrange(day.year, day.month)[1]) for day in days}
    return sorted(end for end in last if end <= max(days))


def clean(days: Days, end: date) -> bool:
    month = [known for day, known in days.items() if (day.year, day.month) == (end.year, end.month)]
    return any(known.level is not None for known in month) and not any(reaches(known, INSURED) for known in month)


def surcharged(days: Days) -> Iterator[tuple[date, date | None]]:
    ends = month_ends(days)
    rates = {end: days[end].rate if end in days else None for end in ends}
    covered = date.min
    for place, end in enumerate(ends):
        row = ends[max(0, place - MONTHS + 1) : place + 1]
        high = len(row) == MONTHS and all((rates[one] or 0) >= SURCHARGED_FROM for one in row)
        if end <= covered or not high or days[end].late:
            continue
        later = [one for one in ends if one > end and (rate := rates[one]) is not None and rate < SURCHARGED_FROM]
        yield end, later[0] if later else None
        covered = later[0] if later else date.max
