"""How a company's messages leave: channels with their state, what goes where, quiet hours, the chain (PG-18, BX-08)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q

from core.models import Event
from notifications.models import (
    CompanySchedule,
    Connection,
    Delivery,
    Phone,
    PushSubscription,
    StoppedAddress,
)
from notifications.queries.recipients import chain_pauses, chain_places, members_of
from notifications.queries.routing import channel_rules_at, routes_of
from notifications.rules import ChannelName, ChannelRules, MessageGroup, Pace
from notifications.webhooks.queries import webhooks_of
from stores.access import WRITE, visible_companies
from stores.models import Company, Membership, User
from stores.principals import Person

# The last delivery is looked for this far back.
LOOKED_BACK = timedelta(days=30)
ROUTES, SCHEDULE, CHAIN = ("routes.chosen",), ("schedule.chosen",), ("chain.chosen", "schedule.chosen")


@dataclass(frozen=True, slots=True)
class PersonalChannel:
    """A channel that reaches people: how many addresses of members it has, how many of these take nothing, and the
    addresses of the person who looks."""

    name: ChannelName
    targets: int
    stopped: int
    own: Sequence[Any]


@dataclass(frozen=True, slots=True)
class ChatChannel:
    """A team chat, with how many messages did not reach it since it began to fail."""

    connection: Connection
    missed: int


@dataclass(frozen=True, slots=True)
class MessageSettings:
    """What the sections of messages show. ``seen``: the last change of each part when this was read (RL-06)."""

    company: Company
    personal: Sequence[PersonalChannel]
    chats: Sequence[ChatChannel]
    webhooks: Sequence[Any]
    last: Mapping[str, Delivery]
    rules: ChannelRules
    paces: Mapping[tuple[MessageGroup, ChannelName], Pace]
    schedule: CompanySchedule
    members: Sequence[Membership]
    places: Mapping[int, int]
    chain_hours: int
    seen: Mapping[str, int]
    may_write: bool

    def last_by(self, channel: str, connection: Connection | None = None) -> Delivery | None:
        """The last delivery of a channel to people, or of a chat."""
        return self.last.get(key_of(channel, connection))


def message_settings(person: Person, company: Company, at: datetime) -> MessageSettings:
    """The settings of a company as one of its members sees them."""
    members = members_of([company.pk])[company.pk]
    may_write = visible_companies(person, WRITE).filter(pk=company.pk).exists()
    connections = list(Connection.objects.filter(company=company, removed_at=None).order_by("pk"))
    pause = chain_pauses([company.pk], at)[company.pk]
    return MessageSettings(
        company=company,
        personal=_personal(person.user, [one.user for one in members]),
        chats=_chats(connections),
        webhooks=list(webhooks_of(company)) if may_write else [],
        last=_last_deliveries(company, connections, at),
        rules=channel_rules_at(at),
        paces={(group, channel): pace for (_pk, group, channel), pace in routes_of([company.pk]).items()},
        schedule=CompanySchedule.objects.filter(company=company).first() or CompanySchedule(company=company),
        members=members,
        places=chain_places([company.pk]).get(company.pk, {}),
        chain_hours=int(pause.total_seconds()) // 3600,
        seen={
            name: last_change(company, kinds)[0]
            for name, kinds in (("routes", ROUTES), ("schedule", SCHEDULE), ("chain", CHAIN))
        },
        may_write=may_write,
    )


def last_change(company: Company, kinds: Sequence[str]) -> tuple[int, str]:
    """The id of the last event of these kinds, and who caused it; 0 where there is none."""
    rows = Event.objects.filter(store_no="", subject_kind="company", subject_key=company.company_no, kind__in=kinds)
    return rows.order_by("-pk").values_list("pk", "actor").first() or (0, "")


def _personal(user: User, people: Sequence[User]) -> list[PersonalChannel]:
    stopped = StoppedAddress.objects.filter(address__in=[one.email for one in people]).count()
    phones = Phone.objects.filter(user__in=people).exclude(number="")
    browsers = PushSubscription.objects.filter(user__in=people)
    return [
        PersonalChannel(ChannelName.MAIL, len(people), stopped, [user.email]),
        PersonalChannel(
            ChannelName.SMS,
            phones.count(),
            phones.exclude(stopped_at=None).count(),
            list(phones.filter(user=user)),
        ),
        PersonalChannel(
            ChannelName.PUSH,
            browsers.count(),
            browsers.filter(failures__gt=0).count(),
            list(browsers.filter(user=user).order_by("pk")),
        ),
    ]


def _chats(connections: Sequence[Connection]) -> list[ChatChannel]:
    failed = Q(deliveries__state=Delivery.State.FAILED, deliveries__due_at__gte=F("failing_since"))
    counted = Connection.objects.filter(pk__in=[one.pk for one in connections]).annotate(
        missed=Count("deliveries", failed)
    )
    missed = dict(counted.values_list("pk", "missed"))
    return [ChatChannel(one, missed[one.pk]) for one in connections]


def _last_deliveries(company: Company, connections: Sequence[Connection], at: datetime) -> dict[str, Delivery]:
    """What was sent last by each channel to people, and to each chat, under `key_of`."""
    sent = Delivery.objects.filter(
        message__company=company, message__at__gte=at - LOOKED_BACK, state=Delivery.State.SENT
    ).select_related("message")
    newest = sent.order_by("-message__at", "-message__pk", "-sent_at")
    found = {key_of(name): newest.filter(channel=name).first() for name in PERSONAL}
    found |= {key_of(one.channel, one): newest.filter(connection=one).first() for one in connections}
    return {key: row for key, row in found.items() if row is not None}


PERSONAL = (ChannelName.MAIL, ChannelName.SMS, ChannelName.PUSH)


def key_of(channel: str, connection: Connection | None = None) -> str:
    """How a channel to people, or a chat, is named in `MessageSettings.last`."""
    return f"connection:{connection.pk}" if connection else str(channel)
