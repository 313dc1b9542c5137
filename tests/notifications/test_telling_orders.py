"""Companies are told what the clocks of their orders brought about, where they can act on it."""

from datetime import timedelta

import pytest
from django.utils import translation

from core.events import record_events
from notifications.kinds import message_kind
from notifications.models import InboxMessage
from orders.services.holds import order_event
from rulebook.queries import policies
from stores.models import Store
from tests.orders.build import NOW, make_order
from tests.outbox import deliver
from tests.stores.people import make_store


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="governed")


@pytest.mark.sqlite_only
@pytest.mark.rule("TM-02", "AF-10", "PG-19")
def test_warnings_and_held_orders_are_told(store: Store) -> None:
    one, other = make_order(store, order_no="A-1"), make_order(store, order_no="A-2")
    record_events(
        [
            order_event("order.dispatch_unconfirmed", one, NOW, "TM-02", {}),
            order_event("order.kyc_blocked", one, NOW, "AF-10", {}),
            order_event("order.kyc_blocked", other, NOW + timedelta(seconds=1), "AF-10", {}),
        ]
    )
    deliver()
    with translation.override("en"):
        told = [message_kind(one.kind).words(one, policies()).title for one in InboxMessage.objects.order_by("pk")]
        urls = {message_kind(one.kind).url(one) for one in InboxMessage.objects.all()}
    assert told == [
        "Dispatch of order A-1 not confirmed in time",
        "Orders held: identity or payout account missing",
    ]
    assert urls == {"/stores/S1/orders/A-1/"}
