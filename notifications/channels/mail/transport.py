"""The connection to the mail server, and what its answers mean for a mail, an address and the site."""

import re
import smtplib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.core.mail import EmailMessage, get_connection

from notifications.channels.declaring import ANSWER_LENGTH, Answer, Channel, Outcome
from notifications.channels.mail.composing import compose_mail
from notifications.models import Delivery
from notifications.rules import ChannelName
from notifications.services.addresses import stop_address
from rulebook.queries import policies

log = structlog.get_logger("dianwei.channels")

# At RCPT, where the server gives no enhanced status (RFC 3463): mailbox unavailable, not local, name not allowed.
UNKNOWN_MAILBOX = frozenset({550, 551, 553})
ENHANCED = re.compile(r"^(\d)\.(\d{1,3})\.\d{1,3}\b")


class Mailer:
    """Sends mails over one connection, which is opened for the first and again after the server closed it."""

    def __init__(self, *, timeout: int | None = None) -> None:
        self._connection: Any = cast(Any, get_connection())
        if timeout is not None:
            self._connection.timeout = timeout

    def send(self, mail: EmailMessage) -> Answer:
        """Send one mail to one address. The server may have taken a mail whose answer is lost: it is sent again, with
        the same Message-ID (RL-02)."""
        try:
            self._connection.open()
            mail.connection = self._connection
            mail.send()
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            answer = answer_to(error)
            log.warning("mail not sent", outcome=answer.outcome, error=type(error).__name__)
            if answer.outcome == Outcome.DOWN:
                self.close()
            return answer
        return Answer(Outcome.SENT)

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        try:
            self._connection.close()
        except Exception:
            log.info("mail connection not closed in order")
        self._connection.connection = None


class MailSender:
    """Sends deliveries over one connection to the mail server."""

    def __init__(self) -> None:
        self._mailer = Mailer()

    def send(self, rows: Sequence[Delivery]) -> Answer:
        return self._mailer.send(compose_mail(rows, policies()))

    def close(self) -> None:
        self._mailer.close()


def note_mail_answer(row: Delivery, answer: Answer, at: datetime) -> None:
    """An address that its server does not know is stopped."""
    if answer.outcome == Outcome.UNREACHABLE and row.recipient is not None:
        stop_address(address=row.recipient.email, error=answer.text, at=at)


MAIL = Channel(ChannelName.MAIL, MailSender, is_shared=True, note_answer=note_mail_answer)


def answer_to(error: Exception) -> Answer:
    """What an error in sending to one address means."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        return Answer(_at_recipient(code, _text(reply)), f"{code} {_text(reply)}"[:ANSWER_LENGTH])
    if isinstance(error, smtplib.SMTPDataError):
        outcome = Outcome.REFUSED if 500 <= error.smtp_code < 600 else Outcome.RETRY
        return Answer(outcome, f"{error.smtp_code} {_text(error.smtp_error)}"[:ANSWER_LENGTH])
    if isinstance(error, smtplib.SMTPResponseException):
        # Sign-in, greeting or our own sender refused: it concerns the site, not this mail.
        return Answer(Outcome.DOWN, f"{error.smtp_code} {_text(error.smtp_error)}"[:ANSWER_LENGTH])
    if isinstance(error, (smtplib.SMTPException, OSError)):
        return Answer(Outcome.DOWN, f"{type(error).__name__}: {error}"[:ANSWER_LENGTH])
    return Answer(Outcome.RETRY, f"{type(error).__name__}: {error}"[:ANSWER_LENGTH])


def _at_recipient(code: int, text: str) -> Outcome:
    if code == 421:
        return Outcome.DOWN
    if code < 500:
        return Outcome.RETRY
    enhanced = ENHANCED.match(text)
    if enhanced is None:
        return Outcome.UNREACHABLE if code in UNKNOWN_MAILBOX else Outcome.REFUSED
    # Subject 1 of enhanced codes is the address itself.
    return Outcome.UNREACHABLE if enhanced[1] == "5" and enhanced[2] == "1" else Outcome.REFUSED


def _text(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
