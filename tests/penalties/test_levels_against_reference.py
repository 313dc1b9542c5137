"""Months of nights against a slow computation from the days of the liability rate alone (DP-02 … DP-12)."""

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
from tests.oracle.levels import Known, penalties
from tests.penalties.nights import ONE_DAY
from tests.stores.people import make_store

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.django_db]
FIRST, NIGHTS, STORES = date(2026, 1, 24), 99, 12
PERMILLE = {"ok": (10, 34), "L1": (35, 49), "L2": (50, 69), "L3": (70, 99)}
LEVELS = {"ok": 0, "L1": 1, "L2": 2, "L3": 3}
CALENDAR = Calendar.PERFORMANCE


def draw_levels(draw: random.Random) -> list[str]:
    """Good and bad spells of some weeks, with days in between that say nothing or were not published."""
    levels: list[str] = []
    while len(levels) < NIGHTS:
        usual = draw.choice(["ok", "ok", "L1", "L2", "L3"])
        spell = [usual] * draw.randrange(1, 40)
        levels += [draw.choice([*LEVELS, "few", "stale", ""]) if draw.random() < 0.05 else one for one in spell]
    return levels[:NIGHTS]


def publish(store: Store, day: date, level: str, draw: random.Random, *, late: bool) -> Known:
    result: dict[str, Any] = {"level": level}
    known = Known(None, None, late)
    if level in PERMILLE:
        share = draw.randint(*PERMILLE[level])
        result |= {"value": f"0.{share:03d}0000000", "numerator": share, "denominator": 1000}
        known = Known(LEVELS[level], Fraction(share, 1000), late)
    at = run_begins(day, CALENDAR) + timedelta(hours=30 if late else 0)
    Published.objects.create(
        store=store, day=day, calendar=CALENDAR, policy_version=1, computed_at=at, scorecard={"liability_rate": result}
    )
    return known


@pytest.mark.rule("DP-02", "DP-04", "DP-11", "DP-12", "MX-09")
def test_levels_bring_what_the_reference_says() -> None:
    draw = random.Random(17)
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
                    known[store.pk][day] = publish(store, day, level, draw, late=late)
            for _again in range(draw.choice([1, 1, 2])):
                record_day(day=day, at=run_begins(nights[-1], CALENDAR), calendar=CALENDAR)
            # A night that dies before its last stage leaves the rest to the next one.
            if place == NIGHTS or draw.random() < 0.3:
                derive_day(day=day, at=run_begins(nights[-1], CALENDAR), calendar=CALENDAR)
    derive_day(day=day, at=run_begins(FIRST + (NIGHTS - 1) * ONE_DAY, CALENDAR), calendar=CALENDAR)
    kinds = set()
    for store in stores:
        rows = Penalty.objects.filter(store=store).values_list("kind", "cause", "starts_at", "ended_at", "ending")
        found = set(rows)
        assert found == penalties(known[store.pk]), f"{store} {levels[store.pk]}"
        kinds |= {(kind, ending) for kind, _cause, _start, _end, ending in found}
    assert {("withdrawal_freeze", "expired"), ("insurance_surcharge", "met"), ("commission_surcharge", "met")} <= kinds
