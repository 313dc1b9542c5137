"""Pages of people's own settings."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from stores.access import SignedInRequest, signed_in
from stores.forms import ProfileForm


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


def not_offered(request: HttpRequest, *_parts: str) -> HttpResponse:
    """Answer as if the address did not exist: people don't change by themselves the addresses others vouch for."""
    raise Http404
