"""The page of an improvement plan (PN-10)."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.pages.components import Banner
from core.pages.responses import render_page
from dashboard.forms.plan import PlanForms
from dashboard.presenters.plan import conflict_banner, incomplete_banner, plan_document_of, refused_banner
from dashboard.presenters.plan_causes import cause_choices, known_causes
from dashboard.queries.plan import PlanPage, plan_page
from notifications.queries.notices import notice_of
from notifications.rules import cause_key
from notifications.services.plans import IncompletePlanError, save_plan, submit_plan
from stores.access import StoreRequest, may_write, store_view
from stores.models import User
from stores.principals import Area, Person

# What a button says that adds a row: the draft is saved, and an empty row stands below the others again.
ADD = {"add-done": "#done", "add-prevention": "#prevention"}


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(area=Area.NOTICES)
def plan(request: StoreRequest, number: str) -> HttpResponseBase:
    """The plan of a notice. Every button saves what is written; one hands it in."""
    now = timezone.now()
    page = plan_page(request.store, notice_of(request.store, number), now)
    if request.method != "POST":
        return _shown(request, page, now)
    principal = request.principal
    if not page.is_draft or not isinstance(principal, Person):
        return _shown(request, page, now, banner=conflict_banner(page), status=409)
    return _change(request, page, principal.user, now)


def _change(request: StoreRequest, page: PlanPage, user: User, now: datetime) -> HttpResponseBase:
    known = known_causes(page.causes, page.content.causes)
    forms = _forms(page, known, request.POST)
    if not forms.is_valid():
        return _shown(request, page, now, forms=forms, banner=refused_banner(), status=422)
    version, content = forms.answers.cleaned_data["version"], forms.content(known)
    if not save_plan(plan=page.plan, content=content, version=version, user=user, at=now):
        return _overtaken(request, page, forms, now)
    asked = request.POST.get("do", "")
    if asked == "submit":
        return _submitted(request, page, user, now)
    messages.success(request, _("Draft saved."))
    return redirect(request.path + ADD.get(asked, ""))


def _submitted(request: StoreRequest, page: PlanPage, user: User, now: datetime) -> HttpResponseBase:
    try:
        handed_in = submit_plan(plan=page.plan, user=user, at=now)
    except IncompletePlanError as refused:
        page = plan_page(request.store, page.notice, now)
        return _shown(request, page, now, banner=incomplete_banner(refused.gaps), status=422)
    if handed_in:
        messages.success(request, _("The plan is handed in; its verification has begun."))
    else:
        messages.error(request, _("The plan could not be handed in any more."))
    return redirect(request.path)


def _overtaken(request: StoreRequest, page: PlanPage, forms: PlanForms, now: datetime) -> HttpResponse:
    """Somebody saved meanwhile: what they wrote stands, what this person wrote is in the form still (RL-06)."""
    page = plan_page(request.store, notice_of(request.store, page.notice.number), now)
    data = request.POST.copy()
    data["version"] = str(page.plan.version)
    known = known_causes(page.causes, page.content.causes)
    forms = _forms(page, known, data) if page.is_draft else forms
    return _shown(request, page, now, forms=forms, banner=conflict_banner(page), status=409)


def _forms(page: PlanPage, known: Any, data: Any = None) -> PlanForms:
    chosen = [cause_key(cause) for cause in page.content.causes]
    return PlanForms(
        page.content,
        page.plan.version,
        data,
        causes=[(one.key, one.label) for one in cause_choices(known, chosen)],
        chosen=chosen,
        members=page.members,
    )


def _shown(
    request: StoreRequest,
    page: PlanPage,
    now: datetime,
    *,
    forms: PlanForms | None = None,
    banner: Banner | None = None,
    status: int = 200,
) -> HttpResponse:
    known = known_causes(page.causes, page.content.causes)
    writes = page.is_draft and may_write(request.principal, request.store, Area.NOTICES)
    shown = (forms or _forms(page, known)) if writes else None
    return render_page(
        request, "dashboard/plan.html", plan_document_of(request, page, known, shown, now, banner), status=status
    )
