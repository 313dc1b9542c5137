"""Figures between the nights: what came in is counted at once, so that pages never wait for the next run (MX-02)."""

from datetime import datetime

from core.models import DirtySubject
from metrics.catalogue import Calendar
from metrics.facts.updating import apply_dirty
from metrics.rules.days import last_complete_day
from metrics.scorecards.benchmarks import ensure_benchmarks
from metrics.scorecards.store_profiles import known_days
from metrics.services.runs import is_busy

# Stores whose data ends on another day than most see no peers until the next run.
MOST_DAYS = 3


def refresh_figures(*, at: datetime) -> int:
    """Bring facts up to date and make the benchmarks of the days that pages open on; returns subjects taken.

    Nothing is judged or published: that is the runs' (MX-03). While one is at work it has the facts to itself, so that
    all its shards see the same benchmarks.
    """
    if is_busy(at=at) or not DirtySubject.objects.exists():
        return 0
    taken = apply_dirty().subjects
    last = last_complete_day(at, Calendar.PERFORMANCE)
    days = sorted({min(day, last) for day in known_days()}, reverse=True)
    for day in days[:MOST_DAYS]:
        ensure_benchmarks([day])
    return taken
