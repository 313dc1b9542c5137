"""Background imports: the row is the truth, the broker only wakes workers (RL-01)."""

import time

import structlog
from celery import shared_task
from django.utils import timezone, translation

from intake.connectors.alarms import warn_of_ends
from intake.connectors.history import forget_runs
from intake.connectors.running import run_connections
from intake.inbox import sweep_inbox
from intake.models import Import
from intake.personal.purging import purge_personal
from intake.services import forget_uploads, resumable_uploads, run_import

log = structlog.get_logger("dianwei.intake")

# Well below the task's time limit: a long import continues in another turn.
TURN_SECONDS = 600


@shared_task(name="intake.run_import")
def run_import_task(import_id: int) -> None:
    """Run an upload for one turn, then wake workers for whose turn it is next (RL-18). A second worker on the same
    one finds its lease taken and goes, as does one whose turn it is not."""
    job = Import.objects.filter(pk=import_id).first()
    if job is None or not job.is_open:
        return
    turn = job.turn_at
    with translation.override(job.language or None):
        run_import(job, until=time.monotonic() + TURN_SECONDS)
    job.refresh_from_db()
    if job.turn_at != turn:
        wake_imports()


@shared_task(name="intake.sweep_inbox")
def sweep_inbox_task() -> int:
    """Take what lies in companies' watched folders; returns how many imports were made."""
    made = sweep_inbox(at=timezone.now())
    for import_id in made:
        wake_worker(import_id)
    return len(made)


@shared_task(name="intake.wake_imports")
def wake_imports() -> int:
    """Wake workers for every upload that waits or whose worker died; returns how many."""
    forget_uploads(at=timezone.now())
    ids = resumable_uploads(at=timezone.now())
    for import_id in ids:
        wake_worker(import_id)
    return len(ids)


def wake_worker(import_id: int) -> None:
    """Send the hint; a broker that is down is no reason to fail."""
    try:
        run_import_task.delay(import_id)
    except Exception:
        log.warning("no worker woken", import_id=import_id, exc_info=True)


@shared_task(name="intake.run_connections")
def run_connections_task() -> None:
    """Give turns to connections of stores that are due (IX-25)."""
    run_connections(at=timezone.now())


@shared_task(name="intake.look_after_connections")
def look_after_connections() -> None:
    """Tell of authorisations that end soon, and forget old runs (IX-25)."""
    warn_of_ends(at=timezone.now())
    forget_runs(at=timezone.now())


@shared_task(name="intake.purge_personal")
def purge_personal_task() -> dict[str, int]:
    """Remove data of buyers that is as old as policy says (RL-14)."""
    return purge_personal(at=timezone.now())
