"""The watched folder ``DATA_DIR/inbox/COMPANY/``: what is dropped there is imported and filed away with its report.

A file is taken when it has been still for a while, by renaming it into a place of its own: of several sweeps one wins.
The row of its import is written in the same transaction, so a sweep that is killed in between leaves the file where it
was, or one without a row, which a later sweep puts back. From then on it is an upload of its company: leases, turns and
positions are those of uploads (RL-18), and it may write that company's stores alone.
"""

import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from intake.filing import DONE, FAILED, TAKEN, company_inbox, file_away, inbox_folder, refuse
from intake.models import Import
from intake.profiles import RECOGNISED
from intake.reading import AnswerBook, Answers, BundleError
from intake.reading.filetypes import FileKind, kind_of
from intake.storage import largest_upload, safe_name
from stores.actors import command_actor
from stores.models import Company, Store

log = structlog.get_logger("dianwei.intake")

ACTOR = command_actor("watch_folder")
MOST_AT_ONCE = 50
# What programs call files that they have not finished.
UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".download", ".partial", ".swp", "~")
# A sweep that took a file has long written its row.
_RECOVERED_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class Dropped:
    """A file that waits; ``store``: the number that its folder below the company's is called by."""

    path: Path
    store: str
    changed: float
    size: int


class MovedError(RuntimeError):
    """Another sweep took the file, or it is no longer what it was."""


def sweep_inbox(*, at: datetime) -> list[int]:
    """Take what waits in all companies' folders, put back what a killed sweep left, file away what ended; returns the
    imports that were made."""
    made: list[int] = []
    for company in _companies():
        folder = company_inbox(company)
        _mend(folder, at)
        for dropped in sorted(_dropped(folder, company, at), key=lambda one: (one.changed, one.path.name))[
            :MOST_AT_ONCE
        ]:
            reason = _why_not(dropped)
            if reason:
                refuse(folder, dropped.path, reason)
            elif (job := take_dropped(folder, company, dropped, at)) is not None:
                made.append(job.pk)
    return made


def _companies() -> list[Company]:
    """Companies with a folder, which may be no link."""
    try:
        with os.scandir(inbox_folder()) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []
    return list(Company.objects.filter(company_no__in=names).order_by("pk"))


def _dropped(folder: Path, company: Company, at: datetime) -> Iterator[Dropped]:
    stores = set(Store.objects.filter(company=company).values_list("store_no", flat=True))
    for path in _entries(folder):
        if path.name in (DONE, FAILED):
            continue
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode):
            yield from _still(path, "", at)
        elif path.name in stores:
            for file in _entries(path):
                yield from _still(file, path.name, at)
        else:
            log.warning("a folder of the inbox names no store", company=company.company_no)


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder and is finished by its name."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return [
            path
            for path in folder.iterdir()
            if not path.name.startswith((".", "~$")) and not path.name.lower().endswith(UNFINISHED)
        ]
    return []


def _still(path: Path, store: str, at: datetime) -> Iterator[Dropped]:
    """The file, if nothing wrote to it or moved it for a while."""
    with suppress(FileNotFoundError):
        status = path.lstat()
        changed = max(status.st_mtime, status.st_ctime)
        if changed <= at.timestamp() - settings.INBOX_QUIET_SECONDS:
            yield Dropped(path, store, status.st_mtime, status.st_size)


def _why_not(dropped: Dropped) -> str:
    """Why a file is not taken, '' where it is."""
    path = dropped.path
    if not stat.S_ISREG(path.lstat().st_mode):
        return _("is no plain file: links, folders and devices are not followed")
    if safe_name(path.name) != path.name:
        return _("has a name with characters that can't be kept: rename it")
    if not dropped.size:
        return _("is empty")
    if dropped.size > largest_upload():
        return _("is larger than an upload may be: import it with the command line")
    try:
        if kind_of(path) is FileKind.OTHER:
            return _("CSV, XLSX, Parquet and ZIP are taken")
    except BundleError as error:
        return str(error)
    return ""


def take_dropped(folder: Path, company: Company, dropped: Dropped, at: datetime) -> Import | None:
    """Move a file into a place of its own and queue its import."""
    token = secrets.token_hex(16)
    place = folder / TAKEN / token
    place.mkdir(parents=True, mode=0o700)
    target = place / dropped.path.name
    try:
        with transaction.atomic():
            job = _create(target, company, dropped.store, token, at)
            _move(dropped.path, target)
    except MovedError:
        with suppress(OSError):
            place.rmdir()
        return None
    return job


def _move(path: Path, target: Path) -> None:
    try:
        path.rename(target)
    except FileNotFoundError:
        raise MovedError from None
    if not stat.S_ISREG(target.lstat().st_mode):
        # It was exchanged since it was looked at.
        target.unlink()
        raise MovedError


def _create(path: Path, company: Company, store: str, token: str, at: datetime) -> Import:
    return Import.objects.create(
        profile=RECOGNISED,
        name=path.name,
        path=str(path),
        is_upload=True,
        inbox_name=path.name,
        fingerprint=token,
        company=company,
        actor=ACTOR,
        as_of=at,
        answers=AnswerBook(Answers(store=store)).to_json(),
        look={},
        created_at=at,
    )


def _mend(folder: Path, at: datetime) -> None:
    """File away what ended and was not, and put back what was taken and has no import."""
    for place in (folder / TAKEN).glob("*"):
        job = Import.objects.filter(fingerprint=place.name).exclude(path="").order_by("-pk").first()
        if job is not None:
            if not job.is_open and job.state != Import.State.ASKING and not job.can_be_imported:
                file_away(job)
        elif place.lstat().st_mtime < (at - _RECOVERED_AFTER).timestamp():
            _put_back(place, folder)


def _put_back(place: Path, folder: Path) -> None:
    for file in place.iterdir():
        target = folder / file.name
        file.rename(target if not target.exists() else folder / f"{place.name[:8]}-{file.name}")
    shutil.rmtree(place, ignore_errors=True)
