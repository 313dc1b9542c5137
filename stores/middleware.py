"""What holds for every request of a signed-in person: language and zone, and the second factor of staff."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from rulebook.timebase import SHANGHAI
from stores.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]

# Where people enrol, sign in and out, and choose their language.
OPEN_TO_ALL = ("/accounts/", "/i18n/", "/healthz", "/readyz")
STRONG = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


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
        # Django's view for the language answers with the cookie; whoever set it, the person's choice follows.
        cookie = response.cookies.get(settings.LANGUAGE_COOKIE_NAME)
        chosen = cookie.value if cookie else request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if chosen in LANGUAGES and chosen != user.language:
            User.objects.filter(pk=user.pk).update(language=chosen)


class StaffSecondFactorMiddleware:
    """Lets staff see nothing but their account's pages until this session has passed a second factor (DM-02, RL-11).

    Having an authenticator is not enough: a session opened before it was enrolled has shown only a password.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or not user.is_staff or request.path.startswith(OPEN_TO_ALL):
            return self.get_response(request)
        if passed_second_factor(request, user):
            return self.get_response(request)
        step = "mfa_reauthenticate" if is_mfa_enabled(user, STRONG) else "stores:second_factor"
        target = f"{reverse(step)}?{urlencode({'next': _return_to(request)})}"
        return HttpResponseClientRedirect(target) if getattr(request, "htmx", None) else redirect(target)


LANGUAGES = dict(settings.LANGUAGES)


def zone_of(user: User) -> ZoneInfo:
    """The person's zone; Shanghai when the name is not one."""
    try:
        return ZoneInfo(user.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return SHANGHAI


def passed_second_factor(request: HttpRequest, user: User) -> bool:
    """Whether this session showed an authenticator, at sign-in, at a repeated check or by enrolling it."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, user))


def _return_to(request: HttpRequest) -> str:
    htmx = getattr(request, "htmx", None)
    page = htmx.current_url_abs_path if htmx else None
    return page or (request.get_full_path() if request.method == "GET" else "/")
