"""Tasks and their schedule (RL-03, RL-04)."""

from datetime import UTC, datetime, timedelta

import pytest
from celery.schedules import crontab

from config.celery import HARD_LIMIT, SOFT_LIMIT, VISIBILITY_TIMEOUT, app

pytestmark = pytest.mark.deployment
SCHEDULE = app.conf.beat_schedule


@pytest.mark.rule("RL-03")
def test_killed_work_is_delivered_again_and_no_task_outlives_its_visibility() -> None:
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
    assert SOFT_LIMIT < HARD_LIMIT < VISIBILITY_TIMEOUT
    assert (app.conf.task_soft_time_limit, app.conf.task_time_limit) == (SOFT_LIMIT, HARD_LIMIT)


@pytest.mark.rule("RL-04")
@pytest.mark.parametrize("name", sorted(SCHEDULE))
def test_periodic_wake_up_expires_before_the_next_or_within_the_hour(name: str) -> None:
    entry = SCHEDULE[name]
    expires = entry["options"]["expires"]
    assert 0 < expires <= 3600
    if not isinstance(entry["schedule"], crontab):
        assert expires < entry["schedule"]


@pytest.mark.rule("MX-03")
@pytest.mark.parametrize(
    ("name", "after", "due"),
    [
        ("rating-run", datetime(2024, 2, 28, 23, 59, 59, tzinfo=UTC), datetime(2024, 2, 29, tzinfo=UTC)),
        ("performance-run", datetime(2024, 2, 29, 17, 0, tzinfo=UTC), datetime(2024, 2, 29, 18, 0, tzinfo=UTC)),
        ("catch-up-runs", datetime(2024, 12, 31, 23, 51, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)),
    ],
)
def test_nightly_runs_start_when_their_calendars_days_are_over(name: str, after: datetime, due: datetime) -> None:
    schedule = SCHEDULE[name]["schedule"]
    schedule.nowfun = lambda: after
    assert after + schedule.remaining_estimate(after) == due
    assert due - after <= timedelta(hours=1)


@pytest.mark.rule("RL-04")
def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in SCHEDULE.values()} - set(app.tasks) == set()
