"""Deadlines lapse once, in order, at the inclusive second, with any number of sweeps (DM-27, RL-04, RL-05)."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection
from hypothesis import given
from hypothesis import strategies as st

from core import deadlines
from core.deadlines import (
    Owner,
    UnknownDeadlineKindError,
    meet_deadline,
    meet_deadlines,
    on_lapse,
    open_deadline,
    open_deadlines,
    void_deadline,
    void_deadlines,
)
from core.models import Deadline, Event
from core.rules import has_lapsed
from core.sweeping import DEADLINES, sweep
from stores.models import Company, Store

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def fired(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The subjects whose handler ran, in order; the kinds `test.plain`, `test.bad` and others exist."""
    seen: list[str] = []
    monkeypatch.setattr(deadlines, "_kinds", {})

    @on_lapse("test.plain")
    def plain(rows: Sequence[Deadline]) -> None:
        seen.extend(row.subject_key for row in rows)

    on_lapse("test.other")(plain)
    on_lapse("test.company", owner=Owner.COMPANY)(plain)

    @on_lapse("test.bad")
    def bad(rows: Sequence[Deadline]) -> None:
        Event.objects.create(kind="half", subject_kind="x", subject_key="x", actor="system", at=NOON)
        if any(row.subject_key.startswith("bad") for row in rows):
            raise RuntimeError("broken on purpose")
        plain(rows)

    @on_lapse("test.chain")
    def chain(rows: Sequence[Deadline]) -> None:
        plain(rows)
        for row in rows:
            due_at = row.due_at + timedelta(minutes=1)
            open_deadlines(kind="test.plain", subject_kind="order", due={(row.subject[0], "then"): due_at}, at=NOON)

    return seen


def make_store(number: str = "S1") -> Store:
    company = Company.objects.create(company_no=f"C-{number}", name="Company")
    return Store.objects.create(company=company, store_no=number, name="Store")


def start(key: str, due_at: datetime, *, store: Store, kind: str = "test.plain") -> Deadline:
    return open_deadline(owner_id=store.pk, kind=kind, subject_kind="order", subject_key=key, due_at=due_at, at=NOON)


def subject(store: Store, key: str, kind: str = "test.plain") -> dict[str, object]:
    return {"owner_id": store.pk, "kind": kind, "subject_kind": "order", "subject_key": key}


@pytest.mark.rule("RL-05")
@given(st.integers(-5, 5), st.integers(0, 999_999), st.integers(0, 999_999))
def test_whole_second_of_the_due_instant_is_in_time(seconds: int, due_micros: int, at_micros: int) -> None:
    due_at = NOON + timedelta(microseconds=due_micros)
    at = NOON + timedelta(seconds=seconds, microseconds=at_micros)
    assert has_lapsed(due_at, at) == (seconds > 0)


@pytest.mark.rule("RL-05", "DM-27")
@pytest.mark.django_db
@pytest.mark.parametrize(("late", "lapses"), [(-1, False), (0, False), (0.9, False), (1, True)])
def test_sweep_and_meet_judge_as_has_lapsed(fired: list[str], late: float, lapses: bool) -> None:
    store = make_store()
    start("a", NOON, store=store)
    start("b", NOON, store=store)
    at = NOON + timedelta(seconds=late)
    assert has_lapsed(NOON, at) is lapses
    assert meet_deadline(**subject(store, "b"), at=at) is not lapses
    assert sweep(at=at).total == (2 if lapses else 0)


@pytest.mark.rule("DM-27", "DM-11a", "DM-04")
@pytest.mark.django_db
def test_lapse_carries_the_due_instant_and_leaves_an_event(fired: list[str]) -> None:
    store = make_store()
    deadline = start("a", NOON, store=store)
    assert sweep(at=NOON + timedelta(days=3)).lapsed == {"test.plain": 1}
    deadline.refresh_from_db()
    assert (deadline.state, deadline.settled_at) == ("lapsed", NOON)
    event = Event.objects.get()
    assert (event.kind, event.at, event.actor, event.store_no) == ("deadline.lapsed", NOON, "system", "S1")
    assert (event.subject_kind, event.subject_key) == ("order", "a")


