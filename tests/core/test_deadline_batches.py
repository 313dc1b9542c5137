"""Deadlines that lapse in batches: portions, bad ones among them, and those that a killed sweep left (RL-04, RL-18)."""

import threading
import time
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import connection

from core.deadlines import (
    on_lapse,
    open_deadlines,
)
from core.models import Deadline, DirtySubject, Event
from core.sweeping import sweep
from tests.core.test_deadlines import NOON, SECOND, fired, make_store, start

__all__ = ["fired"]


@pytest.mark.rule("DM-27")
@pytest.mark.django_db
def test_many_deadlines_of_a_kind_are_fired_at_once_and_those_of_one_store_in_order(fired: list[str]) -> None:
    stores = [make_store(number) for number in ("S1", "S2")]
    plan = (("a", 0, 1), ("b", 1, 2), ("c", 0, 3), ("x", 0, 4), ("d", 1, 5), ("e", 0, 6))
    for key, place, minutes in plan:
        kind = "test.other" if key == "x" else "test.plain"
        start(key, NOON + timedelta(minutes=minutes), store=stores[place], kind=kind)
    assert sweep(at=NOON + timedelta(hours=1)).lapsed == {"test.plain": 5, "test.other": 1}
    assert fired == ["a", "b", "c", "d", "x", "e"]
    events = Event.objects.order_by("id").values_list("store_no", "subject_key")
    assert list(events) == [("S1", "a"), ("S2", "b"), ("S1", "c"), ("S2", "d"), ("S1", "x"), ("S1", "e")]


@pytest.mark.rule("DM-27", "RL-07")
@pytest.mark.django_db(transaction=True)
def test_slow_handlers_get_small_portions_and_other_writers_their_turn(fired: list[str]) -> None:
    store, sizes, left = make_store(), [], []

    def write() -> None:
        DirtySubject.objects.create(kind="order", store_id=store.pk, subject_id=1)
        left.append(Deadline.objects.filter(state=Deadline.State.OPEN).count())
        connection.close()

    @on_lapse("test.slow")
    def slow(rows: Sequence[Deadline]) -> None:
        if not sizes:
            writer.start()
        sizes.append(len(rows))
        fired.extend(row.subject_key for row in rows)
        time.sleep(0.02 * len(rows))

    writer, keys = threading.Thread(target=write), [f"{number:03d}" for number in range(60)]
    due = {(store.pk, key): NOON + timedelta(minutes=int(key)) for key in keys}
    open_deadlines(kind="test.slow", subject_kind="order", due=due, at=NOON)
    assert sweep(at=NOON + timedelta(days=1)).lapsed == {"test.slow": 60}
    writer.join(20)
    assert fired == keys
    # 0.25 s of a handler that takes 0.02 s for each.
    assert sizes[0] == 10
    assert max(sizes) <= 12
    assert left[0] > 0


@pytest.mark.rule("DM-27")
@pytest.mark.django_db
def test_fast_handlers_get_portions_that_grow_to_the_whole_batch(fired: list[str]) -> None:
    store, sizes = make_store(), []
    on_lapse("test.fast", is_recorded=False)(lambda rows: sizes.append(len(rows)))
    due = {(store.pk, str(number)): NOON + timedelta(seconds=number) for number in range(50)}
    open_deadlines(kind="test.fast", subject_kind="order", due=due, at=NOON)
    assert sweep(at=NOON + timedelta(days=1)).total == 50
    assert sizes[0] == 10
    assert sum(sizes) == 50
    assert sizes[1] > 10


@pytest.mark.rule("DM-27", "RL-03")
@pytest.mark.django_db
def test_one_bad_deadline_of_a_batch_holds_up_no_other(fired: list[str]) -> None:
    store = make_store()
    for minutes, key in enumerate(("a", "bad", "c")):
        start(key, NOON + timedelta(minutes=minutes), store=store, kind="test.bad")
    result = sweep(at=NOON + timedelta(hours=1))
    assert (result.lapsed, result.failed, fired) == ({"test.bad": 2}, 1, ["a", "c"])
    assert Deadline.objects.values_list("state", "attempts").get(subject_key="bad") == ("open", 1)
    assert Event.objects.filter(kind="half").count() == 2
    assert sweep(at=NOON + timedelta(hours=1)).failed == 0
    assert sweep(at=NOON + timedelta(hours=1, seconds=31)).failed == 1


@pytest.mark.rule("RL-03")
@pytest.mark.django_db
def test_what_a_killed_worker_had_in_hand_is_fired_one_by_one(fired: list[str]) -> None:
    store, sizes = make_store(), []

    @on_lapse("test.deadly")
    def deadly(rows: Sequence[Deadline]) -> None:
        sizes.append(len(rows))
        if any(row.subject_key == "deadly" for row in rows):
            raise SystemExit
        fired.extend(row.subject_key for row in rows)

    for minutes, key in enumerate(("a", "deadly", "c")):
        start(key, NOON + timedelta(minutes=minutes), store=store, kind="test.deadly")
    at = NOON + timedelta(hours=1)
    for _ in range(2):
        with pytest.raises(SystemExit):
            sweep(at=at)
    assert sweep(at=at).total == 1
    assert (fired, sizes) == (["a", "c"], [3, 1, 1, 1])


@pytest.mark.rule("DM-27", "RL-04")
@pytest.mark.django_db
def test_a_store_is_left_alone_while_another_sweep_has_deadlines_of_it_in_hand(fired: list[str]) -> None:
    store, other = make_store("S1"), make_store("S2")
    first = start("first", NOON, store=store)
    start("second", NOON + SECOND, store=store)
    start("other", NOON + 2 * SECOND, store=other)
    at = NOON + timedelta(hours=1)
    Deadline.objects.filter(pk=first.pk).update(lease="elsewhere:1:x", lease_until=at + timedelta(minutes=1))
    sweep(at=at)
    assert fired == ["other"]
    sweep(at=at + timedelta(minutes=1))
    assert fired == ["other", "first", "second"]
