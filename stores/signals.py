"""Ends sessions and checks second factors whenever an account changes, in whatever way (RL-11)."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from stores.models import User
from stores.services import end_sessions

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@receiver(post_save, sender=User)
def end_sessions_of_disabled(instance: User, **_: Any) -> None:
    """A disabled account has no sessions, and none comes back when it is enabled again."""
    if not instance.is_active:
        end_sessions(instance)


@receiver(authenticator_added)
def accept_first_authenticator(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Enrolling the first authenticator shows it to this session, and ends all others: they knew only the password."""
    if authenticator.type not in STRONG:
        return
    if Authenticator.objects.filter(user=user, type__in=STRONG).exclude(pk=authenticator.pk).exists():
        return
    record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
    end_sessions(user, but=request.session.session_key)
