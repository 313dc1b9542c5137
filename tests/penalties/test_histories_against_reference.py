"""Penalties, points and cases over weeks of random notices, people and points against an independent computation:
whether sweeps run often, after an outage, twice or die half-way (PN-14, PN-42, PN-43, RL-01, RL-04)."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from core.sweeping import sweep
from metrics.catalogue import Calendar
from notifications.models import Notice
from notifications.rules import State
from notifications.services.judging import judge_day
from notifications.services.lifecycle import begin_appeal, end_appeal, move_notice, open_notice
from notifications.services.plans import end_manual_review, open_plan
from penalties.models import Penalty
from penalties.services.deriving import derive_day
from penalties.services.points import add_points, lift_points
from stores.models import Store, User
from tests.metrics.deaths import LATER, killing
from tests.notifications.build import DAY, NIGHT, ONE_DAY, make_store, night_of, publish
from tests.oracle.penalties import MOVES, Points, Red, notice_cases, notice_rows, points_rows
from tests.penalties.build import cases, penalties
from tests.stores.people import make_person

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.sqlite_only]

METRICS = ("late_dispatch", "odr", "dispute_rate", "delivered")
DAYS, STORES = 36, 5
END = NIGHT + DAYS * ONE_DAY
# At an instant: which notice of the store, and what is done; or points, and whether they are added or lifted.
Deed = tuple[datetime, str, str, int]
Rows = tuple[list[object], list[object]]


def draw_deeds(draw: random.Random, reds: int) -> list[Deed]:
    """At odd minutes, so that nothing falls together with what is due."""
    deeds: list[Deed] = []
    for place in range(reds):
        for what in draw.choice([["open"], ["open", "appeal"], ["open", "appeal", "reject"], [*MOVES], []]):
            at = NIGHT + place * ONE_DAY + timedelta(hours=draw.randrange(1, 800), minutes=draw.randrange(1, 60))
            deeds.append((at, what, METRICS[place], 0))
    for place in range(draw.choice([0, 9])):
        at = NIGHT + timedelta(hours=draw.randrange(1, 800), minutes=draw.randrange(1, 60))
        deeds.append((at, "add", f"case {place}", 6))
        if draw.random() < 0.3:
            deeds.append((at + timedelta(hours=draw.randrange(1, 200)), "lift", f"case {place}", 6))
    return sorted(deeds)


def do(store: Store, user: User, deed: Deed) -> None:
    at, what, about, number = deed
    if what == "add":
        add_points(store=store, points=number, source="verdict", cause=about, rule="TM-07", at=at)
        return
    if what == "lift":
        lift_points(entry=store.points_entries.get(cause=about), at=at, actor="person:1")
        return
    notice = Notice.objects.select_related("store__company").filter(store=store, metric=about).first()
    if notice is None or notice.state not in MOVES[what][0]:
        return
    doing: dict[str, Callable[[], object]] = {
        "open": lambda: open_notice(notice=notice, user=user, at=at),
        "appeal": lambda: begin_appeal(notice=notice, at=at, actor="person:1", cause="PN-08"),
        "withdraw": lambda: end_appeal(notice=notice, at=at, actor="person:1", cause="PN-08"),
        "accept": lambda: move_notice(notice=notice, to=State.ACCEPTED, at=at, actor="person:2", cause="PN-09"),
        "reject": lambda: open_plan(notice=notice, at=at, actor="person:2", cause="PN-10"),
        "rectify": lambda: move_notice(notice=notice, to=State.RECTIFIED, at=at, actor="system", cause="PN-33"),
        "resolve": lambda: end_manual_review(notice=notice, reason="done", at=at, actor="person:2"),
    }
    doing[what]()


def often(at: datetime, _draw: random.Random) -> None:
    """A sweep and the night's stage, both twice."""
    for _again in range(2):
        sweep(at=at)
        derive_day(day=DAY, at=at, calendar=Calendar.PERFORMANCE)


def seldom(at: datetime, _draw: random.Random) -> None:
    """Nobody is there until something happens."""
    sweep(at=at)


