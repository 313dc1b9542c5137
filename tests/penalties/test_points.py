"""Penalty points and their ladder (PN-43)."""

from datetime import UTC, datetime, timedelta

import pytest

from penalties.models import Penalty
from penalties.services.points import add_points, lift_points
from stores.models import Store
from tests.notifications.build import make_store
from tests.penalties.build import cases, in_force, penalties, points, swept

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, 4, tzinfo=UTC)
DAY = timedelta(days=1)


def add(store: Store, count: int, cause: str, at: datetime) -> None:
    add_points(store=store, points=count, source="verdict", cause=cause, rule="TM-07", at=at)


@pytest.mark.rule("PN-43")
def test_each_step_of_the_ladder_brings_its_days() -> None:
    store = make_store()
    for place in range(8):
        add(store, 6, f"case {place}", START + place * DAY)
    swept(START + 60 * DAY)
    assert [
        (kind, cause, starts - START, (end or starts) - starts) for kind, cause, starts, end, _e in penalties(store)
    ] == [
        ("search_demotion", "12 verdict case 1", 1 * DAY, 7 * DAY),
        ("search_demotion", "24 verdict case 3", 3 * DAY, 14 * DAY),
        ("promotion_block", "36 verdict case 5", 5 * DAY, 30 * DAY),
        ("search_demotion", "36 verdict case 5", 5 * DAY, 30 * DAY),
    ]
    assert {ending for *_rest, ending in penalties(store)} == {"expired"}
    assert cases(store) == [("store_closing", "2026", START + 7 * DAY)]


@pytest.mark.rule("PN-43", "RL-04")
def test_points_count_once_per_cause() -> None:
    store = make_store()
    for _again in range(3):
        add(store, 6, "case 1", START)
    assert points(store) == [(6, "case 1", False)]
    assert penalties(store) == []


@pytest.mark.rule("PN-43")
def test_points_expire_with_the_year_in_shanghai_but_what_they_brought_runs_on() -> None:
    store = make_store()
    new_year = datetime(2026, 12, 31, 16, tzinfo=UTC)
    add(store, 12, "case 1", new_year - timedelta(seconds=1))
    add(store, 11, "case 2", new_year)
    assert in_force(store) == ["search_demotion"]
    swept(new_year + 6 * DAY)
    assert in_force(store) == ["search_demotion"]
    swept(new_year + 7 * DAY)
    assert in_force(store) == []


@pytest.mark.rule("PN-43", "BX-03")
def test_lifted_points_lift_the_step_that_they_reached() -> None:
    store = make_store()
    add(store, 6, "case 1", START)
    add(store, 6, "case 2", START + DAY)
    entry = store.points_entries.get(cause="case 1")
    assert lift_points(entry=entry, at=START + 2 * DAY, actor="person:1")
    assert not lift_points(entry=entry, at=START + 3 * DAY, actor="person:1")
    assert points(store) == [(6, "case 1", True), (6, "case 2", False)]
    assert penalties(store) == [
        ("search_demotion", "12 verdict case 2", START + DAY, START + 2 * DAY, "lifted"),
    ]
    add(store, 6, "case 3", START + 4 * DAY)
    assert in_force(store) == ["search_demotion"]


@pytest.mark.rule("PN-43", "DM-11a")
def test_points_of_a_mirrored_store_predict_and_open_no_case() -> None:
    store = make_store(mode="mirrored")
    add(store, 48, "case 1", START)
    assert set(Penalty.objects.filter(store=store).values_list("predicted", flat=True)) == {True}
    assert cases(store) == []
