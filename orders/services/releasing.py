"""Ends the holds for a missing identity check or payout account (AF-10)."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from orders.models import OrderHold
from orders.queries.holds import is_kyc_blocked
from orders.rules.holds import KYC
from orders.services.clocks import derive_order_clocks
from stores.models import Store


@transaction.atomic
def release_accounts(*, store_ids: Collection[int], at: datetime) -> int:
    """End the holds for a missing identity or payout account in those of the stores that have both now (AF-10); returns
    how many orders go on."""
    stores = [store.pk for store in Store.objects.filter(pk__in=store_ids) if not is_kyc_blocked(store)]
    held = OrderHold.objects.filter(store_id__in=stores, code=KYC, until=None)
    order_ids = sorted(held.values_list("order_id", flat=True))
    held.update(until=at)
    derive_order_clocks(order_ids=order_ids, at=at)
    return len(order_ids)
