"""Dates that don't fit the orders (DP-09)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.appeals.checks.build import TRACKING_NO, a_case, an_order, found, letter, only, picture

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("PN-28", "DP-09")]
DISPATCHED = date(2026, 11, 14)
EARLY = "delivered_before_dispatch"


@given(st.integers(-400, 400))
def test_a_delivery_contradicts_only_if_it_lies_more_than_a_day_before_dispatch(days: int) -> None:
    day = (DISPATCHED + timedelta(days=days)).isoformat()
    case = a_case(letter(TRACKING_NO, f"{day} Delivered", kind="full_trace"))
    assert (found(case).get(EARLY) == "high") == (days < -1)


@pytest.mark.parametrize(
    "lines",
    [
        ("2026-11-09 Not delivered",),
        ("2026-11-09 Handed over, delivered late",),
        ("Delivered", "2026-11-09"),
        ("05/11/2026 delivered",),
        ("SZ777000555111", "2026-11-09 Delivered"),
        ("2026-11-09 未签收",),
    ],
)
def test_what_may_be_about_something_else_is_no_contradiction(lines: tuple[str, ...]) -> None:
    late = an_order(dispatched_at=None) if lines[0].startswith("05/11") else an_order()
    assert EARLY not in found(a_case(letter(TRACKING_NO, *lines, kind="full_trace"), orders=(late,)))


def test_a_delivery_is_read_in_its_column() -> None:
    early = letter("Number  Handed over  签收时间", f"{TRACKING_NO}  2026-11-10  2026-11-12", kind="full_trace")
    fine = letter("Number  签收时间  Printed", f"{TRACKING_NO}  2026-11-25  2026-11-01", kind="full_trace")
    assert only(a_case(early), EARLY).params["written"] == "2026-11-12"
    assert EARLY not in found(a_case(fine))


def test_a_contradiction_read_in_a_picture_is_a_note() -> None:
    assert found(a_case(picture(TRACKING_NO, "2026-11-09 Delivered", kind="full_trace")))[EARLY] == "low"


@pytest.mark.parametrize(
    ("handed", "late"),
    [
        ("2026-11-16 04:01", False),
        ("2026-11-16 04:02", True),
        ("2026-11-16", False),
        ("2026-11-17", True),
        ("16/11/2026 04:02", True),
    ],
)
def test_a_hand_over_is_late_after_the_deadline_in_china_s_time(handed: str, late: bool) -> None:
    file = letter("Number  交接时间  首次扫描", f"{TRACKING_NO}  {handed}  2026-11-18 09:00")
    assert (found(a_case(file)).get("handed_over_late") == "high") == late
    assert "handed_over_late" not in found(a_case(file, metric="delivered"))


def test_only_the_column_of_the_hand_over_counts() -> None:
    file = letter("Number  首次扫描  Note", f"{TRACKING_NO}  2026-11-18 09:00  handed over in time")
    assert "handed_over_late" not in found(a_case(file))


@pytest.mark.parametrize(
    ("lines", "outside"),
    [
        (("2026-11-08",), True),
        (("2026-11-09",), False),
        (("2025-11-20", "2026-11-20"), False),
        (("2026-12-01",), False),
        (("2026-12-02",), True),
        (("no date",), False),
    ],
)
def test_dates_are_outside_if_all_of_them_are(lines: tuple[str, ...], outside: bool) -> None:
    assert (found(a_case(letter(TRACKING_NO, *lines))).get("dates_outside") == "medium") == outside


def test_reports_may_be_older_than_the_order() -> None:
    assert "dates_outside" not in found(a_case(letter("2025-01-01", kind="quality_report")))
