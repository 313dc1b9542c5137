"""What a person does with an upload that was looked at: answer for it, try it, import what was tried (IX-06b)."""

from datetime import datetime
from functools import partial

from django.db import transaction

from intake.models import Import
from intake.reading import AnswerBook
from intake.uploads import wake

_KEPT_OF_A_TRY = (
    *("profile", "name", "path", "is_upload", "fingerprint", "company", "person", "actor", "is_operator"),
    *("as_of", "zone", "answers", "look", "language", "strict", "inbox_name"),
)


def answer(job: Import, answers: AnswerBook, *, dry_run: bool, strict: bool, zone: str) -> bool:
    """Queue an upload with its answers; False if someone else was faster."""
    asking = Import.objects.filter(pk=job.pk, state=Import.State.ASKING)
    with transaction.atomic():
        said = {"answers": answers.to_json(), "dry_run": dry_run, "strict": strict, "zone": zone}
        if asking.update(state=Import.State.QUEUED, started_at=None, attempts=0, retry_at=None, **said) != 1:
            return False
        transaction.on_commit(partial(wake, job.pk))
    return True


def look_again(job: Import) -> bool:
    """Queue an upload to be looked at again, since a profile was made for it; False if it is asked no more."""
    asking = Import.objects.filter(pk=job.pk, state=Import.State.ASKING)
    with transaction.atomic():
        if asking.update(state=Import.State.QUEUED, look={}, started_at=None, attempts=0, retry_at=None) != 1:
            return False
        transaction.on_commit(partial(wake, job.pk))
    return True


def import_now(job: Import, *, at: datetime) -> Import | None:
    """Import what a dry run tried, from the same files; None when that was done or they are gone."""
    with transaction.atomic():
        tried = Import.objects.filter(pk=job.pk, state=Import.State.DONE, dry_run=True).exclude(path="")
        if not job.can_be_imported or tried.update(path="") != 1:
            return None
        made = Import.objects.create(created_at=at, **{name: getattr(job, name) for name in _KEPT_OF_A_TRY})
        transaction.on_commit(partial(wake, made.pk))
    return made
