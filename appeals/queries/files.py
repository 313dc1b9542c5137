"""The files of an appeal (PN-28a)."""

from collections.abc import Sequence

from appeals.models import Appeal, AppealFile
from appeals.rules import AppealState
from core.models import Event


def round_of(appeal: Appeal) -> int:
    """Where a file that is added now belongs: 0 to the submission, then one for each supplement that was asked for."""
    if appeal.state == AppealState.DRAFT:
        return 0
    return Event.objects.filter(
        store_no=appeal.store.store_no,
        subject_kind="appeal",
        subject_key=appeal.number,
        kind="appeal.supplement",
    ).count()


def files_of(appeal: Appeal) -> Sequence[AppealFile]:
    """The files with their evidence, in order."""
    return list(AppealFile.objects.filter(appeal=appeal).select_related("file").order_by("place"))


def current_files(appeal: Appeal) -> Sequence[AppealFile]:
    """The files that can still be changed: of the draft, or of the supplement that is asked for."""
    current = round_of(appeal)
    return [file for file in files_of(appeal) if file.round == current]
