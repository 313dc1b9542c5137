"""Senior reviewers are mailed the reviews that are overdue (PN-09): each review once when it is, all of them again once
a day while any is.

A mail is a row with a lease: it is written with the state of the reviews, and sent by whichever worker claims it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from appeals.models import OverdueMail
from appeals.presenters.overdue import compose_overdue
from appeals.queries.review_queue import overdue_reviews
from appeals.queries.reviewers import REASSIGN_PERMISSION
from core.leases import Leases
from notifications.channels.declaring import Outcome
from notifications.channels.mail.transport import Mailer
from notifications.models import Delivery, StoppedAddress
from stores.claims import staff_who_may
from stores.models import Membership, User

State = Delivery.State
# About three hours: then the mail of the next day tells it.
MAILS = Leases(duration=timedelta(minutes=5), max_attempts=8, first_retry=timedelta(minutes=1))
EVERY = timedelta(days=1)
MAILS_AT_ONCE = 50


def queue_overdue_mails(*, at: datetime) -> int:
    """Write the mails that are due; returns how many. Repeating it adds none."""
    overdue = overdue_reviews(at)
    if not overdue:
        return 0
    return sum(_queue(person.pk, overdue, at) for person in staff_who_may(REASSIGN_PERMISSION))


@transaction.atomic
def _queue(person_id: int, overdue: Sequence[Any], at: datetime) -> bool:
    # Workers take turns over a person, so that none is told twice.
    person = User.objects.select_for_update(no_key=True).get(pk=person_id)
    own = set(Membership.objects.filter(user=person).values_list("company", flat=True))
    reviews = [
        {"number": one.number, "store": one.store.name, "due_at": one.due_at.isoformat()}
        for one in overdue
        if one.store.company_id not in own
    ]
    mails = OverdueMail.objects.filter(user=person).order_by("-at")
    last = mails.first()
    told = {_key(review) for mail in mails for review in mail.reviews}
    new = sum(_key(review) not in told for review in reviews)
    if not reviews or not (new or last is None or last.at + EVERY <= at):
        return False
    OverdueMail.objects.create(user=person, at=at, reviews=reviews, new=new)
    return True


def _key(review: dict[str, str]) -> tuple[str, str]:
    """A review is another one after a supplement: it is due at another instant."""
    return review["number"], review["due_at"]


def send_overdue_mails(*, at: datetime) -> int:
    """Send the mails that wait; returns how many the server took."""
    mailer, sent = Mailer(), 0
    try:
        for mail in MAILS.claim(_waiting(), at=at, limit=MAILS_AT_ONCE):
            sent += _send(mailer, mail, at)
    finally:
        mailer.close()
    return sent


def _waiting() -> Any:
    return OverdueMail.objects.filter(state=State.WAITING).order_by("at", "pk")


def _send(mailer: Mailer, mail: OverdueMail, at: datetime) -> bool:
    if not mail.user.is_active or StoppedAddress.objects.filter(address=mail.user.email).exists():
        MAILS.settle(mail, state=State.SKIPPED)
        return False
    answer = mailer.send(compose_overdue(mail))
    if answer.outcome == Outcome.SENT:
        return MAILS.settle(mail, state=State.SENT)
    gives_up = answer.outcome not in (Outcome.DOWN, Outcome.RETRY) or mail.attempts >= MAILS.max_attempts
    if gives_up:
        MAILS.settle(mail, state=State.FAILED, error=answer.text)
    else:
        MAILS.put_off(mail, at=at, error=answer.text)
    return False
