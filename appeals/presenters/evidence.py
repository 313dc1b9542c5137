"""The files of an appeal, each declared as a kind of evidence (PN-28a, DP-07)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from appeals.models import Appeal, AppealFile
from appeals.presenters.frame import CaseFrame, case_frame
from appeals.queries.draft_page import Draft
from appeals.rules import AppealKind, Step, evidence_kinds
from evidence.presenters import FileRow, UploadPanel, file_row
from evidence.rules import Limits, RefusedFileError
from rulebook.policy import Policy
from rulebook.reading import word
from stores.access import StoreRequest
from stores.context_processors import nav

# The form that the fields in the rows belong to.
FORM = "kinds"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedRow(FileRow):
    """A file that can still be taken out; ``chosen`` of ``kinds``: what it was declared as."""

    attached: int
    chosen: str
    kinds: list[tuple[str, str]]
    form: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """What templates/appeals/evidence.html reads."""

    nav: dict[str, Any]
    now: datetime
    frame: CaseFrame
    upload: UploadPanel
    form: str


def evidence_page(
    request: StoreRequest, draft: Draft, panel: UploadPanel, policy: Policy, now: datetime
) -> EvidencePage:
    """The step on which files are attached."""
    return EvidencePage(nav(request, current="appeals"), now, case_frame(draft, Step.EVIDENCE, policy), panel, FORM)


def upload_panel(
    appeal: Appeal,
    files: Sequence[AppealFile],
    policy: Policy,
    limits: Limits,
    refused: Sequence[RefusedFileError] = (),
) -> UploadPanel:
    """The files that can still be changed, and room for more."""
    where = [appeal.store.store_no, appeal.number]
    kinds = [(kind, word(kind)) for kind in evidence_kinds(AppealKind(appeal.kind), policy)]
    remove_url = reverse("appeals:remove_file", args=where)
    return UploadPanel(
        url=reverse("appeals:upload", args=where),
        limits=limits,
        rows=[_row(one, kinds, remove_url) for one in files],
        refused=refused,
    )


def _row(one: AppealFile, kinds: list[tuple[str, str]], remove_url: str) -> AttachedRow:
    shared = {**asdict(file_row(one.file, name=one.name, added_at=one.added_at))}
    return AttachedRow(
        **{**shared, "controls": "appeals/_file_controls.html"},
        attached=one.pk,
        chosen=one.kind,
        kinds=kinds,
        form=FORM,
        remove_url=remove_url,
    )
