"""One import from its files to its report (IX-03, IX-04, IX-07).

Each chunk of rows is one transaction that also advances the import's position, so a killed import leaves nothing half
done and goes on where it was. Dry and strict runs are tried on shadows of the tables first, which strict ones without a
refusal are then followed by.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from core.timebase import to_epoch
from intake.canonical import FILES, Reading
from intake.models import Import, ImportFile, empty_counts
from intake.pipeline.absent import remove_absent
from intake.pipeline.feeds import as_text, feeds_of, supply_feeds
from intake.pipeline.pricing import Repricing
from intake.pipeline.run import Run
from intake.pipeline.shadows import shadows
from intake.pipeline.taking import FileIntake, Opened
from intake.pipeline.waiting import drain_waiting
from intake.reading import Bundle
from intake.reading.csvfile import SourceRefusedError
from intake.reading.manifest import find_zone
from rulebook.queries import policy_at

ROWS = {"postgresql": 20_000, "sqlite": 4_000}
ATTEMPTS = 6
# Stores that an import's report leads to.
MOST_STORES_NAMED = 50
COUNT_NAMES = tuple(empty_counts())


class CancelledError(Exception):
    """Somebody asked the import to stop."""


class OutOfTimeError(Exception):
    """The time of this turn is over; the import goes on in the next."""


@dataclass
class Report:
    """What an import came to: counts per file, files refused whole, feeds with known_until, stores."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    refused_files: dict[str, str] = field(default_factory=dict)
    feeds: dict[str, int] = field(default_factory=dict)
    error_files: list[str] = field(default_factory=list)
    stores: list[str] = field(default_factory=list)

    def total(self, name: str) -> int:
        """The sum of a count over all files."""
        return sum(counts.get(name, 0) for counts in self.counts.values())


Progress = Callable[[int, int], None]


