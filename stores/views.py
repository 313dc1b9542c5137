"""Pages of people's own settings."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.pages.responses import render_page
from stores.access import SignedInRequest, principal_of, signed_in
from stores.forms import JoinForm, ProfileForm
from stores.models import Invitation, User
from stores.principals import Person
from stores.services import (
    AddressTakenError,
    InvitationGoneError,
    accept_invitation,
    find_invitation,
    join_with_account,
)


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """What templates/stores/invitation.html reads; ``is_other``: somebody else is signed in."""

    invitation: Invitation
    form: JoinForm | None
    path: str
    is_other: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def profile(request: SignedInRequest) -> HttpResponse:
    """Name, language and time zone (DM-28)."""
    initial = {"language": request.user.language or translation.get_language()}
    form = ProfileForm(request.POST or None, instance=request.user, initial=initial, now=timezone.now())
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "stores/profile.html", {"form": form}, status=status)
    person = form.save()
    translation.activate(person.language)
    messages.success(request, _("Saved."))
    response = redirect("stores:profile")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        person.language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Join a company by the link of an invitation: with the account that has its address, or with a new one."""
    now = timezone.now()
    found = find_invitation(token, at=now)
    if found is None:
        return render(request, "stores/invitation_gone.html", status=404)
    principal = principal_of(request)
    if isinstance(principal, Person):
        return _join(request, found, principal.user, now)
    form = JoinForm(request.POST or None, email=found.email)
    if request.method == "POST" and form.is_valid() and _open_account(request, found, form, now):
        return redirect("dashboard:stores")
    page = InvitationPage(found, form, request.path)
    return render_page(request, "stores/invitation.html", page, status=422 if form.errors else 200)


def _join(request: HttpRequest, found: Invitation, user: User, now: datetime) -> HttpResponseBase:
    """A signed-in person accepts, if it is the one who was invited."""
    page = InvitationPage(found, None, request.path, is_other=user.email != found.email)
    if request.method != "POST" or page.is_other:
        return render_page(request, "stores/invitation.html", page, status=200 if request.method != "POST" else 409)
    try:
        accept_invitation(invitation=found, user=user, at=now)
    except InvitationGoneError:
        return render(request, "stores/invitation_gone.html", status=409)
    messages.success(request, _("You are a member of %(company)s now.") % {"company": found.company.name})
    return redirect("dashboard:stores")


def _open_account(request: HttpRequest, found: Invitation, form: JoinForm, now: datetime) -> bool:
    """Open the account and sign it in; False, with the form's error, where that can't be."""
    given = form.cleaned_data
    try:
        user, _membership = join_with_account(
            invitation=found,
            name=given["name"],
            password=given["password"],
            language=translation.get_language() or "",
            at=now,
        )
    except (AddressTakenError, InvitationGoneError) as error:
        form.add_error(None, error if isinstance(error, AddressTakenError) else _("This link works no more."))
        return False
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    messages.success(request, _("You are a member of %(company)s now.") % {"company": found.company.name})
    return True


def not_offered(request: HttpRequest, *_parts: str) -> HttpResponse:
    """Answer as if the address did not exist: people don't change by themselves the addresses others vouch for."""
    raise Http404
