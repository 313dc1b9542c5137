"""Nights load the stores that call for something alone; with all stores loaded they come to the same (MX-03)."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from core.models import Deadline, Event
from metrics.catalogue import Calendar
from metrics.models import Published
from metrics.rules.days import run_begins
from notifications.models import Advice, JudgedDay, Notice
from notifications.services import advising
from notifications.services.judging import judge_day, judge_each, judgement_of
from orders.models import RiskCase
from penalties.models import LevelDay, Penalty
from penalties.services import levels
from penalties.services.deriving import derive_day, derive_penalties, stores_concerned
from rulebook.queries import policy_at
from stores.models import Store
from stores.shards import EVERY_STORE
from tests.notifications.build import DAY, LINES, ONE_DAY, make_store
from tests.penalties.nights import result

STORES, DAYS = 9, 8
# What a night leaves, without ids, which a transaction that is undone uses up.
LEFT: tuple[tuple[Any, str], ...] = (
    (Notice, "store metric level day number state historical ended_day ended_at replaces__number snapshot"),
    (JudgedDay, "store day calendar judged_at"),
    (LevelDay, "store figure day grade acts facts"),
    (Penalty, "store kind subject source cause starts_at ends_at ended_at ending predicted"),
    (RiskCase, "store kind subject_key dedupe"),
    (Deadline, "store_id kind subject_kind subject_key due_at state"),
    (Advice, "store kind subject opened_on recovered_on"),
    (Event, "kind store_no at cause"),
)


def left() -> list[list[tuple[Any, ...]]]:
    return [sorted(model.objects.values_list(*fields.split()), key=repr) for model, fields in LEFT]


class UndoneError(Exception):
    """Undoes what was done with all stores loaded."""


def same(whole: Callable[[], Any], sifted: Callable[[], Any]) -> None:
    """Both do the same and say so."""
    found: list[Any] = []
    with suppress(UndoneError), transaction.atomic():
        found += [whole(), left()]
        raise UndoneError
    assert [sifted(), left()] == found


def publish(draw: random.Random, store: Store, place: int, day: date, calendar: Calendar, at: datetime) -> None:
    """A store's day; the first stores are always well."""
    bad = place > STORES // 3 and draw.random() < 0.5
    if calendar is Calendar.RATING:
        level, deviation = draw.choice(["ok", "few"]), draw.choice(["-0.1500000000", "-0.1499999999", "0.2000000000"])
        shown = {"value": "4.0200000000", "benchmark": "4.7700000000", "deviation": deviation if bad else "0.0"}
        scorecard = {"described": {"level": level, **shown}}
    else:
        names = ("late_dispatch", "odr", "slow_fulfilment")
        scorecard = {one: result(draw.choice(["yellow", "red", "few", "ok"]) if bad else "ok") | LINES for one in names}
        scorecard["liability_rate"] = result(draw.choice(["L1", "L2", "L3", "stale"]) if bad else "ok")
        score = draw.choice(["39.9999999999", "59.9999999999", "60.0000000000", "70.0000000000"]) if bad else "92.0"
        scorecard["shs"] = {"level": "ok", "value": score}
    Published.objects.create(
        store=store, day=day, calendar=calendar, policy_version=1, computed_at=at, scorecard=scorecard
    )


def close(day: date, calendar: Calendar, at: datetime) -> None:
    rows = list(Published.objects.filter(day=day, calendar=calendar).order_by("store_id"))
    night: dict[str, Any] = {"day": day, "at": at, "calendar": calendar}
    everybody = list(Store.objects.values_list("pk", flat=True))
    same(lambda: judge_each(judgement_of(**night), EVERY_STORE), lambda: judge_day(**night))
    least = policy_at(at).judging.deviation_alert
    if calendar is Calendar.RATING and at < run_begins(day, calendar) + ONE_DAY:
        same(lambda: advising._advise_batch(rows, least, day, at), lambda: advising.advise_day(**night))
    same(lambda: levels._record(rows), lambda: levels.record_day(**night))
    same(lambda: len(derive_penalties(store_ids=everybody, at=at)), lambda: derive_day(**night))


@pytest.mark.rule("MX-03", "MX-09", "PN-18", "PN-42", "SR-07", "DP-04", "DP-06", "DP-11", "TM-10")
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.django_db
def test_stores_that_are_not_loaded_make_no_difference(seed: int) -> None:
    draw = random.Random(seed)
    modes = ["governed", "governed", "mirrored"]
    stores = [make_store(f"S{place}", modes[place % 3]) for place in range(STORES)]
    # Over the end of a month, which counts for DP-11.
    days = [DAY + timedelta(days=16) + place * ONE_DAY for place in range(DAYS)]
    if seed % 2 == 0:
        days[4:7] = reversed(days[4:7])
    for day in days:
        for calendar in Calendar:
            at = run_begins(day, calendar) + draw.choice([timedelta(), timedelta(), 2 * ONE_DAY])
            for place, store in enumerate(stores):
                if draw.random() < 0.9:
                    publish(draw, store, place, day, calendar, at)
            close(day, calendar, at)
    assert Notice.objects.exists()
    assert Penalty.objects.exists()
    assert Advice.objects.exists()
    quiet = {store.pk for store in stores[: STORES // 3]}
    assert stores_concerned(shard=EVERY_STORE, at=at).isdisjoint(quiet)