def dying(at: datetime, draw: random.Random) -> None:
    """A sweep and a stage that die at any statement, and what takes them up."""
    with killing(draw.randrange(40)):
        sweep(at=at - LATER)
    sweep(at=at)
    with killing(draw.randrange(60)):
        derive_day(day=DAY, at=at, calendar=Calendar.PERFORMANCE)


def live(stores: dict[Store, User], deeds: dict[Store, list[Deed]], reds: dict[Store, int], run: Callable[..., None],
         seed: int, pause: timedelta) -> dict[str, Rows]:  # fmt: skip
    """The histories of stores, swept before every deed and run after every pause; what is left of each."""
    draw = random.Random(seed)
    for place in range(max(reds.values())):
        day = DAY + place * ONE_DAY
        for store, count in reds.items():
            if place < count:
                publish(store, day, **{METRICS[place]: "red"})
    judging = [(night_of(DAY + place * ONE_DAY), None, place) for place in range(max(reds.values()))]
    acts = [(deed[0], store, deed) for store, some in deeds.items() for deed in some]
    pauses = [(NIGHT + place * pause, None, None) for place in range(1, int(DAYS * ONE_DAY / pause))]
    for at, store, what in sorted([*judging, *acts, *pauses], key=lambda one: one[0]):
        if what is None:
            run(at, draw)
            continue
        sweep(at=at)
        if store is not None:
            do(store, stores[store], what)
        else:
            judge_day(day=DAY + what * ONE_DAY, at=at, calendar=Calendar.PERFORMANCE)
    run(END, draw)
    numbers = dict(Notice.objects.values_list("number", "metric"))
    return {
        store.store_no: (
            sorted((kind, numbers.get(cause, cause), *rest) for kind, cause, *rest in penalties(store)),
            sorted((kind, numbers.get(cause, cause), at) for kind, cause, at in cases(store)),
        )
        for store in stores
    }


def expected(deeds: list[Deed], reds: int) -> Rows:
    told = []
    for place, metric in enumerate(METRICS[:reds]):
        doings = [(at, what) for at, what, about, _number in deeds if about == metric]
        red = Red(metric, night_of(DAY + place * ONE_DAY), doings)
        red.live(END)
        told.append(red)
    lifted = {about: at for at, what, about, _number in deeds if what == "lift"}
    entries = [Points(6, about, at, lifted.get(about)) for at, what, about, _number in deeds if what == "add"]
    rows, closing = points_rows(entries, END)
    return sorted([*notice_rows(told), *rows]), sorted([*notice_cases(told), *closing])


@pytest.mark.rule("PN-14", "PN-42", "PN-43", "RL-01", "RL-04")
def test_histories_leave_what_the_reference_computes_however_they_are_swept() -> None:
    draw = random.Random(11)
    stores = {make_store(f"S{place}"): place for place in range(STORES)}
    people = {store: make_person(store.store_no, store.company) for store in stores}
    reds = {store: draw.randrange(1, 5) for store in stores}
    deeds = {store: draw_deeds(draw, reds[store]) for store in stores}
    wanted = {store.store_no: expected(deeds[store], reds[store]) for store in stores}
    for run, pause in ((seldom, 30 * ONE_DAY), (often, 6 * ONE_DAY), (dying, 5 * ONE_DAY)):
        with transaction.atomic():
            found = live(people, deeds, reds, run, seed=1, pause=pause)
            assert Penalty.objects.count() > 30
            transaction.set_rollback(True)
        assert found == wanted, run.__name__
    kinds = {row[0] for rows, _cases in wanted.values() for row in rows}
    assert {"flash_deals_block", "funds_hold", "promotion_block", "search_demotion"} <= kinds
    assert {how for rows, _cases in wanted.values() for *_row, how in rows} == {"", "met", "lifted", "expired"}
    assert {case[0] for _rows, found_cases in wanted.values() for case in found_cases} >= {
        "closing_review", "licence_recheck",
    }  # fmt: skip
