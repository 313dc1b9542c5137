"""A public demo is built anew when its turn has come, by one process at a time (IX-15)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from demo.resetting import building_alone, is_reset_due, note_built
from demo.rules import parse_schedule
from demo.tasks import reset
from stores.models import Company
from tests.config.test_settings import run
from tests.dashboard.test_pages import words_of
from tests.stores.people import make_person

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("IX-15")]
# 18:00 on a Saturday in Shanghai.
NOW = datetime(2026, 5, 2, 10, tzinfo=UTC)


def instant(day: int, hour: int) -> datetime:
    return datetime(2026, 5, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "now", "last", "following"),
    [
        ("04:00", NOW, instant(1, 20), instant(2, 20)),
        ("18:00", NOW, instant(2, 10), instant(3, 10)),
        ("mon 04:00", NOW, datetime(2026, 4, 26, 20, tzinfo=UTC), instant(3, 20)),
        ("SAT 18:00", NOW, instant(2, 10), instant(9, 10)),
        ("sat 19:00", NOW, datetime(2026, 4, 25, 11, tzinfo=UTC), instant(2, 11)),
    ],
)
def test_turns_are_told_in_shanghai(text: str, now: datetime, last: datetime, following: datetime) -> None:
    schedule = parse_schedule(text)
    assert schedule is not None
    assert (schedule.last(now), schedule.next(now)) == (last, following)


@pytest.mark.parametrize("text", ["4 o'clock", "monday 04:00", "mon tue 04:00", "mon", "25:00"])
def test_a_setting_that_names_no_time_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_schedule(text)


def test_a_wrong_setting_stops_the_start(tmp_path: Path) -> None:
    result = run("-c", "import config.settings", DATA_DIR=str(tmp_path / "d"), DEMO_RESET="noon")
    assert "ImproperlyConfigured: DEMO_RESET" in result.stderr


@pytest.mark.django_db
def test_it_is_due_until_it_was_built_since_its_turn(settings: Any) -> None:
    settings.DEMO_RESET = None
    assert not is_reset_due(at=NOW)
    settings.DEMO_RESET = parse_schedule("04:00")
    note_built(at=instant(1, 19))
    assert is_reset_due(at=NOW)
    note_built(at=instant(2, 1))
    assert not is_reset_due(at=NOW)
    assert is_reset_due(at=instant(2, 20))


@pytest.mark.django_db
def test_an_installation_without_demo_gets_none(settings: Any) -> None:
    settings.DEMO_RESET = parse_schedule("04:00")
    Company.objects.create(company_no="OWN", name="Own")
    assert reset.apply().get() is False
    assert list(Company.objects.values_list("company_no", flat=True)) == ["OWN"]


@pytest.mark.django_db
def test_one_process_builds_at_a_time(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.DEMO_RESET = tmp_path, parse_schedule("04:00")
    Company.objects.create(company_no="C1001", name="Demo", is_demo=True)
    with building_alone():
        with pytest.raises(CommandError, match="another process"):
            call_command("demo", "--reset")
        assert reset.apply().get() is False
    assert Company.objects.filter(name="Demo").exists()


@pytest.mark.django_db
def test_every_page_says_when_it_is_built_anew(settings: Any) -> None:
    make_person("seller")
    settings.DEMO_RESET = parse_schedule("mon 04:00")
    with time_machine.travel(NOW, tick=False):
        page = words_of(Client(headers={"Accept-Language": "en"}).get("/accounts/login/").text)
    assert "This is a demo, which is built anew 2026-05-04 04:00 (GMT+8)." in page
