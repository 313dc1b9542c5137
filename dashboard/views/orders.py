"""Pages of orders: the list with its tabs, and one order (PG-06)."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.asked_orders import asked_orders
from dashboard.presenters.order_list import order_list_page_of
from dashboard.presenters.order_page import order_page_of
from dashboard.queries.order_details import order_details
from dashboard.queries.order_list import order_list_of
from orders.queries.order import asked_order
from rulebook.queries import policies_held
from stores.access import StoreRequest, colleague, store_view
from stores.principals import Area
from stores.services.filters import saved_filters


@require_safe
@store_view(area=Area.ORDERS)
def order_list(request: StoreRequest) -> HttpResponse:
    """The orders of a tab, filtered, sorted and paged by the address; the fragment on the same address for htmx."""
    asked = asked_orders(request.GET, request.store, timezone.now())
    member = colleague(request.principal, request.store)
    saved = saved_filters(user=member.user, store=request.store) if member else None
    found = order_list_of(asked.question, asked.form.carriers, asked.notice)
    context = order_list_page_of(request, asked.form, found, saved)
    template = "dashboard/orders.html"
    return render_page(request, f"{template}#orders" if _wants_fragment(request) else template, context)


@require_safe
@store_view(area=Area.ORDERS)
def order_page(request: StoreRequest, order_no: str) -> HttpResponse:
    """One order: state and holds, what runs, facts, and everything that happened (TM-01)."""
    at = timezone.now()
    with policies_held():
        found = order_details(asked_order(request, order_no), at)
        return render_page(request, "dashboard/order.html", order_page_of(request, found, at))


def _wants_fragment(request: StoreRequest) -> bool:
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request
