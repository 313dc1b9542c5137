"""Removes the content of evidence once its cases are over long enough (RL-14). May run twice and be killed at any
point: content that outlives its row's mark goes with the orphans."""

from datetime import datetime
from typing import Any

from django.db import transaction

from core.events import SYSTEM, record_event
from core.leases import take_turn
from evidence.models import EvidenceFile
from evidence.retention import expired_files
from evidence.services.previewing import remove_previews_of
from evidence.services.receiving import TURN
from evidence.storage import remove_file

AT_ONCE = 200


def remove_expired_content(*, before: datetime, at: datetime) -> int:
    """Remove the content of files whose cases all ended before an instant, and the words that were read in it; rows and
    hashes stay. Returns how many files."""
    count = 0
    while files := list(expired_files(before).select_related("company")[:AT_ONCE]):
        removed = [file for file in files if _mark_removed(file, at)]
        for file in removed:
            _remove_content(file)
        count += len(removed)
        if not removed:
            break
    return count


@transaction.atomic
def _mark_removed(file: EvidenceFile, at: datetime) -> bool:
    """Say that the content is gone, unless the file was handed in again meanwhile."""
    take_turn(TURN)
    rows = EvidenceFile.objects.filter(pk=file.pk, repeated_at=file.repeated_at, removed_at=None)
    if not rows.update(removed_at=at, facts=without_words(file.facts)):
        return False
    record_event(
        kind="evidence.removed",
        subject_kind="evidence",
        subject_key=str(file.pk),
        company_no=file.company.company_no,
        actor=SYSTEM,
        at=at,
        cause="RL-14",
        after={"type": file.kind, "size": file.size, "pages": file.pages, "sha256": file.sha256},
    )
    return True


def _remove_content(file: EvidenceFile) -> None:
    with transaction.atomic():
        take_turn(TURN)
        if EvidenceFile.objects.filter(pk=file.pk, removed_at=None).exists():
            return
        remove_file(file.company_id, file.sha256)
    remove_previews_of(file)


def without_words(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a file without the text on its pages. What tells that the same picture is handed in again stays."""
    return facts | {"pages": [page | {"words": []} for page in facts["pages"]]} if "pages" in facts else facts
