"""Mails that somebody waits for, tests and invitations: sent at once, with what became of them in words (PG-18)."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from core.events import record_event
from core.ratelimits import is_within_limit
from notifications.channels.declaring import Answer, Outcome
from notifications.channels.mail.composing import compose_invitation, compose_test
from notifications.channels.mail.transport import Mailer
from notifications.services.addresses import restart_address, stop_address
from stores.models import Invitation, User
from stores.principals import Person

TESTS_AN_HOUR = 5
# Somebody waits for the page.
TIMEOUT = 10


@dataclass(frozen=True, slots=True)
class Tested:
    """Whether the mail server took the test, and what to say."""

    arrived: bool
    text: str


def send_test(*, user: User, at: datetime) -> Tested:
    """Send a test to a person. One that is taken lets mails go to a stopped address again."""
    if not is_within_limit(f"mail-test:{user.pk}", limit=TESTS_AN_HOUR, period=timedelta(hours=1), at=at):
        return Tested(
            False, _("You have sent %(count)s tests within an hour. Wait a little.") % {"count": TESTS_AN_HOUR}
        )
    answer, seconds = _send(compose_test(user, at))
    if answer.outcome == Outcome.SENT:
        restart_address(address=user.email)
    elif answer.outcome == Outcome.UNREACHABLE:
        stop_address(address=user.email, error=answer.text, at=at)
    record_event(
        kind="mail.tested",
        subject_kind="person",
        subject_key=str(user.pk),
        actor=Person(user).actor,
        at=at,
        after={"outcome": answer.outcome.value},
        cause="PG-18",
    )
    return Tested(answer.outcome == Outcome.SENT, _told(user, answer, seconds))


def send_invitation(*, invitation: Invitation, url: str) -> Tested:
    """Mail an invitation at once: its link is stored nowhere, so it can't wait in a queue."""
    answer, _seconds = _send(compose_invitation(invitation, url))
    if answer.outcome == Outcome.SENT:
        return Tested(True, _("Invitation sent to %(address)s.") % {"address": invitation.email})
    names = {"address": invitation.email, "answer": answer.text}
    return Tested(False, _("The invitation could not be mailed to %(address)s: %(answer)s") % names)


def _send(mail: EmailMultiAlternatives) -> tuple[Answer, float]:
    mailer, start = Mailer(timeout=TIMEOUT), time.monotonic()
    try:
        return mailer.send(mail), time.monotonic() - start
    finally:
        mailer.close()


def _told(user: User, answer: Answer, seconds: float) -> str:
    names = {"address": user.email, "answer": answer.text, "seconds": f"{seconds:.1f}"}
    if answer.outcome == Outcome.SENT:
        if not settings.EMAIL_URL:
            return _("No mail server is set: the test was written to a file on the server. Operations set EMAIL_URL.")
        return _("The mail server took the test for %(address)s after %(seconds)s s. Look into your mailbox.") % names
    if answer.outcome == Outcome.DOWN:
        return _("The mail server could not be used: %(answer)s. Operations can check it with the doctor.") % names
    if answer.outcome == Outcome.UNREACHABLE:
        return (
            _("The mail server does not know %(address)s: %(answer)s. Ask the owner or operations to correct it.")
            % names
        )
    return _("The mail server did not take the test: %(answer)s") % names
