"""Pages of people's own settings, of invitations, and of setting up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.pages.responses import render_page
from stores.access import SignedInRequest, principal_of, signed_in
from stores.forms import JoinForm, ProfileForm, SetUpForm
from stores.models import Invitation, User
from stores.principals import Person
from stores.services import (
    AddressTakenError,
    AlreadySetUpError,
    InvitationGoneError,
    NewAccount,
    accept_invitation,
    find_invitation,
    is_set_up,
    join_with_account,
    set_up,
    who_set_up,
)
from stores.setup_token import setup_token, was_setup_token


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """What templates/stores/invitation.html reads; ``is_other``: somebody else is signed in."""

    invitation: Invitation
    form: JoinForm | None
    path: str
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class SetUpPage:
    """What templates/stores/setup.html reads: the form, and its fields by part of the page; ``has_staff``: something
    was entered about the account for operations, or is missing."""

    form: SetUpForm
    company: list[BoundField]
    owner: list[BoundField]
    staff: list[BoundField]
    has_staff: bool


@dataclass(frozen=True, slots=True)
class AlreadySetUpPage:
    """What templates/stores/already_set_up.html reads: who did it, and when."""

    by: str
    at: datetime | None


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


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponseBase:
    """Set up an installation without people; once there are any, the page doesn't exist."""
    if is_set_up():
        return _set_up_before(request, who_set_up())
    # From now on the operator finds it in its file.
    setup_token()
    form = SetUpForm(request.POST or None, initial={"token": request.GET.get("token", "")})
    if request.method == "POST" and form.is_valid():
        try:
            return _set_up(request, form.cleaned_data)
        except AlreadySetUpError as error:
            return _set_up_before(request, error)
        except ValidationError as error:
            form.add_error(None, error)
    staff = form.section("staff")
    has_staff = any(field.errors or field.value() for field in staff)
    page = SetUpPage(form, form.section("company"), form.section("owner"), staff, has_staff)
    return render_page(request, "stores/setup.html", page, status=422 if form.errors else 200)


def _set_up(request: HttpRequest, given: dict[str, Any]) -> HttpResponse:
    staff = NewAccount(given["staff_email"], given["staff_password"]) if given["staff_email"] else None
    made = set_up(
        company_no=given["company_no"],
        company_name=given["company_name"],
        owner=NewAccount(given["email"], given["password"], given["name"]),
        staff=staff,
        language=translation.get_language() or "",
        at=timezone.now(),
    )
    login(request, made.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    messages.success(request, _("%(company)s is set up. Bring its data now.") % {"company": made.company.name})
    return redirect("intake:index")


def _set_up_before(request: HttpRequest, error: AlreadySetUpError) -> HttpResponse:
    """Who has the token is told who was faster; for all others there is no such page."""
    if not was_setup_token(request.POST.get("token", "").strip()):
        raise Http404
    return render_page(request, "stores/already_set_up.html", AlreadySetUpPage(error.by, error.at), status=409)


def not_offered(request: HttpRequest, *_parts: str) -> HttpResponse:
    """Answer as if the address did not exist: people don't change by themselves the addresses others vouch for."""
    raise Http404
