"""How messages reach a person: address, phone, browsers and quiet hours (PG-18)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from notifications.models import PersonSchedule, Phone, PushSubscription, StoppedAddress
from notifications.queries.messages import paces_of, stopped_address
from notifications.rules import MessageGroup, Pace
from stores.models import User


@dataclass(frozen=True, slots=True)
class PersonalChannels:
    """``stopped``: nothing is sent to the person's e-mail address."""

    paces: Mapping[MessageGroup, Pace]
    stopped: StoppedAddress | None
    phone: Phone | None
    browsers: Sequence[PushSubscription]
    schedule: PersonSchedule | None


def personal_channels(user: User) -> PersonalChannels:
    """What a person has set."""
    return PersonalChannels(
        paces_of(user),
        stopped_address(user.email),
        Phone.objects.filter(user=user).first(),
        list(PushSubscription.objects.filter(user=user).order_by("pk")),
        PersonSchedule.objects.filter(user=user).first(),
    )
