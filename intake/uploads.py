"""Files that people upload: kept whole before anything knows of them, then imported as a background job (RL-09)."""

import os
import secrets
import shutil
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from core.events import record_event
from intake.models import Import
from intake.reading import BundleError
from intake.reading.filetypes import FileKind, kind_of
from intake.services import Options
from intake.storage import safe_name, uploads_folder
from stores.models import User
from stores.principals import Person

MOST_FILES = 25


def start_upload(
    *, files: Iterable[UploadedFile[Any]], options: Options, person: User, is_operator: bool, at: datetime
) -> Import:
    """Keep the files and queue their import; raises BundleError when they can't be what is taken here."""
    folder = uploads_folder() / secrets.token_hex(16)
    folder.mkdir(parents=True, mode=0o700)
    try:
        kept = [_keep(file, folder) for file in files]
        path = kept[0] if len(kept) == 1 else folder
        with transaction.atomic():
            job = _create(path, [file.name for file in kept], options, person, is_operator, at)
            transaction.on_commit(partial(wake, job.pk))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return job


def _keep(file: UploadedFile[Any], folder: Path) -> Path:
    """Write a file whole: temporary name, flushed to disk, renamed."""
    path = folder / safe_name(file.name or "upload")
    if path.exists():
        raise BundleError(_("%(file)s was chosen twice") % {"file": path.name})
    partial_path = folder / f".{secrets.token_hex(8)}.part"
    with partial_path.open("wb") as stream:
        for block in file.chunks():
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())
    partial_path.rename(path)
    if path.stat().st_size == 0:
        raise BundleError(_("%(file)s is empty") % {"file": path.name})
    try:
        if kind_of(path) is FileKind.OTHER and path.suffix.lower() != ".json":
            raise BundleError(_("CSV, XLSX, Parquet and ZIP are taken"))
    except BundleError as error:
        raise BundleError(f"{path.name}: {error}") from error
    return path


def _create(path: Path, names: list[str], options: Options, person: User, is_operator: bool, at: datetime) -> Import:
    job = Import.objects.create(
        profile=options.profile,
        name=", ".join(names)[:255],
        path=str(path),
        is_upload=True,
        fingerprint=path.parent.name if path.is_file() else path.name,
        company=options.company,
        person=person,
        actor=Person(person).actor,
        is_operator=is_operator,
        as_of=options.as_of or at,
        zone=options.zone,
        answers=options.answers.to_json(),
        look={} if options.is_asked else None,
        language=translation.get_language() or "",
        dry_run=options.dry_run,
        strict=options.strict,
        created_at=at,
    )
    record_event(
        kind="import.queued",
        subject_kind="import",
        subject_key=str(job.pk),
        actor=Person(person).actor,
        at=at,
        company_no=options.company.company_no if options.company else "",
        cause="IX-03",
        after={"files": len(names), "dry_run": options.dry_run, "strict": options.strict},
    )
    return job


def wake(job_id: int) -> None:
    """Tell a worker; should the broker be down, the reconciler finds the row (RL-01)."""
    from intake.tasks import wake_worker

    wake_worker(job_id)
