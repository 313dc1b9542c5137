"""Sends what is due by a channel: a row is claimed, sent outside any transaction, and settled (RL-02).

A worker that dies between the server's answer and settling leaves a row that is sent again, with the same id. Channels
are worked off apart, so one that fails holds up no other; within a channel companies take turns (RL-18).
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, prefetch_related_objects

from core.leases import Leases, held, take_turn
from core.models import Deadline
from metrics.services.runs import Clock
from notifications.channels.declaring import Answer, Channel, Outcome, Sender
from notifications.channels.registry import CHANNELS
from notifications.models import (
    Connection,
    Delivery,
    DeliveryAttempt,
    InboxMessage,
    MessageRead,
    Phone,
    PushSubscription,
    StoppedAddress,
)
from notifications.queries.routing import Routing, ends_at
from notifications.rules import RED_GROUPS, TEAM_CHANNELS, ChannelName, MessageGroup, Pace, due_of
from stores.models import Membership, User

log = structlog.get_logger("dianwei.channels")

# About a day and a half in all: one minute, then twice as long each time.
DELIVERIES = Leases(duration=timedelta(minutes=10), max_attempts=12, first_retry=timedelta(minutes=1))
MESSAGES_AT_ONCE = 200
# A run ends before its task's time does, whatever servers let it wait for.
RUN_TIME = timedelta(minutes=5)
# So many processes work on a channel at once: were its server to hang, the others are left for all other work (RL-18).
RUNS_AT_ONCE = 2
# After so long the message centre has told it, and its deadlines are over: the view deadline of a notice is as long.
TOO_LATE = timedelta(hours=72)
# So many messages for one chat or browser at once go as one, at most so many together.
STORM, MOST_IN_ONE = 4, 50
# Any number that nothing else in the product locks.
CHOOSING = 0x0E3A11

State, Reason = Delivery.State, Delivery.Reason


@dataclass(frozen=True)
class DeliveryResult:
    """Rows by what became of them; ``down``: the channel's server could not be worked with."""

    rows: Counter[str] = field(default_factory=Counter)
    down: bool = False


def deliver_mail(*, at: datetime) -> DeliveryResult:
    """Send the e-mails that are due at ``at``."""
    return deliver(ChannelName.MAIL, at=at)


def deliver(name: ChannelName, *, at: datetime) -> DeliveryResult:
    """Send what is due by a channel at ``at``, some hundred messages at most; any number of runs may work at once or
    die half-way."""
    channel = CHANNELS[name]
    run = _Run(channel, at)
    skip_late(at=at)
    try:
        is_down = run.work()
    finally:
        run.sender.close()
    return DeliveryResult(run.rows, down=is_down)


def channels_due(*, at: datetime) -> list[ChannelName]:
    """The channels that have something to send, and may have one more process."""
    return [name for name in CHANNELS if due_deliveries(name, at=at).exists() and may_run(name, at=at)]


def may_run(name: ChannelName, *, at: datetime) -> bool:
    """Whether one more process may work on a channel; those that do take what comes meanwhile."""
    rows = held(Delivery.objects.filter(channel=name.value, state=State.WAITING), at=at)
    processes = {lease.rpartition(":")[0] for lease in rows.values_list("lease", flat=True)}
    return len(processes) < RUNS_AT_ONCE


def due_deliveries(name: ChannelName, *, at: datetime) -> QuerySet[Delivery]:
    """What waits to be sent by a channel at ``at``, first due first; not what a chat or browser has to wait for that
    could not be reached."""
    rows = Delivery.objects.filter(channel=name.value, state=State.WAITING, due_at__lte=at)
    # No joins: rows are locked when they are claimed, and PostgreSQL would lock those of joined tables too.
    if name in TEAM_CHANNELS:
        rows = rows.exclude(connection__in=Connection.objects.filter(retry_at__gt=at))
    if name == ChannelName.PUSH:
        rows = rows.exclude(subscription__in=PushSubscription.objects.filter(retry_at__gt=at))
    return rows.order_by("due_at", "id")


def _told(**which: Any) -> Exists:
    """Whether a delivery's message is one of these."""
    return Exists(InboxMessage.objects.filter(pk=OuterRef("message"), **which))


def skip_late(*, at: datetime) -> int:
    """Give up what would come too late to help; returns how many rows."""
    late = Delivery.objects.filter(state=State.WAITING, due_at__lt=at - TOO_LATE, lease_until=None)
    return late.update(state=State.SKIPPED, reason=Reason.LATE)


