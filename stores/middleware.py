"""What holds for every request of a signed-in person: language and zone, and the second factor of staff."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from core.timebase import SHANGHAI
from stores.models import User
from stores.services import is_set_up

GetResponse = Callable[[HttpRequest], HttpResponse]

LANGUAGES = dict(settings.LANGUAGES)
STRONG = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
# What staff reach without a second factor: by url name, or anything under /accounts/ until they have one to show.
ALWAYS_OPEN = frozenset({"account_logout", "set_language", "healthz", "readyz"})
PROOF_PAGES = frozenset({"mfa_reauthenticate", "mfa_reauthenticate_webauthn"})
ACTIVITY_SECONDS = 300
PRIVATE_ROUTES = ("accounts/", "admin/")


class PersonalSettingsMiddleware:
    """Shows pages in the person's zone (DM-28) and language.

    The language cookie says what this browser wants, so that the choice holds before sign-in too; a browser without
    one takes the person's language. A choice made while signed in is kept with the person.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            with timezone.override(SHANGHAI):
                return self.get_response(request)
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if chosen not in LANGUAGES and user.language in LANGUAGES:
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        with timezone.override(zone_of(user)):
            response = self.get_response(request)
        self._keep_language(request, response, user)
        return response

    @staticmethod
    def _keep_language(request: HttpRequest, response: HttpResponse, user: User) -> None:
        # A cookie in the answer is a choice made now; one that came along may be another person's on this machine.
        answer = response.cookies.get(settings.LANGUAGE_COOKIE_NAME)
        chosen = answer.value if answer else request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if chosen in LANGUAGES and chosen != user.language and (answer or not user.language):
            User.objects.filter(pk=user.pk).update(language=chosen)


class StaffSecondFactorMiddleware:
    """Lets staff see nothing but what proves a second factor until this session has passed one (DM-02, RL-11).

    Without an authenticator they are led to enrol one. Having one is not enough: a session opened before it was
    enrolled has shown only a password, and must not manage the account's authenticators either.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Answer in place of the view when the session may not reach it."""
        user, match = request.user, request.resolver_match
        if not isinstance(user, User) or not user.is_staff or match is None or match.view_name in ALWAYS_OPEN:
            return None
        if not is_mfa_enabled(user, STRONG):
            return None if match.route.startswith("accounts/") else self._lead(request, "mfa_index")
        if match.view_name in PROOF_PAGES or passed_second_factor(request, user):
            return None
        return self._lead(request, "mfa_reauthenticate")

    @staticmethod
    def _lead(request: HttpRequest, step: str) -> HttpResponse:
        htmx = getattr(request, "htmx", None)
        page = (htmx.current_url_abs_path if htmx else None) or request.get_full_path()
        back = page if request.method == "GET" else "/"
        target = f"{reverse(step)}?{urlencode({'next': back})}"
        return HttpResponseClientRedirect(target) if htmx else redirect(target)


class SetUpMiddleware:
    """Leads to the set-up page instead of signing in while there is nobody who could: every page leads to sign-in."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Answer in place of the pages about accounts, which alone ask the database whether there are people."""
        match = request.resolver_match
        if match is None or not match.route.startswith("accounts/") or request.user.is_authenticated or is_set_up():
            return None
        return redirect("stores:setup")


class NeverStoredMiddleware:
    """Keeps browsers and proxies from storing pages that only one person may see (RL-10)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        about_accounts = match is not None and match.route.startswith(PRIVATE_ROUTES)
        if about_accounts or (request.session.session_key and request.user.is_authenticated):
            patch_cache_control(response, private=True, no_store=True)
        return response


class SessionActivityMiddleware:
    """Keeps each session's address, browser and last use, as the list of sessions shows them (RL-11).

    At most every few minutes: on SQLite, a write with every page would make readers wait for other writers.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key and request.user.is_authenticated and cache.add(f"session-seen:{key}", True, ACTIVITY_SECONDS):
            UserSession.objects.create_from_request(request)
        return self.get_response(request)


def zone_of(user: User) -> ZoneInfo:
    """The person's zone; Shanghai when the name is not one."""
    return zone_named(user.time_zone)


def zone_named(name: str) -> ZoneInfo:
    """The zone of a name; Shanghai when it is not one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return SHANGHAI


def passed_second_factor(request: HttpRequest, user: User) -> bool:
    """Whether this session showed an authenticator, at sign-in, at a repeated check or by enrolling the first."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, user))
