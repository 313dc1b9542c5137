"""Sends what is due by e-mail: a row is claimed, sent outside any transaction, and settled (RL-02).

A worker that dies between the server's answer and settling leaves a row that is sent again, with the same Message-ID.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects

from core.leases import Leases, take_turn
from core.models import Deadline
from metrics.services.runs import Clock
from notifications.mailing.composing import compose_mail
from notifications.mailing.transport import Answer, Mailer, Outcome
from notifications.models import Delivery, InboxMessage, MailPreference, MessageRead, StoppedAddress
from notifications.rules import URGENT_GROUPS, MailPace
from notifications.services.addresses import stop_address
from rulebook.queries import policies
from stores.models import Membership

log = structlog.get_logger("dianwei.mail")

# About a day and a half in all: one minute, then twice as long each time.
MAILS = Leases(duration=timedelta(minutes=10), max_attempts=12, first_retry=timedelta(minutes=1))
MAILS_AT_ONCE = 200
# After so long the message centre has told it, and its deadlines are over: the view deadline of a notice is as long.
TOO_LATE = timedelta(hours=72)
# Any number that nothing else in the product locks.
CHOOSING = 0x0E3A11

State, Reason = Delivery.State, Delivery.Reason


@dataclass(frozen=True)
class MailResult:
    """Rows by what became of them; ``down``: the mail server could not be worked with."""

    rows: Counter[str] = field(default_factory=Counter)
    down: bool = False


def deliver_mail(*, at: datetime) -> MailResult:
    """Send what is due at ``at``, some hundred mails at most; any number of runs may work at once or die half-way."""
    rows: Counter[str] = Counter()
    skip_late(at=at)
    mailer, sent, clock = Mailer(), 0, Clock(at)
    try:
        while sent < MAILS_AT_ONCE and (claimed := _claim(at, clock)):
            sent += 1
            answer = _deliver(claimed, mailer, at)
            rows[answer.outcome] += len(claimed)
            if answer.outcome == Outcome.DOWN:
                return MailResult(rows, down=True)
    finally:
        mailer.close()
    return MailResult(rows)


def due_deliveries(*, at: datetime) -> QuerySet[Delivery]:
    """What waits to be mailed at ``at``, first due first."""
    return Delivery.objects.filter(state=State.WAITING, due_at__lte=at).order_by("due_at", "id")


def skip_late(*, at: datetime) -> int:
    """Give up what would come too late to help; returns how many rows."""
    late = Delivery.objects.filter(state=State.WAITING, due_at__lt=at - TOO_LATE, lease_until=None)
    return late.update(state=State.SKIPPED, reason=Reason.LATE)


def _claim(at: datetime, clock: Clock) -> list[Delivery]:
    """The rows of the next mail: one, or those of a person's digest. A run may last longer than a lease, so each begins
    when it is claimed."""
    due = due_deliveries(at=at)
    if not due.exists():
        return []
    with transaction.atomic():
        # One after the other, so that no two workers hold parts of one digest.
        take_turn(CHOOSING)
        rows = MAILS.claim(due, at=clock.now(), limit=1)
        if rows and rows[0].is_digest:
            first = rows[0]
            rest = due.filter(recipient=first.recipient_id, is_digest=True, due_at=first.due_at).exclude(pk=first.pk)
            rows += MAILS.claim(rest, at=clock.now())
    prefetch_related_objects(rows, "recipient", "message__store", "message__company", "message__notice")
    return sorted(rows, key=lambda row: row.pk)


def _deliver(rows: Sequence[Delivery], mailer: Mailer, at: datetime) -> Answer:
    wanted = _wanted(rows)
    if not wanted:
        return Answer(Outcome.REFUSED)
    answer = _send(wanted, mailer)
    _settle(wanted, answer, at)
    return answer


def _send(rows: Sequence[Delivery], mailer: Mailer) -> Answer:
    try:
        mail = compose_mail(rows, policies())
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:
        log.exception("mail not composed", rows=len(rows))
        return Answer(Outcome.RETRY, type(error).__name__)
    return mailer.send(mail)


def _settle(rows: Sequence[Delivery], answer: Answer, at: datetime) -> None:
    if answer.outcome == Outcome.SENT:
        for row in rows:
            MAILS.settle(row, state=State.SENT, sent_at=at, error="", reason="")
    elif answer.outcome in (Outcome.REFUSED, Outcome.UNREACHABLE):
        if answer.outcome == Outcome.UNREACHABLE:
            stop_address(address=rows[0].recipient.email, error=answer.text, at=at)
        for row in rows:
            MAILS.settle(row, state=State.FAILED, reason=answer.outcome.value, error=answer.text)
    else:
        for row in rows:
            _put_off(row, answer, at)


def _put_off(row: Delivery, answer: Answer, at: datetime) -> None:
    if row.attempts >= MAILS.max_attempts:
        MAILS.settle(row, state=State.FAILED, reason=Reason.GIVEN_UP, error=answer.text)
    else:
        MAILS.put_off(row, at=at, error=answer.text)


# ── Whether it is still wanted ─────────────────────────────────────────────────────────────────────────────────────


def _wanted(rows: Sequence[Delivery]) -> list[Delivery]:
    """Settle those of a mail's rows that shall not be sent any more; returns the others."""
    wanted = []
    for row, reason in _obstacles(rows):
        if reason is None:
            wanted.append(row)
        else:
            MAILS.settle(row, state=State.FAILED if reason == Reason.STOPPED else State.SKIPPED, reason=reason)
    return wanted


def _obstacles(rows: Sequence[Delivery]) -> Iterator[tuple[Delivery, Delivery.Reason | None]]:
    """The rows of one mail, hence of one person, each with what speaks against sending it."""
    user = rows[0].recipient
    joined = set(Membership.objects.filter(user=user, user__is_active=True).values_list("company", flat=True))
    stopped = StoppedAddress.objects.filter(address=user.email).exists()
    silenced = set(MailPreference.objects.filter(user=user, pace=MailPace.NEVER).values_list("group", flat=True))
    read = set(MessageRead.objects.filter(user=user, message__in=_messages(rows)).values_list("message", flat=True))
    running = _running_deadlines(rows)
    for row in rows:
        message = row.message
        obstacles = {
            Reason.LEFT: message.company_id not in joined,
            Reason.STOPPED: stopped,
            Reason.SILENCED: message.group in silenced - URGENT_GROUPS,
            Reason.READ: row.is_digest and message.pk in read,
            Reason.SETTLED: (deadline := _deadline_of(message)) is not None and deadline not in running,
        }
        yield row, next((reason for reason, holds in obstacles.items() if holds), None)


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