class _Run:
    """One run of a channel."""

    def __init__(self, channel: Channel, at: datetime) -> None:
        self.channel, self.at = channel, at
        self.sender: Sender = channel.open()
        self.rows: Counter[str] = Counter()
        self._clock = Clock(at)
        self._served: set[int] = set()

    def work(self) -> bool:
        """Send until nothing is left or the run was long enough; returns whether the server is down."""
        for _message in range(MESSAGES_AT_ONCE):
            claimed = self._claim()
            if not claimed or self._clock.now() - self.at > RUN_TIME:
                DELIVERIES.release(claimed)
                return False
            wanted = _wanted(claimed, self.at)
            if skipped := len(claimed) - len(wanted):
                self.rows["skipped"] += skipped
            if wanted and self._send(wanted) == Outcome.DOWN and self.channel.is_shared:
                return True
        return False

    def _claim(self) -> list[Delivery]:
        """The rows of the next message, of a company that had no turn yet; when all had one, the turns begin anew."""
        due = due_deliveries(self.channel.name, at=self.at)
        rows = self._claim_one(due.filter(~_told(company__in=self._served)) if self._served else due)
        if not rows and self._served:
            self._served.clear()
            rows = self._claim_one(due)
        self._served |= {row.message.company_id for row in rows}
        return rows

    def _claim_one(self, due: QuerySet[Delivery]) -> list[Delivery]:
        """A run may last longer than a lease, so each begins when it is claimed."""
        if not due.exists():
            return []
        with transaction.atomic():
            # One after the other, so that no two workers hold parts of one digest.
            take_turn(CHOOSING)
            rows = DELIVERIES.claim(due, at=self._clock.now(), limit=1)
            if rows:
                rows += self._claim_others(rows[0])
        prefetch_related_objects(
            rows, "recipient", "connection__company", "subscription", "message__store", "message__company",
            "message__notice",
        )  # fmt: skip
        return sorted(rows, key=lambda row: row.pk)

    def _claim_others(self, first: Delivery) -> list[Delivery]:
        """What goes with the first row: the rest of its digest, or of a storm, which becomes one."""
        others = due_deliveries(self.channel.name, at=self.at).filter(target=first.target).exclude(pk=first.pk)
        if first.is_digest:
            return DELIVERIES.claim(others.filter(is_digest=True, due_at=first.due_at), at=self._clock.now())
        if self.channel.is_shared or first.attempts > 1 or first.message.group in RED_GROUPS:
            return []
        # Rows that were tried before keep their id.
        storm = others.filter(~_told(group__in=RED_GROUPS), is_digest=False, attempts=0)
        if storm.count() < STORM - 1:
            return []
        joined = {"is_digest": True, "due_at": first.due_at}
        Delivery.objects.filter(pk=first.pk).update(**joined)
        return DELIVERIES.claim(storm, at=self._clock.now(), limit=MOST_IN_ONE - 1, **joined)

    def _send(self, rows: Sequence[Delivery]) -> Outcome:
        start = time.monotonic()
        try:
            answer = self.sender.send(rows)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            log.exception("message not composed", channel=self.channel.name.value, rows=len(rows))
            answer = Answer(Outcome.RETRY, type(error).__name__)
        milliseconds = int((time.monotonic() - start) * 1000)
        self.rows[answer.outcome] += len(rows)
        self.channel.note_answer(rows[0], answer, self.at)
        _settle(rows, answer, self.at, milliseconds)
        return answer.outcome


