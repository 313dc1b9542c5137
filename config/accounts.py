"""How sign-in works around allauth and axes: no public sign-up, one notion of account and client address (RL-11)."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by owners and staff; nobody signs up alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: the sign-up address answers that it is closed."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a reset mail at the address the site is known by, whatever host the request named."""
        return at_base_url(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """Return the link of a confirmation mail, likewise."""
        return at_base_url(super().get_email_confirmation_url(request, emailconfirmation))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail whose site and links are ours by `BASE_URL`, not by the request that a stranger made."""
        domain = urlsplit(settings.BASE_URL).netloc
        ours = {name: at_base_url(value) for name, value in context.items() if name.endswith("_url")}
        site = RequestlessSite(domain)
        super().send_mail(template_prefix, email, {**context, **ours, "current_site": site})


class RequestlessSite:
    """The site as mails name it."""

    def __init__(self, domain: str) -> None:
        self.domain = self.name = domain


def at_base_url(url: str) -> str:
    """Return an address of this site under `BASE_URL`."""
    return f"{settings.BASE_URL}{urlunsplit(('', '', *urlsplit(url)[2:]))}"


def tried_account(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str | None:
    """Return the account that a sign-in names, whichever form or backend names it, in one spelling."""
    sources = (credentials or {}, request.POST if request is not None else {})
    for source in sources:
        for field in ("email", "login", "username"):
            if value := source.get(field):
                return str(value).strip().lower()
    return None


def client_address(request: HttpRequest) -> str | None:
    """Return the client's address, looking behind as many proxies as `TRUSTED_PROXIES` says and no further.

    None for a sign-in that came over no network: a shell's or a test's.
    """
    if not request.META.get("REMOTE_ADDR"):
        return None
    return str(AccountAdapter(request).get_client_ip(request))


def locked_out(request: HttpRequest, *_details: Any) -> HttpResponse:
    """Give locked-out sign-ins the same answer for accounts that exist and those that don't."""
    return render(request, "429.html", status=429)
