"""One import from its files to its report (IX-03, IX-04, IX-07).

Each chunk of rows is one transaction that also advances the import's position, so a killed import leaves nothing half
done and goes on where it was. Dry and strict runs are one transaction around it all.
"""

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from intake.canonical import FILES, Reading
from intake.canonical.columns import Kind
from intake.models import Import, ImportFile, empty_counts
from intake.pipeline.absent import remove_absent
from intake.pipeline.after_export import CLOCKS, later_rows
from intake.pipeline.ahead import read_ahead
from intake.pipeline.apply import Outcome, apply_batch
from intake.pipeline.batch import Batch, BatchReader
from intake.pipeline.errors import ErrorFile, write_manifest
from intake.pipeline.feeds import as_text, feeds_of, supply_feeds
from intake.pipeline.pricing import Repricing
from intake.pipeline.run import Run
from intake.pipeline.waiting import drain_waiting
from intake.reading import Bundle, CsvSource, Scan
from intake.reading.csvfile import SourceRefusedError, raw_keys
from intake.reading.lines import Part
from intake.reading.manifest import find_zone
from rulebook.queries import policy_at
from rulebook.timebase import from_epoch, to_epoch
from stores.services import record_event

ROWS = {"postgresql": 20_000, "sqlite": 4_000}
# SQLite has one writer at a time and no queue: without a pause between chunks nobody else would get a turn (RL-07).
PAUSE = {"postgresql": 0.0, "sqlite": 0.025}
ATTEMPTS = 6
COUNT_NAMES = tuple(empty_counts())


class CancelledError(Exception):
    """Somebody asked the import to stop."""


class OutOfTimeError(Exception):
    """The time of this turn is over; the import goes on in the next."""


class RolledBackError(Exception):
    """Carries nothing: ends a transaction that must not stand."""


@dataclass
class Opened:
    """A file of the bundle after its first reading."""

    source: CsvSource
    scan: Scan


@dataclass
class Report:
    """What an import came to: counts per file, files refused whole, feeds with known_until."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    refused_files: dict[str, str] = field(default_factory=dict)
    feeds: dict[str, int] = field(default_factory=dict)
    error_files: list[str] = field(default_factory=list)

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

    def execute(self) -> Report:
        """Take the bundle in. Dry runs, and strict ones with refused rows, leave the database as it was."""
        with rarely_collecting():
            return self._execute()

    def _execute(self) -> Report:
        self._scan()
        if not self.job.in_one_transaction:
            self._take_in()
            return self.report
        try:
            with transaction.atomic():
                self._take_in()
                if self.job.dry_run or self.report.total("refused") or self.report.refused_files:
                    raise RolledBackError
        except RolledBackError:
            pass
        return self.report

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
        self._repeated(lambda: drain_waiting(self.run, counts=counts))

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
            counts["deleted"] += self._repeated(act)

    def _stores(self) -> set[str]:
        """Every store that any file names."""
        named: set[str] = set()
        return named.union(*(opened.scan.stores for opened in self.opened.values()))

    def _supply_feeds(self) -> None:
        latest = ImportFile.objects.filter(job=self.job, latest_at__isnull=False).order_by("-latest_at").first()
        instant = to_epoch(latest.latest_at) if latest and latest.latest_at else None
        feeds = feeds_of({name: opened.source.columns for name, opened in self.opened.items()})
        stores = self._stores()

        def supply() -> dict[str, int]:
            with transaction.atomic():
                return supply_feeds(self.run, feeds=feeds, stores=stores, latest=instant)

        self.report.feeds = self._repeated(supply)

    def _note_waiting(self) -> None:
        """Rows of this import that still wait: those that were fed in meanwhile don't."""
        from django.db.models import Count

        waiting = dict(self.job.waiting_rows.values_list("kind").annotate(rows=Count("pk")).values_list("kind", "rows"))
        for name, counts in self.report.counts.items():
            counts["waiting"] = waiting.get(name, 0)

    def _repeated(self, act: Callable[[], Any]) -> Any:
        """Do it again when another writer was in the way; inside one large transaction there is no again."""
        for attempt in range(ATTEMPTS):
            try:
                return act()
            except (IntegrityError, OperationalError):
                if connection.in_atomic_block or attempt == ATTEMPTS - 1:
                    raise
                time.sleep(0.05 * 2**attempt)
        raise AssertionError


