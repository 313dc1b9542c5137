"""Months of nights against a slow computation from the days of the liability rate, of a hard threshold and of the
health score alone (DP-02 … DP-12, TM-10)."""

import random
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from metrics.catalogue import Calendar
from metrics.models import Published
from metrics.rules.days import run_begins
from penalties.models import Penalty
from penalties.services.deriving import derive_day
from penalties.services.levels import record_day
from stores.models import Store, StorePeriod
from tests.oracle.levels import Known, blocks, penalties, warnings
from tests.penalties.nights import ONE_DAY
from tests.stores.people import make_store

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.django_db]
FIRST, NIGHTS, STORES = date(2026, 1, 24), 99, 12
PERMILLE = {"ok": (10, 34), "L1": (35, 49), "L2": (50, 69), "L3": (70, 99)}
LEVELS = {"ok": 0, "L1": 1, "L2": 2, "L3": 3}
CALENDAR = Calendar.PERFORMANCE
RATING = Calendar.RATING
SERVICE = "slow_fulfilment"
SERVICE_LEVELS = {"ok": 0, "yellow": 0, "na": 0, "red": 1, "few": None, "stale": None}


def draw_levels(draw: random.Random) -> list[str]:
    """Good and bad spells of some weeks, with days in between that say nothing or were not published."""
    levels: list[str] = []
    while len(levels) < NIGHTS:
        usual = draw.choice(["ok", "ok", "L1", "L2", "L3"])
        spell = [usual] * draw.randrange(1, 40)
        levels += [draw.choice([*LEVELS, "few", "stale", ""]) if draw.random() < 0.05 else one for one in spell]
    return levels[:NIGHTS]


def publish(
    store: Store, day: date, level: str, service: str, draw: random.Random, *, late: bool
) -> tuple[Known, Known]:
    """The day of the liability rate and of slow fulfilment."""
    result: dict[str, Any] = {"level": level}
    known = Known(None, None, late)
    if level in PERMILLE:
        share = draw.randint(*PERMILLE[level])
        result |= {"value": f"0.{share:03d}0000000", "numerator": share, "denominator": 1000}
        known = Known(LEVELS[level], Fraction(share, 1000), late)
    scorecard = {"liability_rate": result, SERVICE: {"level": service, "value": "0.1600000000"}}
    at = run_begins(day, CALENDAR) + timedelta(hours=30 if late else 0)
    Published.objects.create(
        store=store, day=day, calendar=CALENDAR, policy_version=1, computed_at=at, scorecard=scorecard
    )
    return known, Known(SERVICE_LEVELS[service], None, late)


def publish_score(store: Store, day: date, draw: random.Random, *, late: bool) -> Known:
    """A health score about its threshold of 75, or one that says nothing."""
    score = draw.choice([None, 60, 74, 75, 90, 90])
    result = {"level": "few"} if score is None else {"level": "ok", "value": f"{score}.0000000000"}
    at = run_begins(day, RATING) + timedelta(hours=30 if late else 0)
    Published.objects.create(
        store=store, day=day, calendar=RATING, policy_version=1, computed_at=at, scorecard={"shs": result}
    )
    return Known(None if score is None else int(score < 75), None, late)


@pytest.mark.rule("DP-02", "DP-04", "DP-06", "DP-11", "DP-12", "TM-10", "MX-09", "RL-01", "RL-04")
def test_levels_bring_what_the_reference_says() -> None:
    draw, services = random.Random(17), random.Random(18)
    stores = [make_store(f"S{place:02d}", mode="governed") for place in range(STORES)]
    StorePeriod.objects.bulk_create(
        StorePeriod(
            store=one, effective_from=date(1970, 1, 1), level="basic", primary_category="apparel", status="active"
        )
        for one in stores
    )
    levels = {store.pk: draw_levels(draw) for store in stores}
    levels[stores[0].pk] = ["L2"] * 45 + ["ok"] * (NIGHTS - 45)
    known: dict[int, dict[date, Known]] = {store.pk: {} for store in stores}
    served: dict[int, dict[date, Known]] = {store.pk: {} for store in stores}
    scored: dict[int, dict[date, Known]] = {store.pk: {} for store in stores}
    place = 0
    while place < NIGHTS:
        # After an outage several nights are made up, all but the last of them too late to act.
        missed = draw.choice([1, 1, 1, 1, 1, 3])
        nights = [FIRST + step * ONE_DAY for step in range(place, min(place + missed, NIGHTS))]
        place += len(nights)
        for day in nights:
            for store in stores:
                level = levels[store.pk][(day - FIRST).days]
                if level:
                    late = day < nights[-1]
                    service = services.choice([*SERVICE_LEVELS, "red"])
                    both = publish(store, day, level, service, draw, late=late)
                    known[store.pk][day], served[store.pk][day] = both
                    scored[store.pk][day] = publish_score(store, day, services, late=late)
            record_day(day=day, at=run_begins(nights[-1], RATING), calendar=RATING)
            for _again in range(draw.choice([1, 1, 2])):
                record_day(day=day, at=run_begins(nights[-1], CALENDAR), calendar=CALENDAR)
            # A night that dies before its last stage leaves the rest to the next one.
            if place == NIGHTS or draw.random() < 0.3:
                derive_day(day=day, at=run_begins(nights[-1], CALENDAR), calendar=CALENDAR)
    derive_day(day=day, at=run_begins(FIRST + (NIGHTS - 1) * ONE_DAY, RATING), calendar=RATING)
    kinds = set()
    for store in stores:
        rows = Penalty.objects.filter(store=store).values_list("kind", "cause", "starts_at", "ended_at", "ending")
        found = set(rows)
        expected = penalties(known[store.pk]) | warnings(SERVICE, served[store.pk]) | blocks(scored[store.pk])
        assert found == expected, f"{store} {levels[store.pk]}"
        kinds |= {(kind, ending) for kind, _cause, _start, _end, ending in found}
    assert {("withdrawal_freeze", "expired"), ("insurance_surcharge", "met"), ("commission_surcharge", "met")} <= kinds
