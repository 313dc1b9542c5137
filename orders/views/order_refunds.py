"""The refunds and returns of one order: a panel of the order page, and a page of its own without JavaScript."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from orders.presenters.order_refunds import order_refunds_page
from orders.queries.order import asked_order
from orders.queries.refund_pages import order_money
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.ORDERS)
def order_refunds(request: StoreRequest, order_no: str) -> HttpResponse:
    """Each refund and return with its clock and the way to its page (TM-12, TM-13)."""
    now = timezone.now()
    page = order_refunds_page(request, order_money(asked_order(request, order_no), now), now)
    template = "orders/order_refunds.html"
    return render_page(request, f"{template}#panel" if request.htmx else template, page)
