"""Whose import comes next (RL-18): one of each company at a time, large ones leave a worker free, and who was served
last comes last."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from core.leases import is_held, take_turn
from intake.leases import take_lease
from intake.models import Import

# An upload of fewer bytes is done in seconds; what is packed counts as what it may unpack to.
SMALL_BYTES = 4 * 2**20
PACKED = frozenset({".zip", ".xlsx", ".xlsm", ".parquet"})
PACKED_WEIGHT = 10
# One that takes longer is large, whatever it looked like.
SMALL_TIME = timedelta(minutes=1)
# Any number that nothing else locks.
_LOCK = 7_018_019
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def running_uploads(at: datetime) -> list[Import]:
    """Uploads that a worker is at."""
    running = Import.objects.filter(is_upload=True, state=Import.State.RUNNING)
    return [job for job in running if is_held(job, at)]


def is_large(job: Import, at: datetime) -> bool:
    """Whether the upload may keep a worker for long."""
    if job.started_at is not None and at - job.started_at > SMALL_TIME:
        return True
    path = Path(job.path)
    files = [path] if path.is_file() else path.glob("*")
    return sum(_weight(file) for file in files if file.is_file()) > SMALL_BYTES


def _weight(file: Path) -> int:
    return file.stat().st_size * (PACKED_WEIGHT if file.suffix.lower() in PACKED else 1)


def claim_import(job: Import, *, at: datetime) -> bool:
    """Take the import's lease if it is its turn. Commands need no turn: whoever starts one waits for it."""
    if not job.is_upload:
        return take_lease(job, at=at)
    with transaction.atomic():
        take_turn(_LOCK)
        return _may_begin(job, at) and take_lease(job, at=at)


def _may_begin(job: Import, at: datetime) -> bool:
    others = [other for other in running_uploads(at) if other.pk != job.pk]
    return _fits(job, others, at) and not _is_behind(job, at)


def _fits(job: Import, running: Iterable[Import], at: datetime) -> bool:
    """Whether its company has no other one running and, if it is large, not as many large ones run as may."""
    running = list(running)
    if any(other.company_id == job.company_id for other in running):
        return False
    large = sum(is_large(other, at) for other in running) if is_large(job, at) else 0
    return large < int(settings.IMPORTS_AT_ONCE)


def _is_behind(job: Import, at: datetime) -> bool:
    """Whether an older upload of its company could go on now."""
    older = Import.objects.filter(is_upload=True, company=job.company_id, pk__lt=job.pk)
    return any(could_go_on(other, at) for other in older.filter(state__in=[Import.State.QUEUED, Import.State.RUNNING]))


def could_go_on(job: Import, at: datetime) -> bool:
    """Whether nobody is at it and it waits for nothing but a worker."""
    return job.is_open and not is_held(job, at) and (job.retry_at is None or job.retry_at <= at)


def in_turn(waiting: Sequence[Import], at: datetime) -> list[Import]:
    """Of the uploads that could go on those that may, the company that was served longest ago first."""
    first: dict[int | None, Import] = {}
    for job in sorted(waiting, key=lambda job: job.pk):
        first.setdefault(job.company_id, job)
    served = dict(Import.objects.filter(is_upload=True).values_list("company").annotate(last=Max("turn_at")))
    chosen: list[Import] = []
    running = running_uploads(at)
    for job in sorted(first.values(), key=lambda job: (served.get(job.company_id) or _NEVER, job.pk)):
        if _fits(job, [*running, *chosen], at):
            chosen.append(job)
    return chosen


def others_wait(job: Import, at: datetime) -> bool:
    """Whether another company's upload could go on if this one stopped."""
    waiting = Import.objects.filter(is_upload=True, state=Import.State.QUEUED)
    running = [other for other in running_uploads(at) if other.pk != job.pk]
    others = (other for other in waiting if other.company_id != job.company_id and could_go_on(other, at))
    return any(_fits(other, running, at) for other in others)
