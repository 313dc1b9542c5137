"""The clock that a whole run can be given, and which tests run at every hour of RL-20 (tests/clock)."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rulebook.calendar import is_working_day
from tests.clock import INSTANTS, clock_at

pytestmark = [pytest.mark.rule("RL-20"), pytest.mark.clock]

SAY = (
    "import datetime, time; print(datetime.datetime.now(datetime.UTC).isoformat(), time.time(), datetime.date.today())"
)
CLOCKS = {"now", "utcnow", "today"}


@pytest.mark.parametrize("instant", INSTANTS[::4], ids=str)
def test_clock_stands_elsewhere_in_a_process_and_in_what_it_starts(instant: datetime) -> None:
    by_a_child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SAY!r}], check=True)"
    environment = {**os.environ, **clock_at(instant), "TZ": "UTC"}
    said = subprocess.run(
        [sys.executable, "-c", by_a_child], env=environment, capture_output=True, text=True, check=True
    )
    now, seconds, today = said.stdout.split()
    assert instant <= datetime.fromisoformat(now) < instant + timedelta(seconds=30)
    assert 0 <= float(seconds) - instant.timestamp() < 30
    assert today in {f"{instant:%Y-%m-%d}", f"{instant + timedelta(seconds=30):%Y-%m-%d}"}


def test_instants_are_those_of_the_rule() -> None:
    assert {f"{instant:%H:%M}" for instant in INSTANTS} == {"00:30", "15:59", "16:01", "23:59"}
    leap, last, swapped = sorted({instant.date() for instant in INSTANTS}, key=lambda day: (-day.year, -day.month))
    assert (leap.month, leap.day, last.month, last.day) == (2, 29, 12, 31)
    assert swapped.weekday() == 5
    assert is_working_day(swapped, plans={})
    assert len(INSTANTS) == 5
    assert {instant.tzinfo for instant in INSTANTS} == {UTC}


def askings(source: str) -> Iterator[int]:
    """The lines that ask what time it is."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            yield node.lineno


@pytest.mark.sqlite_only
@pytest.mark.slow
def test_who_asks_the_clock_is_run_at_every_hour() -> None:
    tests = {path: path.read_text() for path in Path("tests").glob("**/test_*.py")}
    asking = {path for path, source in tests.items() if any(askings(source))}
    assert [path for path in sorted(asking) if "mark.clock" not in tests[path]] == []


@pytest.mark.parametrize("source", ["timezone.now()", "datetime.now(UTC)", "datetime.date.today()"])
def test_askings_are_found(source: str) -> None:
    assert list(askings(source)) == [1]
