"""The nights of the last weeks for staff: progress, duration, and what blocks them (MX-03)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from metrics.catalogue import Calendar
from metrics.models import Run

UNDONE = ~Q(state=Run.State.DONE)


@dataclass(frozen=True, slots=True)
class StageWork:
    """A stage of a night: shards and how many are done, rows, seconds of all workers together and of the slowest
    shard, shards that were begun more than once."""

    name: str
    shards: int
    done: int
    rows: int
    seconds: float
    slowest: float
    again: int


@dataclass(frozen=True, slots=True)
class Night:
    """A day's run in a calendar. ``seconds`` is from the first beginning to the last end, None while it goes on;
    ``behind``: due and not closed; ``error``: what the last shard that failed said."""

    calendar: Calendar
    day: date
    stages: Sequence[StageWork]
    begun_at: datetime | None
    seconds: float | None
    running: int
    behind: bool
    error: str

    @property
    def work(self) -> float:
        """Seconds of all workers together."""
        return sum(stage.seconds for stage in self.stages)


def recent_nights(*, days: int, last: date, behind: Mapping[Calendar, Collection[date]]) -> list[Night]:
    """The nights of the ``days`` days up to ``last``, newest first, with those that are behind."""
    first = last - timedelta(days=days - 1)
    rows = Run.objects.filter(day__gte=first, day__lte=last)
    by_stage = (
        rows.values("job", "day", "stage")
        .order_by()
        .annotate(
            shards=Count("id"),
            undone=Count("id", filter=UNDONE),
            again=Count("id", filter=Q(attempts__gt=1)),
            made=Sum("rows"),
            spent=Sum("milliseconds"),
            slowest=Max("milliseconds"),
            opened=Min("id"),
        )
    )
    stages: dict[tuple[str, date], list[tuple[int, StageWork]]] = {}
    for row in by_stage:
        work = StageWork(
            row["stage"],
            row["shards"],
            row["shards"] - row["undone"],
            row["made"],
            row["spent"] / 1000,
            row["slowest"] / 1000,
            row["again"],
        )
        stages.setdefault((row["job"], row["day"]), []).append((row["opened"], work))
    spans = (
        rows.values("job", "day")
        .order_by()
        .annotate(
            begun=Min("started_at"),
            ended=Max("finished_at"),
            undone=Count("id", filter=UNDONE),
            running=Count("id", filter=Q(state=Run.State.RUNNING)),
        )
    )
    span_of: dict[tuple[str, date], dict[str, Any]] = {(row["job"], row["day"]): {**row} for row in spans}
    failed = rows.filter(state=Run.State.FAILED).order_by("finished_at").values_list("job", "day", "error")
    errors = {(job, day): error for job, day, error in failed}
    keys = set(span_of) | {(calendar.value, day) for calendar, late in behind.items() for day in late if day >= first}
    return [
        _night(
            Calendar(job),
            day,
            stages=stages.get((job, day), []),
            span=span_of.get((job, day), {}),
            behind=day in behind[Calendar(job)],
            error=errors.get((job, day), ""),
        )
        for job, day in sorted(keys, key=lambda key: (key[1], key[0]), reverse=True)
    ]


def _night(
    calendar: Calendar,
    day: date,
    *,
    stages: Sequence[tuple[int, StageWork]],
    span: dict[str, Any],
    behind: bool,
    error: str,
) -> Night:
    begun, ended = span.get("begun"), span.get("ended")
    return Night(
        calendar,
        day,
        [work for _opened, work in sorted(stages, key=lambda pair: pair[0])],
        begun,
        (ended - begun).total_seconds() if begun and ended and not span["undone"] else None,
        span.get("running", 0),
        behind,
        error,
    )
