"""The quick ways through a file give what the careful ones give: blocks of records, columns of cells, reading ahead."""

import random
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from intake.canonical import FILES, Column, Reading, RejectedCellError
from intake.canonical.columns import Kind
from intake.pipeline.ahead import read_ahead
from intake.reading import CsvSource
from intake.reading import lines as reading
from intake.reading.lines import Chunks, Part, Records, TooBrokenError

pytestmark = pytest.mark.sqlite_only

FLAGS = Reading(flags=frozenset({"textiles", "battery"}))
PIECES = ("a", "b,", ",", ",", '"', '""', '"x"', '"a\nb"', "\n", "\r\n", "\r", " ", "店", "\x00", ";", "\u2028")


def records(text: str, *, by_record: bool = False) -> list[Any]:
    try:
        return list(Records(StringIO(text, newline=""), by_record=by_record))
    except TooBrokenError as error:
        # The whole file is then refused: how far it was read says nothing.
        return [str(error)]


@pytest.mark.rule("IX-01", "IX-04")
@pytest.mark.parametrize("seed", range(150))
def test_blocks_have_the_records_of_reading_one_by_one(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    text = "".join(rng.choices(PIECES, k=rng.randrange(1, 120)))
    monkeypatch.setattr(reading, "CSV_LIMIT", 40)
    monkeypatch.setattr(reading, "LONGEST_LINE", rng.choice((5, 30, 1000)))
    monkeypatch.setattr(reading, "MOST_BROKEN", rng.choice((2, 1000)))
    by_record = rng.random() < 0.3
    with monkeypatch.context() as careful:
        careful.setattr(reading, "parse_block", lambda block, separator, quoting: None)
        expected = records(text, by_record=by_record)
    for size in (1, 2, 7, 50, 2**20):
        monkeypatch.setattr(reading, "BLOCK", size)
        assert records(text, by_record=by_record) == expected


@pytest.mark.rule("IX-03")
@pytest.mark.parametrize("seed", range(40))
def test_a_scan_of_first_cells_finds_what_a_scan_of_all_cells_finds(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    names = ["order_no", "line_no", "sku", "store_no", "amount"]
    rng.shuffle(names)
    rows = [[f" {rng.choice('ABC')}", rng.choice("123"), rng.choice("12"), "x", "1"] for _ in range(60)]
    for row in rng.sample(rows, 6):
        row[rng.randrange(5)] = rng.choice(('"q"', "", 'a"b', '"a\nb"', ",", "x,,"))
    path = tmp_path / "order_lines.csv"
    path.write_text("\n".join([",".join(names), *map(",".join, rows), ",,,,", ""]), encoding="utf-8")
    monkeypatch.setattr(reading, "BLOCK", rng.choice((64, 2**20)))
    found = CsvSource(path, FILES["order_lines"], "order_lines.csv").scan()
    monkeypatch.setattr(CsvSource, "_first_cells", lambda self, last: lambda block: None)
    expected = CsvSource(path, FILES["order_lines"], "order_lines.csv").scan()
    assert (found.rows, found.stores) == (expected.rows, expected.stores)
    assert found.suspects >= expected.suspects


CELLS = (
    "", " ", "a", " a ", "A1", "é", "店铺", "１２", "1E+5", "1.23e+17", "x" * 70, "a\tb",
    "a\nb", "\x00", "\udc80", "\x1f",
    "0", "-0", "1", "-1", "1.5", "1.23456789", ".5", "1.", "1_000", "1,5", "nan", "99999999999999999999", "3.0",
    "true", "FALSE",
    "maybe", "Platform", "external", "usd", "USD", "US", "battery;textiles", "battery; ", "guns",
    "2024-05-01", "2024-13-01",
    "2024-05-01T10:00:00Z", "2024-05-01T10:00:00z", "2024-05-01 10:00:00+08:00", "2024-05-01T10:00:00.999Z",
    "2024-05-01T10:00:00", "2024-05-01T10:00", "2024-05-01T10Z", "20240501T100000Z", "2024-02-30T10:00:00Z",
    "2024-05-01T24:00:00Z", "1999-12-31T23:59:59Z", "2000-01-01T00:00:00Z", "2100-12-31T23:59:59Z",
    "2101-01-01T00:00:00Z",
    "2000-01-01T00:00:00+08:00", "2024-05-01T10:00:00-00:30", "2024-W18-3T10:00:00Z", "2024-03-31T02:30:00", "-05-01",
    "2024-05-01T10:00:00+24:00", "2024-05-01-10:00", "2024-05-01+10:00", "2024-W18-3-10:00", "2024-05-01T10+08:00",
    " 2024-05-01T10:00:00Z", "01/02/03",
    "2024-05-01108:05Z", "2024-05-01x08:05:00Z", "2024/5/1 8:05", "2024年5月1日 8:05", "0000-00-00",
    "9999-12-31T23:59:59Z",
    "1970-01-01T00:00:00Z", "45778.33680556", "1714557900", "--", "N/A", "NULL", "无", '="12"', "'12", "#12", "12.0",
    "12.00",
    "a  b", "a b", "8E15", "8.2E15", "8,2e+15", "12E34", "1.2*10^5", "1,234,567", "ab.0", "x=y", "#REF!", "###", "'",
    "Brazil",
    "UK", "A/B", "..", "2.345", "2.30", "0.0", "00", "９", "a\u200bb", "99999999999999999999.0", "=12", "=x", "\ufffd",
)  # fmt: skip


def cell_by_cell(column: Column, raw: list[str], read: Reading) -> tuple[list[Any], dict[int, str]]:
    values, refused, one = [], {}, column.cell_reader(read)
    for position, text in enumerate(raw):
        value = column.fill
        try:
            if text.strip() and not column.says_nothing(text.strip()):
                value = one(text.strip())
            elif column.required:
                raise RejectedCellError(translation.gettext("is required"))
        except RejectedCellError as error:
            refused[position] = str(error)
        values.append(value)
    return values, refused


@pytest.mark.rule("IX-01", "IX-02")
@pytest.mark.parametrize("name", FILES)
def test_columns_are_read_as_cells_are(name: str) -> None:
    rng = random.Random(name)
    for column in FILES[name].columns:
        for read in (FLAGS, Reading(zone=ZoneInfo("Europe/Berlin"))):
            reader = column.column_reader(read)
            good = [text for text in CELLS if not cell_by_cell(column, [text], read)[1]]
            columns = [[text] for text in CELLS] + [rng.choices(good or CELLS, k=9) for _ in range(30)]
            columns += [rng.choices(CELLS, k=9) for _ in range(10)] + [[]]
            for raw in columns:
                values, refused, _emptied = reader.read(raw)
                expected, reasons = cell_by_cell(column, raw, read)
                assert refused == reasons, (column.name, raw)
                kept = [place for place in range(len(raw)) if place not in refused]
                assert [values[place] for place in kept] == [expected[place] for place in kept], (column.name, raw)


def test_every_kind_of_column_occurs() -> None:
    assert {column.kind for spec in FILES.values() for column in spec.columns} == set(Kind)


def test_chunks_have_the_size_asked_for_and_keep_what_is_wrong() -> None:
    text = "".join(f'{number},"a' + ("x\n" if number % 7 == 0 else '"\n') for number in range(1, 40))
    whole = list(Records(StringIO(text, newline="")))
    chunks, found = Chunks(Records(StringIO(text, newline="")).parts()), []
    while chunk := chunks.take(5):
        assert len(chunk) == 5 or len(found) + len(chunk) == len(whole)
        found += [(line, chunk.rows[place], chunk.bad.get(place)) for place, line in enumerate(chunk.lines)]
    assert found == whole
    assert any(bad for _line, _cells, bad in whole)
    assert chunks.take(5) == Part([], [])


@pytest.mark.rule("IX-03")
def test_reading_ahead_keeps_order_language_and_errors() -> None:
    made: list[str] = []

    def make() -> str | None:
        if len(made) == 4:
            raise ValueError("the end")
        made.append(str(translation.get_language()))
        return f"{len(made)} {made[-1]}"

    with translation.override("zh-hans"), read_ahead(make) as items:
        seen = [next(items), next(items), next(items), next(items)]
        with pytest.raises(ValueError, match="the end"):
            next(items)
    assert seen == ["1 zh-hans", "2 zh-hans", "3 zh-hans", "4 zh-hans"]
    with read_ahead(iter(["a", None]).__next__) as some:
        assert list(some) == ["a"]
    endless = iter(range(10**9))
    with read_ahead(endless.__next__) as some_numbers:
        assert next(some_numbers) == 0
    assert next(endless) <= 4
