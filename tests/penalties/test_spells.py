"""Pure rules of spells (DP-04, DP-11, DP-12)."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penalties.spells import GradedDay, Spell, grade_spells, month_end, month_end_spells, whole_month_spells

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("DP-04", "DP-11", "DP-12")]
FIRST = date(2026, 1, 1)
GRADES = st.sampled_from([0, 0, 0, 0, 1, 2, 3, None])


@st.composite
def histories(draw: st.DrawFn) -> list[GradedDay]:
    """Days in order, some of them missing, some published late."""
    length = draw(st.integers(1, 90))
    days = [FIRST + timedelta(days=place) for place in range(length) if draw(st.integers(0, 19))]
    return [GradedDay(day, draw(GRADES), draw(st.integers(0, 9)) > 0) for day in days]


@given(histories(), st.integers(1, 3), st.integers(1, 9))
def test_spells_of_a_grade_begin_and_end_as_they_should(days: list[GradedDay], grade: int, needed: int) -> None:
    known = {one.day: one for one in days}
    spells = list(grade_spells(days, grade, lambda _day: needed))
    for spell in spells:
        assert known[spell.first].acts
        assert (known[spell.first].grade or 0) >= grade
        if spell.last is not None:
            ending = [known.get(spell.last - timedelta(days=back)) for back in range(needed)]
            assert all(one is not None and one.grade is not None and one.grade < grade for one in ending)
    for one, other in pairwise(spells):
        assert one.last is not None
        assert one.last < other.first
    # Every day that begins a spell lies in one.
    for one in days:
        if one.acts and (one.grade or 0) >= grade:
            assert any(spell.first <= one.day and (spell.last is None or one.day < spell.last) for spell in spells)


@given(histories(), st.integers(1, 2))
def test_a_worse_grade_lasts_within_a_milder_one(days: list[GradedDay], grade: int) -> None:
    milder = list(grade_spells(days, grade, lambda _day: 7))
    for spell in grade_spells(days, grade + 1, lambda _day: 7):
        assert any(
            one.first <= spell.first and (one.last is None or (spell.last is not None and spell.last <= one.last))
            for one in milder
        )


@given(st.lists(st.sampled_from([0, 1, 1, None, ""]), min_size=1, max_size=14))
def test_month_ends_over_the_threshold_in_a_row(months: list[object]) -> None:
    ends, day = [], FIRST
    for grade in months:
        ends.append((month_end(day), grade))
        day = month_end(day) + timedelta(days=1)
    days = [GradedDay(day, grade) for day, grade in ends if grade != ""]
    lasting, expected = False, []
    for place, (day, grade) in enumerate(ends):
        if lasting and grade == 0:
            expected[-1] = (expected[-1][0], day)
            lasting = False
        elif not lasting and place and grade == 1 and ends[place - 1][1] == 1:
            expected.append((day, None))
            lasting = True
    found = [(spell.first, spell.last) for spell in month_end_spells(days, lambda _day: 2)]
    assert found == expected


def test_whole_month_ends_with_its_last_day() -> None:
    days = [GradedDay(FIRST + timedelta(days=place), int(place == 5)) for place in range(59)]
    assert list(whole_month_spells(days)) == [Spell(date(2026, 1, 6), date(2026, 2, 28), 1)]
    assert list(whole_month_spells(days[:-1])) == [Spell(date(2026, 1, 6), None)]
