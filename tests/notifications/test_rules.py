"""Pure rules of notices (PN-01, PN-06, PN-33, MX-09)."""

from datetime import date, timedelta

import pytest

from core.models import Event
from notifications.models import STATES, Notice
from notifications.rules import (
    APART_STATES,
    OPEN_STATES,
    TRANSITIONS,
    NoticeLevel,
    State,
    Step,
    is_backfill,
    may_move,
    number_of,
    step_for,
)
from notifications.services.lifecycle import move_notice
from tests.notifications.build import DAY, NIGHT, judged, late_end, make_store

pytestmark = pytest.mark.sqlite_only


@pytest.mark.rule("PN-06")
@pytest.mark.parametrize(
    ("level", "standing", "step"),
    [
        ("yellow", None, "issue"),
        ("red", None, "issue"),
        ("yellow", "yellow", "nothing"),
        ("red", "yellow", "escalate"),
        ("yellow", "red", "nothing"),
        ("red", "red", "nothing"),
    ],
)
def test_standing_notice_decides_what_a_level_adds(level: str, standing: str | None, step: str) -> None:
    assert step_for(NoticeLevel(level), standing and NoticeLevel(standing)) == Step(step)


@pytest.mark.rule("PN-01")
def test_number_names_the_performance_day() -> None:
    assert number_of(date(2024, 5, 1), 123) == "PN20240501-000123"
    assert number_of(date(2024, 5, 1), 1_234_567) == "PN20240501-1234567"
    assert number_of(date(2024, 5, 1), 123, "SG") == "PN20240501-SG000123"


@pytest.mark.rule("MX-09")
@pytest.mark.parametrize(("seconds", "late"), [(0, False), (1, True)])
def test_day_first_judged_more_than_a_day_after_its_end_is_backfill(seconds: int, late: bool) -> None:
    at = late_end(DAY) + timedelta(seconds=seconds)
    assert is_backfill(late_end(DAY) - timedelta(hours=24), at, 24) == late


def test_every_state_has_a_row_and_a_word() -> None:
    assert set(TRANSITIONS) == {state for state, _word in STATES} == set(State)
    assert not OPEN_STATES & APART_STATES


@pytest.mark.rule("PN-33", "DM-33")
@pytest.mark.django_db
@pytest.mark.parametrize("level", NoticeLevel)
@pytest.mark.parametrize("before", State)
def test_only_moves_of_the_table_are_made_and_each_leaves_an_event(level: NoticeLevel, before: State) -> None:
    judged(make_store(), late_dispatch=level.value)
    notice = Notice.objects.select_related("store__company").get()
    for after in State:
        Notice.objects.update(state=before)
        moved = move_notice(notice=notice, to=after, at=NIGHT, actor="system", cause="PN-33")
        assert moved == may_move(level, before, after)
        assert notice.state == Notice.objects.get().state == (after if moved else before)
        events = Event.objects.filter(kind=f"notice.{after}", cause="PN-33")
        expected = [({"state": before}, {"state": after})] if moved else []
        assert [(one.before, one.after) for one in events] == expected


@pytest.mark.rule("PN-33")
def test_only_yellow_notices_are_cleared_or_escalated_and_only_red_ones_waived() -> None:
    by_level = {
        level: {(state, to) for state in State for to in State if may_move(level, state, to)} for level in NoticeLevel
    }
    whole = {(state, to) for state, allowed in TRANSITIONS.items() for to in allowed}
    assert whole - by_level[NoticeLevel.YELLOW] == {("issued", "waived")}
    assert {to for _state, to in whole - by_level[NoticeLevel.RED]} == {"cleared", "escalated"}
