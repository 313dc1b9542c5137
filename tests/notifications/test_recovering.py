"""Notices whose metric is back: cleared and rectified; immunity while a plan runs (PN-18, PN-33, BX-06)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.models import Deadline, Event
from notifications.models import ImprovementPlan, Notice
from notifications.rules import State, is_within, streak_length
from stores.models import Store
from tests.notifications.build import (
    DAY,
    NIGHT,
    ONE_DAY,
    judge,
    judged,
    late_end,
    make_store,
    night_of,
    notices,
    publish,
)


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


def nights(store: Store, levels: str, first: int = 1) -> None:
    """One night per word, from the day ``first`` days after `DAY`; ``-`` for a day of which nothing was published."""
    for place, level in enumerate(levels.split(), start=first):
        if level != "-":
            judged(store, DAY + place * ONE_DAY, late_dispatch=level)


def states() -> list[str]:
    return [row[3] for row in notices()]


# ── pure ──


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-18", "PN-33")
@pytest.mark.parametrize(
    ("published", "red", "yellow"),
    [
        ({"level": "ok"}, True, True),
        ({"level": "ok", "held_back": True}, True, False),
        ({"level": "na"}, True, True),
        ({"level": "yellow"}, True, False),
        ({"level": "red"}, False, False),
        ({"level": "few"}, False, False),
        ({"level": "stale"}, False, False),
        ({"level": "no_data"}, False, False),
        ({"level": "silent"}, False, False),
        ({}, False, False),
    ],
)
def test_only_a_level_that_says_so_is_within_the_line(published: dict[str, object], red: bool, yellow: bool) -> None:
    assert [is_within(level, published) for level in ("red", "yellow")] == [red, yellow]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("days", "length"), [([0], 1), ([-2, -1, 0, 1], 4), ([-2, 0, 2], 1), ([-1, 1], 0), ([], 0)])
def test_streak_is_counted_in_both_directions(days: list[int], length: int) -> None:
    assert streak_length(DAY, {DAY + place * ONE_DAY for place in days}) == length


# ── cleared ──


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-18")
@pytest.mark.parametrize(
    ("levels", "state"),
    [
        ("ok ok", "issued"),
        ("ok ok ok", "cleared"),
        ("yellow yellow yellow yellow ok ok ok", "cleared"),
        ("yellow yellow yellow yellow yellow ok ok ok", "issued"),
        ("ok ok yellow ok ok stale ok", "issued"),
        ("ok ok few ok ok - ok", "issued"),
        ("ok held ok ok", "issued"),
        ("ok held ok ok ok", "cleared"),
        ("na na na", "cleared"),
    ],
)
def test_three_days_within_bounds_in_the_first_week_clear_a_yellow_notice(
    store: Store, levels: str, state: str
) -> None:
    judged(store, late_dispatch="yellow")
    nights(store, levels)
    assert states() == [state]


@pytest.mark.rule("PN-18", "PN-33")
def test_cleared_notice_stops_its_clocks_and_says_so(store: Store) -> None:
    judged(store, late_dispatch="yellow")
    Notice.objects.update(state=State.OPENED)
    nights(store, "ok ok ok")
    clocks = Deadline.objects.filter(subject_kind="notice").values_list("kind", "state")
    assert list(clocks) == [("notice_appeal", "void")]
    event = Event.objects.get(kind="notice.cleared")
    assert (event.at, event.actor, event.cause) == (night_of(DAY + 3 * ONE_DAY), "system", "PN-18")
    assert (event.before, event.store_no) == ({"state": "opened"}, "S1")


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-18", "PN-33")
def test_notice_under_appeal_is_neither_cleared_nor_rectified(store: Store) -> None:
    judged(store, late_dispatch="yellow")
    Notice.objects.update(state=State.APPEALING)
    nights(store, "ok ok ok ok ok ok ok ok")
    assert states() == ["appealing"]


# ── rectified ──


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-33")
@pytest.mark.parametrize("before", ["issued", "opened", "waived", "plan", "failed"])
def test_seven_days_within_its_line_rectify_a_red_notice(store: Store, before: str) -> None:
    judged(store, late_dispatch="red")
    Notice.objects.update(state=before)
    nights(store, "ok held yellow na yellow yellow")
    assert states() == [before]
    nights(store, "ok", first=7)
    assert states() == ["rectified"]
    assert not Deadline.objects.filter(state="open", subject_kind="notice").exists()


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-33")
@pytest.mark.parametrize("gap", ["red", "few", "stale", "-"])
def test_day_that_is_not_within_begins_the_seven_days_anew(store: Store, gap: str) -> None:
    judged(store, late_dispatch="red")
    nights(store, f"ok ok ok ok ok ok {gap} ok ok ok ok ok ok")
    assert states() == ["issued"]
    nights(store, "ok", first=14)
    assert states() == ["rectified"]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-33", "PN-06")
def test_yellow_on_the_seventh_day_issues_a_notice_of_its_own(store: Store) -> None:
    judged(store, late_dispatch="red")
    nights(store, "ok ok ok ok ok ok yellow")
    assert notices() == [
        ("late_dispatch", "red", "2026-03-10", "rectified"),
        ("late_dispatch", "yellow", "2026-03-17", "issued"),
    ]


@pytest.mark.rule("PN-33", "MX-09")
def test_missed_night_that_is_caught_up_completes_the_days(store: Store) -> None:
    judged(store, late_dispatch="red")
    nights(store, "ok ok ok - ok ok ok")
    assert states() == ["issued"]
    missed = DAY + 4 * ONE_DAY
    publish(store, missed, late_dispatch="ok")
    assert states() == ["issued"]
    caught_up = late_end(missed) + 3 * ONE_DAY
    for _rerun in range(2):
        judge(missed, at=caught_up)
    assert states() == ["rectified"]
    assert [one.at for one in Event.objects.filter(kind="notice.rectified")] == [caught_up]


@pytest.mark.rule("PN-33", "MX-09")
def test_published_day_counts_once_it_is_judged(store: Store) -> None:
    judged(store, late_dispatch="red")
    nights(store, "ok ok ok ok ok - ok")
    publish(store, DAY + 6 * ONE_DAY, late_dispatch="ok")
    publish(store, DAY + 8 * ONE_DAY, late_dispatch="ok")
    judge(DAY + 8 * ONE_DAY)
    assert states() == ["issued"]


# ── immunity ──


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-06", "PN-06")
@pytest.mark.parametrize(
    ("start", "handed_in", "states_after"),
    [
        # The card's red value is 0.0619…: worse than the plan began is another notice.
        ("0.0600000000", True, ["escalated", "issued"]),
        ("0.0619469027", True, ["plan"]),
        ("0.0700000000", True, ["plan"]),
        (None, True, ["escalated", "issued"]),
        # Immunity begins when the plan is handed in.
        ("0.0700000000", False, ["escalated", "issued"]),
    ],
)
def test_running_plan_is_spared_a_red_that_is_no_worse(
    store: Store, start: str | None, handed_in: bool, states_after: list[str]
) -> None:
    judged(store, late_dispatch="yellow", odr="ok")
    Notice.objects.update(state=State.PLAN)
    ImprovementPlan.objects.create(
        notice=Notice.objects.get(),
        opened_at=NIGHT,
        submitted_at=NIGHT if handed_in else None,
        start_value=None if start is None else Decimal(start),
    )
    judged(store, DAY + ONE_DAY, late_dispatch="red", odr="red")
    assert [row[3] for row in notices() if row[0] == "late_dispatch"] == states_after
    assert [row[1] for row in notices() if row[0] == "odr"] == ["red"]


@pytest.mark.rule("BX-06")
def test_red_notice_whose_plan_runs_stays_the_only_one(store: Store) -> None:
    judged(store, late_dispatch="red")
    Notice.objects.update(state=State.PLAN)
    notice = Notice.objects.get()
    ImprovementPlan.objects.create(notice=notice, opened_at=NIGHT, submitted_at=NIGHT, start_value=Decimal("0.05"))
    nights(store, "yellow red yellow")
    assert states() == ["plan"]


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-06")
def test_floor_metric_is_worse_when_it_is_lower(store: Store) -> None:
    judged(store, delivered="yellow")
    Notice.objects.update(state=State.PLAN)
    notice = Notice.objects.get()
    ImprovementPlan.objects.create(
        notice=notice, opened_at=NIGHT - timedelta(days=1), submitted_at=NIGHT, start_value=Decimal("0.05")
    )
    judged(store, DAY + ONE_DAY, delivered="red")
    assert states() == ["plan"]
    ImprovementPlan.objects.update(start_value=Decimal("0.07"))
    judged(store, DAY + 2 * ONE_DAY, delivered="red")
    assert states() == ["escalated", "issued"]
