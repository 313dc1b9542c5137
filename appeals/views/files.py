"""The step on which evidence is attached, and the same for a supplement (AP-02, PN-28a)."""

from datetime import datetime

from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from appeals.forms.drafts import kinds_in
from appeals.models import Appeal
from appeals.presenters.evidence import evidence_page, upload_panel
from appeals.presenters.status import status_page
from appeals.queries.draft_page import appeal_of, draft_of
from appeals.queries.files import current_files
from appeals.queries.status_page import status_of
from appeals.rules import StaleAppealError, Step
from appeals.services.drafting import TooManyFilesError, attach_file, declare_kinds, detach_file
from appeals.views.shown import conflict, is_draft, to_appeal
from appeals.views.steps import onwards
from core.pages.responses import context_of, render_page
from evidence.models import EvidenceFile
from evidence.queries import evidence_limits
from evidence.rules import RefusedFileError
from evidence.uploads import Received, answer_upload, is_script, receive_uploads, receives_files
from rulebook.queries import policy_at
from stores.access import WRITE, StoreRequest, store_view
from stores.principals import Area


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(area=Area.APPEALS, roles=WRITE)
def evidence(request: StoreRequest, number: str) -> HttpResponseBase:
    """The files of a draft, each declared as a kind of evidence."""
    now, appeal = timezone.now(), appeal_of(request.store, number)
    if request.method != "POST":
        return _page(request, appeal, now) if is_draft(appeal) else to_appeal(appeal)
    try:
        declare_kinds(appeal=appeal, kinds=kinds_in(request.POST), at=now)
    except StaleAppealError:
        return conflict(request, appeal, now)
    return onwards(request, appeal, Step.EVIDENCE, Step.CHECK)


@require_POST
@store_view(area=Area.APPEALS, roles=WRITE)
@receives_files
def upload(request: StoreRequest, number: str) -> HttpResponseBase:
    """Takes files for a draft or a supplement: rows for the script, the page for a plain form."""
    now, appeal = timezone.now(), appeal_of(request.store, number)

    def attach(file: EvidenceFile, name: str) -> None:
        try:
            attach_file(appeal=appeal, file=file, name=name, at=now, principal=request.principal)
        except TooManyFilesError as error:
            raise RefusedFileError("no_slot", name, limit=evidence_limits(now).max_files) from error

    free = evidence_limits(now).max_files - len(current_files(appeal))
    try:
        received = receive_uploads(
            request, company=request.store.company, principal=request.principal, free=free, at=now, attach=attach
        )
    except StaleAppealError:
        return conflict(request, appeal, now)
    return _answer(request, appeal, received, now)


@require_POST
@store_view(area=Area.APPEALS, roles=WRITE)
def remove(request: StoreRequest, number: str) -> HttpResponseBase:
    """Takes a file out again; what was chosen for the others is kept."""
    now, appeal = timezone.now(), appeal_of(request.store, number)
    key = request.POST.get("remove", "")
    attached = next((file for file in current_files(appeal) if str(file.pk) == key), None)
    try:
        declare_kinds(appeal=appeal, kinds=kinds_in(request.POST), at=now)
        if attached is not None:
            detach_file(appeal=appeal, attached=attached, at=now, principal=request.principal)
    except StaleAppealError:
        return conflict(request, appeal, now)
    return to_appeal(appeal, "evidence" if is_draft(appeal) else "appeal")


def _answer(request: StoreRequest, appeal: Appeal, received: Received, now: datetime) -> HttpResponseBase:
    panel = upload_panel(appeal, current_files(appeal), policy_at(now), evidence_limits(now), received.refused)
    if is_script(request):
        if not is_draft(appeal):
            return answer_upload(request, received, panel)
        draft = evidence_page(request, draft_of(appeal, now), panel, policy_at(now), now)
        return answer_upload(request, received, panel, also="appeals/_evidence_also.html", context=context_of(draft))
    if not received.refused:
        return to_appeal(appeal, "evidence" if is_draft(appeal) else "appeal")
    if is_draft(appeal):
        return _page(request, appeal, now, received)
    page = status_page(request, status_of(appeal, now), panel, policy_at(now), now, may_write=True)
    return render_page(request, "appeals/appeal.html", page, status=received.status)


def _page(request: StoreRequest, appeal: Appeal, now: datetime, received: Received | None = None) -> HttpResponse:
    refused = received.refused if received else ()
    panel = upload_panel(appeal, current_files(appeal), policy_at(now), evidence_limits(now), refused)
    page = evidence_page(request, draft_of(appeal, now), panel, policy_at(now), now)
    return render_page(request, "appeals/evidence.html", page, status=received.status if received else 200)
