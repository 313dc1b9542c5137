"""One file into its table, chunk by chunk (IX-03)."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.events import record_event
from core.timebase import from_epoch, to_epoch
from intake.models import Import, ImportFile
from intake.pipeline.after_export import later_rows, latest_known
from intake.pipeline.ahead import read_ahead
from intake.pipeline.apply import take_batch
from intake.pipeline.batch import Batch, BatchReader
from intake.pipeline.chunks import pause, repeated, rows_per_chunk
from intake.pipeline.context import IntakeContext
from intake.pipeline.errors import ErrorFile, write_manifest
from intake.pipeline.pricing import earliest
from intake.pipeline.report import Progress, Report
from intake.reading import CsvSource, Scan
from intake.reading.csvfile import raw_keys
from intake.reading.lines import Part


@dataclass
class Opened:
    """A file of the bundle after its first reading."""

    source: CsvSource
    scan: Scan


class FileIntake:
    """Takes one file in, chunk by chunk."""

    def __init__(
        self,
        job: Import,
        context: IntakeContext,
        opened: Opened,
        position: ImportFile,
        report: Report,
        progress: Progress,
    ) -> None:
        self.job = job
        self.context = context
        self.source = opened.source
        self.scan = opened.scan
        self.position = position
        self.report = report
        self.progress = progress
        self.reader = BatchReader(self.source.spec, self.source.header, self.source.columns, context.reading)
        self.errors = ErrorFile(
            job.errors_folder,
            self.source.spec.name,
            self.source.label,
            self.source.header,
            is_report=self.source.is_report,
        )
        self.key_places = self.source.key_places()
        self.seen: set[int] = set()
        self.emptied: Counter[str] = Counter()
        self.passed = 0

    def take(self) -> None:
        """Import every row that was not imported yet."""
        chunks, size = self.source.chunks(), rows_per_chunk()
        while passed := chunks.take(min(size, self.position.rows_done - self.passed)):
            self._remember(passed)

        def read() -> tuple[Part, Batch] | None:
            # Conversion needs no database, so it runs outside the transactions and keeps them short.
            chunk = chunks.take(size)
            return (chunk, self.reader.read(chunk)) if chunk else None

        with read_ahead(read) as ready:
            for chunk, batch in ready:
                self._take_chunk(chunk, batch)
                pause()
        self._warn_of_emptied()
        self.position.done = True
        self.position.save(update_fields=["done"])

    def _take_chunk(self, chunk: Part, read: Batch) -> None:
        suspects = self._suspects(chunk)
        keys = {key for _line, key in suspects}
        taken = repeated(lambda: self._commit(read, keys))
        self._warn_of_duplicates(taken, suspects)
        self.emptied.update(read.emptied)
        self._warn_of_later(read)
        self.progress.advance(len(chunk))

    def _commit(self, read: Batch, suspects: set[int]) -> Batch:
        batch = read.copy()
        with transaction.atomic():
            latest = latest_known(batch, self.context.at_epoch)
            take_batch(batch, self.context)
            counts = batch.counts()
            # Keys of this chunk that an earlier chunk had too.
            counts["duplicates"] += len(suspects & self.seen)
            advanced = self._advanced(batch, counts, latest)
            ImportFile.objects.filter(pk=self.position.pk).update(**advanced)
            self._record(advanced["rows_done"], counts)
        for name, value in advanced.items():
            setattr(self.position, name, value)
        if batch.rejected:
            write_manifest(self.errors.path.parent, self.context.manifest, self.context.at_epoch)
        return batch

    def _advanced(self, batch: Batch, counts: dict[str, int], latest: int | None) -> dict[str, Any]:
        """The file's position after a chunk; its rejected rows are written."""
        position = self.position
        is_later = latest is not None and (position.latest_at is None or latest > to_epoch(position.latest_at))
        return {
            "rows_done": position.rows_done + batch.size,
            "counts": position.counts | {name: position.counts.get(name, 0) + counts[name] for name in counts},
            "latest_at": from_epoch(latest) if is_later and latest is not None else position.latest_at,
            "pending": earliest(position.pending, batch.rates_since),
            "errors_length": self.errors.append(batch.rejected, position.errors_length),
        }

    def _record(self, rows_done: int, counts: dict[str, int]) -> None:
        company = self.job.company
        record_event(
            kind="import.chunk",
            subject_kind="import",
            subject_key=str(self.job.pk),
            actor=self.job.actor,
            at=self.context.now,
            company_no=company.company_no if company else "",
            cause="IX-03",
            after={"file": self.source.spec.name, "rows": rows_done, "counts": counts},
        )

    def _warn_of_later(self, read: Batch) -> None:
        text = _(
            "%(column)s lies after the export: it was taken with a data issue and counts in no data stream's "
            "known until"
        )
        for position, name in later_rows(read, self.context.at_epoch):
            self.report.warn(text % {"column": name}, file=self.source.label, line=read.lines[position])

    # ── Rows with one key ──────────────────────────────────────────────────────────────────────────────────────────

    def _suspects(self, chunk: Part) -> list[tuple[int, int]]:
        """Lines with keys that may occur more than once, and the hashes of these."""
        if not self.scan.suspects:
            return []
        good = [line for position, line in enumerate(chunk.lines) if position not in chunk.bad]
        hashes = raw_keys(chunk.good_rows(), self.key_places)
        if self.scan.suspects.isdisjoint(hashes):
            return []
        return [(line, key) for line, key in zip(good, hashes, strict=True) if key in self.scan.suspects]

    def _remember(self, chunk: Part) -> None:
        """Skip rows that an earlier turn imported."""
        self.passed += len(chunk)
        self.seen.update(key for _line, key in self._suspects(chunk))

    def _warn_of_emptied(self) -> None:
        """Warn of columns in which words such as "N/A" were read as empty (IX-05b)."""
        for column, count in self.emptied.items():
            text = _(
                "column %(column)s: %(count)s cells say that there is nothing (such as -- or N/A) and count as empty"
            )
            self.report.warn(text % {"column": column, "count": count}, file=self.source.label)

    def _warn_of_duplicates(self, batch: Batch, suspects: list[tuple[int, int]]) -> None:
        text = _("a later row has the same key and was taken instead")
        for line in batch.duplicates:
            self.report.warn(text, file=self.source.label, line=line)
        for line, key in suspects:
            if key in self.seen:
                self.report.warn(_("replaces an earlier row with the same key"), file=self.source.label, line=line)
        self.seen.update(key for _line, key in suspects)
