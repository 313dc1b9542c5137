"""Looking at an upload before anything goes in: what each file is, and what a person must say of it (IX-06b)."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from intake.models import Import
from intake.profiles import opener_of
from intake.reading import AnswerBook, Bundle, Memory, Opening
from intake.reading.csvfile import RejectedFileError
from intake.reading.looks import Look
from intake.remembering import own_profiles
from intake.storage import forget_samples, forget_unpacked, uploads_folder

# Files that nobody said anything about are removed: they hold buyers' data.
KEPT = timedelta(days=1)


def look_over(job: Import, memory: Memory) -> dict[str, Any]:
    """What an upload's files are, as data for its page; raises BundleError where nothing can be read."""
    answers = AnswerBook.from_json(job.answers)
    open_files = opener_of(job.profile, own_profiles(job.company))
    forget_samples(job)
    bundle = open_files(Opening(Path(job.path), job.folder, job.zone, answers, memory, is_look=True))
    _count(bundle)
    forget_unpacked(job)
    remarks = [{"file": "", "line": None, "text": text} for text in bundle.warnings]
    return {"looks": [look.to_json() for look in bundle.looks], "refused": bundle.rejected, "remarks": remarks}


def asks_nothing(look: dict[str, Any]) -> bool:
    """Whether a person has nothing to say of an upload's files: everything is said or remembered, and no table waits
    for its columns to be mapped."""
    return not any(one["open"] or one["sample"] for one in look["looks"])


def _count(bundle: Bundle) -> None:
    looks = {look.label: look for look in bundle.looks if look.kind not in ("", "encoding")}
    for source in bundle.sources:
        look = looks.setdefault(source.label, Look(source.label, source.label, source.name))
        if look not in bundle.looks:
            bundle.looks.append(look)
        try:
            _opened, scan = source.scanned or source.scan()
        except RejectedFileError as error:
            bundle.rejected[source.label] = str(error)
        else:
            look.count = scan.rows if look.count is None else look.count


def forgotten(at: datetime) -> list[Import]:
    """Uploads that wait for an answer, and tried ones that nobody imported, for longer than KEPT."""
    # Files of the watched folder wait for as long as they have to: nobody chose when they came.
    old = Import.objects.filter(is_upload=True, inbox_name="", created_at__lt=at - KEPT)
    tried = old.filter(state=Import.State.DONE, dry_run=True, look__isnull=False).exclude(path="")
    return [*old.filter(state=Import.State.ASKING), *tried]


def ownerless(at: datetime) -> list[Path]:
    """Folders of uploads whose import is gone, with the company that it was of."""
    folder = uploads_folder()
    old = [one for one in folder.glob("*") if one.is_dir() and one.stat().st_mtime < (at - KEPT).timestamp()]
    owned = Import.objects.filter(is_upload=True, fingerprint__in=[one.name for one in old]).exclude(path="")
    names = set(owned.values_list("fingerprint", flat=True)) if old else set()
    return [one for one in old if one.name not in names]
