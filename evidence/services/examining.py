"""The facts of evidence files: what their content alone tells (PN-28). Taken in the sandbox, once per file."""

from datetime import datetime

import structlog
from celery import current_app

from evidence import sandbox
from evidence.inspection import RefusedContentError
from evidence.models import EvidenceFile
from evidence.services.storing import content_on_disk

log = structlog.get_logger("dianwei.evidence")

FILES_AT_ONCE = 20
# By name: tasks are a layer above this module.
TASK = "evidence.examine_files"
_TASKS = {EvidenceFile.Kind.PDF: "pdf_facts.facts_of", EvidenceFile.Kind.JPEG: "jpeg_facts.facts_of"}


def examine_file(*, file: EvidenceFile, at: datetime) -> None:
    """Keep the facts of a file that has none yet; of content that can't be examined that it was tried. Not within a
    transaction: it takes seconds. Who comes second keeps what the first one found."""
    if file.examined_at is not None:
        return
    facts = _facts_of(file)
    EvidenceFile.objects.filter(pk=file.pk, examined_at__isnull=True).update(facts=facts, examined_at=at)
    file.refresh_from_db(fields=["facts", "examined_at"])


def examine_waiting(*, at: datetime) -> int:
    """Examine files that wait for it, the latest first; returns how many there were."""
    waiting = list(EvidenceFile.objects.filter(examined_at=None, removed_at=None).order_by("-pk")[:FILES_AT_ONCE])
    for file in waiting:
        examine_file(file=file, at=at)
    return len(waiting)


def wake_examiner() -> None:
    """Send the hint; should the broker be down, the schedule finds the files (RL-01)."""
    try:
        current_app.send_task(TASK)
    except Exception:
        log.warning("no examiner woken", exc_info=True)


def _facts_of(file: EvidenceFile) -> dict[str, object]:
    try:
        with content_on_disk(file) as path:
            return sandbox.run(_TASKS[EvidenceFile.Kind(file.kind)], path)
    except (sandbox.SandboxError, RefusedContentError, OSError) as error:
        log.warning("evidence not examined", file=file.pk, reason=str(error))
        return {}
