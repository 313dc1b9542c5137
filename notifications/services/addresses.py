"""Addresses that a mail server does not know, and people's e-mail preferences (RL-02, BX-08)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from core.events import record_event
from notifications.models import MailPreference, StoppedAddress
from notifications.rules import URGENT_GROUPS, MessageGroup, Pace
from stores.models import User
from stores.principals import Person


def stop_address(*, address: str, error: str, at: datetime) -> None:
    """Send nothing more to an address that its server does not know."""
    StoppedAddress.objects.get_or_create(address=address, defaults={"error": error, "stopped_at": at})


def restart_address(*, address: str) -> bool:
    """Send to an address again: a test has reached it. Returns whether it was stopped."""
    return StoppedAddress.objects.filter(address=address).delete()[0] > 0


@transaction.atomic
def choose_paces(*, user: User, paces: Mapping[MessageGroup, Pace], at: datetime) -> None:
    """Keep how a person wants groups of messages mailed, whatever their companies chose; urgent ones can't be
    changed."""
    chosen = {group: pace for group, pace in paces.items() if group not in URGENT_GROUPS}
    MailPreference.objects.bulk_create(
        [MailPreference(user=user, group=group, pace=pace) for group, pace in chosen.items()],
        update_conflicts=True,
        unique_fields=["user", "group"],
        update_fields=["pace"],
    )
    record_event(
        kind="mail.preferences",
        subject_kind="person",
        subject_key=str(user.pk),
        actor=Person(user).actor,
        at=at,
        after={group.value: pace.value for group, pace in chosen.items()},
        cause="BX-08",
    )


def silence(*, user: User, groups: Iterable[MessageGroup], at: datetime) -> None:
    """Switch off the e-mails of groups."""
    choose_paces(user=user, paces=dict.fromkeys(groups, Pace.NEVER), at=at)
