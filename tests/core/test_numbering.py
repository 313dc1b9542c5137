"""Numbers of a day, and the marks that keep those of several installations apart."""

from datetime import date
from pathlib import Path

import pytest

from core.numbering import check_mark, dated_number
from tests.config.test_settings import run

pytestmark = pytest.mark.sqlite_only
DAY = date(2026, 12, 1)


def test_numbers_of_cells_never_meet():
    marks = ["", *map(check_mark, ("A", "B", "AB", "ABCD"))]

    numbers = {dated_number("PN", DAY, place, mark=mark) for mark in marks for place in (1, 11, 1_000_001)}

    assert len(numbers) == 15
    assert max(map(len, numbers)) <= 24


@pytest.mark.parametrize("mark", ["b", "A1", "1", "ABCDE", "Ä", "A B"])
def test_other_marks_are_refused(mark: str) -> None:
    with pytest.raises(ValueError, match="capital letters"):
        check_mark(mark)


def test_wrong_mark_stops_the_start(tmp_path: Path) -> None:
    result = run("-c", "import config.settings", DATA_DIR=str(tmp_path / "d"), CELL_MARK="b1")

    assert "ImproperlyConfigured: CELL_MARK" in result.stderr
