"""Files that people hand in: judged by their content, stored whole, then known by a row (AP-02, RL-09)."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from django.core.files.base import File
from django.db import transaction

from core.events import record_event
from core.leases import take_turn
from evidence import sandbox
from evidence.inspection import RefusedContentError
from evidence.inspection.kinds import HEAD_BYTES, JPEG, PDF, kind_of
from evidence.models import EvidenceFile
from evidence.queries import evidence_limits
from evidence.rules import Limits, RefusedFileError, clean_name
from evidence.services.examining import wake_examiner
from evidence.services.storing import on_disk
from evidence.storage import evidence_storage, place_of
from stores.models import Company
from stores.principals import Person, Principal

log = structlog.get_logger("dianwei.evidence")

# The turn in which a row is added, or what no row knows is removed: never both at once.
TURN = 0xF11E
_BLOCK = 2**20
# The limits that texts of refusals name, by code.
_NAMED_LIMITS = {"too_many_pages": "max_pages", "too_many_pixels": "max_megapixels"}


def receive_file(
    *, company: Company, name: str, content: "File[Any]", principal: Principal, at: datetime
) -> EvidenceFile:
    """Take a file of a company and return its row: a new one, or the one of the same content.

    Raises RefusedFileError for content that is not taken (AP-02), and OSError where it can't be stored. Nothing is kept
    of either. A process killed between file and row leaves a file that `sweep_orphans` removes.
    """
    limits, name = evidence_limits(at), clean_name(name)
    _refuse_by_size(name, content.size, limits)
    with on_disk(content) as path:
        sha256 = _digest(path)
        kind, pages = _judge(name, path, limits)
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


def _judge(name: str, path: Path, limits: Limits) -> tuple[str, int]:
    """The kind and pages of content that is taken."""
    with path.open("rb") as stream:
        kind = kind_of(stream.read(HEAD_BYTES))
    try:
        if kind == PDF:
            found = sandbox.run("pdf.accept", path, max_pages=limits.max_pages)
        elif kind == JPEG:
            found = sandbox.run("jpeg.accept", path, max_megapixels=limits.max_megapixels)
        elif kind:
            raise RefusedFileError("known_type", name, type=kind)
        else:
            raise RefusedFileError("other_type", name)
    except RefusedContentError as refused:
        limit = getattr(limits, _NAMED_LIMITS.get(refused.code, ""), None)
        raise RefusedFileError(refused.code, name, **refused.params, limit=limit) from refused
    except sandbox.SandboxError as error:
        log.warning("evidence unreadable", kind=kind, reason=str(error))
        raise RefusedFileError("unreadable", name) from error
    return kind, int(found["pages"])


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
        known.repeated_at = at
        known.save(update_fields=["repeated_at"])
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
