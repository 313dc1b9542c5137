"""Codes of an authenticator app count once (RL-11): allauth remembers used ones only in the cache, and not at all the
one that enrolled the app."""

from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt

from stores.services import use_code


class AuthenticateOnceForm(AuthenticateForm):
    """The second step of signing in."""

    def clean_code(self) -> str:
        """Return the code; one that was shown before is as wrong as any other."""
        code: str = super().clean_code()
        _claim_of(self, code)
        return code


class ReauthenticateOnceForm(ReauthenticateForm):
    """Showing the second factor again, likewise."""

    def clean_code(self) -> str:
        """Return the code, likewise."""
        code: str = super().clean_code()
        _claim_of(self, code)
        return code


class ActivateOnceForm(ActivateTOTPForm):
    """Enrolling an app: the code that proves it has been shown then."""

    def clean_code(self) -> str:
        """Return the code, likewise."""
        code: str = super().clean_code()
        _claim(self.user, self.secret, code)
        return code


def _claim_of(form: Any, code: str) -> None:
    if form.authenticator.type == Authenticator.Type.TOTP:
        _claim(form.user, decrypt(form.authenticator.data["secret"]), code)


def _claim(user: Any, secret: str, code: str) -> None:
    counter = _counter_of(secret, code)
    if counter is None or not use_code(user=user, counter=counter):
        raise get_adapter().validation_error("incorrect_code")


def _counter_of(secret: str, code: str) -> int | None:
    """The period that a code belongs to; it may have ended while the code was being checked."""
    periods = (period - late for period in yield_hotp_counters_from_time() for late in (0, 1))
    return next((period for period in periods if _is_of(code, secret, period)), None)


def _is_of(code: str, secret: str, period: int) -> bool:
    return bool(compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, period))))
