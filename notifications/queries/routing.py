"""Which channels a message takes to a person or to a company's team chats, and when it goes (PN-02, BX-08)."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.timebase import SHANGHAI
from notifications.models import (
    CompanySchedule,
    Connection,
    InboxMessage,
    PersonSchedule,
    Phone,
    PushSubscription,
    Route,
)
from notifications.queries.recipients import preferred_paces
from notifications.rules import (
    ChannelName,
    ChannelRules,
    Due,
    Hours,
    MessageGroup,
    Pace,
    channel_rules,
    due_of,
    target_key,
)
from rulebook.queries import policy_at
from stores.middleware import zone_named, zone_of
from stores.models import User


@dataclass(frozen=True, slots=True)
class Way:
    """One delivery of a message: ``target`` is where `Delivery.target` leads, ``of`` the columns that say so."""

    channel: ChannelName
    target: str
    due: Due
    of: dict[str, Any]


class Routing:
    """What policy asks for at an instant, and what companies and people chose, read at once for some of them."""

    def __init__(self, company_ids: Collection[int], user_ids: Collection[int], at: datetime) -> None:
        self._rules = channel_rules_at(at)
        self._routes = routes_of(company_ids)
        self._preferred = preferred_paces(user_ids)
        schedules = CompanySchedule.objects.filter(company__in=company_ids)
        self._companies = {one.company_id: one for one in schedules}
        self._people = {one.user_id: one for one in PersonSchedule.objects.filter(user__in=user_ids)}
        verified = Phone.objects.filter(user__in=user_ids).exclude(number="")
        self._phones = set(verified.values_list("user_id", flat=True))
        self._browsers: dict[int, list[int]] = defaultdict(list)
        for user_id, pk in PushSubscription.objects.filter(user__in=user_ids).values_list("user_id", "pk"):
            self._browsers[user_id].append(pk)
        self._chats: dict[int, list[Connection]] = defaultdict(list)
        for connection in Connection.objects.filter(company__in=company_ids, removed_at=None).order_by("pk"):
            self._chats[connection.company_id].append(connection)

    def to_person(self, message: InboxMessage, user: User) -> Iterator[Way]:
        """The ways to a member of the message's company."""
        hours = self.hours_of_person(message.company_id, user)
        person = target_key("person", user.pk)
        targets: dict[ChannelName, list[tuple[str, dict[str, Any]]]] = {
            ChannelName.MAIL: [(person, {})],
            ChannelName.SMS: [(person, {})] if user.pk in self._phones else [],
            ChannelName.PUSH: [(target_key("browser", pk), {"subscription_id": pk}) for pk in self._browsers[user.pk]],
        }
        for channel, found in targets.items():
            due = _due(message, self.pace(message, channel, user), hours)
            if due is not None:
                yield from (Way(channel, target, due, {"recipient": user, **columns}) for target, columns in found)

    def to_chats(self, message: InboxMessage) -> Iterator[Way]:
        """The ways to the company's team chats; none for what is meant for one member. A chat is not told of its own
        failure."""
        if message.recipient_id is not None:
            return
        hours = self.hours_of_company(message.company_id)
        for connection in self._chats[message.company_id]:
            channel = ChannelName(connection.channel)
            due = _due(message, self.pace(message, channel), hours)
            if due is not None and message.parameters.get("connection") != connection.pk:
                yield Way(channel, target_key("connection", connection.pk), due, {"connection": connection})

    def pace(self, message: InboxMessage, channel: ChannelName, user: User | None = None) -> Pace:
        """How a message is sent by a channel: as the person chose for e-mail, else as the company did."""
        group = MessageGroup(message.group)
        chosen = self._routes.get((message.company_id, group, channel))
        if user is not None and channel == ChannelName.MAIL:
            chosen = self._preferred.get((user.pk, group), chosen)
        return self._rules.pace(channel, group, chosen)

    def hours_of_person(self, company_id: int, user: User) -> Hours:
        """The person's own schedule, else that of the company, by the person's clock."""
        return _hours(zone_of(user), self._people.get(user.pk) or self._companies.get(company_id))

    def hours_of_company(self, company_id: int) -> Hours:
        """Those of the company's team chats."""
        schedule = self._companies.get(company_id)
        return _hours(zone_named(schedule.time_zone) if schedule else SHANGHAI, schedule)


def channel_rules_at(at: datetime) -> ChannelRules:
    """What policy asks of channels at an instant (PN-02)."""
    notices = policy_at(at).notices
    return channel_rules(notices.red_channels, notices.yellow_channels, notices.extra_channels)


def routes_of(company_ids: Collection[int]) -> dict[tuple[int, MessageGroup, ChannelName], Pace]:
    """What companies chose, by company, group and channel."""
    rows = Route.objects.filter(company__in=company_ids).values_list("company_id", "group", "channel", "pace")
    return {(pk, MessageGroup(group), ChannelName(channel)): Pace(pace) for pk, group, channel, pace in rows}


def _hours(zone: Any, schedule: CompanySchedule | PersonSchedule | None) -> Hours:
    if schedule is None:
        return Hours(zone)
    return Hours(zone, schedule.quiet_from, schedule.quiet_until, schedule.digest_at)


def _due(message: InboxMessage, pace: Pace, hours: Hours) -> Due | None:
    if pace == Pace.NEVER:
        return None
    return due_of(MessageGroup(message.group), pace, message.at, hours, ends_at=ends_at(message))


def ends_at(message: InboxMessage) -> datetime | None:
    """When what a reminder reminds of is over."""
    given = message.parameters.get("due_at") if message.group == MessageGroup.DEADLINE else None
    return datetime.fromisoformat(given) if given else None
