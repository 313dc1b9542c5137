"""The colleagues of a notice: a panel of its page, and a page of its own without JavaScript (PN-13)."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.pages.responses import render_page
from dashboard.forms.notice_team import AssigningForm, NoteForm
from dashboard.presenters.notice_team import team_panel_of
from notifications.models import Notice
from notifications.presenters.parts import notice_url
from notifications.queries.notices import notice_of
from notifications.queries.team import Team, notice_team
from notifications.services.assigning import assign_notice, write_note
from stores.access import StoreRequest, colleague, may_write, store_view
from stores.principals import Area, Person

PAGE, PANEL = "dashboard/notice_team.html", "dashboard/notice_team.html#panel"


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(area=Area.NOTICES)
def notice_team_panel(request: StoreRequest, number: str) -> HttpResponseBase:
    """Who looks after a notice, and what colleagues wrote about it; posting changes one of them."""
    notice = notice_of(request.store, number)
    team = notice_team(notice, is_colleague=colleague(request.principal, request.store) is not None)
    posted, asked = request.method == "POST", request.POST.get("do")
    assigning = AssigningForm(
        request.POST if posted and asked == "assign" else None,
        members=team.members,
        initial={"assignee": notice.assignee_id},
    )
    noting = NoteForm(request.POST if posted and asked == "note" else None)
    if posted and _change(request, notice, assigning, noting):
        return redirect(f"{notice_url(notice, request.store.store_no)}#team")
    return _shown(request, notice, team, assigning, noting)


def _change(request: StoreRequest, notice: Notice, assigning: AssigningForm, noting: NoteForm) -> bool:
    """Do what a valid form asks for."""
    now, principal = timezone.now(), request.principal
    if assigning.is_bound and assigning.is_valid():
        assign_notice(notice=notice, assignee=assigning.chosen(), at=now, actor=principal.actor)
        return True
    if noting.is_bound and noting.is_valid() and isinstance(principal, Person):
        write_note(notice=notice, text=noting.cleaned_data["text"], author=principal.user, at=now)
        return True
    return False


def _shown(
    request: StoreRequest, notice: Notice, team: Team, assigning: AssigningForm, noting: NoteForm
) -> HttpResponse:
    writes = may_write(request.principal, request.store, Area.NOTICES)
    panel = team_panel_of(request, notice, team, assigning, noting, may_write=writes)
    refused = assigning.is_bound or noting.is_bound
    return render_page(request, PANEL if request.htmx else PAGE, panel, status=422 if refused else 200)
