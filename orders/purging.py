"""Removes a store's orders with it (IX-03)."""

from core.deleting import delete_ids
from orders.models import Order
from stores.models import Store
from stores.purging import on_store_purge


def remove_orders(store: Store, most: int) -> int:
    """Delete orders of a store and related records, in whatever app they are."""
    ids = list(Order.objects.filter(store=store).order_by("pk").values_list("pk", flat=True)[:most])
    delete_ids(Order, ids)
    return len(ids)


on_store_purge("orders", remove_orders)
