"""Notices over weeks of nights, people, reviewers and clocks against a slow computation from the table of states,
whether nights run once, twice, die half-way or are caught up (PN-33, RL-01, RL-04)."""

import random
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest

from metrics.catalogue import Calendar
from metrics.models import Published
from notifications.models import ImprovementPlan, Notice
from notifications.rules import OPEN_STATES, State
from notifications.services.judging import judge_day
from notifications.services.lifecycle import move_notice, waive_appeals
from notifications.services.plans import end_manual_review, fail_overdue_plans, open_plan, submit_plan
from stores.models import Store, User
from tests.metrics.deaths import killing
from tests.notifications.build import DAY, LINES, ONE_DAY, late_end, make_store, night_of
from tests.notifications.plans import write_answers
from tests.oracle.notices import DOINGS, Known, notices
from tests.stores.people import make_person

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
NIGHTS, STORES = 22, 14
VALUES = {
    "ok": ["0.02"], "held": ["0.045"], "yellow": ["0.045"], "red": ["0.06", "0.07", "0.08"], "few": ["0.5"],
    "stale": ["0.06"], "na": ["0.06"],
}  # fmt: skip
KINDS = [*DOINGS, "hand in"]


def draw_levels(draw: random.Random) -> list[str]:
    """Good and bad spells: streaks of seven days must occur, and break."""
    levels: list[str] = []
    while len(levels) < NIGHTS:
        usual = draw.choice(["ok", "ok", "held", "yellow", "red"])
        spell = [usual] * draw.randrange(1, 12)
        spell = [draw.choice([*VALUES, ""]) if draw.random() < 0.06 else level for level in spell]
        levels += spell
    return levels[:NIGHTS]


def judge(day: date, at: datetime, faults: random.Random) -> None:
    """A night that may die at any statement before it runs whole, and may run twice."""
    if faults.random() < 0.4:
        with killing(faults.randrange(80)):
            judge_day(day=day, at=at, calendar=Calendar.PERFORMANCE)
    for _again in range(faults.choice([1, 1, 2])):
        judge_day(day=day, at=at, calendar=Calendar.PERFORMANCE)


def publish(store: Store, day: date, level: str, value: str) -> None:
    result: dict[str, Any] = {"level": "ok" if level == "held" else level, "value": value, **LINES}
    if level == "held":
        result["held_back"] = True
    Published.objects.create(
        store=store,
        day=day,
        calendar=Calendar.PERFORMANCE,
        policy_version=1,
        computed_at=night_of(day),
        scorecard={"late_dispatch": result},
    )


def do(store: Store, what: str, user: User, day: date) -> None:
    """What the product does of it, if it allows it."""
    found = Notice.objects.select_related("store__company").filter(store=store, state__in=OPEN_STATES).first()
    if found is None:
        return
    at, actor = night_of(day) + ONE_DAY / 2, "person:1"
    moves = {"open": State.OPENED, "appeal": State.APPEALING, "withdraw": State.OPENED, "accept": State.ACCEPTED}
    if what in moves and (what, found.state) not in {("open", "appealing"), ("withdraw", "issued")}:
        move_notice(notice=found, to=moves[what], at=at, actor=actor, cause="PN-33")
    elif what == "waive":
        waive_appeals(due={found: at})
    elif what == "reject":
        open_plan(notice=found, at=at, actor=actor, cause="PN-10")
    elif what == "fail":
        fail_overdue_plans(due={found: at})
    elif what == "resolve":
        end_manual_review(notice=found, reason="done", at=at, actor=actor)
    elif what == "hand in" and found.state == State.PLAN:
        plan = ImprovementPlan.objects.select_related("notice__store__company").get(notice=found)
        if plan.submitted_at is None:
            write_answers(plan, user)
            submit_plan(plan=plan, user=user, at=at)


@pytest.mark.rule("PN-05", "PN-06", "PN-10", "PN-18", "PN-33", "BX-06", "MX-09", "RL-01", "RL-04")
def test_notices_end_as_the_reference_says() -> None:
    draw, faults = random.Random(2), random.Random(4)
    stores = [make_store(f"S{place:02d}") for place in range(STORES)]
    people = {store.pk: make_person(store.store_no, store.company) for store in stores}
    levels = {store.pk: draw_levels(draw) for store in stores}
    # One night is missed and caught up two nights later.
    order = [DAY + place * ONE_DAY for place in range(NIGHTS)]
    missed = order.pop(draw.randrange(4, 12))
    order.insert(order.index(missed + ONE_DAY) + 2, missed)
    nights: dict[int, list[tuple[date, Known]]] = {store.pk: [] for store in stores}
    doings: dict[int, dict[date, list[str]]] = {store.pk: {} for store in stores}
    for day in order:
        late = day == missed
        for store in stores:
            level = levels[store.pk][(day - DAY).days]
            if not level:
                continue
            value = draw.choice(VALUES[level])
            publish(store, day, level, value)
            word = "ok" if level == "held" else level
            nights[store.pk].append((day, Known(word, Fraction(value), level in ("held", "yellow", "red"), late)))
        at = late_end(day) + ONE_DAY * 2 if late else night_of(day)
        judge(day, at, faults)
        for store in stores:
            what = draw.choice(["", "", "", *KINDS])
            if what and not late and nights[store.pk] and nights[store.pk][-1][0] == day:
                doings[store.pk][day] = [what]
                do(store, what, people[store.pk], day)
    told = []
    for store in stores:
        rows = Notice.objects.filter(store=store, historical=False).order_by("id")
        found = [(row.level, row.day, row.state) for row in rows]
        assert found == notices(nights[store.pk], doings[store.pk]), f"{store} {nights[store.pk]} {doings[store.pk]}"
        told += found
    assert {"cleared", "rectified", "escalated"} <= {state for _level, _day, state in told}
