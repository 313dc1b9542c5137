"""What penalties do (PN-42): carried out where the product can, and told in words for every kind."""

from datetime import date, timedelta

import pytest
from django.utils.translation import override

from core.models import Event
from core.sweeping import sweep
from orders.holds import holds_of
from orders.models import Settlement
from penalties.presenters.words import effect_words, scope_words
from penalties.rules import PenaltyKind
from stores.models import Carrier, Store, StorePeriod
from stores.services import change_status
from tests.orders.build import NOW
from tests.orders.test_funds import RELEASE, delivered, funds
from tests.penalties.build import impose, lift
from tests.stores.people import make_store

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
TODAY = date(2026, 11, 21)


@pytest.fixture
def store() -> Store:
    Carrier.objects.update_or_create(code="cainiao", defaults={"name": "Cainiao", "approved": True, "official": True})
    return make_store(mode="governed")


@pytest.mark.sqlite_only
@pytest.mark.rule("TM-04", "PN-42")
def test_suspended_settlements_hold_funds_until_they_are_resumed(store: Store) -> None:
    order = delivered(store)
    penalty = impose(store, "funds_hold", NOW + DAY)
    sweep(at=RELEASE + SECOND)
    assert (funds(order).state, funds(order).held_reason) == ("held", "funds_hold")
    assert [one.code for one in holds_of([order], RELEASE)[order.pk]] == ["funds_hold"]
    end = RELEASE + 3 * DAY
    lift(penalty, end)
    sweep(at=end + SECOND)
    assert (funds(order).released_at, funds(order).held_reason) == (end, "")


@pytest.mark.sqlite_only
@pytest.mark.rule("TM-04", "PN-42")
def test_suspension_that_runs_out_releases_at_its_end(store: Store) -> None:
    order = delivered(store)
    impose(store, "funds_hold", NOW + DAY, days=10)
    sweep(at=NOW + 20 * DAY)
    assert funds(order).released_at == NOW + 11 * DAY


@pytest.mark.sqlite_only
@pytest.mark.rule("AF-05", "PN-42")
def test_suspended_settlements_do_not_keep_orders_from_being_confirmed(store: Store) -> None:
    order = delivered(store)
    impose(store, "funds_hold", NOW + DAY)
    sweep(at=NOW + 30 * DAY)
    order.refresh_from_db()
    assert (order.confirmed_by, funds(order).state) == ("system", "held")


@pytest.mark.rule("DM-11a")
def test_predicted_penalty_holds_nothing_and_closes_nothing() -> None:
    store = make_store(mode="mirrored")
    order = delivered(store)
    impose(store, "funds_hold", NOW)
    impose(store, "store_closed", NOW)
    store.refresh_from_db()
    assert (holds_of([order], NOW + DAY)[order.pk], store.status) == ([], "active")
    assert not Settlement.objects.exists()


@pytest.mark.rule("PN-42", "DM-11")
@pytest.mark.parametrize(("kind", "status"), [("store_closed", "closed"), ("account_frozen", "restricted")])
def test_store_is_closed_or_restricted_from_that_day_on_and_opened_again(store: Store, kind: str, status: str) -> None:
    penalty = impose(store, kind, NOW + DAY)
    store.refresh_from_db()
    assert store.status == status
    periods = StorePeriod.objects.filter(store=store).order_by("effective_from")
    assert periods.last() is not None
    lift(penalty, NOW + 3 * DAY)
    store.refresh_from_db()
    assert store.status == "active"
    assert [row.status for row in periods][-2:] == [status, "active"]
    events = Event.objects.filter(kind="store.status_changed").order_by("pk").values_list("before", "after", "at")
    assert list(events) == [
        ({"status": "active"}, {"status": status}, NOW + DAY),
        ({"status": status}, {"status": "active"}, NOW + 3 * DAY),
    ]


@pytest.mark.rule("PN-42")
def test_closed_store_whose_account_is_frozen_stays_restricted_when_it_opens(store: Store) -> None:
    impose(store, "account_frozen", NOW)
    closed = impose(store, "store_closed", NOW + DAY)
    lift(closed, NOW + 2 * DAY)
    store.refresh_from_db()
    assert store.status == "restricted"


@pytest.mark.rule("PN-42")
def test_status_is_changed_once(store: Store) -> None:
    assert change_status(store=store, status="closed", at=NOW, actor="system", cause="PN-42")
    assert not change_status(store=store, status="closed", at=NOW, actor="system", cause="PN-42")


@pytest.mark.rule("PN-42")
@pytest.mark.sqlite_only
@pytest.mark.parametrize("kind", [kind for kind in PenaltyKind if kind != PenaltyKind.PENALTY_POINTS])
def test_every_kind_says_what_it_reaches_and_does(kind: PenaltyKind) -> None:
    for language in ("en", "zh-hans"):
        with override(language):
            assert scope_words(kind)
            assert effect_words(kind)
