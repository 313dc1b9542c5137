"""Settlements suspended after months over the line of defects (PN-11)."""

from datetime import date, timedelta

import pytest

from metrics.catalogue import Calendar
from metrics.models import Published
from notifications.models import JudgedDay, Notice
from notifications.rules import State
from notifications.services.lifecycle import move_notice
from penalties.services.deriving import derive_penalties
from stores.models import Store
from tests.notifications.build import DAY, LINES, ONE_DAY, make_store, night_of
from tests.penalties.build import penalties

pytestmark = pytest.mark.django_db

LAST = DAY + 89 * ONE_DAY


def know(
    store: Store, first: date, days: int, value: str, level: str = "red", late: frozenset[date] = frozenset()
) -> None:
    """Days that were published and judged in time, or three days late."""
    for place in range(days):
        day = first + place * ONE_DAY
        at = night_of(day) + (3 * ONE_DAY if day in late else timedelta(0))
        result = {"odr": {"level": level, "value": value, **LINES}}
        calendar = Calendar.PERFORMANCE
        Published.objects.create(
            store=store, day=day, calendar=calendar, policy_version=1, computed_at=at, scorecard=result
        )
        JudgedDay.objects.create(store=store, day=day, calendar=calendar, judged_at=at)


def open_red(store: Store) -> Notice:
    return Notice.objects.create(
        store=store, number=f"PN-{store.store_no}", metric="odr", level="red", day=DAY, triggered_at=night_of(DAY),
        state=State.OPENED, opened_at=night_of(DAY), value="0.02", policy_version=1,
    )  # fmt: skip


def suspensions(store: Store, after: date) -> list[tuple[object, ...]]:
    derive_penalties(store_ids=[store.pk], at=night_of(after), sources=["defects"])
    return [(cause, starts, end, ending) for _kind, cause, starts, end, ending in penalties(store)]


@pytest.mark.rule("PN-11")
def test_ninety_days_over_the_line_suspend_settlements() -> None:
    store = make_store()
    open_red(store)
    know(store, DAY, 89, "0.0121")
    assert suspensions(store, LAST - ONE_DAY) == []
    know(store, LAST, 1, "0.0121")
    assert suspensions(store, LAST) == [(LAST.isoformat(), night_of(LAST), None, "")]
    know(store, LAST + ONE_DAY, 5, "0.0121")
    assert len(suspensions(store, LAST + 5 * ONE_DAY)) == 1


@pytest.mark.rule("PN-11")
@pytest.mark.parametrize(("value", "level"), [("0.0120", "red"), ("0.5", "few"), ("0.5", "stale"), ("0.5", "na")])
def test_day_on_the_line_or_without_a_value_that_counts_breaks_the_row(value: str, level: str) -> None:
    store = make_store()
    open_red(store)
    know(store, DAY, 45, "0.02")
    know(store, DAY + 45 * ONE_DAY, 1, value, level)
    know(store, DAY + 46 * ONE_DAY, 89, "0.02")
    assert suspensions(store, DAY + 134 * ONE_DAY) == []
    know(store, DAY + 135 * ONE_DAY, 1, "0.02")
    assert len(suspensions(store, DAY + 135 * ONE_DAY)) == 1


@pytest.mark.rule("PN-11", "MX-09")
def test_row_that_a_late_day_completes_waits_for_the_next_day() -> None:
    store = make_store()
    open_red(store)
    know(store, DAY, 90, "0.02", late=frozenset({LAST}))
    assert suspensions(store, LAST + 3 * ONE_DAY) == []
    know(store, LAST + ONE_DAY, 1, "0.02")
    assert [begin for _cause, begin, *_end in suspensions(store, LAST + 3 * ONE_DAY)] == [night_of(LAST) + 3 * ONE_DAY]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-11")
def test_suspension_ends_when_the_notice_is_over_and_the_value_is_back() -> None:
    handled_first, back_first = make_store("S1"), make_store("S2")
    for store in (handled_first, back_first):
        open_red(store)
        know(store, DAY, 95, "0.02")
        suspensions(store, LAST + 5 * ONE_DAY)
    know(back_first, LAST + 6 * ONE_DAY, 1, "0.0120", "red")
    over = night_of(LAST + 7 * ONE_DAY)
    for notice in Notice.objects.select_related("store__company"):
        move_notice(notice=notice, to=State.RECTIFIED, at=over, actor="system", cause="PN-33")
    assert suspensions(back_first, LAST + 8 * ONE_DAY) == [(LAST.isoformat(), night_of(LAST), over, "met")]
    assert suspensions(handled_first, LAST + 8 * ONE_DAY)[0][2] is None
    know(handled_first, LAST + 8 * ONE_DAY, 1, "0.0090", "yellow")
    back = night_of(LAST + 8 * ONE_DAY)
    assert suspensions(handled_first, LAST + 9 * ONE_DAY) == [(LAST.isoformat(), night_of(LAST), back, "met")]
