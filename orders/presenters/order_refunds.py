"""The refunds and returns of one order (TM-12, TM-13)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from core.pages.addresses import address_maker
from orders.models import Order
from orders.presenters.refund_desk import DeskRow, refund_row, return_row
from orders.queries.refund_pages import OrderMoney
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True)
class OrderRefundsPage:
    """What templates/orders/order_refunds.html reads."""

    nav: dict[str, Any]
    now: datetime
    store: Store
    order: Order
    order_url: str
    refunds: list[DeskRow]
    returns: list[DeskRow]


def order_refunds_page(request: StoreRequest, found: OrderMoney, now: datetime) -> OrderRefundsPage:
    """Refunds, then returns, the latest first."""
    store = request.store
    refund_url = address_maker("orders:refund", store.store_no)
    return_url = address_maker("orders:return", store.store_no)
    return OrderRefundsPage(
        nav=nav(request, current="refunds"),
        now=now,
        store=store,
        order=found.order,
        order_url=reverse("dashboard:order", args=[store.store_no, found.order.order_no]),
        refunds=[refund_row(one, refund_url(one.row.refund_no)) for one in found.refunds],
        returns=[return_row(one, return_url(one.row.return_no)) for one in found.returns],
    )
