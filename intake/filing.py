"""Files of the watched folder that ended: under ``done`` or ``failed``, with report and refused rows beside them."""

import json
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from intake.models import Import
from stores.models import Company

TAKEN, DONE, FAILED = ".taken", "done", "failed"


def inbox_folder() -> Path:
    """Where companies' folders lie."""
    return Path(settings.DATA_DIR) / "inbox"


def company_inbox(company: Company) -> Path:
    """A company's folder."""
    return inbox_folder() / company.company_no


def file_away(job: Import) -> None:
    """Move the file of an import that ended to its report; the same again changes nothing."""
    job.refresh_from_db()
    if job.company is None:
        return
    file = Path(job.path)
    is_done = job.state == Import.State.DONE and not job.dry_run
    folder = _own_folder(company_inbox(job.company), DONE if is_done else FAILED)
    name = f"{job.pk}-{job.inbox_name}"
    errors = sorted(job.errors_folder.glob("*.csv")) if job.errors_folder.exists() else []
    for rejected in errors:
        shutil.copyfile(rejected, folder / f"{name}.refused-{rejected.name}")
    _write_report(folder / f"{name}.report.json", _report(job))
    with suppress(FileNotFoundError):
        file.rename(folder / name)
    shutil.rmtree(file.parent, ignore_errors=True)


def refuse(folder: Path, path: Path, reason: str) -> None:
    """Move what can't be taken to ``failed``, as it is: a link is moved and never followed."""
    failed = _own_folder(folder, FAILED)
    name = path.name.encode("utf-8", "replace").decode()[-100:]
    target = failed / f"{secrets.token_hex(4)}-{path.name}"[:255]
    with suppress(FileNotFoundError):
        path.rename(target)
        _write_report(failed / f"{target.name[:200]}.report.json", {"file": name, "state": "failed", "error": reason})


def remove_inbox(company: Company) -> int:
    """Delete a company's folder: it holds buyers' data. Returns how many files were in it."""
    folder = company_inbox(company)
    if folder.is_symlink() or not folder.is_dir():
        return 0
    files = sum(len(names) for _root, _folders, names in os.walk(folder))
    shutil.rmtree(folder, ignore_errors=True)
    return files


def _own_folder(folder: Path, name: str) -> Path:
    """A folder below a company's; a link in its place is replaced."""
    own = folder / name
    if own.is_symlink():
        own.unlink()
    own.mkdir(exist_ok=True, mode=0o700)
    return own


def _report(job: Import) -> dict[str, Any]:
    return {
        "import": job.pk,
        "file": job.inbox_name,
        "state": job.state,
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "counts": job.counts,
        "remarks": job.remarks,
        "stores": job.stores,
        "error": job.error,
    }


def _write_report(path: Path, said: dict[str, Any]) -> None:
    """Write a report whole: whoever waits for it never reads half of it."""
    partial = path.with_name(f".{secrets.token_hex(8)}.part")
    partial.write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")
    partial.rename(path)
