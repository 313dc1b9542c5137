"""A measured night is a night, and its stages add up to less than the whole."""

from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.timed_night import timed_night
from metrics.models import Run


@pytest.mark.django_db
@pytest.mark.clock
def test_stages_of_a_night_are_measured():
    day = datetime.now(UTC).date() - timedelta(days=2)

    found = timed_night(["--day", day.isoformat()])

    stages = set(Run.objects.filter(day=day, state=Run.State.DONE).values_list("stage", flat=True))
    assert {"facts", "publish", "notices"} <= stages == set(found["stages"])
    assert 0 < found["to_cards_seconds"] < found["seconds"]
    assert sum(stage["cpu_seconds"] for stage in found["stages"].values()) <= found["cpu_seconds"]
