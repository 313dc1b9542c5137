"""The disputes of one order: a panel of the order page, and a page of its own without JavaScript."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from disputes.presenters.guard import guard_rows
from disputes.queries.cases import cases_of
from disputes.queries.guard import guard_of
from orders.queries.order import asked_order
from rulebook.queries import policies_held
from stores.access import StoreRequest, store_view
from stores.context_processors import nav
from stores.principals import Area


@require_safe
@store_view(area=Area.ORDERS)
def order_panel(request: StoreRequest, order_no: str) -> HttpResponse:
    """Number, kind, state, amounts and verdict of each dispute, the clocks of the answer (DP-10), and what may get the
    seller misjudged (DP-14)."""
    at = timezone.now()
    order = asked_order(request, order_no)
    with policies_held():
        cases, guard = cases_of(order, at), guard_of(order, at)
    context = {
        "store": request.store,
        "nav": nav(request, current="orders"),
        "order": order,
        "cases": cases,
        "guard": guard_rows(guard, at),
        "now": at,
    }
    return render(request, "disputes/order.html#panel" if request.htmx else "disputes/order.html", context)
