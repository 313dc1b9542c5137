"""Leases, progress and cancelling of imports (IX-03, IX-07, RL-03)."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.fields import InstantField
from core.leases import Leases
from core.maintenance import pauses_work
from intake.models import Import
from intake.pipeline.report import CancelledError, OutOfTimeError, Progress

IMPORTS = Leases(duration=timedelta(minutes=3), max_attempts=5, first_retry=timedelta(seconds=30))
# After so long an import lets others go on, if any wait.
SHARE_SECONDS = 60.0
# Between two looks at whether the import is to stop; each also keeps the lease.
GLANCE_SECONDS = 1.0

# Told the rows done and their total; while files are read the rows read so far, and None.
Watcher = Callable[[int, int | None], None]


class LeaseLostError(RuntimeError):
    """Another worker took the import over."""


def take_lease(job: Import, *, at: datetime) -> bool:
    """Take the import's lease; False if another worker holds it."""
    open_ones = Import.objects.filter(
        pk=job.pk, state__in=[Import.State.QUEUED, Import.State.RUNNING, Import.State.FAILED]
    )
    started = Coalesce("started_at", Value(at, output_field=InstantField()))
    if not IMPORTS.claim(open_ones, at=at, state=Import.State.RUNNING, started_at=started, turn_at=at):
        return False
    job.refresh_from_db()
    return True


class Keeper:
    """Renews the lease, records progress and checks for cancelling between chunks."""

    def __init__(
        self, job: Import, watch: Watcher | None, until: float | None, others_wait: Callable[[], bool]
    ) -> None:
        self.job = job
        self.watch = watch
        self.until = until
        self.others_wait = others_wait
        self.began = time.monotonic()
        self.done = self.total = self.read = 0
        self.has_begun = False
        self.glanced = -GLANCE_SECONDS

    def progress(self, progress: Progress) -> None:
        """Note how far the import is; raises CancelledError, LeaseLostError, OutOfTimeError. A trial has no position to
        go on from, so it has as long as it needs."""
        self.done, self.total = progress.done, progress.total
        if self.watch is not None:
            self.watch(self.done, self.total)
        begun = {} if self.has_begun else {"rows_since": timezone.now(), "rows_first": self.done}
        self.has_begun = True
        self._hold(rows_done=self.done, rows_total=self.total, **begun)
        if self.until is not None and not progress.is_trial and self._has_had_its_turn(self.until):
            raise OutOfTimeError

    def _has_had_its_turn(self, until: float) -> bool:
        now = time.monotonic()
        return pauses_work() or now > until or (now > self.began + SHARE_SECONDS and self.others_wait())

    def glance(self, rows: int = 0) -> None:
        """Look whether the import is to stop, now and then, while a file is unpacked, converted or looked through, and
        tell how many rows were read: their number is not known ahead."""
        self.read += rows
        if time.monotonic() < self.glanced + GLANCE_SECONDS:
            return
        if self.watch is not None and not self.has_begun:
            self.watch(self.read, None)
        self._hold(**({} if self.has_begun else {"rows_done": self.read, "rows_total": None}))

    def _hold(self, **progress: Any) -> None:
        self.glanced = time.monotonic()
        if not IMPORTS.renew(self.job, at=timezone.now(), **progress):
            raise LeaseLostError
        if Import.objects.filter(pk=self.job.pk, cancel_requested=True).exists():
            raise CancelledError