@pytest.mark.rule("DM-27")
@pytest.mark.django_db
def test_lapses_come_in_order_of_due_instant_then_age(fired: list[str]) -> None:
    store = make_store()
    for key, minutes in (("d", 9), ("a", 1), ("b", 5), ("c", 5)):
        start(key, NOON + timedelta(minutes=minutes), store=store)
    sweep(at=NOON + timedelta(hours=1))
    assert fired == ["a", "b", "c", "d"]


@pytest.mark.rule("DM-27")
@pytest.mark.django_db
def test_a_deadline_opened_by_a_lapse_takes_its_place_in_the_same_sweep(fired: list[str]) -> None:
    store = make_store()
    start("first", NOON, store=store, kind="test.chain")
    start("last", NOON + timedelta(minutes=2), store=store)
    assert sweep(at=NOON + timedelta(hours=1)).total == 3
    assert fired == ["first", "then", "last"]


@pytest.mark.rule("RL-04")
@pytest.mark.django_db
def test_second_sweep_does_nothing(fired: list[str]) -> None:
    start("a", NOON, store=make_store())
    sweep(at=NOON + timedelta(hours=1))
    assert sweep(at=NOON + timedelta(hours=1)).total == 0
    assert fired == ["a"]


@pytest.mark.rule("DM-27", "RL-03")
@pytest.mark.django_db
def test_failing_handler_leaves_its_deadline_open_and_the_others_go_on(fired: list[str]) -> None:
    store = make_store()
    bad = start("bad", NOON, store=store, kind="test.bad")
    start("good", NOON + timedelta(minutes=1), store=store)
    result = sweep(at=NOON + timedelta(hours=1))
    assert (result.lapsed, result.failed, result.stuck) == ({"test.plain": 1}, 1, 0)
    bad.refresh_from_db()
    assert (bad.state, bad.attempts) == ("open", 1)
    assert not Event.objects.filter(kind="half").exists()


@pytest.mark.rule("RL-03")
@pytest.mark.django_db
def test_attempts_are_capped_in_the_database(fired: list[str]) -> None:
    bad = start("bad", NOON, store=make_store(), kind="test.bad")
    results = [sweep(at=NOON + timedelta(days=day)) for day in range(1, DEADLINES.max_attempts + 3)]
    assert sum(result.failed for result in results) == DEADLINES.max_attempts
    assert results[-1].stuck == 1
    bad.refresh_from_db()
    assert (bad.state, bad.attempts) == ("open", DEADLINES.max_attempts)


