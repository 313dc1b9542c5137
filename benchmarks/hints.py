"""What a scheduler does for a night over workers: `python -m benchmarks.hints reopen`, then `close DAY`; JSON."""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from benchmarks import ready  # noqa: F401
from metrics.catalogue import Calendar
from metrics.facts.updating import forget_facts
from metrics.models import Published
from metrics.rules.days import last_due_day
from metrics.services.night import days_to_close, night_of, run_scheduled
from metrics.services.runs import Clock, reopen_day
from metrics.tasks import performance_run, rating_run

LOOK_AGAIN = 0.1
TASKS = ((Calendar.RATING, rating_run), (Calendar.PERFORMANCE, performance_run))


def reopen() -> dict[str, str]:
    """Close every day that is due, then delete the facts and reopen the last day, as if it was never published."""
    now = datetime.now(UTC)
    day = min(last_due_day(now, calendar) for calendar in Calendar)
    for calendar in Calendar:
        run_scheduled(calendar=calendar, at=now)
        reopen_day(job=calendar, day=day, clock=Clock(now))
    Published.objects.filter(day=day).delete()
    forget_facts()
    return {"day": day.isoformat()}


def close(text: str) -> dict[str, Any]:
    """Hint at both runs of the day as the schedule does, one after the other, and wait until they are done."""
    day, began = date.fromisoformat(text), time.perf_counter()
    for calendar, task in TASKS:
        task.delay()
        while day in days_to_close(calendar=calendar, at=datetime.now(UTC)):
            time.sleep(LOOK_AGAIN)
    seconds, stages = time.perf_counter() - began, {}
    for calendar, _task in TASKS:
        for stage in night_of(calendar, day).stages:
            stages[stage.stage] = stages.get(stage.stage, 0.0) + stage.seconds
    return {"seconds": seconds, "stages": stages}


ACTIONS: dict[str, Callable[..., dict[str, Any]]] = {"reopen": reopen, "close": close}

if __name__ == "__main__":
    print(json.dumps(ACTIONS[sys.argv[1]](*sys.argv[2:])))
