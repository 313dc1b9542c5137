"""Sweeps whose processes are killed with -9 at random: each deadline has its effect once, in order (DM-27, RL-04)."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection

from core import deadlines
from core.deadlines import on_lapse, open_deadlines
from core.models import Deadline, DirtySubject, Event
from tests.core.killed_sweeps import KIND
from tests.core.test_deadlines import NOON, make_store

STORES, EACH = 4, 25


@pytest.mark.rule("DM-27", "RL-03", "RL-04")
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_four_sweeps_killed_at_random_fire_each_deadline_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "_kinds", {})
    on_lapse(KIND)(lambda rows: None)
    stores = [make_store(f"S{place}") for place in range(STORES)]
    due = {
        (stores[number % STORES].pk, f"{number:03d}"): NOON + timedelta(seconds=number)
        for number in range(STORES * EACH)
    }
    open_deadlines(kind=KIND, subject_kind="order", due=due, at=NOON)
    command = [sys.executable, "-m", "tests.core.killed_sweeps", str(connection.settings_dict["NAME"])]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert set(Deadline.objects.values_list("state", flat=True)) == {"lapsed"}
    assert Deadline.objects.filter(attempts__gt=1).exists()
    for store in stores:
        keys = [key for store_id, key in due if store_id == store.pk]
        events = Event.objects.filter(kind="deadline.lapsed", store_no=store.store_no).order_by("id")
        assert list(events.values_list("subject_key", flat=True)) == keys
        effects = DirtySubject.objects.filter(store_id=store.pk).order_by("id").values_list("subject_id", flat=True)
        assert list(effects) == list(
            Deadline.objects.filter(store_id=store.pk).order_by("due_at").values_list("pk", flat=True)
        )
