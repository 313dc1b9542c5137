"""The two runs of a day (MX-03): facts of touched subjects → benchmarks → scorecards → published rows → what apps above
metrics make of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from django.db.models import Count, Max, Min

from metrics.catalogue import Calendar
from metrics.facts.apply import FactsResult, apply_touched, rebuild_facts
from metrics.figures.benchmarks import ensure_benchmarks
from metrics.models import Fact, Run
from metrics.rules.days import last_due_day
from metrics.services.publish import publish_day
from metrics.services.runs import StageResult, is_busy, run_stage
from metrics.services.shards import EVERY_STORE, named_stores
from metrics.services.stages import later_stages
from rulebook.timebase import days_between

PUBLISH = "publish"
# A scheduler that was away longer than this makes up the last days only; older ones are run by command.
MAKE_UP_DAYS = 31

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class NightResult:
    """The stages of a day's run, in order."""

    day: date
    job: str
    stages: list[StageResult]


def run_night(
    *,
    day: date,
    at: datetime,
    calendars: Sequence[Calendar] = (Calendar.RATING, Calendar.PERFORMANCE),
    store_nos: Sequence[str] | None = None,
    rebuild: bool = False,
    progress: Progress | None = None,
) -> list[NightResult]:
    """Close a day in the calendars: bring facts up to date, then publish what was not published yet.

    Everything may run twice and be killed anywhere; the next run completes it (RL-03). ``store_nos`` narrows what is
    published; facts and benchmarks always speak of all stores.
    """

    def report(done: int) -> None:
        if progress:
            progress("facts", done)

    shard = EVERY_STORE if store_nos is None else named_stores(store_nos)
    results = []
    for place, calendar in enumerate(calendars):
        facts = rebuild_facts if rebuild and place == 0 else apply_touched
        some = "" if store_nos is None else " some"
        work: dict[str, Callable[[], int]] = {
            "facts": partial(_update_facts, facts, report),
            "benchmarks": lambda: len(ensure_benchmarks([day])),
            PUBLISH + some: partial(publish_day, day=day, at=at, calendar=calendar, shard=shard),
        }
        for name, later in later_stages():
            work[name + some] = partial(later, day=day, at=at, calendar=calendar, shard=shard)
        stages = [run_stage(job=calendar, day=day, stage=stage, at=at, work=do) for stage, do in work.items()]
        results.append(NightResult(day, calendar, stages))
    return results


def _update_facts(facts: Callable[..., FactsResult], report: Callable[[int], None]) -> int:
    return facts(progress=report).subjects


def run_scheduled(*, calendar: Calendar, at: datetime) -> list[NightResult]:
    """Close every complete day of a calendar that has not been closed, oldest first (RL-04)."""
    results = []
    for day in days_to_close(calendar=calendar, at=at):
        if is_busy(job=calendar, day=day, at=at):
            break
        results += run_night(day=day, at=at, calendars=[calendar])
    return results


def days_to_close(*, calendar: Calendar, at: datetime) -> list[date]:
    """Days due after the last one that was closed, and those before it that a dead run left half-done; only the
    last due one where none ever was. A day is closed when everything from publishing on is done."""
    last = last_due_day(at, calendar)
    oldest = last - timedelta(days=MAKE_UP_DAYS)
    final = [PUBLISH, *(name for name, _work in later_stages())]
    begun = Run.objects.filter(job=calendar, stage__in=final)
    done = begun.filter(state=Run.State.DONE).values("day").annotate(stages=Count("stage"))
    whole = done.filter(stages=len(final))
    newest = whole.aggregate(last=Max("day"))["last"]
    closed = set(whole.filter(day__gte=oldest).values_list("day", flat=True))
    first = last if newest is None else max(newest + timedelta(days=1), oldest)
    missed = set(days_between(first, last))
    half_done = set(begun.filter(day__gte=oldest, day__lte=last).values_list("day", flat=True))
    return sorted((missed | half_done) - closed)


def fact_days() -> tuple[date, date] | None:
    """First and last day that has facts."""
    span = Fact.objects.aggregate(first=Min("day"), last=Max("day"))
    return None if span["first"] is None else (span["first"], span["last"])
