"""Senior reviewers are mailed overdue reviews, each once at once and all of them once a day (PN-09)."""

import re
from datetime import timedelta
from typing import Any

import pytest

from appeals.models import Appeal, OverdueMail
from appeals.services.overdue import queue_overdue_mails, send_overdue_mails
from core.models import Deadline
from stores.models import Membership
from stores.roles import SENIOR_REVIEWER
from tests.appeals.reviews import NOW, reviewer, under_review

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.rule("PN-09")]
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)


def due_of(appeal: Appeal) -> Any:
    return Deadline.objects.get(subject_key=appeal.number, kind="appeal_review").due_at


def told(at: Any) -> tuple[int, int]:
    """How many mails were written and sent, by two workers."""
    return queue_overdue_mails(at=at) + queue_overdue_mails(at=at), send_overdue_mails(at=at) + send_overdue_mails(
        at=at
    )


def test_a_review_is_told_at_once_and_then_once_a_day(mailoutbox: Any) -> None:
    reviewer("junior")
    senior = reviewer("senior", SENIOR_REVIEWER)
    due = due_of(under_review())
    assert told(due) == (0, 0)
    assert told(due + SECOND) == (1, 1)
    assert [told(due + SECOND + pause) for pause in (HOUR, DAY - SECOND, DAY, DAY + HOUR)] == [
        (0, 0), (0, 0), (1, 1), (0, 0),
    ]  # fmt: skip
    assert [mail.to for mail in mailoutbox] == [[senior.email]] * 2
    assert len({mail.extra_headers["Message-ID"] for mail in mailoutbox}) == 2


def test_a_further_review_is_told_at_once_with_those_before(mailoutbox: Any) -> None:
    reviewer("senior", SENIOR_REVIEWER)
    first = under_review()
    second = under_review("S2", NOW)
    told(due_of(first) + SECOND)
    assert told(due_of(second) + SECOND) == (1, 1)
    assert [(mail.new, len(mail.reviews)) for mail in OverdueMail.objects.order_by("at")] == [(1, 1), (1, 2)]
    body = mailoutbox[-1].body
    assert re.findall(r"AP\d+-\d+", body) == [first.number, second.number]
    assert "?part=overdue" in body


def test_nobody_is_told_of_reviews_of_the_own_company(mailoutbox: Any) -> None:
    appeal = under_review()
    Membership.objects.create(company=appeal.store.company, user=reviewer("senior", SENIOR_REVIEWER), role="viewer")
    assert told(due_of(appeal) + SECOND) == (0, 0)


def test_a_mail_whose_server_is_down_is_sent_later_under_the_same_id(settings: Any, mailoutbox: Any) -> None:
    reviewer("senior", SENIOR_REVIEWER)
    at = due_of(under_review()) + SECOND
    queue_overdue_mails(at=at)
    settings.EMAIL_BACKEND, working = "django.core.mail.backends.smtp.EmailBackend", settings.EMAIL_BACKEND
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert send_overdue_mails(at=at) == 0
    settings.EMAIL_BACKEND = working
    assert send_overdue_mails(at=at + SECOND) == 0
    assert send_overdue_mails(at=at + HOUR) == 1
    assert OverdueMail.objects.get().state == "sent"
