"""Files and rows that nothing refers to, removed after some hours (RL-09)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, QuerySet
from django.db.models.functions import Coalesce

from core.leases import take_turn
from evidence.models import EvidenceFile
from evidence.retention import references
from evidence.services.previewing import remove_old_previews
from evidence.services.receiving import TURN
from evidence.storage import (
    companies_with_files,
    evidence_storage,
    files_of,
    place_of,
    remove_file,
    unfinished_files,
)

# Long enough for an appeal's step to be filled in, or for a connection that hangs.
AGE = timedelta(hours=6)
PREVIEW_AGE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Removed:
    """How many were removed: rows, files without a row, half-written files, previews."""

    rows: int
    files: int
    unfinished: int
    previews: int


def remove_orphans(*, at: datetime) -> Removed:
    """Remove rows that nothing refers to, files that no row knows, what killed processes left half-written, and old
    previews. Safe beside uploads: a row is added, and a file removed, by one process at a time."""
    before = at - AGE
    rows = sum(_remove_row(row) for row in _unreferenced(before))
    files = sum(_remove_file(company, sha256, before) for company, sha256 in _files_without_row())
    unfinished = unfinished_files(before)
    for path in unfinished:
        path.unlink(missing_ok=True)
    return Removed(rows, files, len(unfinished), remove_old_previews(at - PREVIEW_AGE))


def _unreferenced(before: datetime) -> QuerySet[EvidenceFile]:
    """Rows handed in before an instant that no other table refers to, whichever app it belongs to."""
    rows = EvidenceFile.objects.annotate(handed_in_at=Coalesce("repeated_at", "uploaded_at"))
    rows = rows.filter(handed_in_at__lt=before).order_by("pk")
    for _model, referring in references():
        rows = rows.exclude(Exists(referring))
    return rows


def _remove_row(row: EvidenceFile) -> int:
    """Remove a row unless it was handed in again or attached meanwhile; its file then has no row."""
    try:
        with transaction.atomic():
            return EvidenceFile.objects.filter(pk=row.pk, repeated_at=row.repeated_at).delete()[0]
    except IntegrityError:
        return 0


def _files_without_row() -> Iterator[tuple[int, str]]:
    for company_id in companies_with_files():
        known = set(EvidenceFile.objects.filter(company=company_id, removed_at=None).values_list("sha256", flat=True))
        yield from ((company_id, sha256) for sha256 in files_of(company_id) if sha256 not in known)


def _remove_file(company_id: int, sha256: str, before: datetime) -> int:
    """Remove a file that no row knows; a young one may be waiting for its row."""
    with transaction.atomic():
        take_turn(TURN)
        if EvidenceFile.objects.filter(company=company_id, sha256=sha256, removed_at=None).exists():
            return 0
        written = evidence_storage().get_modified_time(place_of(company_id, sha256))
        if written >= before:
            return 0
        remove_file(company_id, sha256)
        return 1
