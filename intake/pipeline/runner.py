"""One import from its files to its report (IX-03, IX-04, IX-07).

Each chunk of rows is one transaction that also advances the import's position, so a killed import leaves nothing half
done and goes on where it was. Dry and strict runs are tried on shadows of the tables first, which strict ones without a
rejection are then followed by.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from core.timebase import to_epoch
from disputes.services.images import hash_images
from intake.canonical import FILES
from intake.models import Import, ImportFile, empty_counts
from intake.pipeline.absent import remove_absent
from intake.pipeline.chunks import repeated, rows_per_chunk
from intake.pipeline.context import IntakeContext
from intake.pipeline.draining import drain_waiting
from intake.pipeline.feeds import feeds_of, supply_feeds
from intake.pipeline.pricing import reprice
from intake.pipeline.report import Progress, Report
from intake.pipeline.shadows import shadows
from intake.pipeline.taking import FileIntake, Opened
from intake.reading import Bundle
from intake.reading.csvfile import RejectedFileError
from stores.models import Store

# Stores that an import's report links to.
MOST_STORES_NAMED = 50


class Runner:
    """Runs one import; ``tell`` is called with its progress, see Progress."""

    def __init__(self, job: Import, context: IntakeContext, bundle: Bundle, tell: Callable[[Progress], None]) -> None:
        self.job = job
        self.context = context
        self.bundle = bundle
        self.progress = Progress(tell)
        self.report = Report(rejected_files=dict(bundle.rejected))
        self.opened: dict[str, Opened] = {}

    def execute(self) -> Report:
        """Take the bundle in. Dry runs, and strict ones with rejected rows, leave the database as it was."""
        with rarely_collecting():
            return self._execute()

    def _execute(self) -> Report:
        self._scan()
        # Once rows were imported the trial has passed: a strict import that was killed continues.
        if self.job.is_tried_first and (self.job.dry_run or not self.job.files.exists()):
            scanned = replace(self.report, warnings=list(self.report.warnings))
            self._try()
            if self.job.dry_run or self.report.total("refused") or self.report.rejected_files:
                return self.report
            self.report = scanned
        self._take_in()
        self._hash_images()
        return self.report

    def _try(self) -> None:
        """Run the whole import on shadow tables; only the report remains."""
        self.progress.is_trial = True
        with shadows(files=self.opened, store_nos=self._stores(), companies=self.context.companies):
            self._take_in()
        self.progress.is_trial, self.progress.done = False, 0
        self.context.forget_trial()

    # ── First reading ──────────────────────────────────────────────────────────────────────────────────────────────

    def _scan(self) -> None:
        for source in self.bundle.sources:
            try:
                opened, scan = source.scanned or source.scan()
            except RejectedFileError as error:
                self.report.rejected_files[source.label] = str(error)
                continue
            self.opened[source.name] = Opened(opened, scan)
            self.progress.total += scan.rows
            if scan.ignored:
                text = _("unknown columns were ignored: %(names)s") % {"names": ", ".join(scan.ignored)}
                self.report.warn(text, file=source.label)
        for text in self.bundle.warnings:
            self.report.warn(text)

    # ── Taking in ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _take_in(self) -> None:
        positions = {position.name: position for position in ImportFile.objects.filter(job=self.job)}
        self.progress.advance(sum(position.rows_done for name, position in positions.items() if name in FILES))
        for name, opened in self.opened.items():
            self._take_file(opened, positions.get(name))
            if name in ("stores", "orders"):
                self._drain()
        self._reprice()
        self._drain()
        if self.context.manifest.complete:
            self._remove_absent()
        self._supply_feeds()
        self._note_waiting()

    def _hash_images(self) -> None:
        """Hash the pictures of listings that lie in the bundle, after the rows that name them (PN-24)."""
        files = {name: file for name, file in self.bundle.images.items() if file is not None}
        unclear = sorted(self.bundle.images.keys() - files.keys())
        if unclear:
            text = _("several files have one name, so no listing gets their images: %(names)s")
            self.report.warn(text % {"names": ", ".join(unclear)})
        if not files:
            return
        stores = Store.objects.filter(store_no__in=self._stores())
        if self.context.companies is not None:
            stores = stores.filter(company__in=self.context.companies)
        ids = list(stores.values_list("pk", flat=True))
        at, shown_at = self.context.now, self.context.at
        between = partial(self.progress.advance, 0)
        unused = hash_images(store_ids=ids, files=files, shown_at=shown_at, at=at, between=between)
        if unused:
            text = _("%(count)s images are named by no listing of the bundle's stores and were left aside")
            self.report.warn(text % {"count": len(unused)})

    def _take_file(self, opened: Opened, position: ImportFile | None) -> None:
        spec = opened.source.spec
        if position is None:
            position, _made = ImportFile.objects.get_or_create(job=self.job, name=spec.name)
        if not position.done:
            self.context.forget_rates()
            position.counts = position.counts or empty_counts()
            FileIntake(self.job, self.context, opened, position, self.report, self.progress).take()
        self.report.counts[spec.name] = position.counts

    def _drain(self) -> None:
        """Import rows that waited for this import's stores and orders; they are not counted in its report."""
        repeated(lambda: drain_waiting(self.context))

    def _reprice(self) -> None:
        """Price orders again whose rate is new or changed (IX-05)."""
        position = ImportFile.objects.filter(job=self.job, name="fx_rates").first()
        if position is None or not position.pending:
            return
        for _last in reprice(position.pending):
            self.progress.advance(0)
        ImportFile.objects.filter(pk=position.pk).update(pending={})

    def _remove_absent(self) -> None:
        for name, opened in self.opened.items():
            counts = self.report.counts[name]
            if not opened.source.spec.per_store or name == "stores":
                continue
            if counts["refused"]:
                text = _("nothing was deleted that the file no longer has, since rows of it were refused")
                self.report.warn(text, file=opened.source.label)
                continue
            act = partial(remove_absent, opened.source.spec, self.context, self._stores(), rows_per_chunk())
            counts["deleted"] += repeated(act)

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
        self.report.every_store = frozenset(stores)

        def supply() -> dict[str, int]:
            with transaction.atomic():
                return supply_feeds(self.context, feeds=feeds, stores=stores, latest=instant)

        self.report.feeds = repeated(supply)

    def _note_waiting(self) -> None:
        """Rows of this import that still wait: those that were fed in meanwhile don't."""
        waiting = dict(self.job.waiting_rows.values_list("kind").annotate(rows=Count("pk")).values_list("kind", "rows"))
        for name, counts in self.report.counts.items():
            counts["waiting"] = waiting.get(name, 0)


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
