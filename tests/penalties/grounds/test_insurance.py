"""Insurance premiums from level 2 on (DP-12)."""

from datetime import date

import pytest

from penalties.models import Penalty
from stores.models import Store
from tests.penalties.nights import history, live, night
from tests.stores.people import make_store

pytestmark = [pytest.mark.rule("DP-12"), pytest.mark.django_db]
MARCH = date(2026, 3, 25)


def charged(levels: list[str]) -> list[tuple[str, object, object, str]]:
    store: Store = make_store(mode="governed")
    live(store, levels, first=MARCH)
    return history(store, "insurance_surcharge")


def test_it_lasts_until_a_whole_month_below_level_2() -> None:
    level = ["L2", *["ok"] * 35]
    assert charged(level) == [(str(MARCH), night(MARCH), None, "")]
    [ground] = Penalty.objects.filter(kind="insurance_surcharge").values_list("facts", flat=True)
    assert (ground["surcharge_from"], ground["surcharge"]) == ("2026-04-01", "0.15")


@pytest.mark.sqlite_only
def test_it_ends_with_the_last_day_of_that_month() -> None:
    assert charged(["L2", *["L1"] * 37]) == [(str(MARCH), night(MARCH), night(date(2026, 4, 30)), "met")]


@pytest.mark.sqlite_only
def test_another_day_at_the_level_needs_another_month() -> None:
    assert charged(["L2", *["ok"] * 7, "L3", *["ok"] * 30]) == [(str(MARCH), night(MARCH), None, "")]


@pytest.mark.sqlite_only
def test_a_month_that_says_nothing_ends_nothing() -> None:
    assert charged(["L2", *["few"] * 37]) == [(str(MARCH), night(MARCH), None, "")]


def test_level_1_brings_none() -> None:
    assert charged(["L1"] * 3) == []
