"""Pasted lines of dispatched parcels (PG-06)."""

import pytest

from dashboard.rules.dispatch_lines import MOST_LINES, Line, left_over, lines_of_rows, mended, read_lines
from intake.reading.headings import heading_key

pytestmark = [pytest.mark.rule("PG-06"), pytest.mark.sqlite_only]
CARRIERS = frozenset(map(heading_key, ("EMS", "YUNTU", "云途", "SZ Speed")))


def held(line: Line) -> tuple[str, str, str]:
    return line.order_no, line.carrier, line.tracking_no


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8001\tEMS\tea087231359cn", ("8001", "EMS", "EA087231359CN")),
        ("8001,EMS,EA087231359CN", ("8001", "EMS", "EA087231359CN")),
        ("8001，云途，YT1", ("8001", "云途", "YT1")),
        ("8001 SZ Speed 127760638544", ("8001", "SZ Speed", "127760638544")),
        ("8001 EA087231359CN", ("8001", "", "EA087231359CN")),
        ("EMS\t8001\tEA087231359CN", ("8001", "EMS", "EA087231359CN")),
        ("='8001'\tEMS\t EA087231359CN ", ("8001", "EMS", "EA087231359CN")),
        ("8001", ("8001", "", "")),
    ],
)
def test_cells_of_a_line_are_told_apart(text: str, expected: tuple[str, str, str]) -> None:
    assert [held(line) for line in read_lines(text, CARRIERS)] == [expected]


@pytest.mark.parametrize("headings", ["运单号\t备注\t订单编号\t物流公司", "Tracking number,note,Order No.,Carrier"])
def test_headings_say_which_column_is_which(headings: str) -> None:
    lines = read_lines(f"{headings}\n\nEA1\t急\t8001\tEMS\n", CARRIERS)
    assert [(line.place, line.is_heading, held(line)) for line in lines] == [
        (1, True, ("", "", "")),
        (2, False, ("", "", "")),
        (3, False, ("8001", "EMS", "EA1")),
    ]


def test_lines_beyond_the_most_are_kept_but_not_read() -> None:
    text = "\n".join(f"{number}\tEMS\tE{number}" for number in range(MOST_LINES + 2))
    lines = read_lines(text, CARRIERS)
    assert len(lines) == MOST_LINES
    assert left_over(text, lines, range(1, MOST_LINES + 1)) == "500\tEMS\tE500\n501\tEMS\tE501"


def test_what_is_left_keeps_its_text_and_its_headings() -> None:
    text = "order number\tcarrier\ttracking number\n8001\tEMS\tE1\n\n8002 \t EMS\tE2"
    lines = read_lines(text, CARRIERS)
    assert left_over(text, lines, {2}) == "order number\tcarrier\ttracking number\n8002 \t EMS\tE2"
    assert left_over(text, lines, {2, 4}) == ""


def test_a_mend_changes_its_line_alone() -> None:
    assert mended("8001 E1\r\n8002 E1", 2, "E1", "E9") == "8001 E1\n8002 E9"
    assert mended("8001 E1", 7, "E1", "E9") == mended("8001 E1", 1, "", "E9") == "8001 E1"


def test_a_file_gives_its_three_columns() -> None:
    rows = [["订单号", "买家", "运单号", "物流商"], ["8001", "li", "E1", "EMS"], ["8002", "wu", "E2"]]
    assert lines_of_rows(iter(rows)) == "订单号\t物流商\t运单号\n8001\tEMS\tE1\n8002\t\tE2"
