"""Deliveries are queued with their messages: one per channel and target (RL-02, BX-08)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import structlog
from celery import current_app
from django.db import transaction

from core.deadlines import open_deadlines
from core.events import record_events
from core.models import Event
from notifications.models import Delivery, InboxMessage, Phone, StoppedAddress
from notifications.queries.notices import SUBJECT
from notifications.queries.recipients import (
    ACTING,
    chain_of,
    chain_pauses,
    chain_places,
    is_chained,
    members_of,
    next_step,
    told_people,
)
from notifications.queries.routing import Routing, Way
from notifications.rules import ChannelName, MessageGroup
from notifications.services.connections import restart_connections
from stores.models import Membership, User

log = structlog.get_logger("dianwei.channels")

ROWS_AT_ONCE = 1_000
# The deadline after which the next group of the chain is told.
CHAIN = "notice_chain"
# By name: tasks are a layer above this module.
TASK = "notifications.deliver"

Kind = InboxMessage.Kind
Told = tuple[InboxMessage, User]


def queue_deliveries(messages: Sequence[InboxMessage]) -> None:
    """Queue new messages by all channels, and wake workers after the commit. A red notice goes to the first group of
    its chain, whose next group waits for a deadline."""
    if not messages:
        return
    chains = _Chains(messages)
    told = [(message, user) for message in messages for user in _recipients(message, chains)]
    routing = _routing(messages, told)
    _queue([*_to_people(told, routing), *_to_chats(messages, routing)])
    _open_chains([one for one in messages if is_chained(one) and len(chains.steps(one)) > 1])


def tell_next(messages: Mapping[InboxMessage, datetime]) -> None:
    """Tell the next group of the chain of notices that nobody opened until the given instants."""
    if not messages:
        return
    chains = _Chains(messages)
    already = told_people([message.pk for message in messages])
    left = []
    told: list[Told] = []
    for message, due_at in messages.items():
        steps = chains.steps(message)
        step = next_step(steps, already[message.pk])
        told += [(message, user) for user in step]
        if next_step(steps, already[message.pk] | {user.pk for user in step}):
            left.append((message, due_at))
    _queue(list(_to_people(told, _routing(messages, told))))
    for message, due_at in left:
        _open_chains([message], due_at)


class _Chains:
    """The members of the messages' companies and the order in which they are told."""

    def __init__(self, messages: Collection[InboxMessage]) -> None:
        companies = {message.company_id for message in messages}
        self.members = members_of(companies)
        self._places = chain_places(companies)

    def of(self, message: InboxMessage) -> list[Membership]:
        return self.members[message.company_id]

    def steps(self, message: InboxMessage) -> list[list[User]]:
        assert message.notice is not None
        return chain_of(self.of(message), message.notice.assignee_id, self._places[message.company_id])


def _open_chains(messages: Sequence[InboxMessage], since: datetime | None = None) -> None:
    due = {}
    for message in messages:
        start = since or message.at
        pause = chain_pauses([message.company_id], start)[message.company_id]
        due[message.store_id, message.parameters["number"]] = start + pause
    if due:
        opened = {subject: since or due_at for subject, due_at in due.items()}
        open_deadlines(kind=CHAIN, subject_kind=SUBJECT, due=due, at=opened)


def _recipients(message: InboxMessage, chains: _Chains) -> Sequence[User]:
    members = chains.of(message)
    if message.recipient_id is not None:
        return [one.user for one in members if one.user_id == message.recipient_id]
    if is_chained(message):
        return next_step(chains.steps(message), ())
    if message.group == MessageGroup.SYSTEM or (
        message.group == MessageGroup.DEADLINE and message.kind != Kind.VIEW_REMINDER
    ):
        return [one.user for one in members if one.role in ACTING]
    return [one.user for one in members]


def _routing(messages: Collection[InboxMessage], told: Iterable[Told]) -> Routing:
    people, at = {user.pk for _message, user in told}, max(message.at for message in messages)
    return Routing({message.company_id for message in messages}, people, at)


def _to_people(told: Iterable[Told], routing: Routing) -> Iterator[Delivery]:
    for message, user in told:
        yield from (_row(message, way) for way in routing.to_person(message, user))


def _to_chats(messages: Iterable[InboxMessage], routing: Routing) -> Iterator[Delivery]:
    for message in messages:
        yield from (_row(message, way) for way in routing.to_chats(message))


def _row(message: InboxMessage, way: Way) -> Delivery:
    return Delivery(
        message=message,
        channel=way.channel.value,
        target=way.target,
        is_digest=way.due.is_digest,
        due_at=way.due.at,
        **way.of,
    )


def _queue(rows: Sequence[Delivery]) -> None:
    """Store deliveries; what is queued already stays as it is."""
    Delivery.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)
    wake_after_commit({row.channel for row in rows})


@transaction.atomic
def retry_deliveries(*, deliveries: Iterable[Delivery], actor: str, at: datetime) -> int:
    """Have what failed tried again as if it were new, at stopped addresses too; returns how many."""
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("recipient", "message__store__company")
    failed = list(rows.filter(pk__in=[one.pk for one in deliveries], state=Delivery.State.FAILED).order_by("pk"))
    _restart_targets(failed)
    Delivery.objects.filter(pk__in=[one.pk for one in failed]).update(
        state=Delivery.State.WAITING, reason="", error="", attempts=0, retry_at=None, is_digest=False, due_at=at
    )
    record_events([_retried(one, actor, at) for one in failed])
    wake_after_commit({one.channel for one in failed})
    return len(failed)


def _restart_targets(failed: Sequence[Delivery]) -> None:
    people = {ChannelName(one.channel): set[User]() for one in failed}
    for one in failed:
        if one.recipient is not None:
            people[ChannelName(one.channel)].add(one.recipient)
    mailed = people.get(ChannelName.MAIL, set())
    StoppedAddress.objects.filter(address__in={user.email for user in mailed}).delete()
    Phone.objects.filter(user__in=people.get(ChannelName.SMS, set())).update(stopped_at=None, error="")
    restart_connections({one.connection_id for one in failed if one.connection_id is not None})


def _retried(delivery: Delivery, actor: str, at: datetime) -> Event:
    store = delivery.message.store
    return Event(
        kind="mail.retried",
        subject_kind="delivery",
        subject_key=str(delivery.pk),
        actor=actor,
        at=at,
        store_no=store.store_no,
        company_no=store.company.company_no,
        cause="RL-02",
        before={"reason": delivery.reason, "channel": delivery.channel},
    )


def wake_after_commit(channels: Collection[str]) -> None:
    """Wake a worker for each channel once what was queued is there."""
    if channels:
        transaction.on_commit(lambda: wake_workers(channels))


def wake_workers(channels: Iterable[str]) -> None:
    """Send the hints; should the broker be down, the schedule finds the rows (RL-01)."""
    try:
        for channel in sorted(channels):
            current_app.send_task(TASK, [channel])
    except Exception:
        log.warning("no worker woken", exc_info=True)
