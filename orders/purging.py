"""Removes a store's orders with it (IX-03), and says how long files of refunds and returns are kept (RL-14)."""

from datetime import datetime

from django.db.models import Q

from core.deleting import delete_ids
from evidence.retention import needs_evidence
from orders.models import Order, RefundFile, ReturnFile
from orders.rules.refunds import RefundState
from stores.models import Store
from stores.purging import on_store_purge


def remove_orders(store: Store, most: int) -> int:
    """Delete orders of a store and related records, in whatever app they are."""
    ids = list(Order.objects.filter(store=store).order_by("pk").values_list("pk", flat=True)[:most])
    delete_ids(Order, ids)
    return len(ids)


def needed_by_refunds(before: datetime) -> Q:
    """Of refunds that are open or ended since; those that were withdrawn count from their request."""
    withdrawn = Q(refund__state=RefundState.WITHDRAWN, refund__requested_at__lt=before)
    return ~Q(refund__completed_at__lt=before) & ~withdrawn


def needed_by_returns(before: datetime) -> Q:
    """Of returns that are not inspected, or were since."""
    return Q(parcel__inspected_at=None) | Q(parcel__inspected_at__gte=before)


on_store_purge("orders", remove_orders)
needs_evidence(RefundFile, needed_by_refunds)
needs_evidence(ReturnFile, needed_by_returns)
# Files of logistics claims are proofs of dispatch, which are kept for ever (PN-27).
