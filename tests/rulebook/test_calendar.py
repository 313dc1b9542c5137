"""Working days of mainland China (DM-26)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.timebase import SHANGHAI, performance_day
from rulebook.calendar import (
    add_working_days,
    exceptions,
    is_working_day,
    working_days,
)
from rulebook.policy import build_policy
from rulebook.policy.reference import YearPlan
from rulebook.shipped import SHIPPED

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("DM-26")]
PLANS = build_policy(SHIPPED, number=1).calendar.years
instants = st.datetimes(datetime(2016, 1, 1), datetime(2028, 12, 1)).map(
    lambda naive: naive.replace(microsecond=0, tzinfo=UTC)
)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        # Thursday 12 February 2026: Saturday 14 is worked, Spring Festival runs 15 to 23, Saturday 28 is worked.
        ("2026-02-12 10:00", 1, "2026-02-14 00:00"),
        ("2026-02-12 10:00", 2, "2026-02-15 00:00"),
        ("2026-02-12 10:00", 3, "2026-02-25 00:00"),
        ("2026-02-12 10:00", 7, "2026-03-01 00:00"),
        # An ordinary Friday, and its last second.
        ("2026-11-20 00:00", 1, "2026-11-24 00:00"),
        ("2026-11-20 23:59:59", 5, "2026-11-28 00:00"),
        ("2026-11-21 00:00", 1, "2026-11-24 00:00"),
        # National Day 2026: 1 to 7 October off, Saturday 10 worked.
        ("2026-09-30 12:00", 3, "2026-10-11 00:00"),
        # Into a year that is not announced: 1 January is a Friday off, the weekend follows.
        ("2026-12-31 12:00", 1, "2027-01-05 00:00"),
        # Spring Festival 2027 by the policy's table: 5 to 10 February off, no weekend worked.
        ("2027-02-04 12:00", 1, "2027-02-12 00:00"),
    ],
)
def test_working_days_end_at_midnight_in_shanghai(start: str, days: int, end: str) -> None:
    assert add_working_days(shanghai(start), days, plans=PLANS) == shanghai(end)


def test_the_day_is_the_one_in_shanghai() -> None:
    late_evening_utc = datetime(2026, 11, 19, 16, tzinfo=UTC)
    assert add_working_days(late_evening_utc, 1, plans=PLANS) == shanghai("2026-11-24 00:00")


def test_at_least_one_working_day_is_wanted() -> None:
    with pytest.raises(ValueError, match="at least one"):
        add_working_days(shanghai("2026-11-20 00:00"), 0, plans=PLANS)


@given(instants, st.integers(1, 12), st.integers(1, 12))
def test_working_days_add_up(instant: datetime, first: int, second: int) -> None:
    there = add_working_days(instant, first, plans=PLANS)
    # The end of a working day is the first instant of the next one: one second earlier it still is that day.
    assert add_working_days(there - timedelta(seconds=1), second, plans=PLANS) == add_working_days(
        instant, first + second, plans=PLANS
    )


@given(instants, st.integers(1, 12))
def test_exactly_n_working_days_lie_between(instant: datetime, days: int) -> None:
    end = add_working_days(instant, days, plans=PLANS)
    last = performance_day(end - timedelta(seconds=1))
    start = performance_day(instant)
    between = [start + timedelta(days=n) for n in range(1, (last - start).days + 1)]
    assert sum(is_working_day(day, plans=PLANS) for day in between) == days
    assert is_working_day(last, plans=PLANS)


def test_adjusted_weekends_of_announced_years_are_worked() -> None:
    worked = [day.day for day in exceptions(2026, plans=PLANS) if day.working]
    assert worked == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]
    assert working_days(2026, plans=PLANS) == 248


@pytest.mark.parametrize("year", [2027, 2028])
def test_years_not_announced_follow_the_policy(year: int) -> None:
    table = PLANS[str(year)]
    assert [day.day for day in exceptions(year, plans=PLANS)] == list(table.off)


def test_policy_table_stands_in_place_of_the_announcement() -> None:
    plans = {"2026": YearPlan(off=(date(2026, 11, 20),), work=(date(2026, 11, 21),))}
    assert not is_working_day(date(2026, 11, 20), plans=plans)
    assert is_working_day(date(2026, 11, 21), plans=plans)
    assert is_working_day(date(2026, 10, 1), plans=plans)
