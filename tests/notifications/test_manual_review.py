"""Failed plans in the admin: senior reviewers end their review with a reason (PN-33, PG-20)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Event
from notifications.models import ImprovementPlan, Notice
from stores.models import User
from stores.roles import REVIEWER, SENIOR_REVIEWER
from tests.notifications.build import NIGHT, judged, make_store
from tests.notifications.pages import english, words_of
from tests.stores.people import client_of, make_staff


@pytest.fixture
def notice(db: None) -> Notice:
    judged(make_store(), late_dispatch="red")
    Notice.objects.update(state="failed")
    notice = Notice.objects.get()
    ImprovementPlan.objects.create(notice=notice, opened_at=NIGHT)
    return notice


def staff(name: str, role: str) -> Client:
    return english(client_of(make_staff(name, role)))


def page(client: Client, notice: Notice) -> str:
    return words_of(client.get(reverse("admin:notifications_notice_change", args=[notice.pk])).content.decode())


def end(client: Client, notice: Notice, reason: str = "Seen on site") -> Any:
    url = reverse("admin:notifications_notice_end_review", args=[notice.pk])
    return client.post(url, {"reason": reason}, follow=True)


@pytest.mark.rule("PN-33", "PG-20", "RL-06")
def test_senior_reviewer_ends_the_review_once(notice: Notice) -> None:
    senior = staff("first", SENIOR_REVIEWER)
    text = page(senior, notice)
    assert "End the manual review" in text
    assert "To the improvement plan" in text
    assert "Give a reason for ending the review." in words_of(end(senior, notice, " ").content.decode())
    assert "the notice is resolved" in words_of(end(senior, notice).content.decode())
    event = Event.objects.get(kind="notice.resolved")
    assert event.after == {"state": "resolved", "reason": "Seen on site"}
    assert event.actor == f"person:{User.objects.get().pk}"
    assert "End the manual review" not in page(senior, notice)
    second = end(staff("second", SENIOR_REVIEWER), notice, "Me too")
    assert "The notice is under no such review: first@example.com, resolved." in words_of(second.content.decode())


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-33", "DM-02")
def test_reviewers_end_no_manual_review(notice: Notice) -> None:
    reviewer = staff("judge", REVIEWER)
    assert "End the manual review" not in page(reviewer, notice)
    assert end(reviewer, notice).status_code == 403
    assert Notice.objects.get().state == "failed"
