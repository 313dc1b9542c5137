"""How messages reach a person: address, phone, browsers and quiet hours (PG-18)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from notifications.models import PersonSchedule, Phone, PushSubscription, StoppedAddress
from notifications.queries.messages import paces_of, stopped_address
from notifications.queries.routing import channel_rules_at, routes_of
from notifications.rules import ChannelName, ChannelRules, MessageGroup, Pace
from stores.models import Membership, User


@dataclass(frozen=True, slots=True)
class PersonalChannels:
    """``paces`` of e-mails as the person chose, else as the person's company did; ``rules``: what policy asks of
    channels. ``stopped``: nothing is sent to the person's e-mail address."""

    paces: Mapping[MessageGroup, Pace]
    rules: ChannelRules
    stopped: StoppedAddress | None
    phone: Phone | None
    browsers: Sequence[PushSubscription]
    schedule: PersonSchedule | None


def personal_channels(user: User, at: datetime) -> PersonalChannels:
    """What a person has set."""
    return PersonalChannels(
        {**_paces_of_company(user), **paces_of(user)},
        channel_rules_at(at),
        stopped_address(user.email),
        Phone.objects.filter(user=user).first(),
        list(PushSubscription.objects.filter(user=user).order_by("pk")),
        PersonSchedule.objects.filter(user=user).first(),
    )


def _paces_of_company(user: User) -> dict[MessageGroup, Pace]:
    """Of the company that the person joined first."""
    company = Membership.objects.filter(user=user).order_by("pk").values_list("company", flat=True).first()
    if company is None:
        return {}
    routes = routes_of([company])
    return {group: pace for (_company, group, channel), pace in routes.items() if channel == ChannelName.MAIL}
