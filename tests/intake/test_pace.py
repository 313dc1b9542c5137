"""Progress of an import on the terminal, from the first second on (IX-07)."""

import io

import pytest
import xlsxwriter
from django.utils import translation

from intake.management.commands.import_bundle import Terminal
from intake.reading.filetypes import FileKind
from intake.reading.stopping import stopping
from intake.reading.workbooks import tables_to_csv
from intake.throughput import pace

pytestmark = pytest.mark.rule("IX-07")


@pytest.mark.parametrize(
    ("rows", "seconds", "found"),
    [(0, 10.0, None), (1, 0.05, None), (499, 2.9, None), (500, 0.1, 5_000), (10, 4.0, 2.5), (5, 0.0, None)],
)
def test_a_pace_is_told_when_it_means_something(rows, seconds, found):
    assert pace(rows, seconds) == found


def test_the_first_line_comes_within_two_seconds_and_the_pace_is_that_of_the_rows(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("intake.management.commands.import_bundle.time.monotonic", lambda: clock[0])

    class Stream(io.StringIO):
        def write(self, text: str, ending: str = "\n") -> int:  # type: ignore[override]
            return super().write(f"{clock[0]:.0f} {text}{ending}")

    stream = Stream()
    terminal = Terminal(stream)
    steps = [
        (101.0, 0, None), (102.0, 20_000, None), (480.0, 900_000, None),
        # Stores first: one row says nothing.
        (481.0, 0, 300_001), (481.1, 1, 300_001), (482.0, 4_001, 300_001), (483.0, 8_001, 300_001),
        (493.0, 48_001, 300_001), (550.0, 300_001, 300_001),
    ]  # fmt: skip
    with translation.override("en"):
        for now, done, total in steps:
            clock[0] = now
            terminal(done, total)
    assert stream.getvalue().splitlines() == [
        "101 reading the files: 0 rows",
        "480 reading the files: 900,000 rows",
        "481 0 of 300,001 rows",
        "482 4,001 of 300,001 rows, 4,001 a second, 74 s left",
        "493 48,001 of 300,001 rows, 4,000 a second, 63 s left",
        "550 300,001 of 300,001 rows, 4,348 a second, 0 s left",
    ]


def test_a_workbook_s_rows_are_told_while_it_is_converted(tmp_path, settings, monkeypatch):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr("intake.reading.workbooks._GLANCE", 0.01)
    book = xlsxwriter.Workbook(str(tmp_path / "orders.xlsx"), {"constant_memory": True})
    sheet = book.add_worksheet("orders")
    for number in range(9_000):
        sheet.write_row(number, 0, ["S1", str(number), "2024-05-01T10:00:00Z", "1.00", "USD"])
    book.close()
    told: list[int] = []
    with stopping(told.append):
        list(tables_to_csv(tmp_path / "orders.xlsx", FileKind.XLSX, tmp_path / "out"))
    assert 2_000 <= sum(told) <= 9_000
    assert len(told) > 2
