"""Tables for people: words, zones, amounts and numbers as spreadsheet programs leave them (DM-28, RL-12, IX-05b)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import pgettext_lazy as _
from python_calamine import CalamineWorkbook

from core.identifiers import canonical
from core.pages import people_sheets as people
from core.pages import sheets
from core.pages.people_sheets import (
    Amount,
    Code,
    Field,
    Reader,
    Row,
    Share,
    Sheet,
    csv_lines,
    kept,
    write_xlsx,
    zone_title,
)

pytestmark = pytest.mark.sqlite_only

SHANGHAI = Reader("zh-hans", ZoneInfo("Asia/Shanghai"))
MADRID = Reader("en", ZoneInfo("Europe/Madrid"))
NOON = datetime(2026, 7, 1, 12, 0, 5, tzinfo=UTC)
LONG = "8123456789012345"


def sheet(*rows: Row) -> Sheet:
    first = [Field(_("column", "Order number"), 20), Field(_("column", "Paid"), 20, instant=True)]
    return Sheet(_("sheet", "Orders"), [*first, Field(_("column", "Day")), Field(_("column", "Amount"))], iter(rows))


ROWS: list[Row] = [
    (Code(LONG, "/stores/S1/orders/8/"), NOON, date(2026, 7, 1), Amount(Decimal("1234.5"), "USD")),
    (Code("007"), None, None, Amount(Decimal("1200"), "JPY")),
    (Code("=1+1"), NOON, None, Amount(Decimal("1.5"), "KWD")),
    ("-text", None, date(2026, 1, 1), Share(Fraction(1, 8))),
    (True, None, None, 7),
]


def test_csv_speaks_the_readers_language_in_their_zone() -> None:
    assert "".join(csv_lines(sheet(*ROWS), SHANGHAI)) == (
        "\ufeff订单号,付款时间 (GMT+8),日期,订单金额\r\n"
        "'8123456789012345,2026-07-01 20:00:05,2026-07-01,1234.50\r\n"
        "'007,,,1200\r\n"
        "'=1+1,2026-07-01 20:00:05,,1.500\r\n"
        "'-text,,2026-01-01,12.5%\r\n"
        "是,,,7\r\n"
    )
    # Where the clock changes with the season the heading names the zone itself.
    assert "".join(csv_lines(sheet(*ROWS[:1]), MADRID)) == (
        "\ufeffOrder number,Paid (Europe/Madrid),Day,Amount\r\n"
        "'8123456789012345,2026-07-01 14:00:05,2026-07-01,1234.50\r\n"
    )


def test_zones_are_named_by_offset_where_that_never_changes() -> None:
    names = ("Asia/Shanghai", "UTC", "Asia/Kolkata", "America/New_York")
    assert [zone_title(ZoneInfo(name)) for name in names] == ["GMT+8", "GMT", "GMT+5:30", "America/New_York"]


@pytest.mark.rule("RL-12", "IX-05b")
@pytest.mark.parametrize(
    "number",
    ["8123456789012345", "0042", "123E45", "1e5", "2026-05-01", "1-2", "MAR1", "1 Dec", "TRUE", "=1+1", "+86", "@x"],
)
def test_numbers_that_a_spreadsheet_would_damage_are_kept_and_come_back(number: str) -> None:
    assert kept(number) == f"'{number}"
    assert canonical(kept(number)) == canonical(number)


@pytest.mark.rule("RL-12")
@pytest.mark.parametrize("number", ["", "42", "LP00123456789012CN", "N000123", "SKU-1", "店-1", "2026A"])
def test_numbers_that_stay_as_they_are_are_left_alone(number: str) -> None:
    assert kept(number) == number


def written(path: Path, reader: Reader, *rows: Row) -> list[list[object]]:
    assert write_xlsx(path, sheet(*rows), reader) == len(rows)
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


@pytest.mark.rule("RL-12", "DM-28")
def test_workbook_has_instants_days_amounts_and_text_as_such(tmp_path: Path) -> None:
    assert written(tmp_path / "x.xlsx", SHANGHAI, *ROWS) == [
        ["订单号", "付款时间 (GMT+8)", "日期", "订单金额"],
        [LONG, datetime(2026, 7, 1, 20, 0, 5), date(2026, 7, 1), 1234.5],
        ["007", "", "", 1200.0],
        ["=1+1", datetime(2026, 7, 1, 20, 0, 5), "", 1.5],
        ["-text", "", date(2026, 1, 1), 0.125],
        ["是", "", "", 7.0],
    ]


def parts(path: Path) -> dict[str, str]:
    with ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith((".xml", ".rels"))}


def test_workbook_has_a_frozen_head_widths_a_name_filters_and_links(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with override_settings(BASE_URL="https://dianwei.example"):
        written(path, SHANGHAI, *ROWS)
    made = parts(path)
    page = made["xl/worksheets/sheet1.xml"]
    assert 'name="订单"' in made["xl/workbook.xml"]
    assert '<pane xSplit="1" ySplit="1" topLeftCell="B2"' in page
    assert '<col min="1" max="2" width="20.7109375"' in page
    assert '<autoFilter ref="A1:D6"/>' in page
    assert 'Target="https://dianwei.example/stores/S1/orders/8/"' in made["xl/worksheets/_rels/sheet1.xml.rels"]
    assert "<f>" not in page
    shown = made["xl/styles.xml"]
    for kind in ("yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd", "0.00##%", "#,##0.000"):
        assert f'formatCode="{kind}"' in shown


def test_links_are_left_out_behind_the_most_that_a_sheet_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "MOST_LINKS", 2)
    rows = [(Code(f"N{place}", f"/{place}/"), None, None, None) for place in range(4)]
    path = tmp_path / "x.xlsx"
    assert [row[0] for row in written(path, MADRID, *rows)] == ["Order number", "N0", "N1", "N2", "N3"]
    assert parts(path)["xl/worksheets/_rels/sheet1.xml.rels"].count("<Relationship ") == 2


def test_rows_that_a_worksheet_cannot_hold_go_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "SHEET_ROWS", 2)
    path = tmp_path / "orders.xlsx"
    lengths = {0: [1], 2: [3], 3: [3, 2], 5: [3, 3, 2]}
    for count, expected in lengths.items():
        assert write_xlsx(path, sheet(*ROWS[:count]), SHANGHAI) == count
        book = CalamineWorkbook.from_path(path)
        pages = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
        assert [len(page) for page in pages] == expected
        assert {page[0][0] for page in pages} == {"订单号"}
    assert book.sheet_names == ["订单", "订单 2", "订单 3"]
    sheets.write_xlsx(path, ["number"], ([number] for number in range(5)))
    book = CalamineWorkbook.from_path(path)
    assert [book.get_sheet_by_name(name).to_python() for name in book.sheet_names] == [
        [["number"], [0.0], [1.0]], [["number"], [2.0], [3.0]], [["number"], [4.0]],
    ]  # fmt: skip


def test_names_of_sheets_are_what_workbooks_allow(tmp_path: Path) -> None:
    for place, name in enumerate(("a/b:c*[d]?", "店" * 40, "'quoted'")):
        path = tmp_path / f"{place}.xlsx"
        write_xlsx(path, Sheet(name, [Field("x")], []), MADRID)
        assert len(CalamineWorkbook.from_path(path).sheet_names[0]) <= people.MOST_NAME


def test_rows_are_made_while_they_are_taken_in_the_readers_language_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "ROWS_AT_ONCE", 2)
    made: list[int] = []

    def rows() -> Iterator[Row]:
        for place in range(5):
            made.append(place)
            yield (gettext("yes"), timezone.get_current_timezone_name())

    with translation.override("en"), timezone.override("UTC"):
        lines = csv_lines(Sheet("x", [Field("a"), Field("b")], rows()), SHANGHAI)
        assert next(lines) == "\ufeffa,b\r\n"
        assert made == []
        assert next(lines) == "是,Asia/Shanghai\r\n" * 2
        assert (made, gettext("yes"), timezone.get_current_timezone_name()) == ([0, 1], "yes", "UTC")
        assert "".join(lines) == "是,Asia/Shanghai\r\n" * 3


def test_reader_is_the_person_asked_for() -> None:
    with translation.override("en"), timezone.override("Europe/Madrid"):
        assert Reader.current() == Reader("en", ZoneInfo("Europe/Madrid"))
