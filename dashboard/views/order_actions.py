"""Actions on orders from the list and from an order's page: one order or those that are ticked (PG-06, DM-22)."""

from collections.abc import Sequence
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.pages.responses import render_page
from dashboard.forms.order_actions import CancelForm
from dashboard.presenters.order_actions import action_results_of, cancel_page_of, done_text
from dashboard.queries.order_actions import last_changes
from orders.commands.bulk import MOST_AT_ONCE, OrderResult, cancel_orders, confirm_dispatches
from stores.access import WRITE, StoreRequest, store_view
from stores.principals import Area


@require_POST
@store_view(area=Area.ORDERS, roles=WRITE)
def order_actions(request: StoreRequest) -> HttpResponseBase:
    """Confirm, cancel or dispatch the ticked orders; a row's own button names its order and leaves ticks alone."""
    do, _colon, one = request.POST.get("do", "").partition(":")
    numbers = [one] if one else list(dict.fromkeys(request.POST.getlist("orders")))[:MOST_AT_ONCE]
    back = _back(request)
    if not numbers:
        messages.warning(request, _("Tick the orders first."))
        return redirect(back)
    if do == "dispatch":
        address = reverse("dashboard:dispatch", args=[request.store.store_no])
        return redirect(f"{address}?{urlencode({'orders': numbers}, doseq=True)}")
    if do == "cancel":
        return _cancel(request, numbers, back)
    at = timezone.now()
    results = confirm_dispatches(store=request.store, order_nos=numbers, principal=request.principal, at=at)
    return _answer(request, results, back)


def _cancel(request: StoreRequest, numbers: list[str], back: str) -> HttpResponseBase:
    """Ask for the reason, then cancel."""
    given = request.POST if "reason" in request.POST or "asked" in request.POST else None
    form = CancelForm(given)
    if given is None or not form.is_valid():
        page = cancel_page_of(request, request.store, form, numbers, back)
        status = HTTPStatus.OK if given is None else HTTPStatus.UNPROCESSABLE_ENTITY
        return render_page(request, "dashboard/order_cancel.html", page, status=status)
    at, principal = timezone.now(), request.principal
    results = cancel_orders(store=request.store, order_nos=numbers, reason=form.text(), principal=principal, at=at)
    return _answer(request, results, back)


def _answer(request: StoreRequest, results: Sequence[OrderResult], back: str) -> HttpResponse:
    """Back to where the person came from if all was done; else what became of each, and who was faster (RL-06)."""
    if all(result.is_done for result in results):
        messages.success(request, done_text(results))
        return redirect(back)
    changes = last_changes(request.store, [result.order_no for result in results])
    page = action_results_of(request, request.store, results, changes, back)
    status = HTTPStatus.OK if any(result.holds for result in results) else HTTPStatus.CONFLICT
    return render_page(request, "dashboard/order_results.html", page, status=status)


def _back(request: StoreRequest) -> str:
    """The page of ours that the person came from, else the list of orders."""
    asked = request.POST.get("back", "")
    own = url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.startswith("/")
    return asked if own else reverse("dashboard:orders", args=[request.store.store_no])
