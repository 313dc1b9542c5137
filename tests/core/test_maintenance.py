"""Maintenance: a file that all machines see, during which workers take up nothing new (RL-17)."""

import json
import stat
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from core import maintenance
from core.leases import Leases, work_in_hand
from core.maintenance import Maintenance, pauses_work, work_of_a_task
from core.models import Event
from core.services import begin_maintenance, end_maintenance
from metrics.models import Run

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEASES = Leases(duration=HOUR, max_attempts=3)

pytestmark = pytest.mark.rule("RL-17")


@pytest.fixture(autouse=True)
def file(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.DATA_DIR = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield tmp_path / "maintenance.json"


def run_command(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    call_command("maintenance", *arguments, "--json")
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def test_every_process_sees_what_was_turned_on_until_it_is_turned_off(file: Path) -> None:
    assert maintenance.present() is None
    maintenance.turn_on(at=NOW, until=NOW + HOUR, messages={"en": "Moving house."})
    assert maintenance.present() == Maintenance(NOW, NOW + HOUR, {"en": "Moving house."})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    maintenance.turn_on(at=NOW + HOUR)
    assert maintenance.present() == Maintenance(NOW, None, {})
    assert [maintenance.turn_off(), maintenance.turn_off(), maintenance.is_on()] == [True, False, False]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"until": "soon"}', '{"messages": 1}'])
def test_a_file_that_cannot_be_read_turns_it_on_all_the_same(file: Path, text: str) -> None:
    file.write_text(text)
    assert maintenance.present() == Maintenance()


@pytest.mark.parametrize(
    ("until", "seconds"),
    [(None, 120), (NOW + timedelta(minutes=10), 600), (NOW + 5 * HOUR, 3600), (NOW, 120), (NOW - HOUR, 120)],
)
def test_clients_ask_again_when_it_should_be_over(until: datetime | None, seconds: int) -> None:
    assert Maintenance(NOW, until).retry_after(NOW) == seconds


@pytest.mark.django_db
def test_a_task_takes_up_no_further_work_and_a_command_does() -> None:
    Run.objects.bulk_create(Run(job="rating", day=date(2026, 5, 1), stage="s", shard=place) for place in range(3))
    rows = Run.objects.order_by("shard")
    with work_of_a_task():
        assert [row.shard for row in LEASES.claim(rows, at=NOW, limit=1)] == [0]
        maintenance.turn_on(at=NOW)
        assert (pauses_work(), LEASES.claim(rows, at=NOW)) == (True, [])
    assert [row.shard for row in LEASES.claim(rows, at=NOW, limit=1)] == [1]
    assert work_in_hand(at=NOW) == {"metrics.Run": 2}
    maintenance.turn_off()
    with work_of_a_task():
        assert [row.shard for row in LEASES.claim(rows, at=NOW)] == [2]


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_beginning_and_ending_it_is_in_the_audit_trail() -> None:
    begin_maintenance(until=NOW + HOUR, messages={}, actor="command:maintenance", at=NOW)
    assert [end_maintenance(actor="command:maintenance", at=NOW + HOUR) for _turn in "ab"] == [True, False]
    assert list(Event.objects.values_list("kind", "actor", "after")) == [
        ("maintenance.begun", "command:maintenance", {"until": "2026-05-01T13:00:00+00:00"}),
        ("maintenance.ended", "command:maintenance", {}),
    ]


def test_it_can_be_turned_on_and_off_without_a_database() -> None:
    """Without the mark of pytest-django every query is refused, as by a server that is gone."""
    maintenance.turn_on(at=NOW)
    assert maintenance.turn_off()


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_the_command_turns_it_on_tells_and_turns_it_off(capsys: pytest.CaptureFixture[str]) -> None:
    on = {"on": True, "since": NOW.isoformat(), "until": "2026-05-01T13:00:00+00:00", "work_in_hand": {}}
    assert run_command(capsys, "on", "--until", "2026-05-01T21:00:00+08:00", "--message-zh", "搬家中。") == on
    assert run_command(capsys, "status") == on
    assert maintenance.present() == Maintenance(NOW, NOW + HOUR, {"zh-hans": "搬家中。"})
    assert run_command(capsys, "off") == {"on": False, "since": None, "until": None, "work_in_hand": {}}
    assert run_command(capsys, "off")["on"] is False


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_the_command_says_that_workers_are_still_at_work(capsys: pytest.CaptureFixture[str]) -> None:
    Run.objects.create(job="rating", day=date(2026, 5, 1), stage="s", shard=0)
    LEASES.claim(Run.objects.all(), at=NOW)
    with pytest.raises(CommandError, match="still at work"):
        call_command("maintenance", "on", "--wait", "1")
    assert capsys.readouterr().out == "Maintenance is on.\nworkers are at: metrics.Run (1)\n"
