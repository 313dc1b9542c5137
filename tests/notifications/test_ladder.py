"""What follows from a notice that nobody acts on (PN-14)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from notifications.ladder import Consequence, NoticeLife, Progress, consequence_steps, kinds_in
from notifications.rules import NoticeLevel, State
from orders.rules.holds import HoldPeriod
from rulebook.queries import policies

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]

TRIGGER = datetime(2026, 3, 10, 18, tzinfo=UTC)
DAY = timedelta(days=1)


def steps(
    level: NoticeLevel,
    state: State,
    after: timedelta,
    *,
    opened: timedelta | None = DAY,
    ended: timedelta | None = None,
    acting: Sequence[HoldPeriod] = (),
) -> list[tuple[int, tuple[str, ...], Progress]]:
    life = NoticeLife(
        level=level,
        state=state,
        triggered_at=TRIGGER,
        opened_at=None if opened is None else TRIGGER + opened,
        ended_at=None if ended is None else TRIGGER + ended,
        acting=acting,
    )
    found = consequence_steps(policies()[-1].policy, life, TRIGGER + after)
    assert [one.at for one in found] == [TRIGGER + timedelta(hours=one.hours) for one in found]
    return [(one.hours, one.kinds, one.progress) for one in found]


def test_every_kind_that_policies_name_is_declared() -> None:
    assert all(kinds_in(period.policy) for period in policies())


@pytest.mark.rule("PN-14", "PN-03")
def test_red_notice_that_was_opened_still_meets_the_rest() -> None:
    assert steps(NoticeLevel.RED, State.OPENED, 2 * DAY) == [
        (0, (Consequence.PROMOTION_BLOCK, Consequence.SEARCH_DEMOTION), Progress.PAST),
        (72, (Consequence.APPEAL_WAIVED, Consequence.FLASH_DEALS_BLOCK), Progress.AVOIDED),
        (168, (Consequence.APPEAL_CLOSED, Consequence.FUNDS_HOLD), Progress.AHEAD),
        (720, (Consequence.CLOSING_REVIEW,), Progress.AHEAD),
    ]


@pytest.mark.rule("PN-14", "PN-03")
def test_waived_notice_met_the_second_step() -> None:
    found = steps(NoticeLevel.RED, State.WAIVED, 4 * DAY, opened=4 * DAY)
    assert [progress for _hours, _kinds, progress in found] == ["past", "past", "ahead", "ahead"]


@pytest.mark.rule("PN-08")
def test_yellow_notice_has_the_appeal_window_alone() -> None:
    assert steps(NoticeLevel.YELLOW, State.OPENED, DAY) == [(168, (Consequence.APPEAL_CLOSED,), Progress.AHEAD)]
    assert steps(NoticeLevel.YELLOW, State.PLAN, 9 * DAY) == [(168, (Consequence.APPEAL_CLOSED,), Progress.AVOIDED)]


def test_nothing_more_comes_once_the_notice_ended() -> None:
    found = steps(NoticeLevel.RED, State.ACCEPTED, 5 * DAY)
    assert [progress for _hours, _kinds, progress in found] == ["past", "avoided", "avoided", "avoided"]


@pytest.mark.rule("PN-14")
def test_steps_after_the_end_of_a_notice_never_came() -> None:
    found = steps(NoticeLevel.RED, State.RECTIFIED, 40 * DAY, ended=8 * DAY)
    assert [progress for _hours, _kinds, progress in found] == ["past", "avoided", "past", "avoided"]


@pytest.mark.rule("PN-08", "PN-14")
def test_appeal_in_time_leaves_the_other_consequences_of_that_day() -> None:
    found = steps(NoticeLevel.RED, State.FAILED, 9 * DAY)
    assert found[2] == (168, (Consequence.FUNDS_HOLD,), Progress.PAST)


@pytest.mark.rule("PN-14")
def test_ladder_waits_while_an_appeal_or_a_plan_is_under_way() -> None:
    found = steps(NoticeLevel.RED, State.PLAN, 9 * DAY, acting=[HoldPeriod(TRIGGER + 5 * DAY)])
    assert [progress for _hours, _kinds, progress in found] == ["past", "avoided", "waiting", "waiting"]


@pytest.mark.rule("PN-14")
def test_step_that_waited_comes_when_nobody_acts_any_more() -> None:
    acting = [HoldPeriod(TRIGGER + 5 * DAY, TRIGGER + 19 * DAY)]
    life = NoticeLife(NoticeLevel.RED, State.FAILED, TRIGGER, TRIGGER + DAY, acting=acting)
    found = consequence_steps(policies()[-1].policy, life, TRIGGER + 20 * DAY)
    assert [(one.at - TRIGGER, one.progress) for one in found[2:]] == [(19 * DAY, "past"), (30 * DAY, "ahead")]


@pytest.mark.rule("PN-14", "RL-05")
def test_second_in_which_a_red_notice_must_be_opened_is_in_time() -> None:
    last = steps(NoticeLevel.RED, State.RECTIFIED, 9 * DAY, opened=3 * DAY, ended=8 * DAY)[1]
    late = steps(NoticeLevel.RED, State.RECTIFIED, 9 * DAY, opened=3 * DAY + timedelta(seconds=1), ended=8 * DAY)[1]
    assert (last[2], late[2]) == (Progress.AVOIDED, Progress.PAST)
