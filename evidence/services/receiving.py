"""Files that people hand in: judged by their content, stored whole, then known by a row (AP-02, RL-09)."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.db import transaction

from core.events import record_event
from core.leases import take_turn
from evidence.models import EvidenceFile
from evidence.queries import evidence_limits
from evidence.rules import Limits, RefusedFileError, clean_name
from evidence.services.accepting import accept_content
from evidence.services.examining import wake_examiner
from evidence.services.storing import on_disk
from evidence.storage import evidence_storage, place_of
from stores.models import Company
from stores.principals import Person, Principal

# The turn in which a row is added, or what no row knows is removed: never both at once.
TURN = 0xF11E


def receive_file(
    *, company: Company, name: str, content: "File[Any]", principal: Principal, at: datetime
) -> EvidenceFile:
    """Take a file of a company and return its row: a new one, or the one of the same content.

    Raises RefusedFileError for content that is not taken (AP-02), and OSError where it can't be stored. Nothing is kept
    of either. A process killed between file and row leaves a file that `remove_orphans` finds.
    """
    limits, name = evidence_limits(at), clean_name(name)
    _refuse_by_size(name, content.size, limits)
    with on_disk(content) as path:
        sha256 = _digest(path)
        kind, pages = accept_content(name=name, path=path, limits=limits)
        row = EvidenceFile(
            company=company,
            sha256=sha256,
            kind=kind,
            name=name,
            size=content.size,
            pages=pages,
            uploaded_at=at,
            uploaded_by=principal.user if isinstance(principal, Person) else None,
        )
        return _keep(row, path, principal.actor, at)


def _refuse_by_size(name: str, size: int, limits: Limits) -> None:
    if size == 0:
        raise RefusedFileError("empty", name)
    if size > limits.max_bytes:
        raise RefusedFileError("too_large", name, limit=limits.max_megabytes)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _keep(row: EvidenceFile, path: Path, actor: str, at: datetime) -> EvidenceFile:
    """Store the content, then add the row, unless both are there. The sweep may remove a file that no row knows until
    the row is added; then it is stored again."""
    place = place_of(row.company_id, row.sha256)
    while True:
        if not evidence_storage().exists(place):
            with path.open("rb") as stream:
                evidence_storage().save(place, File(stream))
        with transaction.atomic():
            take_turn(TURN)
            if evidence_storage().exists(place):
                return _add(row, actor, at)


def _add(row: EvidenceFile, actor: str, at: datetime) -> EvidenceFile:
    known = EvidenceFile.objects.filter(company=row.company_id, sha256=row.sha256).first()
    if known is not None:
        if known.removed_at is not None:
            known.removed_at = known.examined_at = None
            transaction.on_commit(wake_examiner)
        known.repeated_at = at
        known.save(update_fields=["repeated_at", "removed_at", "examined_at"])
        return known
    row.save()
    record_event(
        kind="evidence.received",
        subject_kind="evidence",
        subject_key=str(row.pk),
        company_no=row.company.company_no,
        actor=actor,
        at=at,
        cause="AP-03",
        after={"type": row.kind, "size": row.size, "pages": row.pages, "sha256": row.sha256},
    )
    transaction.on_commit(wake_examiner)
    return row