class Runner:
    """Runs one import. ``progress(rows done, rows total)`` is called after every chunk and may raise CancelledError
    or OutOfTimeError to stop between chunks."""

    def __init__(self, run: Run, bundle: Bundle, progress: Progress) -> None:
        self.run = run
        self.bundle = bundle
        self.progress = progress
        self.report = Report(refused_files=dict(bundle.refused))
        self.opened: dict[str, Opened] = {}
        self.done = 0
        self.total = 0
        zone = bundle.manifest.zone
        self.reading = Reading(
            zone=find_zone(zone) if zone else None,
            flags=frozenset(policy_at(run.now).reference.category_flags),
        )

    @property
    def job(self) -> Import:
        """The import's row."""
        return self.run.job

    @property
    def size(self) -> int:
        """Rows in one transaction."""
        return rows_per_chunk()

    def execute(self) -> Report:
        """Take the bundle in. Dry runs, and strict ones with refused rows, leave the database as it was."""
        with rarely_collecting():
            return self._execute()

    def _execute(self) -> Report:
        self._scan()
        if not self.job.is_tried_first:
            self._take_in()
            return self.report
        # What went in already was tried: a strict import that was killed goes on.
        if self.job.dry_run or not self.job.files.exists():
            self._try()
            if self.job.dry_run or self.report.total("refused") or self.report.refused_files:
                return self.report
            self.report = Report()
        self._take_in()
        return self.report

    def _try(self) -> None:
        """Do all of it on shadows; nothing of it stands afterwards but the report."""
        remarks, left_out = list(self.run.remarks), self.run.remarks_left_out
        self.run.is_trial = True
        with shadows(files=self.opened, store_nos=self._stores(), companies=self.run.companies):
            self._take_in()
        self.run.forget_trial()
        if not self.job.dry_run and not self.report.total("refused"):
            self.run.remarks, self.run.remarks_left_out = remarks, left_out
            self.done = 0

    # ── First reading ──────────────────────────────────────────────────────────────────────────────────────────────

    def _scan(self) -> None:
        for source in self.bundle.sources:
            opened = source.open()
            try:
                scan = opened.scan()
            except SourceRefusedError as refusal:
                self.report.refused_files[source.label] = str(refusal)
                continue
            self.opened[source.name] = Opened(opened, scan)
            self.total += scan.rows
            if scan.ignored:
                text = _("columns that nobody knows were ignored: %(names)s") % {"names": ", ".join(scan.ignored)}
                self.run.remark(text, file=source.label)
        for text in self.bundle.remarks:
            self.run.remark(text)

    # ── Taking in ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _take_in(self) -> None:
        positions = {position.name: position for position in ImportFile.objects.filter(job=self.job)}
        for name, position in positions.items():
            if name in FILES:
                self.report.counts[name] = position.counts
                self.done += position.rows_done
        self.progress(self.done, self.total)
        for name, opened in self.opened.items():
            standing = positions.get(name)
            if standing is None or not standing.done:
                self._take_file(opened, standing)
            if name in ("stores", "orders"):
                self._drain()
        self._reprice()
        self._drain()
        if self.run.manifest.complete:
            self._remove_absent()
        self._supply_feeds()
        self._note_waiting()

    def _take_file(self, opened: Opened, position: ImportFile | None) -> None:
        spec = opened.source.spec
        self.run.forget_rates()
        if position is None:
            position, _made = ImportFile.objects.get_or_create(job=self.job, name=spec.name)
        position.counts = position.counts or empty_counts()
        FileIntake(self, opened, position).take()

    def _drain(self) -> None:
        """Rows that waited for what this import brought, whoever brought them; their counts are not this import's."""
        counts: dict[str, dict[str, int]] = {}
        self.repeated(lambda: drain_waiting(self.run, counts=counts))

    def _reprice(self) -> None:
        """Orders whose rate came or changed with this import are priced again (IX-05)."""
        position = ImportFile.objects.filter(job=self.job, name="fx_rates").first()
        if position is None or not position.pending:
            return
        for _last in Repricing(position.pending).batches(after=0, size=rows_per_chunk()):
            self.progress(self.done, self.total)
        ImportFile.objects.filter(pk=position.pk).update(pending={})

    def _remove_absent(self) -> None:
        for name, opened in self.opened.items():
            counts = self.report.counts[name]
            if not opened.source.spec.per_store or name == "stores":
                continue
            if counts["refused"]:
                text = _("nothing was deleted that the file no longer has, since rows of it were refused")
                self.run.remark(text, file=opened.source.label)
                continue
            act = partial(remove_absent, opened.source.spec, self.run, self._stores(), rows_per_chunk())
            counts["deleted"] += self.repeated(act)

    def _stores(self) -> set[str]:
        """Every store that any file names."""
        named: set[str] = set()
        return named.union(*(opened.scan.stores for opened in self.opened.values()))

    def _supply_feeds(self) -> None:
        latest = ImportFile.objects.filter(job=self.job, latest_at__isnull=False).order_by("-latest_at").first()
        instant = to_epoch(latest.latest_at) if latest and latest.latest_at else None
        feeds = feeds_of({name: opened.source.columns for name, opened in self.opened.items()})
        stores = self._stores()
        self.report.stores = sorted(stores)[:MOST_STORES_NAMED]

        def supply() -> dict[str, int]:
            with transaction.atomic():
                return supply_feeds(self.run, feeds=feeds, stores=stores, latest=instant)

        self.report.feeds = self.repeated(supply)

    def _note_waiting(self) -> None:
        """Rows of this import that still wait: those that were fed in meanwhile don't."""
        from django.db.models import Count

        waiting = dict(self.job.waiting_rows.values_list("kind").annotate(rows=Count("pk")).values_list("kind", "rows"))
        for name, counts in self.report.counts.items():
            counts["waiting"] = waiting.get(name, 0)

    def repeated(self, act: Callable[[], Any]) -> Any:
        """Do it again when another writer was in the way; inside one large transaction there is no again."""
        for attempt in range(ATTEMPTS):
            try:
                return act()
            except (IntegrityError, OperationalError):
                if connection.in_atomic_block or attempt == ATTEMPTS - 1:
                    raise
                time.sleep(0.05 * 2**attempt)
        raise AssertionError


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """Let the collector of cycles look rarely: a chunk is a million small objects without any, and looking through
    them over and over costs a third of the time."""
    former = gc.get_threshold()
    gc.set_threshold(2_000_000, *former[1:])
    try:
        yield
    finally:
        gc.set_threshold(*former)


def rows_per_chunk() -> int:
    """Rows in one transaction."""
    return ROWS[connection.vendor]


def summary(report: Report) -> dict[str, Any]:
    """The report for machines."""
    return {
        "counts": report.counts,
        "refused_files": report.refused_files,
        "feeds": as_text(report.feeds),
        "errors": report.error_files,
    }


__all__ = ["COUNT_NAMES", "CancelledError", "OutOfTimeError", "Report", "Runner", "summary"]
