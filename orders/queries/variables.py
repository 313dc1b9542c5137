"""What an order fills into texts for its buyer."""

from orders.models import Order
from stores.models import Carrier, Listing


def values_of(order: Order) -> dict[str, str]:
    """The values of `orders.rules.texts.VARIABLES` for an order; empty where it has none."""
    carrier = Carrier.objects.filter(code=order.carrier).first() if order.carrier else None
    listing = Listing.objects.filter(store_id=order.store_id, sku=order.sku).first() if order.sku else None
    return {
        "order_no": order.order_no,
        "tracking_no": order.tracking_no,
        "carrier": carrier.name if carrier else order.carrier,
        "title": listing.title if listing else "",
        "store_name": order.store.name,
    }
