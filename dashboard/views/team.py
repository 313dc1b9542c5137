"""The people of a company: members, roles, invitations, ownership (PG-18)."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.pages.components import Banner
from core.pages.responses import render_page
from dashboard.forms.team import InviteForm, RoleForm
from dashboard.presenters.message_settings import NOTHING_FILLED, Filled, messages_part
from dashboard.presenters.team import team_page_of
from dashboard.queries.message_settings import message_settings
from dashboard.queries.team import team_page
from notifications.channels.mail.immediate import send_invitation
from rulebook.queries import policy_at
from stores.access import CompanyRequest, company_view
from stores.models import Membership, User
from stores.services import (
    change_role,
    hand_over_ownership,
    invite_member,
    open_invitations,
    remove_member,
    withdraw_invitation,
)


@require_http_methods(["GET", "HEAD", "POST"])
@company_view()
def team(request: CompanyRequest) -> HttpResponseBase:
    """Members and invitations; owners post to invite. The answer to that holds the link, which is shown once."""
    form = InviteForm(request.POST or None)
    link = ""
    if request.method == "POST" and form.is_valid():
        link, form = _invite(request, form)
    shown = form if form.errors else None
    return team_response(request, form=shown, link=link, status=422 if request.POST and shown else 200)


def team_response(
    request: CompanyRequest,
    *,
    form: InviteForm | None = None,
    link: str = "",
    filled: Filled = NOTHING_FILLED,
    banner: Banner | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; with forms that were filled in wrongly, or a banner about what was not done."""
    now = timezone.now()
    found = team_page(request.principal, request.company, now)
    settings_found = message_settings(request.principal, request.company, now)
    context = team_page_of(
        request, found, messages_part(settings_found, now, filled), policy_at(now), now, form=form, link=link,
        banner=banner,
    )  # fmt: skip
    return render_page(request, "dashboard/team.html", context, status=status)


def _invite(request: CompanyRequest, form: InviteForm) -> tuple[str, InviteForm]:
    """The new link, and the form with what was wrong with it."""
    try:
        invitation, token = invite_member(
            company=request.company,
            email=form.cleaned_data["email"],
            role=form.cleaned_data["role"],
            inviter=request.user,
            at=timezone.now(),
        )
    except ValidationError as error:
        form.add_error("email", error)
        return "", form
    link = f"{settings.BASE_URL}{reverse('stores:invitation', args=[token])}"
    sent = send_invitation(invitation=invitation, url=link)
    messages.add_message(request, messages.SUCCESS if sent.arrived else messages.WARNING, sent.text)
    return link, InviteForm()


@require_POST
@company_view()
def member_role(request: CompanyRequest, user_id: int) -> HttpResponse:
    """Give a member another role."""
    form = RoleForm(request.POST, prefix=f"m{user_id}")
    if not form.is_valid():
        messages.error(request, _("Choose a role."))
        return _back(request)
    user, role = _member(request, user_id), form.cleaned_data["role"]
    return _done(
        request,
        lambda: change_role(
            company=request.company, user=user, role=role, actor=request.principal.actor, at=timezone.now()
        ),
        _("%(person)s has another role now.") % {"person": user},
    )


@require_POST
@company_view()
def member_remove(request: CompanyRequest, user_id: int) -> HttpResponse:
    """End a membership: the person sees nothing of the company from the next request on."""
    user = _member(request, user_id)
    return _done(
        request,
        lambda: remove_member(company=request.company, user=user, actor=request.principal.actor, at=timezone.now()),
        _("%(person)s is no member any more.") % {"person": user},
    )


@require_POST
@company_view()
def member_ownership(request: CompanyRequest, user_id: int) -> HttpResponse:
    """Hand the company over: the member becomes owner, the present owner manager."""
    user = _member(request, user_id)
    return _done(
        request,
        lambda: hand_over_ownership(
            company=request.company, owner=request.user, to=user, actor=request.principal.actor, at=timezone.now()
        ),
        _("%(person)s is owner now; you are manager.") % {"person": user},
    )


@require_POST
@company_view()
def invitation_withdraw(request: CompanyRequest, invitation_id: int) -> HttpResponse:
    """The link works no more."""
    invitation = get_object_or_404(open_invitations(request.company).select_related("company"), pk=invitation_id)
    withdraw_invitation(invitation=invitation, actor=request.principal.actor, at=timezone.now())
    messages.success(request, _("The invitation is withdrawn."))
    return _back(request)


def _member(request: CompanyRequest, user_id: int) -> User:
    membership = Membership.objects.select_related("user").filter(company=request.company, user=user_id).first()
    if membership is None:
        raise Http404
    return membership.user


def _done(request: CompanyRequest, act: Callable[[], object], text: str) -> HttpResponse:
    """Do it and say so, or say why not."""
    try:
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except Membership.DoesNotExist:
        messages.error(request, _("This member has left or has another role meanwhile."))
    else:
        messages.success(request, text)
    return _back(request)


def _back(request: CompanyRequest) -> HttpResponse:
    """Redirect to the team, or to all stores if the person is no longer a member."""
    if not Membership.objects.filter(company=request.company, user=request.user).exists():
        return redirect("dashboard:stores")
    return redirect("dashboard:team", request.company.company_no)
