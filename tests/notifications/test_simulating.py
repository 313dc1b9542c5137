"""What differs between two lists of notices (BX-14)."""

from datetime import date

import pytest

from notifications.rules import NoticeLevel
from notifications.simulating import NoticeChange, SimulatedNotice, notice_changes

pytestmark = pytest.mark.sqlite_only
RED, YELLOW = NoticeLevel.RED, NoticeLevel.YELLOW


def day(number: int) -> date:
    return date(2026, 3, number)


@pytest.mark.rule("BX-14")
def test_notices_stay_move_come_and_go() -> None:
    before = [SimulatedNotice("odr", YELLOW, day(one)) for one in (2, 9, 20)] + [SimulatedNotice("odr", RED, day(4))]
    after = [SimulatedNotice("odr", YELLOW, day(one)) for one in (2, 7)] + [SimulatedNotice("dsr", RED, day(5))]
    changes = notice_changes(before, after)
    assert changes == [
        NoticeChange("dsr", RED, None, day(5)),
        NoticeChange("odr", RED, day(4), None),
        NoticeChange("odr", YELLOW, day(9), day(7)),
        NoticeChange("odr", YELLOW, day(20), None),
    ]
    assert [change.days_earlier for change in changes] == [0, 0, 2, 0]
