"""The page of an appeal, its supplement, and taking it back (PG-11, PN-09)."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appeals.forms.drafts import ANSWER, kinds_in, texts_in, version_in
from appeals.models import Appeal
from appeals.presenters.evidence import upload_panel
from appeals.presenters.status import status_page
from appeals.presenters.wording import REFUSALS
from appeals.queries.draft_page import appeal_of
from appeals.queries.files import current_files
from appeals.queries.status_page import status_of
from appeals.rules import AppealState, RefusedAppealError, StaleAppealError
from appeals.services.checking import examine_files
from appeals.services.drafting import declare_kinds
from appeals.services.supplementing import hand_in_supplement
from appeals.services.withdrawing import ReviewBegunError, withdraw_appeal
from appeals.views.shown import conflict, is_draft, to_appeal
from core.pages.responses import render_page
from evidence.queries import evidence_limits
from rulebook.queries import policy_at
from stores.access import WRITE, StoreRequest, may_write, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.APPEALS)
def appeal(request: StoreRequest, number: str) -> HttpResponse:
    """State, clock, decisions and history; its print version is a clean document (PG-21)."""
    return _page(request, appeal_of(request.store, number))


@require_POST
@store_view(area=Area.APPEALS, roles=WRITE)
def supplement(request: StoreRequest, number: str) -> HttpResponseBase:
    """Hands in what a reviewer asked for, once and in time."""
    now, row = timezone.now(), appeal_of(request.store, number)
    try:
        declare_kinds(appeal=row, kinds=kinds_in(request.POST), at=now)
        examine_files(appeal=row, at=now)
        hand_in_supplement(
            appeal=row,
            answers=texts_in(request.POST, ANSWER),
            given_up=request.POST.getlist("give_up"),
            at=now,
            principal=request.principal,
            version=version_in(request.POST),
        )
    except StaleAppealError:
        return conflict(request, row, now)
    except RefusedAppealError as refused:
        messages.error(request, REFUSALS[refused.refusal])
        return _page(request, row, HTTPStatus.CONFLICT)
    messages.success(request, _("The supplement is handed in. The review starts anew."))
    return to_appeal(row)


@require_POST
@store_view(area=Area.APPEALS, roles=WRITE)
def withdraw(request: StoreRequest, number: str) -> HttpResponseBase:
    """Discards a draft, or takes back an appeal whose review has not begun."""
    now, row = timezone.now(), appeal_of(request.store, number)
    was_draft = is_draft(row)
    try:
        withdraw_appeal(appeal=row, at=now, principal=request.principal, version=version_in(request.POST))
    except StaleAppealError:
        return conflict(request, row, now)
    except ReviewBegunError:
        messages.error(request, _("The review has begun: the appeal can't be withdrawn any more."))
        return _page(request, row, HTTPStatus.CONFLICT)
    messages.success(request, _("The draft is discarded.") if was_draft else _("The appeal is withdrawn."))
    return to_appeal(row)


def _page(request: StoreRequest, row: Appeal, status: int = HTTPStatus.OK) -> HttpResponse:
    now = timezone.now()
    policy = policy_at(now)
    panel = None
    if row.state == AppealState.SUPPLEMENT:
        panel = upload_panel(row, current_files(row), policy, evidence_limits(now))
    writes = may_write(request.principal, request.store, Area.APPEALS)
    page = status_page(request, status_of(row, now), panel, policy, now, may_write=writes)
    return render_page(request, "appeals/appeal.html", page, status=status)
