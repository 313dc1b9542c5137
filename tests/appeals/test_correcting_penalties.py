"""A correction lifts the penalties that no longer stand (BX-03, DP-04)."""

from datetime import timedelta

import pytest

from core.dirty import mark_orders_dirty
from disputes.models import Dispute
from metrics.services.night import run_night
from penalties.models import Penalty
from stores.models import Feed, Store
from tests.appeals.corrected import DECIDED, accept, make_store
from tests.metrics.making import DAY, NOW, make_orders
from tests.outbox import deliver

CLOSED = NOW - timedelta(hours=10)
pytestmark = [pytest.mark.rule("BX-03", "DP-04", "DP-12"), pytest.mark.django_db]


def dispute_all(store: Store, liable: int) -> list[Dispute]:
    """Twenty disputes that ended on the day, so many of them judged the seller's."""
    Feed.objects.create(store=store, kind="disputes", known_until=NOW, supplied_at=NOW)
    orders = make_orders(store, 20, first=100)
    disputes = [
        Dispute.objects.create(
            store=store,
            order=order,
            dispute_no=f"D{place}",
            kind="quality",
            opened_at=CLOSED,
            state="closed",
            closed_at=CLOSED,
            liability="seller" if place < liable else "buyer",
        )
        for place, order in enumerate(orders)
    ]
    mark_orders_dirty(order_ids=[order.pk for order in orders], store_id=store.pk)
    return disputes


def kinds(store: Store, **more: object) -> dict[str, tuple[object, str]]:
    rows = Penalty.objects.filter(store=store, source__in=("liability", "insurance"), **more)
    return {kind: (ended, ending) for kind, ended, ending in rows.values_list("kind", "ended_at", "ending")}


def test_verdict_that_falls_lifts_what_its_level_brought() -> None:
    store = make_store(late=0, on_time=0)
    first, *_others = dispute_all(store, 1)
    run_night(day=DAY, at=NOW)
    brought = {"warning", "flash_deals_block", "ad_premium_cap", "insurance_surcharge"}
    assert kinds(store) == dict.fromkeys(brought, (None, ""))
    accept(store, [first.order], dispute=first)
    deliver()
    assert kinds(store) == dict.fromkeys(brought, (DECIDED, "lifted"))


@pytest.mark.sqlite_only
def test_what_still_stands_stays() -> None:
    store = make_store(late=0, on_time=0)
    first, *_others = dispute_all(store, 2)
    run_night(day=DAY, at=NOW)
    accept(store, [first.order], dispute=first)
    deliver()
    lifted = {"search_demotion", "promotion_block", "withdrawal_freeze", "new_store_block"}
    assert kinds(store, ending="lifted").keys() == lifted
    assert kinds(store, ended_at=None).keys() == {
        "warning",
        "flash_deals_block",
        "ad_premium_cap",
        "insurance_surcharge",
    }
