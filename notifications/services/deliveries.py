"""Deliveries are queued with their messages: one per person and channel (RL-02, BX-08)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from celery import current_app
from django.db import transaction

from core.deadlines import open_deadlines
from core.events import record_events
from core.models import Event
from notifications.models import Delivery, InboxMessage, StoppedAddress
from notifications.queries.notices import SUBJECT
from notifications.queries.recipients import ACTING, chain_of, members_of, next_step, preferred_paces, told_people
from notifications.rules import MailPace, MessageGroup, digest_due, pace_of
from rulebook.queries import policy_at
from stores.middleware import zone_of
from stores.models import Membership, User

log = structlog.get_logger("dianwei.mail")

ROWS_AT_ONCE = 1_000
# The deadline after which the next group of the chain is told.
CHAIN = "notice_chain"
# By name: tasks are a layer above this module.
TASK = "notifications.deliver_mail"

Kind = InboxMessage.Kind
Told = tuple[InboxMessage, User]


def queue_deliveries(messages: Sequence[InboxMessage]) -> None:
    """Queue the e-mails of new messages, and wake a worker after the commit. A red notice goes to the first group of
    its chain, whose next group waits for a deadline."""
    members = members_of({message.company_id for message in messages})
    told = [(message, user) for message in messages for user in _recipients(message, members[message.company_id])]
    queue_mails(told)
    _open_chains([one for one in messages if is_chained(one) and len(_chain(one, members[one.company_id])) > 1])


def queue_mails(told: Sequence[Told]) -> None:
    """Queue one e-mail per message and person, as the person prefers to get it; one that is queued stays."""
    preferred = preferred_paces({user.pk for _message, user in told})
    rows = [row for message, user in told if (row := _row(message, user, preferred)) is not None]
    Delivery.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)
    if rows:
        transaction.on_commit(wake_worker)


def is_chained(message: InboxMessage) -> bool:
    """Whether groups of people are told one after the other: of a red notice, until somebody opens it."""
    return message.kind in (Kind.ISSUED, Kind.ESCALATED) and message.group == MessageGroup.RED


def tell_next(messages: Mapping[InboxMessage, datetime]) -> None:
    """Tell the next group of the chain of notices that nobody opened until the given instants."""
    members = members_of({message.company_id for message in messages})
    already = told_people([message.pk for message in messages])
    left = []
    told: list[Told] = []
    for message, due_at in messages.items():
        steps = _chain(message, members[message.company_id])
        step = next_step(steps, already[message.pk])
        told += [(message, user) for user in step]
        if next_step(steps, already[message.pk] | {user.pk for user in step}):
            left.append((message, due_at))
    queue_mails(told)
    for message, due_at in left:
        _open_chains([message], due_at)


def _open_chains(messages: Sequence[InboxMessage], since: datetime | None = None) -> None:
    due = {}
    for message in messages:
        start = since or message.at
        due[message.store_id, message.parameters["number"]] = start + timedelta(
            hours=policy_at(start).beyond.chain_hours
        )
    if due:
        opened = {subject: since or due_at for subject, due_at in due.items()}
        open_deadlines(kind=CHAIN, subject_kind=SUBJECT, due=due, at=opened)


def _chain(message: InboxMessage, members: Iterable[Membership]) -> list[list[User]]:
    assert message.notice is not None
    return chain_of(members, message.notice.assignee_id)


def _recipients(message: InboxMessage, members: Sequence[Membership]) -> Sequence[User]:
    if message.recipient_id is not None:
        return [one.user for one in members if one.user_id == message.recipient_id]
    if is_chained(message):
        return next_step(_chain(message, members), ())
    if message.group == MessageGroup.DEADLINE and message.kind != Kind.VIEW_REMINDER:
        return [one.user for one in members if one.role in ACTING]
    return [one.user for one in members]


def _row(message: InboxMessage, user: User, preferred: Mapping[tuple[int, str], MailPace]) -> Delivery | None:
    pace = pace_of(MessageGroup(message.group), preferred.get((user.pk, message.group)))
    if pace == MailPace.NEVER:
        return None
    is_digest = pace == MailPace.DIGEST
    due_at = digest_due(message.at, zone_of(user)) if is_digest else message.at
    return Delivery(message=message, recipient=user, is_digest=is_digest, due_at=due_at)


@transaction.atomic
def retry_deliveries(*, deliveries: Iterable[Delivery], actor: str, at: datetime) -> int:
    """Have e-mails that failed tried again as if they were new, at stopped addresses too; returns how many."""
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("recipient", "message__store__company")
    failed = list(rows.filter(pk__in=[one.pk for one in deliveries], state=Delivery.State.FAILED).order_by("pk"))
    StoppedAddress.objects.filter(address__in={one.recipient.email for one in failed}).delete()
    Delivery.objects.filter(pk__in=[one.pk for one in failed]).update(
        state=Delivery.State.WAITING, reason="", error="", attempts=0, retry_at=None, is_digest=False, due_at=at
    )
    record_events([_retried(one, actor, at) for one in failed])
    if failed:
        transaction.on_commit(wake_worker)
    return len(failed)


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
        before={"reason": delivery.reason},
    )


def wake_worker() -> None:
    """Send the hint; should the broker be down, the schedule finds the rows (RL-01)."""
    try:
        current_app.send_task(TASK)
    except Exception:
        log.warning("no worker woken", exc_info=True)
