"""Recorded runs: what is kept of one, and the page that shows their course."""

from datetime import date
from pathlib import Path

from benchmarks.history import PAGE, Recorded, append, page, read, recorded
from benchmarks.targets import TARGETS, Verdict

TARGET = next(target for target in TARGETS if target.key == "scan")
DAY = date(2026, 11, 22)


def test_run_keeps_what_it_measured():
    measured = [Verdict(TARGET, "postgres", 10_000_000, 3.12345), Verdict(TARGET, "sqlite")]

    assert recorded(DAY, "abc1234", "two cores", measured) == Recorded(
        "2026-11-22",
        "abc1234",
        "two cores",
        [{"target": "scan", "database": "postgres", "orders": 10_000_000, "value": 3.123}],
    )


def test_recorded_runs_stand_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    for version, value in (("abc1234", 3.1), ("def5678", 9.0)):
        append(recorded(DAY, version, "two cores", [Verdict(TARGET, "postgres", 10_000_000, value)]), path)

    text = (tmp_path / PAGE.name).read_text()
    assert text == page(read(path))
    assert f"| {TARGET.what} | ≥ 8 | 3.10 (10 M) | 9.00 (10 M) ✓ |" in text.splitlines()
    assert "## SQLite" not in text


def test_page_in_the_documentation_is_made_of_its_history():
    assert PAGE.read_text(encoding="utf-8") == page(read())
