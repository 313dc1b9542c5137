"""The figures for monitoring (RL-17)."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.deadlines import open_deadline
from core.models import Deadline
from core.sweeping import DEADLINES
from intake.models import Source
from metrics.models import Run
from tests.stores.people import make_store

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("RL-17")]


@pytest.fixture(autouse=True)
def standing_still() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def figures(token: str = "secret") -> dict[str, float]:
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get("/metrics")
    assert (answer.status_code, answer["Content-Type"][:10]) == (200, "text/plain")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("dianwei_"): float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_nothing_is_told_without_the_token(settings: Any) -> None:
    for wanted, sent in (("", ""), ("", "Bearer "), ("secret", ""), ("secret", "Bearer Secret"), ("secret", "secret")):
        settings.METRICS_TOKEN = wanted
        headers = {"Authorization": sent} if sent else {}
        assert Client(headers=headers).get("/metrics").status_code == 404, (wanted, sent)


def test_what_is_late_given_up_and_silent_is_counted(settings: Any) -> None:
    settings.METRICS_TOKEN = "secret"
    store = make_store()
    for key, minutes in (("a", 1), ("b", 5), ("c", 15), ("d", -5)):
        open_deadline(
            owner_id=store.pk, kind="notice_view", subject_kind="notice", subject_key=key,
            due_at=NOW - timedelta(minutes=minutes), at=NOW - timedelta(hours=1),
        )  # fmt: skip
    Deadline.objects.filter(subject_key="c").update(attempts=DEADLINES.max_attempts)
    Run.objects.create(job="performance", day=NOW.date(), stage="facts", state="failed")
    Run.objects.create(job="performance", day=NOW.date(), stage="notices", state="done")
    Source.objects.create(store=store, kind="api", name="ERP", silent_since=NOW, last_attempt_at=NOW)
    found = figures()
    assert {name: value for name, value in found.items() if value and name != "data_dir_free_bytes"} == {
        "deadlines_late": 2,
        "deadlines_late_seconds": 900,
        "deadlines_given_up": 1,
        'night_runs{state="failed"}': 1,
        "sources_silent": 1,
    }
    assert found["data_dir_free_bytes"] > 0


def test_a_scrape_takes_as_many_queries_whatever_waits(settings: Any) -> None:
    settings.METRICS_TOKEN = "secret"

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            figures()
        return len(captured)

    before, store = queries(), make_store()
    for number in range(5):
        Source.objects.create(store=store, kind="api", name=str(number), silent_since=NOW, last_attempt_at=NOW)
    assert queries() == before


def test_age_of_the_newest_backup_is_told_where_backups_are_made(settings: Any, tmp_path: Path) -> None:
    settings.METRICS_TOKEN, settings.BACKUP_DIR = "secret", str(tmp_path)
    assert figures()["backup_age_seconds"] == math.inf
    for name in ("dianwei-20260501T110000Z.tar", "dianwei-20260430T110000Z.tar", "dianwei-late.tar"):
        (tmp_path / name).touch()
    assert figures()["backup_age_seconds"] == 3600
