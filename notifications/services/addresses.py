"""Addresses that a mail server does not know, and people's e-mail preferences (RL-02, BX-08)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from core.events import record_event
from notifications.models import MailPreference, StoppedAddress
from notifications.rules import DEFAULT_PACES, URGENT_GROUPS, MailPace, MessageGroup
from stores.models import User
from stores.principals import Person


def stop_address(*, address: str, error: str, at: datetime) -> None:
    """Send nothing more to an address that its server does not know."""
    StoppedAddress.objects.get_or_create(address=address, defaults={"error": error, "stopped_at": at})


def restart_address(*, address: str) -> bool:
    """Send to an address again: a test has reached it. Returns whether it was stopped."""
    return StoppedAddress.objects.filter(address=address).delete()[0] > 0


@transaction.atomic
def choose_paces(*, user: User, paces: Mapping[MessageGroup, MailPace], at: datetime) -> None:
    """Keep how a person wants groups of messages mailed; urgent ones can't be changed."""
    for group, pace in paces.items():
        if group in URGENT_GROUPS:
            continue
        if pace == DEFAULT_PACES[group]:
            MailPreference.objects.filter(user=user, group=group).delete()
        else:
            MailPreference.objects.update_or_create(user=user, group=group, defaults={"pace": pace})
    record_event(
        kind="mail.preferences",
        subject_kind="person",
        subject_key=str(user.pk),
        actor=Person(user).actor,
        at=at,
        after={group.value: pace.value for group, pace in paces.items()},
        cause="BX-08",
    )


def silence(*, user: User, groups: Iterable[MessageGroup], at: datetime) -> None:
    """Switch off the e-mails of groups."""
    choose_paces(user=user, paces=dict.fromkeys(groups, MailPace.NEVER), at=at)
