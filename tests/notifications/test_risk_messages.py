"""New red flags are told to the company: one message per store and check (TM-14)."""

from datetime import timedelta

import pytest
from django.utils import translation

from core.outbox.delivering import run_outbox
from insights.queries.flags import FINDERS
from notifications.kinds import message_kind
from notifications.models import InboxMessage
from orders.queries.flags import Scope
from orders.services.flags import refresh_flags
from tests.orders.build import DAY, NOW, make_order
from tests.stores.people import make_store

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]


@pytest.mark.rule("TM-14")
def test_all_new_red_flags_of_a_check_are_one_message_that_leads_to_the_board() -> None:
    store = make_store()
    orders = [make_order(store, paid_at=NOW - 4 * DAY) for _number in range(5)]
    for _time in range(2):
        refresh_flags(Scope((store.pk,)), FINDERS, at=NOW)
        run_outbox(at=NOW + timedelta(seconds=1))
    message = InboxMessage.objects.get()
    kind = message_kind(message.kind)
    with translation.override("en"):
        words = kind.words(message, [])
    assert (message.company, message.store, message.group, message.at) == (store.company, store, "risk", NOW)
    assert words.title == "5 new red flags on orders"
    named = ", ".join(order.order_no for order in orders[:3])
    assert words.text == f"Dispatch overdue: 5 ({named}, …)."
    assert (kind.url(message), kind.level(message)) == (f"/stores/{store.store_no}/risk/", "red")
