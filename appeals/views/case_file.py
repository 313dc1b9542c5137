"""The case file of an appeal: downloaded, or attached to it in one click (BX-09)."""

import structlog
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appeals.forms.drafts import kinds_in
from appeals.queries.draft_page import appeal_of
from appeals.rules import StaleAppealError
from appeals.services.case_file import attach_case_file, make_case_file
from appeals.services.drafting import TooManyFilesError, declare_kinds
from appeals.typesetting import TypesettingError
from appeals.views.shown import conflict, is_draft, to_appeal
from core.pages.attachments import attached
from stores.access import WRITE, StoreRequest, store_view
from stores.principals import Area

log = structlog.get_logger("dianwei.appeals")


@require_safe
@store_view(area=Area.APPEALS)
def case_file(request: StoreRequest, number: str) -> HttpResponseBase:
    """Everything that is kept of the appeal's orders, as one PDF."""
    appeal = appeal_of(request.store, number)
    try:
        made = make_case_file(appeal=appeal, at=timezone.now(), language=request.LANGUAGE_CODE)
    except TypesettingError as error:
        _failed(request, number, error)
        return to_appeal(appeal)
    return attached(HttpResponse(made.content, content_type="application/pdf"), made.name)


@require_POST
@store_view(area=Area.APPEALS, roles=WRITE)
def attach(request: StoreRequest, number: str) -> HttpResponseBase:
    """Makes the case file and attaches it as evidence; what was chosen for the other files is kept."""
    now, appeal = timezone.now(), appeal_of(request.store, number)
    try:
        declare_kinds(appeal=appeal, kinds=kinds_in(request.POST), at=now)
        attach_case_file(appeal=appeal, at=now, principal=request.principal, language=request.LANGUAGE_CODE)
        messages.success(request, _("The case file is attached."))
    except StaleAppealError:
        return conflict(request, appeal, now)
    except TooManyFilesError:
        messages.error(request, _("All places for files are taken. Remove one before you attach the case file."))
    except TypesettingError as error:
        _failed(request, number, error)
    return to_appeal(appeal, "evidence" if is_draft(appeal) else "appeal")


def _failed(request: StoreRequest, number: str, error: TypesettingError) -> None:
    log.error("case_file.failed", appeal=number, error=str(error))
    messages.error(request, _("The case file could not be made just now. Try again in a minute."))
