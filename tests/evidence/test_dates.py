"""Dates as documents write them (DP-09)."""

from datetime import UTC, date, datetime

import pytest

from evidence.dates import dates_in

pytestmark = pytest.mark.sqlite_only


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11-16 09:12", date(2026, 11, 16), date(2026, 11, 16)),
        ("2026/1/6", date(2026, 1, 6), date(2026, 1, 6)),
        ("2026 年 11 月 27 日", date(2026, 11, 27), date(2026, 11, 27)),
        ("16.11.2026", date(2026, 11, 16), date(2026, 11, 16)),
        ("05/11/2026", date(2026, 5, 11), date(2026, 11, 5)),
        ("16 Nov 2026, 09:12", date(2026, 11, 16), date(2026, 11, 16)),
        ("November 16th, 2026", date(2026, 11, 16), date(2026, 11, 16)),
        ("Nov. 16 2026", date(2026, 11, 16), date(2026, 11, 16)),
    ],
)
def test_a_date_is_read(text: str, first: date, last: date) -> None:
    [seen] = dates_in(f"on {text} at the office")
    assert (seen.first, seen.last) == (first, last)


@pytest.mark.parametrize("text", ["2026-13-40", "SD-2026-1127-03", "120261116", "10:20", "29.02.2026", "16-11", ""])
def test_what_is_no_date_is_left(text: str) -> None:
    assert dates_in(text) == []


def test_dates_come_in_the_order_in_which_they_stand() -> None:
    seen = dates_in("handed over 14 Nov 2026, scanned 2026-11-16 08:12, letter of 27.11.2026")
    assert [one.first.day for one in seen] == [14, 16, 27]


def test_a_clock_time_is_read_as_china_s() -> None:
    [seen] = dates_in("2026-11-16 09:12")
    assert seen.at_shanghai() == datetime(2026, 11, 16, 1, 12, tzinfo=UTC)
    assert [one.at_shanghai() for one in dates_in("2026-11-16 29:12 and 05/11/2026 09:12")] == [None, None]
