"""Exports in the background: asked for, prepared in turn, cancelled, taken, removed (RL-01, RL-03, RL-18)."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Max
from django.http import Http404, QueryDict
from django.utils import timezone

from core.events import SYSTEM, record_event
from core.leases import Leases, free, held, take_turn
from core.pages.people_sheets import Reader
from exports.access import asked_again
from exports.declaring import Asked, ListExport, ListFile, export_named
from exports.downloads import file_name
from exports.models import ExportJob
from exports.writing import Shape, write_list
from stores.principals import Person, principal_of_user

log = structlog.get_logger("dianwei.exports")

JOBS = Leases(duration=timedelta(minutes=2), max_attempts=3, first_retry=timedelta(seconds=30))
# Any number that nothing else locks.
_CHOOSING = 0x0E09057
# How often a running export notes its progress and looks whether it was cancelled.
TICK_SECONDS = 1.0
State = ExportJob.State


class StoppedError(Exception):
    """The export was cancelled, or another process took it over."""


# ── Asking, cancelling, taking ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def request_export(*, export: ListExport, asked: Asked, file: ListFile, shape: Shape, rows: int) -> ExportJob:
    """Have a list prepared; the worker is woken after the commit."""
    person, store = asked.principal, asked.place
    if not isinstance(person, Person):
        raise PermissionDenied
    job = ExportJob.objects.create(
        person=person.user,
        company=store.company if store else None,
        store=store,
        turn=f"company:{store.company_id}" if store else f"person:{person.user.pk}",
        list=export.code,
        parts=dict(asked.parts),
        query=asked.params.urlencode(),
        suffix=shape.suffix,
        machine=shape.machine,
        language=shape.reader.language,
        zone=str(shape.reader.zone),
        name=file_name(file, shape),
        rows_total=rows,
        created_at=asked.at,
    )
    _record(job, "export.requested", actor=person.actor, at=asked.at)
    transaction.on_commit(_wake)
    return job


@transaction.atomic
def cancel_export(*, job: ExportJob, actor: str, at: datetime) -> bool:
    """Stop an export; a running one notices within a second. False: it was over already."""
    open_rows = ExportJob.objects.filter(pk=job.pk, state__in=[State.WAITING, State.RUNNING])
    if not open_rows.update(state=State.CANCELLED, finished_at=at):
        return False
    _record(job, "export.cancelled", actor=actor, at=at)
    return True


@transaction.atomic
def note_download(*, job: ExportJob, actor: str, at: datetime) -> None:
    """Keep in the audit trail who took the file."""
    _record(job, "export.downloaded", actor=actor, at=at)


def remove_exports(*, at: datetime) -> int:
    """Remove the files that were kept long enough, and what killed workers left behind; returns how many exports."""
    since = at - timedelta(days=settings.EXPORT_DAYS)
    gone = ExportJob.objects.filter(state=State.READY, finished_at__lt=since)
    count = 0
    for job in gone:
        job.path.unlink(missing_ok=True)
        with transaction.atomic():
            if ExportJob.objects.filter(pk=job.pk, state=State.READY).update(state=State.GONE):
                _record(job, "export.removed", actor=SYSTEM, at=at)
                count += 1
    _remove_strays()
    return count


def _remove_strays() -> None:
    """A file is renamed before its row says that it is ready, so those of running exports stay."""
    kept = {job.path.name for job in ExportJob.objects.filter(state__in=[State.READY, State.RUNNING])}
    for path in settings.EXPORTS_DIR.glob("*"):
        if path.name not in kept and path.name.removeprefix(".").removesuffix(".partial") not in kept:
            path.unlink(missing_ok=True)


def _record(job: ExportJob, kind: str, *, actor: str, at: datetime, **after: Any) -> None:
    record_event(
        kind=kind,
        subject_kind="export",
        subject_key=str(job.pk),
        store_no=job.store.store_no if job.store else "",
        company_no=job.company.company_no if job.company else "",
        actor=actor,
        at=at,
        after={"list": job.list, "rows": job.rows_total, "format": job.suffix, **after},
        cause="IX-13",
    )


# ── Whose turn it is ───────────────────────────────────────────────────────────────────────────────────────────────


def claim_export(*, at: datetime) -> ExportJob | None:
    """The next export: one of each company at a time, the company that was served longest ago first (RL-18)."""
    with transaction.atomic():
        take_turn(_CHOOSING)
        running = ExportJob.objects.filter(state=State.RUNNING)
        busy = set(held(running, at=at).values_list("turn", flat=True))
        if len(busy) >= settings.EXPORTS_AT_ONCE:
            return None
        waiting = JOBS.ready(ExportJob.objects.filter(state__in=[State.WAITING, State.RUNNING]), at=at)
        first: dict[str, int] = {}
        for pk, turn in waiting.exclude(turn__in=busy).order_by("pk").values_list("pk", "turn"):
            first.setdefault(turn, pk)
        served = dict(ExportJob.objects.filter(turn__in=first).values_list("turn").annotate(last=Max("started_at")))
        never = datetime.min.replace(tzinfo=at.tzinfo)
        for turn in sorted(first, key=lambda turn: (served[turn] or never, first[turn])):
            rows = ExportJob.objects.filter(pk=first[turn], state__in=[State.WAITING, State.RUNNING])
            if claimed := JOBS.claim(rows, at=at, limit=1, state=State.RUNNING, started_at=at, rows_done=0):
                return claimed[0]
    return None


def give_up_exports(*, at: datetime) -> None:
    """Exports that failed, or killed their worker, as often as they may be tried are over."""
    for job in JOBS.given_up(ExportJob.objects.filter(state=State.RUNNING), at=at):
        with transaction.atomic():
            rows = free(ExportJob.objects.filter(pk=job.pk, state=State.RUNNING), at=at)
            if rows.update(state=State.FAILED, error="attempts", finished_at=at):
                _record(job, "export.failed", actor=SYSTEM, at=at, error="attempts")


# ── Preparing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def run_exports(*, at: datetime) -> int:
    """Prepare exports until none is left whose turn it is; returns how many became ready."""
    settings.EXPORTS_DIR.mkdir(parents=True, exist_ok=True)
    give_up_exports(at=at)
    count = 0
    while (job := claim_export(at=timezone.now())) is not None:
        count += prepare_export(job)
    return count


def prepare_export(job: ExportJob) -> bool:
    """Write a claimed export's file from its beginning; whatever a killed worker left is written over. The person's
    present rights decide, not those at the time of asking."""
    partial = job.path.with_name(f".{job.path.name}.partial")
    reader = Reader(job.language, ZoneInfo(job.zone))
    try:
        with reader.reading(), _watched(job) as watch:
            file = _file_of(job)
            write_list(partial, file, Shape(job.suffix, job.machine, reader), watch.rows)
        partial.replace(job.path)
        return _finish(job, watch.count)
    except StoppedError:
        job.path.unlink(missing_ok=True)
        JOBS.release([job])
    except (Http404, PermissionDenied):
        _fail(job, "access")
    except SoftTimeLimitExceeded:
        _fail(job, "time")
        raise
    except Exception:
        log.exception("export failed", export=job.pk, list=job.list)
        JOBS.put_off(job, at=timezone.now())
    finally:
        partial.unlink(missing_ok=True)
    return False


def _file_of(job: ExportJob) -> ListFile:
    export = export_named(job.list)
    if export is None:
        raise Http404
    principal = principal_of_user(job.person)
    asked = Asked(principal, QueryDict(job.query), job.created_at, job.store, job.parts)
    return export.make(asked_again(export, asked))


@transaction.atomic
def _finish(job: ExportJob, rows: int) -> bool:
    at, size = timezone.now(), job.path.stat().st_size
    current = ExportJob.objects.filter(pk=job.pk, lease=job.lease, lease_until__isnull=False, state=State.RUNNING)
    done = current.update(
        state=State.READY, finished_at=at, rows_done=rows, rows_total=rows, size=size, lease_until=None, retry_at=None
    )
    if not done:
        job.path.unlink(missing_ok=True)
        return False
    job.rows_total = rows
    _record(job, "export.ready", actor=Person(job.person).actor, at=at)
    return True


@transaction.atomic
def _fail(job: ExportJob, error: str) -> None:
    at = timezone.now()
    current = ExportJob.objects.filter(pk=job.pk, lease=job.lease, state=State.RUNNING)
    if current.update(state=State.FAILED, error=error, finished_at=at, lease_until=None):
        _record(job, "export.failed", actor=SYSTEM, at=at, error=error)


@dataclass
class Watch:
    """Counts the rows that go by, and stops them when the export is cancelled or lost."""

    stop: threading.Event = field(default_factory=threading.Event)
    count: int = 0

    def rows(self, rows: Iterable[Any]) -> Iterator[Any]:
        for row in rows:
            if self.stop.is_set():
                raise StoppedError
            self.count += 1
            yield row


@contextmanager
def _watched(job: ExportJob) -> Iterator[Watch]:
    """Note progress beside the reading, on a connection of its own: on SQLite one that still reads can't write once
    others have written."""
    watch, over = Watch(), threading.Event()

    def beat() -> None:
        try:
            while not over.wait(TICK_SECONDS):
                rows = ExportJob.objects.filter(pk=job.pk, state=State.RUNNING)
                kept = JOBS.renew(job, at=timezone.now(), rows_done=watch.count)
                if not kept or not rows.exists():
                    watch.stop.set()
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name=f"export-{job.pk}", daemon=True)
    thread.start()
    try:
        yield watch
        if watch.stop.is_set():
            raise StoppedError
    finally:
        over.set()
        thread.join()


def _wake() -> None:
    """Hint to a worker; the schedule finds what it missed."""
    try:
        current_app.send_task("exports.run_exports")
    except Exception:
        log.warning("no worker woken", exc_info=True)
