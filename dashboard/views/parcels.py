"""One order's parcels: dispatch, a further parcel, another number; checked while typing (PG-06, DM-17, DM-22)."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.pages.addresses import address_maker
from core.pages.responses import render_page
from dashboard.forms.parcels import FurtherParcelForm, ParcelForm
from dashboard.presenters.dispatch_findings import FaultRow, fault_rows
from dashboard.presenters.order_actions import action_results_of
from dashboard.presenters.order_page import order_page_of
from dashboard.presenters.parcels import ADD, REPLACE, SHIP, ParcelAttempt
from dashboard.queries.order_actions import last_changes
from dashboard.queries.order_details import order_details
from dashboard.queries.parcels import check_parcel, positions_of
from orders.commands import NewParcel, Outcome, add_parcel, replace_number, ship_order
from orders.commands.bulk import OrderResult
from orders.models import Order
from orders.queries.names import carrier_names
from orders.queries.order import asked_order, order_of
from orders.rules.tracking_numbers import compact
from stores.access import WRITE, StoreRequest, store_view
from stores.principals import Area


@require_POST
@store_view(area=Area.ORDERS, roles=WRITE)
def parcels(request: StoreRequest, order_no: str) -> HttpResponse:
    """Carry out what the form asks for; what blocks, and what speaks against it until it is sent all the same, is
    shown beside the form."""
    order = order_of(request.store, order_no)
    order.store = request.store
    do = request.POST.get("do", SHIP)
    form = _form(request, order, do)
    valid = form.is_valid()
    faults = _faults(order, form) if valid else []
    attempt = ParcelAttempt(do, form, faults, request.POST.get("old", "")[:64])
    if request.htmx.target == f"{do}-faults":
        return render(request, "dashboard/_number_faults.html", {"attempt": attempt})
    if not valid or attempt.blocked or (faults and "anyway" not in request.POST):
        at = timezone.now()
        page = order_page_of(request, order_details(asked_order(request, order_no), at), at, attempt)
        return render_page(request, "dashboard/order.html", page, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _answer(request, order, _give(request, order, attempt))


def _form(request: StoreRequest, order: Order, do: str) -> ParcelForm:
    if do == ADD:
        lines = positions_of(order)
        return FurtherParcelForm(request.POST, store=request.store, auto_id=f"{do}-%s", lines=lines)
    return ParcelForm(request.POST, store=request.store, auto_id=f"{do}-%s")


def _faults(order: Order, form: ParcelForm) -> list[FaultRow]:
    checked = check_parcel(order, form.cleaned_data["carrier"], form.cleaned_data["number"])
    number = order.store.store_no
    register_url = reverse("dashboard:carrier_register", args=[number])
    return list(fault_rows(checked, carrier_names(), address_maker("dashboard:order", number), register_url))


def _give(request: StoreRequest, order: Order, attempt: ParcelAttempt) -> Outcome:
    """Give the command; the number is stored as it was checked, in capitals without blanks."""
    who, at = request.principal, timezone.now()
    form = attempt.form
    carrier, number = form.cleaned_data["carrier"], compact(form.cleaned_data["number"])
    if isinstance(form, FurtherParcelForm):
        parcel = NewParcel(carrier, number, form.positions())
        return add_parcel(order=order, parcel=parcel, principal=who, at=at)
    if attempt.do == REPLACE:
        old = attempt.old
        return replace_number(order=order, old=old, carrier=carrier, tracking_no=number, principal=who, at=at)
    return ship_order(order=order, carrier=carrier, tracking_no=number, principal=who, at=at)


def _answer(request: StoreRequest, order: Order, outcome: Outcome) -> HttpResponse:
    """Back to the order; where somebody else was faster, who that was (RL-06)."""
    back = reverse("dashboard:order", args=[request.store.store_no, order.order_no])
    if outcome.holds:
        messages.success(request, str(outcome))
        return redirect(back)
    changes = last_changes(request.store, [order.order_no])
    page = action_results_of(request, request.store, [OrderResult(order.order_no, outcome)], changes, back)
    return render_page(request, "dashboard/order_results.html", page, status=HTTPStatus.CONFLICT)
