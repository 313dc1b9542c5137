"""``export``: facts, scorecards, ratings and problem orders as CSV, XLSX or Parquet (IX-13)."""

import json
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.management.base import CommandError
from django.db.models import Max, Min

from appeals.exports import APPEALS
from core.pages.people_sheets import Reader, write_file
from core.pages.sheets import is_csv, write_lines, write_table
from core.pages.sqlsheets import write_csv
from core.terminal import EnglishCommand
from core.timebase import window_start
from dashboard.export_sheets import PEOPLE
from metrics.catalogue import Calendar
from metrics.exports.kinds import EXPORTS as METRIC_EXPORTS
from metrics.exports.kinds import Export, metric_codes_with_problems
from metrics.exports.selection import Selection
from metrics.management.commands.nightly import day_argument
from metrics.models import Published, Run
from metrics.rules.days import last_complete_day
from metrics.services.night import fact_days
from notifications.exports import NOTICES
from penalties.exports import PENALTIES
from rulebook.queries import policy_at
from stores.shards import UnknownStoreError, stores_of

EXPORTS = {**METRIC_EXPORTS, "notices": NOTICES, "appeals": APPEALS, "penalties": PENALTIES}
PEOPLE_AUDIENCE = "people"
AUDIENCES = ("programs", PEOPLE_AUDIENCE)
# People see times in it unless they name another one (DM-28).
DEFAULT_ZONE = "Asia/Shanghai"


class Command(EnglishCommand):
    # They load every page, which takes longer than most exports; `doctor` and `check` run them.
    requires_system_checks: list[str] = []
    help = "Writes a table of computed figures to a file; the suffix of --out chooses CSV, XLSX or Parquet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(EXPORTS), metavar="KIND", help=", ".join(sorted(EXPORTS)))
        parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="file to write")
        parser.add_argument("--store", action="extend", nargs="+", metavar="NO", help="these stores only")
        parser.add_argument("--from", dest="first", type=day_argument, metavar="DAY", help="first day")
        parser.add_argument("--to", dest="last", type=day_argument, metavar="DAY", help="last day")
        parser.add_argument("--metric", choices=metric_codes_with_problems(), help="for problem_orders: the metric")
        parser.add_argument(
            "--for",
            dest="audience",
            choices=AUDIENCES,
            default=AUDIENCES[0],
            help="programs (the default): names and values that never change; people: words, in a language and a zone",
        )
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], help="for people")
        parser.add_argument("--zone", metavar="ZONE", help=f"for people: {DEFAULT_ZONE} if not given")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a sentence")

    def handle(self, *args: Any, **options: Any) -> None:
        kind, out = options["kind"], options["out"]
        if (kind == "problem_orders") != bool(options["metric"]):
            raise CommandError("--metric goes with problem_orders, and problem_orders needs it")
        if not out.parent.is_dir():
            raise CommandError(f"{out.parent} is no folder: make it first")
        if out.is_dir():
            raise CommandError(f"{out} is a folder: name a file in it")
        try:
            reader = _reader(options)
            selection = self._selection(options)
            rows = _write_for(reader, out, kind, selection) if reader else _write(out, EXPORTS[kind], selection)
        except UnknownStoreError as error:
            raise CommandError(f"no store has the number {error}") from error
        except OSError as error:
            raise CommandError(f"{out} can't be written: {error.strerror or error}") from error
        if options["json"]:
            self.stdout.write(json.dumps({"kind": kind, "rows": rows, "file": str(out)}))
        else:
            self.stdout.write(f"{rows:,} rows of {kind} written to {out}")

    def _selection(self, options: dict[str, Any]) -> Selection:
        first, last = options["first"], options["last"]
        if last is None or first is None:
            default_first, default_last = self._default_days(options, last)
            first, last = first or default_first, last or default_last
        if first > last:
            raise CommandError("--from is after --to")
        return Selection(stores_of(options["store"]), first, last, options["metric"] or "")

    def _default_days(self, options: dict[str, Any], last: date | None) -> tuple[date, date]:
        """Facts: all there are. Problem orders: the metric's window. The rest: the days that were closed."""
        span = fact_days()
        complete = last_complete_day(datetime.now(UTC), Calendar.PERFORMANCE)
        if span is None:
            return complete, complete
        if options["kind"] == "facts":
            return span
        closed = Run.objects.filter(stage="publish").aggregate(first=Min("day"), last=Max("day"))
        if closed["last"] is None:
            # A night for some stores only leaves no records of its own, but what it published.
            closed = Published.objects.aggregate(first=Min("day"), last=Max("day"))
        end = last or closed["last"] or min(complete, span[1])
        if options["kind"] == "problem_orders":
            policy = policy_at(datetime.now(UTC))
            return window_start(end, policy.metrics[options["metric"]].window_days), end
        return min(closed["first"] or end, end), end


def _reader(options: dict[str, Any]) -> Reader | None:
    """Who the file is for; None for programs."""
    language, zone = options["language"], options["zone"]
    if options["audience"] != PEOPLE_AUDIENCE:
        if language or zone:
            raise CommandError(f"--language and --zone go with --for {PEOPLE_AUDIENCE}")
        return None
    if options["out"].suffix.lower() == ".parquet":
        raise CommandError("Parquet is for programs: name a .xlsx or .csv file")
    try:
        return Reader(language or settings.LANGUAGE_CODE, ZoneInfo(zone or DEFAULT_ZONE))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CommandError(f"no zone is called {zone}: write one as Asia/Shanghai") from error


def _write_for(reader: Reader, out: Path, kind: str, selection: Selection) -> int:
    """The rows into the file, in the reader's words."""
    with reader.reading():
        sheet = PEOPLE[kind](selection, datetime.now(UTC))
    return write_file(out, sheet, reader)


def _write(out: Path, export: Export, selection: Selection) -> int:
    """The rows into the file, by the database itself where it can."""
    if export.queries is not None and is_csv(out):
        return write_csv(out, export.columns, export.queries(selection))
    if export.lines is not None and is_csv(out):
        return write_lines(out, export.columns, export.lines(selection))
    return write_table(out, export.columns, export.rows(selection))