class FileIntake:
    """Takes one file in, chunk by chunk."""

    def __init__(self, runner: Runner, opened: Opened, position: ImportFile) -> None:
        self.runner = runner
        self.run = runner.run
        self.source = opened.source
        self.scan = opened.scan
        self.position = position
        self.reader = BatchReader(self.source.spec, self.source.header, self.source.columns, runner.reading)
        self.errors = ErrorFile(
            self.run.job.errors_folder,
            self.source.spec.name,
            self.source.label,
            self.source.header,
            is_report=self.source.is_report,
        )
        self.key_places = self.source.key_places()
        self.seen: set[int] = set()
        self.emptied: Counter[str] = Counter()
        self.passed = 0
        self.instants = [
            (column.name, column.planned)
            for column in self.source.spec.columns
            if column.kind is Kind.INSTANT and column.name in self.source.columns
        ]

    def take(self) -> None:
        """Every row that was not taken yet."""
        self.runner.report.counts[self.source.spec.name] = self.position.counts
        chunks, size = self.source.chunks(), rows_per_chunk()
        while passed := chunks.take(min(size, self.position.rows_done - self.passed)):
            self._remember(passed)

        def read() -> tuple[Part, Batch] | None:
            # Conversion needs no database: it goes on beside the transactions, which are as short as can be.
            chunk = chunks.take(size)
            return (chunk, self.reader.read(chunk)) if chunk else None

        with read_ahead(read) as ready:
            for chunk, batch in ready:
                self._take_chunk(chunk, batch)
                time.sleep(PAUSE[connection.vendor])
        self._remark_emptied()
        self.position.done = True
        self.position.save(update_fields=["done"])

    def _take_chunk(self, chunk: Part, read: Batch) -> None:
        suspects = self._suspects(chunk)
        keys = {key for _line, key in suspects}
        outcome = self.runner._repeated(lambda: self._commit(chunk, read, keys))
        self._remark_twins(outcome, suspects)
        self.emptied.update(read.emptied)
        self._remark_later(read)
        self.runner.done += len(chunk)
        self.runner.progress(self.runner.done, self.runner.total)

    def _commit(self, chunk: Part, read: Batch, suspects: set[int]) -> Outcome:
        batch = Batch(read.spec, list(read.lines), list(read.cells), dict(read.values), list(read.refused))
        position, job = self.position, self.run.job
        former = (position.rows_done, dict(position.counts), position.errors_length, position.latest_at)
        try:
            with transaction.atomic():
                latest = self._latest(batch)
                outcome = apply_batch(batch, self.run, self.source.header)
                # Keys of this chunk that an earlier chunk had too.
                outcome.counts["duplicates"] += len(suspects & self.seen)
                outcome.counts["emptied"] = sum(read.emptied.values())
                position.errors_length = self.errors.append(batch.refused, position.errors_length)
                position.rows_done += len(chunk)
                for name, number in outcome.counts.items():
                    position.counts[name] = position.counts.get(name, 0) + number
                if latest is not None and (position.latest_at is None or latest > to_epoch(position.latest_at)):
                    position.latest_at = from_epoch(latest)
                position.save(update_fields=["rows_done", "counts", "errors_length", "latest_at"])
                record_event(
                    kind="import.chunk",
                    subject_kind="import",
                    subject_key=str(job.pk),
                    actor=job.actor,
                    at=self.run.now,
                    company_no=job.company.company_no if job.company else "",
                    cause="IX-03",
                    after={"file": read.spec.name, "rows": position.rows_done, "counts": outcome.counts},
                )
        except BaseException:
            position.rows_done, position.counts, position.errors_length, position.latest_at = former
            self.runner.report.counts[read.spec.name] = position.counts
            raise
        if batch.refused and position.errors_length:
            write_manifest(self.errors.path.parent, self.run.manifest, self.run.at_epoch)
        return outcome

    def _latest(self, batch: Batch) -> int | None:
        """The latest instant (MX-07). Nothing is known of the time after the export: however far a plan reaches, and
        facts that are dated later tell of nothing (IX-05a)."""
        latest, limit = None, self.run.at_epoch + CLOCKS
        for name, planned in self.instants:
            # None of them is 0: instants begin in 2000.
            found = max(filter(None, batch.values[name]), default=None)
            if found is not None and found > limit and not planned:
                found = max((value for value in batch.values[name] if value and value <= limit), default=None)
            if found is not None:
                found = min(found, self.run.at_epoch)
            latest = found if latest is None else max(latest, found or latest)
        return latest

    def _remark_later(self, read: Batch) -> None:
        text = _("%(column)s lies after the export: it was taken, with a doubt, and counts in no feed's known until")
        for position, name in later_rows(read, self.run.at_epoch):
            self.run.remark(text % {"column": name}, file=self.source.label, line=read.lines[position])

    # ── Rows with one key ──────────────────────────────────────────────────────────────────────────────────────────

    def _suspects(self, chunk: Part) -> list[tuple[int, int]]:
        """Lines whose key may come more than once, with its hash."""
        if not self.scan.suspects:
            return []
        good = [line for position, line in enumerate(chunk.lines) if position not in chunk.bad]
        hashes = raw_keys(chunk.good_rows(), self.key_places)
        if self.scan.suspects.isdisjoint(hashes):
            return []
        return [(line, key) for line, key in zip(good, hashes, strict=True) if key in self.scan.suspects]

    def _remember(self, chunk: Part) -> None:
        """Pass over rows that an earlier turn of the import took."""
        self.passed += len(chunk)
        self.seen.update(key for _line, key in self._suspects(chunk))

    def _remark_emptied(self) -> None:
        """Name the columns in which words stand for nothing (IX-05b)."""
        for column, count in self.emptied.items():
            text = _(
                "column %(column)s: %(count)s cells say that there is nothing (such as -- or N/A) and count as empty"
            )
            self.run.remark(text % {"column": column, "count": count}, file=self.source.label)

    def _remark_twins(self, outcome: Outcome, suspects: list[tuple[int, int]]) -> None:
        text = _("a later row has the same key and was taken instead")
        for line in outcome.twins:
            self.run.remark(text, file=self.source.label, line=line)
        for line, key in suspects:
            if key in self.seen:
                self.run.remark(_("replaces an earlier row with the same key"), file=self.source.label, line=line)
        self.seen.update(key for _line, key in suspects)


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
