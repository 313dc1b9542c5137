"""``nightly``: the runs of a day, a range of days or some stores, or a full rebuild (IX-11)."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.outbox.delivering import run_outbox
from core.timebase import days_between
from metrics.catalogue import Calendar
from metrics.rules.days import is_over, last_complete_day
from metrics.services.night import NightResult, run_night
from metrics.services.runs import GivenUpError
from metrics.tasks import ask_for_help
from stores.shards import UnknownStoreError

BOTH = (Calendar.RATING, Calendar.PERFORMANCE)
ZONES = {Calendar.RATING: "UTC", Calendar.PERFORMANCE: "Asia/Shanghai"}

WORKERS = {calendar: partial(ask_for_help, calendar) for calendar in Calendar}


def day_argument(text: str) -> date:
    """A day of the command line, in the years that imports take."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day: write YYYY-MM-DD") from error
    if day.isoformat() != text:
        raise ArgumentTypeError(f"{text!r} is not a day: write YYYY-MM-DD")
    if not 2000 <= day.year <= 2100:
        raise ArgumentTypeError(f"{text!r} is outside the years 2000 to 2100")
    return day


class Command(BaseCommand):
    help = "Closes a day in both calendars: facts, benchmarks, scorecards, published rows (MX-03)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--day", type=day_argument, help="the day to close, in those calendars in which it is over")
        parser.add_argument("--from", dest="first", type=day_argument, help="first day of a range")
        parser.add_argument("--to", dest="last", type=day_argument, help="last day of a range")
        parser.add_argument("--store", action="extend", nargs="+", metavar="NO", help="publish for these stores only")
        parser.add_argument("--rebuild", action="store_true", help="recompute all facts first")
        parser.add_argument("--by-workers", action="store_true", help="leave the work to Celery workers, and wait")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        now = datetime.now(UTC)
        nights: list[NightResult] = []
        days = self._days(options, now)
        self._name_days_not_over(days, now)
        for place, (day, calendars) in enumerate(days):
            try:
                nights += run_night(
                    day=day,
                    at=now,
                    calendars=calendars,
                    store_nos=options["store"],
                    rebuild=options["rebuild"] and place == 0,
                    progress=None if options["json"] else self._progress,
                    wake=WORKERS if options["by_workers"] else None,
                )
            except UnknownStoreError as error:
                raise CommandError(f"no store has the number {error}: see `manage.py export scorecards`") from error
            except GivenUpError as error:
                raise CommandError(f"{error}. Mend the cause, then run the day again") from error
        # Messages of these nights, should no worker be about.
        run_outbox(at=now)
        self._report(nights, as_json=options["json"])

    def _days(self, options: dict[str, Any], now: datetime) -> list[tuple[date, tuple[Calendar, ...]]]:
        """The days to close, each with its calendars."""
        if options["day"] and (options["first"] or options["last"]):
            raise CommandError("give either --day or --from and --to")
        if bool(options["first"]) != bool(options["last"]):
            raise CommandError("--from and --to go together")
        if options["first"]:
            if options["first"] > options["last"]:
                raise CommandError("--from is after --to")
            return [(day, BOTH) for day in days_between(options["first"], options["last"])]
        if options["day"]:
            return [(options["day"], BOTH)]
        # In the morning of Shanghai its last day is over, but the UTC day of the same date is not: what is published
        # of a day never changes, so each calendar closes its own.
        rating, performance = (last_complete_day(now, calendar) for calendar in BOTH)
        if rating == performance:
            return [(rating, BOTH)]
        return [(rating, (Calendar.RATING,)), (performance, (Calendar.PERFORMANCE,))]

    def _name_days_not_over(self, days: list[tuple[date, tuple[Calendar, ...]]], now: datetime) -> None:
        """Say which days are left open, and in which calendar; fail when nothing is left to close (IX-11)."""
        left = [(day, calendar) for day, calendars in days for calendar in calendars if not is_over(day, now, calendar)]
        for day, calendar in left:
            self.stderr.write(f"{day} is not over in {ZONES[calendar]}: its {calendar} day is not closed")
        if len(left) == sum(len(calendars) for _day, calendars in days):
            raise CommandError("none of these days is over: nothing was done")

    def _progress(self, stage: str, done: int) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r{stage}: {done:,}", ending="")

    def _report(self, nights: list[NightResult], *, as_json: bool) -> None:
        if as_json:
            rows = [
                {
                    "day": night.day.isoformat(),
                    "run": night.job,
                    "stages": [
                        {
                            "stage": stage.stage,
                            "shards": stage.shards,
                            "rows": stage.rows,
                            "seconds": round(stage.seconds, 3),
                        }
                        for stage in night.stages
                    ],
                }
                for night in nights
            ]
            self.stdout.write(json.dumps({"runs": rows}))
            return
        for night in nights:
            for stage in night.stages:
                line = f"{night.day} {night.job:<12} {stage.stage:<12} {stage.rows:>10,} rows {stage.seconds:>8.2f} s"
                self.stdout.write(line)
