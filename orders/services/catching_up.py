"""Brings what is derived from orders and awaits something in line with their rows, store by store (DM-27).

Commands, timers and imports do so for the orders that they change. This is for rows that were there before the code
that derives from them: after an upgrade, orders under way have no clocks of a new kind and no threads.
"""

import time
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from orders.models import Message, MessageThread, Order, Refund, ReturnParcel
from orders.rules.refunds import OPEN_REFUNDS
from orders.services.clocks import derive_order_clocks, followed_orders
from orders.services.refund_clocks import derive_refund_clocks
from orders.services.threads import derive_threads_of
from stores.models import Store

AT_ONCE = 1_000


def catch_up_orders(*, after: int, at: datetime, until: float) -> int | None:
    """Catch up with the stores whose ids lie behind ``after``, until the monotonic clock passes ``until``.

    Returns the id of the last store that was caught up with, None once all are. Each chunk of orders is a transaction.
    Catching up twice changes nothing, and nothing is opened whose instant has passed.
    """
    for store in Store.objects.filter(pk__gt=after).order_by("pk").iterator():
        catch_up_with_store(store=store, at=at)
        if time.monotonic() > until:
            return store.pk
    return None


def catch_up_with_store(*, store: Store, at: datetime) -> None:
    """Derive the clocks, refund clocks and missing threads of one store's orders."""
    for ids in _chunks(followed_orders(at).filter(store=store)):
        derive_order_clocks(order_ids=ids, at=at)
    refunds = Refund.objects.filter(order=OuterRef("pk"), completed_at=None, state__in=OPEN_REFUNDS)
    returns = ReturnParcel.objects.filter(order=OuterRef("pk"), inspected_at=None)
    orders = Order.objects.filter(store=store)
    for ids in _chunks(orders.filter(Q(Exists(refunds)) | Q(Exists(returns)))):
        derive_refund_clocks(order_ids=ids, at=at)
    said, thread = (model.objects.filter(order=OuterRef("pk")) for model in (Message, MessageThread))
    for ids in _chunks(orders.filter(Exists(said), ~Exists(thread))):
        derive_threads_of(ids)


def _chunks(orders: QuerySet[Order]) -> Iterator[list[int]]:
    """The ids of orders, some at a time."""
    after = 0
    while ids := list(orders.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        yield ids
        after = ids[-1]
