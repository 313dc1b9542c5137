"""How sign-in works around allauth and axes: no public sign-up, one notion of account and client address (RL-11)."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by owners and staff; nobody signs up alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: the sign-up address answers that it is closed."""
        return False


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
    """Answer a locked-out sign-in alike for accounts that exist and those that don't."""
    return render(request, "429.html", status=429)
