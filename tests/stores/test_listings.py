"""Listings that penalties take down, and that people take offline and put online (DM-14, DP-04)."""

from datetime import timedelta

import pytest

from core.models import Event
from stores.models import Listing, Store
from stores.rules import is_barred
from stores.services.listings import delist, put_online, release_listing, take_offline
from tests.orders.build import HOUR, NOW
from tests.stores.people import make_store

pytestmark = pytest.mark.rule("DP-04")
UNTIL = NOW + 72 * HOUR
SECOND = timedelta(seconds=1)


@pytest.fixture
def store(db: None) -> Store:
    store = make_store(mode="governed")
    Listing.objects.create(store=store, sku="A1", title="Lamp")
    return store


def state_of(store: Store) -> tuple[str, object, object]:
    listing = Listing.objects.get(store=store)
    return listing.status, listing.status_at, listing.relist_after


def test_a_delisted_listing_goes_online_from_the_second_on_that_it_may(store: Store) -> None:
    given = {"store": store, "sku": "A1", "actor": "person:1"}
    assert [delist(store=store, sku="A1", until=UNTIL, at=at) for at in (NOW, NOW + HOUR)] == [True, False]
    assert put_online(**given, at=UNTIL - SECOND) == "barred"
    assert take_offline(**given, at=NOW + HOUR) == "barred"
    assert state_of(store) == ("delisted", NOW, UNTIL)
    assert [put_online(**given, at=UNTIL), put_online(**given, at=UNTIL)] == ["done", "repeated"]
    assert state_of(store) == ("online", UNTIL, None)
    kinds = Event.objects.order_by("pk").values_list("kind", "actor", "at")
    assert list(kinds) == [("listing.delisted", "system", NOW), ("listing.online", "person:1", UNTIL)]


def test_one_delisted_until_released_waits_for_that(store: Store) -> None:
    delist(store=store, sku="A1", until=None, at=NOW)
    assert put_online(store=store, sku="A1", at=NOW + 900 * HOUR, actor="person:1") == "barred"
    assert [release_listing(store=store, sku="A1", at=NOW + HOUR) for _twice in range(2)] == [True, False]
    assert state_of(store) == ("delisted", NOW, NOW + HOUR)
    assert put_online(store=store, sku="A1", at=NOW + HOUR, actor="person:1") == "done"


def test_one_that_never_should_have_been_delisted_is_online_again(store: Store) -> None:
    delist(store=store, sku="A1", until=UNTIL, at=NOW)
    assert release_listing(store=store, sku="A1", at=NOW + HOUR, restored=True) is True
    assert state_of(store) == ("online", NOW + HOUR, None)


def test_a_mirrored_listing_is_its_platforms(store: Store) -> None:
    store.mode = Store.Mode.MIRRORED
    store.save(update_fields=["mode"])
    assert delist(store=store, sku="A1", until=UNTIL, at=NOW) is False
    assert take_offline(store=store, sku="A1", at=NOW, actor="person:1") == "mirrored"
    assert take_offline(store=store, sku="B", at=NOW, actor="person:1") == "gone"
    assert state_of(store) == ("online", None, None)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("state", "after", "barred"),
    [
        ("online", None, False),
        ("offline", UNTIL, False),
        ("delisted", None, True),
        ("delisted", UNTIL, True),
        ("delisted", NOW, False),
    ],
)
def test_only_delisted_listings_are_barred(state: str, after: object, barred: bool) -> None:
    assert is_barred(state, after, NOW) is barred
