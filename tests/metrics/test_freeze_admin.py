"""Rating anomalies and freezes in the admin: read by staff, ended by reviewers with a reason (SR-06, PG-20, DM-02)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Event
from metrics.models import RatingAnomalyCase, RatingFreeze
from stores.models import User
from tests.dashboard.test_pages import words_of
from tests.metrics.freezes import DAY, ONE_DAY, add_day, make_store, night
from tests.stores.people import client_of, make_person, make_staff

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]


@pytest.fixture
def freeze() -> RatingFreeze:
    store = make_store()
    night(DAY - ONE_DAY)
    add_day(store, DAY, reviews=125, stars=375, negative=2)
    night(DAY)
    return RatingFreeze.objects.get()


def staff(name: str, *groups: str) -> Client:
    client = client_of(make_staff(name, *groups))
    client.cookies["language"] = "en"
    return client


def page(client: Client, freeze: RatingFreeze) -> str:
    response = client.get(reverse("admin:metrics_ratingfreeze_change", args=[freeze.pk]))
    assert response.status_code == 200
    return words_of(response.content.decode().replace("\u00a0", " "))


def end(client: Client, freeze: RatingFreeze, reason: str = "Reviews of one buyer") -> Any:
    return client.post(reverse("admin:metrics_ratingfreeze_end", args=[freeze.pk]), {"reason": reason}, follow=True)


@pytest.mark.rule("SR-06", "PG-20")
@pytest.mark.parametrize("role", ["reviewer", "senior reviewer"])
def test_reviewers_end_a_freeze_with_a_reason(freeze: RatingFreeze, role: str) -> None:
    client = staff("judge", role)
    text = page(client, freeze)
    assert "Negative reviews on 2026-03-10: 2 of 125, that is 1.60 %; 0.8 % is allowed." in text
    assert "End this freeze" in text
    assert "The freeze has ended." in words_of(end(client, freeze).content.decode())
    freeze.refresh_from_db()
    assert (freeze.end_day, freeze.reason) == (DAY, "Reviews of one buyer")
    assert RatingAnomalyCase.objects.get().state == "closed"
    assert Event.objects.get(kind="rating.unfrozen").actor == f"person:{User.objects.get().pk}"
    assert "End this freeze" not in page(client, freeze)


@pytest.mark.rule("SR-06")
def test_second_reviewer_is_told_who_was_first(freeze: RatingFreeze) -> None:
    end(staff("first", "reviewer"), freeze)
    answer = end(staff("second", "reviewer"), freeze, "Another reason")
    assert "It was already ended by first@example.com." in words_of(answer.content.decode())
    freeze.refresh_from_db()
    assert freeze.reason == "Reviews of one buyer"


def test_freeze_without_reason_goes_on(freeze: RatingFreeze) -> None:
    answer = end(staff("judge", "reviewer"), freeze, " ")
    assert "Give a reason for ending the freeze." in words_of(answer.content.decode())
    assert RatingFreeze.objects.get().is_open


@pytest.mark.rule("DM-02", "RL-08")
def test_others_end_no_freeze(freeze: RatingFreeze) -> None:
    editor = staff("editor", "policy editor")
    assert "End this freeze" not in page(editor, freeze)
    assert end(editor, freeze).status_code == 403
    end(client_of(make_person("owner", freeze.store.company)), freeze)
    assert RatingFreeze.objects.get().is_open


@pytest.mark.rule("DM-11a")
def test_predicted_freeze_is_not_to_be_ended(freeze: RatingFreeze) -> None:
    RatingFreeze.objects.update(predicted=True)
    client = staff("judge", "reviewer")
    assert "End this freeze" not in page(client, freeze)
    assert end(client, freeze).status_code == 404


def test_end_takes_posts_only(freeze: RatingFreeze) -> None:
    client = staff("judge", "reviewer")
    assert client.get(reverse("admin:metrics_ratingfreeze_end", args=[freeze.pk])).status_code == 405


@pytest.mark.rule("PG-20")
def test_cases_and_freezes_are_listed_and_filtered(freeze: RatingFreeze) -> None:
    client = staff("judge", "reviewer")
    for name, query in (("ratinganomalycase", {"state__exact": "open"}), ("ratingfreeze", {"state": "open"})):
        listed = client.get(reverse(f"admin:metrics_{name}_changelist"), query)
        assert "Store S1" in words_of(listed.content.decode())
    closed = client.get(reverse("admin:metrics_ratingfreeze_changelist"), {"state": "ended"})
    assert "Store S1" not in words_of(closed.content.decode())
    assert (
        client.get(
            reverse("admin:metrics_ratinganomalycase_change", args=[RatingAnomalyCase.objects.get().pk])
        ).status_code
        == 200
    )