@pytest.mark.rule("RL-03")
@pytest.mark.django_db
def test_handler_that_kills_its_worker_does_not_hold_up_those_behind_it(
    fired: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store()

    @on_lapse("test.deadly")
    def deadly(rows: Sequence[Deadline]) -> None:
        raise SystemExit

    start("deadly", NOON, store=store, kind="test.deadly")
    start("behind", NOON + timedelta(minutes=1), store=store)
    at = NOON + timedelta(hours=1)
    for _ in range(2):
        with pytest.raises(SystemExit):
            sweep(at=at)
    sweep(at=at)
    assert fired == ["behind"]


@pytest.mark.rule("DM-27")
@pytest.mark.django_db
def test_opening_again_moves_the_one_open_deadline(fired: list[str]) -> None:
    store = make_store()
    start("a", NOON, store=store)
    moved = start("a", NOON + timedelta(days=1), store=store)
    assert Deadline.objects.count() == 1
    assert moved.due_at == NOON + timedelta(days=1)
    assert sweep(at=NOON + timedelta(hours=1)).total == 0


@pytest.mark.django_db
def test_many_deadlines_open_at_once(fired: list[str]) -> None:
    store, other = make_store("S1"), make_store("S2")
    start("a", NOON, store=store)
    due = {(store.pk, "a"): NOON + SECOND, (store.pk, "b"): NOON, (other.pk, "a"): NOON}
    open_deadlines(kind="test.plain", subject_kind="order", due=due, at=NOON)
    assert {(d.store_id, d.subject_key): d.due_at for d in Deadline.objects.all()} == due


@pytest.mark.django_db
def test_a_kind_that_nobody_acts_on_is_rejected(fired: list[str]) -> None:
    with pytest.raises(UnknownDeadlineKindError):
        start("a", NOON, store=make_store(), kind="test.unheard")


@pytest.mark.django_db
def test_met_and_void_deadlines_never_fire_and_may_be_opened_anew(fired: list[str]) -> None:
    store = make_store()
    for key in ("met", "void"):
        start(key, NOON, store=store)
    assert meet_deadline(**subject(store, "met"), at=NOON)
    assert not meet_deadline(**subject(store, "met"), at=NOON)
    assert void_deadline(**subject(store, "void"), at=NOON + timedelta(days=1))
    assert sweep(at=NOON + timedelta(days=2)).total == 0
    start("met", NOON + timedelta(days=1), store=store)
    assert sorted(Deadline.objects.values_list("state", flat=True)) == ["met", "open", "void"]


@pytest.mark.rule("DM-27", "RL-04")
@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_fire_each_deadline_once_and_in_order(fired: list[str]) -> None:
    store = make_store()
    keys = [f"{number:03d}" for number in range(40)]
    due = {(store.pk, key): NOON + timedelta(minutes=int(key)) for key in keys}
    open_deadlines(kind="test.plain", subject_kind="order", due=due, at=NOON)
    start_line = threading.Barrier(4)
    totals: list[int] = []

    def work() -> None:
        start_line.wait()
        try:
            totals.append(sweep(at=NOON + timedelta(days=1)).total)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sum(totals) == len(keys)
    assert fired == keys
    assert list(Event.objects.order_by("id").values_list("subject_key", flat=True)) == keys


@pytest.mark.rule("DM-27")
@pytest.mark.django_db
def test_a_company_has_deadlines_too(fired: list[str]) -> None:
    store = make_store()
    for kind, owner_id in (("test.company", store.company_id), ("test.plain", store.pk)):
        open_deadlines(kind=kind, subject_kind="company", due={(owner_id, "a"): NOON}, at=NOON)
    assert sweep(at=NOON + SECOND).lapsed == {"test.company": 1, "test.plain": 1}
    assert set(Event.objects.values_list("company_no", "store_no")) == {("C-S1", ""), ("", "S1")}


@pytest.mark.django_db
@pytest.mark.parametrize("owners", [{}, {"store_id": 1, "company_id": 1}])
def test_a_deadline_has_one_owner(owners: dict[str, int]) -> None:
    row = Deadline(kind="k", subject_kind="s", subject_key="x", due_at=NOON, opened_at=NOON, **owners)
    with pytest.raises(IntegrityError):
        row.save()


@pytest.mark.rule("DM-27")
@pytest.mark.django_db
def test_deadlines_go_with_their_store_and_their_company(fired: list[str]) -> None:
    store, other = make_store("S1"), make_store("S2")
    start("a", NOON, store=store)
    start("b", NOON, store=other)
    open_deadline(
        owner_id=store.company_id, kind="test.company", subject_kind="x", subject_key="c", due_at=NOON, at=NOON
    )
    store.delete()
    assert set(Deadline.objects.values_list("subject_key", flat=True)) == {"b", "c"}
    Company.objects.all().delete()
    assert not Deadline.objects.exists()


@pytest.mark.rule("DM-27", "RL-05")
@pytest.mark.django_db
def test_many_deadlines_are_met_moved_and_void_at_once_and_those_of_other_kinds_stay(fired: list[str]) -> None:
    store = make_store()
    keys = ["late", "met", "moved", "void"]
    for kind in ("test.plain", "test.other"):
        due = {(store.pk, key): NOON for key in keys}
        open_deadlines(kind=kind, subject_kind="order", due=due, at=NOON)
    said = {"kind": "test.plain", "subject_kind": "order"}
    happened = {(store.pk, "met"): NOON - SECOND, (store.pk, "late"): NOON + SECOND}
    assert meet_deadlines(**said, happened=happened) == 1
    assert void_deadlines(**said, subjects=[(store.pk, "void"), (store.pk, "met")], at=NOON + SECOND) == 1
    open_deadlines(**said, due={(store.pk, "moved"): NOON + SECOND, (store.pk, "late"): NOON}, at=NOON)
    rows = Deadline.objects.filter(kind="test.plain").order_by("subject_key")
    assert list(rows.values_list("subject_key", "state", "due_at", "settled_at")) == [
        ("late", "open", NOON, None),
        ("met", "met", NOON, NOON - SECOND),
        ("moved", "open", NOON + SECOND, None),
        ("void", "void", NOON, NOON + SECOND),
    ]
    assert set(Deadline.objects.filter(kind="test.other").values_list("state", "due_at")) == {("open", NOON)}
