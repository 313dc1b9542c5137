"""Levels of the liability rate and what they bring (DP-02 … DP-04)."""

from datetime import date, timedelta

import pytest

from core.models import Event
from metrics.models import Problem
from penalties.models import LevelDay, Penalty
from penalties.queries.levels import LIABLE
from stores.models import Listing, Store
from tests.orders.build import make_order
from tests.outbox import deliver
from tests.penalties.nights import DAY, ONE_DAY, close, history, live, night, publish, result, standing
from tests.stores.people import make_store

pytestmark = pytest.mark.rule("DP-04")
LEVEL_2 = {"warning", "flash_deals_block", "ad_premium_cap", "insurance_surcharge"}
LEVEL_3 = LEVEL_2 | {"search_demotion", "promotion_block", "withdrawal_freeze", "new_store_block"}


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="governed")


@pytest.mark.rule("DP-02")
def test_each_level_adds_its_penalties(store: Store) -> None:
    live(store, ["ok", "L1"])
    assert standing(store) == {"warning"}
    live(store, ["L2"], first=DAY + 2 * ONE_DAY)
    assert standing(store) == LEVEL_2
    live(store, ["L3"], first=DAY + 3 * ONE_DAY)
    assert standing(store) == LEVEL_3


def test_a_level_ends_after_seven_days_below_it_and_the_others_stay(store: Store) -> None:
    live(store, ["L2", *["L1"] * 6])
    assert standing(store) == LEVEL_2
    last = live(store, ["L1"], first=DAY + 7 * ONE_DAY)
    assert standing(store) == {"warning", "insurance_surcharge"}
    assert history(store, "flash_deals_block") == [(f"L2 {DAY}", night(DAY), night(last), "met")]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("gap", ["few", "stale", "", "L1"])
def test_a_day_that_says_nothing_breaks_the_days_below(store: Store, gap: str) -> None:
    live(store, ["L1", *["ok"] * 6, gap, *["ok"] * 6])
    assert standing(store) == {"warning"}
    live(store, ["ok"], first=DAY + 14 * ONE_DAY)
    assert standing(store) == set()


def test_a_night_that_runs_late_or_twice_changes_no_instant(store: Store) -> None:
    publish(store, DAY, {"liability_rate": "L1"})
    for hours in (20, 21):
        close(DAY, at=night(DAY) + timedelta(hours=hours))
    assert history(store, "warning") == [(f"L1 {DAY}", night(DAY), None, "")]
    assert Event.objects.filter(kind="penalty.applied").count() == 1


@pytest.mark.rule("MX-09")
def test_a_day_published_too_late_begins_nothing(store: Store) -> None:
    publish(store, DAY, {"liability_rate": "L3"}, late=True)
    close(DAY)
    assert standing(store) == set()
    live(store, ["L1"], first=DAY + ONE_DAY)
    assert history(store, "warning") == [(f"L1 {DAY + ONE_DAY}", night(DAY + ONE_DAY), None, "")]


def test_nights_by_hand_may_run_in_any_order(store: Store) -> None:
    for place in (1, 2):
        publish(store, DAY + place * ONE_DAY, {"liability_rate": "ok"})
        close(DAY + place * ONE_DAY)
    publish(store, DAY, {"liability_rate": "L1"})
    close(DAY)
    live(store, ["ok"] * 5, first=DAY + 3 * ONE_DAY)
    assert history(store, "warning") == [(f"L1 {DAY}", night(DAY), night(DAY + 7 * ONE_DAY), "met")]


@pytest.mark.sqlite_only
def test_withdrawals_are_frozen_for_thirty_days_at_most(store: Store) -> None:
    live(store, ["L3"] * 33)
    until = night(DAY) + timedelta(days=30)
    assert history(store, "withdrawal_freeze") == [(f"L3 {DAY}", night(DAY), until, "expired")]
    assert standing(store) == LEVEL_3 - {"withdrawal_freeze"}


def test_good_days_are_kept_only_while_something_lasts(store: Store) -> None:
    live(store, ["ok", "ok", "L1", *["ok"] * 9])
    assert LevelDay.objects.filter(figure="liability").count() == 8


def test_mirrored_stores_get_predictions(db: None) -> None:
    mirrored = make_store("M1", mode="mirrored")
    live(mirrored, ["L1"])
    assert list(Penalty.objects.values_list("kind", "predicted")) == [("warning", True)]


@pytest.mark.rule("DP-03")
def test_what_was_published_decides_whatever_the_rate(store: Store) -> None:
    publish(store, DAY, {"liability_rate": result("L1", 28)})
    close(DAY)
    deliver()
    assert standing(store) == {"warning"}


def liable(store: Store, sku: str, day: date = DAY) -> None:
    """A dispute about a listing that was judged the seller's on a day, as the facts keep it."""
    order = make_order(store, sku_given=sku)
    Problem.objects.create(store=store, counter=LIABLE, day=day, order_id=order.pk, subject_id=order.pk)


def test_listings_at_fault_are_delisted_once_for_72_hours(store: Store) -> None:
    for sku in ("A", "A", "B", "C", "C"):
        Listing.objects.get_or_create(store=store, sku=sku)
        liable(store, sku)
    liable(store, "B", DAY - 30 * ONE_DAY)
    live(store, ["L3"])
    deliver()
    until = night(DAY) + timedelta(hours=72)
    assert history(store, "listing_delisted") == [(f"L3 {DAY}", night(DAY), None, "")] * 2
    state = {row.sku: (row.status, row.relist_after) for row in Listing.objects.filter(store=store)}
    assert state == {"A": ("delisted", until), "B": ("online", None), "C": ("delisted", until)}
    liable(store, "B", DAY + ONE_DAY)
    live(store, ["L3"] * 4, first=DAY + ONE_DAY)
    found = Penalty.objects.filter(kind="listing_delisted").order_by("pk").values_list("subject", "ended_at", "ending")
    later = until + ONE_DAY
    assert list(found) == [("A", until, "expired"), ("C", until, "expired"), ("B", later, "expired")]


def test_listing_with_a_small_share_of_the_disputes_stays(store: Store) -> None:
    for sku in ("A", "A", *"BCDEFGHIJ"):
        liable(store, sku)
    live(store, ["L3"])
    assert history(store, "listing_delisted") == []
