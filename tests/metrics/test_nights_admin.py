"""Nights at a glance for staff, and one run again (MX-03, PG-20, RL-03)."""

from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.models import Event
from metrics.catalogue import Calendar
from metrics.models import Run
from metrics.services.night import run_night, run_scheduled
from stores.models import User
from tests.dashboard.test_pages import words_of
from tests.metrics.making import DAY, NOW, make_orders, make_store
from tests.metrics.test_freeze_admin import staff

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(NOW, tick=False):
        yield


def page(client: Client) -> str:
    response = client.get(reverse("admin:metrics_run_nights"))
    assert response.status_code == 200
    return words_of(response.content.decode().replace("\u00a0", " "))


def again(client: Client, day: date = DAY, calendar: str = "performance"):
    return client.post(reverse("admin:metrics_run_again"), {"calendar": calendar, "day": day.isoformat()}, follow=True)


def test_without_a_night_it_says_who_runs_them() -> None:
    Run.objects.all().delete()
    text = page(staff("judge", "reviewer"))
    # Both runs of the last day are due as soon as there is a database.
    assert text.count("waits for a worker") == 2


@pytest.mark.rule("MX-03", "PG-20")
def test_nights_show_what_was_done_and_what_waits() -> None:
    make_orders(make_store(), 3)
    run_night(day=DAY, at=NOW, calendars=[Calendar.PERFORMANCE])
    text = page(staff("judge", "reviewer"))
    assert "2026-03-10 performance run (Shanghai day) closed 2026-03-11 09:00:00 (GMT+8)" in text
    assert "facts 1/1 · 3 rows" in text
    assert "scorecards 1/1 · 1 row · " in text
    assert "rating run (UTC day) ⚠ waits for a worker" in text
    Run.objects.filter(stage="notices").update(state="failed", attempts=2, error="OperationalError: no more")
    text = page(staff("another", "reviewer"))
    assert "⚠ failed OperationalError: no more" in text
    assert "notices 0/1 · 0 rows" in text
    assert "1 shard started again" in text
    assert "Run again" not in text


@pytest.mark.rule("RL-01", "RL-03")
def test_senior_reviewer_runs_a_night_again() -> None:
    make_orders(make_store(), 3)
    run_night(day=DAY, at=NOW, calendars=[Calendar.PERFORMANCE])
    client = staff("senior", "senior reviewer")
    assert "Run again" in page(client)
    assert "The night of 2026-03-10 is run again." in words_of(again(client).content.decode())
    event = Event.objects.get(kind="night.reopened")
    assert (event.actor, event.subject_key) == (f"person:{User.objects.get().pk}", "performance 2026-03-10")
    assert list(Run.objects.values_list("stage", "state")) == [("facts", "waiting")]
    (closed,) = run_scheduled(calendar=Calendar.PERFORMANCE, at=NOW)
    assert closed.day == DAY


@pytest.mark.rule("DM-02", "RL-08")
def test_others_run_no_night_and_no_day_that_is_not_over() -> None:
    make_store()
    assert again(staff("judge", "reviewer")).status_code == 403
    assert Client().get(reverse("admin:metrics_run_nights")).status_code == 302
    senior = staff("senior", "senior reviewer")
    for day, calendar in ((NOW.date(), "performance"), (DAY, "lunar")):
        assert "There is no such night." in words_of(again(senior, day, calendar).content.decode())
    assert not Run.objects.exists()
