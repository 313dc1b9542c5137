"""Who works on an import, and how it is told to stop: leases, progress, cancelling (IX-03, IX-07, RL-03)."""

import os
import secrets
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from intake.models import Import
from intake.pipeline.report import CancelledError, OutOfTimeError
from intake.pipeline.run import Run

LEASE = timedelta(minutes=3)
# After so long an import lets others go on, if any wait.
SHARE_SECONDS = 60.0
# Between two looks at whether the import is to stop; each also keeps the lease.
GLANCE_SECONDS = 1.0

# Told the rows done and their total; while files are read the rows read so far, and None.
Watcher = Callable[[int, int | None], None]


class LeaseLostError(RuntimeError):
    """Another worker took the import over."""


def is_alive(job: Import, at: datetime) -> bool:
    """Whether whoever holds the lease still works: another machine is believed until its lease ends."""
    if job.lease_until is None or job.lease_until < at:
        return False
    host, _colon, rest = job.lease.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return True
    return Path(f"/proc/{pid}").exists() if Path("/proc/self").exists() else _answers(int(pid))


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def take_lease(job: Import, *, at: datetime) -> str | None:
    """Take the import's lease; returns the token, or None when somebody else holds it."""
    token = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=at)
    if job.state == Import.State.RUNNING and job.lease and not is_alive(job, at):
        free |= Q(lease=job.lease)
    claimed = Import.objects.filter(free, pk=job.pk).filter(
        state__in=[Import.State.QUEUED, Import.State.RUNNING, Import.State.FAILED]
    )
    taken = claimed.update(
        state=Import.State.RUNNING,
        lease=token,
        lease_until=at + LEASE,
        attempts=F("attempts") + 1,
        turn_at=at,
    )
    if taken != 1:
        return None
    Import.objects.filter(pk=job.pk, started_at__isnull=True).update(started_at=at)
    job.refresh_from_db()
    return token


class Keeper:
    """Keeps the lease, the progress and the wish to cancel between chunks."""

    def __init__(
        self, job: Import, token: str, watch: Watcher | None, until: float | None, others_wait: Callable[[], bool]
    ) -> None:
        self.job = job
        self.token = token
        self.watch = watch
        self.until = until
        self.others_wait = others_wait
        self.began = time.monotonic()
        self.run: Run | None = None
        self.done = self.total = self.read = 0
        self.has_begun = False
        self.glanced = -GLANCE_SECONDS

    def progress(self, done: int, total: int) -> None:
        """Note how far the import is; raises CancelledError, LeaseLostError, OutOfTimeError."""
        self.done, self.total = done, total
        if self.watch is not None:
            self.watch(done, total)
        begun = {} if self.has_begun else {"rows_since": timezone.now(), "rows_first": done}
        self.has_begun = True
        self._hold(rows_done=done, rows_total=total, **begun)
        if self.until is not None and self._has_had_its_turn(self.until):
            raise OutOfTimeError

    def _has_had_its_turn(self, until: float) -> bool:
        """A trial has no position to go on from, so it has as long as it needs."""
        if self.run is not None and self.run.is_trial:
            return False
        now = time.monotonic()
        return now > until or (now > self.began + SHARE_SECONDS and self.others_wait())

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
        held = Import.objects.filter(pk=self.job.pk, lease=self.token)
        if held.update(lease_until=timezone.now() + LEASE, **progress) != 1:
            raise LeaseLostError
        if held.values_list("cancel_requested", flat=True).first():
            raise CancelledError