def _settle(rows: Sequence[Delivery], answer: Answer, at: datetime, milliseconds: int) -> None:
    for row in rows:
        _settle_one(row, answer, at)
    # A message may have gone meanwhile, with its company.
    standing = set(Delivery.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    DeliveryAttempt.objects.bulk_create(
        [
            DeliveryAttempt(
                delivery=row, at=at, milliseconds=milliseconds, outcome=answer.outcome.value, answer=answer.text
            )
            for row in rows
            if row.pk in standing
        ]
    )


def _settle_one(row: Delivery, answer: Answer, at: datetime) -> None:
    if answer.outcome == Outcome.SENT:
        DELIVERIES.settle(row, state=State.SENT, sent_at=at, error="", reason="")
    elif answer.outcome in (Outcome.REFUSED, Outcome.UNREACHABLE):
        DELIVERIES.settle(row, state=State.FAILED, reason=answer.outcome.value, error=answer.text)
    elif row.attempts >= DELIVERIES.max_attempts:
        DELIVERIES.settle(row, state=State.FAILED, reason=Reason.GIVEN_UP, error=answer.text)
    else:
        DELIVERIES.put_off(row, at=at, error=answer.text)


# ── Whether it is still wanted ─────────────────────────────────────────────────────────────────────────────────────


def _wanted(rows: Sequence[Delivery], at: datetime) -> list[Delivery]:
    """Settle those rows of a message that shall not be sent any more, put off what quiet hours hold up; returns the
    others."""
    people = {row.recipient_id for row in rows if row.recipient_id is not None}
    routing = Routing({row.message.company_id for row in rows}, people, at)
    wanted = []
    for row, reason in _obstacles(rows, routing):
        if reason is not None:
            state = State.FAILED if reason in (Reason.STOPPED, Reason.GONE) else State.SKIPPED
            DELIVERIES.settle(row, state=state, reason=reason)
        elif (quiet_end := _quiet_end(row, routing, at)) is not None:
            DELIVERIES.give_back(row, due_at=quiet_end, is_digest=True)
        else:
            wanted.append(row)
    return wanted


def _quiet_end(row: Delivery, routing: Routing, at: datetime) -> datetime | None:
    """A row may be due again in the quiet hours, after a failure."""
    message = row.message
    if row.recipient is not None:
        hours = routing.hours_of_person(message.company_id, row.recipient)
    else:
        hours = routing.hours_of_company(message.company_id)
    due = due_of(MessageGroup(message.group), Pace.NOW, at, hours, ends_at=ends_at(message)).at
    return due if due > at else None


def _obstacles(rows: Sequence[Delivery], routing: Routing) -> Iterator[tuple[Delivery, Delivery.Reason | None]]:
    """The rows of one target, each with what speaks against sending it."""
    of_target = _target_obstacle(rows[0])
    user = rows[0].recipient
    joined = set(Membership.objects.filter(user=user, user__is_active=True).values_list("company", flat=True))
    read = set(MessageRead.objects.filter(user=user, message__in=_messages(rows)).values_list("message", flat=True))
    running = _running_deadlines(rows)
    for row in rows:
        message = row.message
        pace = routing.pace(message, ChannelName(row.channel), user)
        deadline = _deadline_of(message)
        obstacles = {
            Reason.LEFT: user is not None and message.company_id not in joined,
            of_target: of_target is not None,
            Reason.SILENCED: pace == Pace.NEVER,
            Reason.READ: row.is_digest and message.pk in read,
            Reason.SETTLED: deadline is not None and deadline not in running,
        }
        yield row, next((reason for reason, holds in obstacles.items() if holds), None)


def _target_obstacle(row: Delivery) -> Delivery.Reason | None:
    """Why nothing goes to a target."""
    if row.channel == ChannelName.SMS:
        return _phone_obstacle(row.recipient)
    if row.channel == ChannelName.PUSH:
        return Reason.GONE if row.subscription is None else None
    if row.connection is not None:
        if row.connection.removed_at is not None:
            return Reason.GONE
        return Reason.STOPPED if row.connection.state == Connection.State.STOPPED else None
    assert row.recipient is not None
    return Reason.STOPPED if StoppedAddress.objects.filter(address=row.recipient.email).exists() else None


def _phone_obstacle(user: User | None) -> Delivery.Reason | None:
    phone = Phone.objects.filter(user=user).exclude(number="").first()
    if phone is None:
        return Reason.GONE
    return Reason.STOPPED if phone.stopped_at is not None else None


def _messages(rows: Sequence[Delivery]) -> list[int]:
    return [row.message_id for row in rows]


def _deadline_of(message: InboxMessage) -> tuple[int, str, str] | None:
    """What a reminder reminds of: store, kind and subject of the deadline."""
    given = message.parameters
    return (message.store_id, given["deadline"], given["subject"]) if "deadline" in given else None


def _running_deadlines(rows: Sequence[Delivery]) -> set[tuple[int | None, str, str]]:
    """Those of the rows' reminders that are neither met nor over."""
    named = [deadline for row in rows if (deadline := _deadline_of(row.message)) is not None]
    if not named:
        return set()
    stores, kinds, subjects = (set(values) for values in zip(*named, strict=True))
    found = Deadline.objects.filter(
        store_id__in=stores, kind__in=kinds, subject_key__in=subjects, state=Deadline.State.OPEN
    )
    return set(found.values_list("store_id", "kind", "subject_key"))
