"""The register of a store's carriers (TM-18)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.pages.responses import render_page
from dashboard.presenters.carrier_register import carrier_register_page_of
from dashboard.queries.carrier_register import carrier_register_of
from stores.access import StoreRequest, store_view
from stores.principals import Area
from stores.services import register_carrier, unregister_carrier


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(area=Area.ORDERS)
def carrier_register(request: StoreRequest) -> HttpResponse:
    """The registered carriers; owners and managers post one to register or to take off."""
    found = carrier_register_of(request.store, timezone.now())
    code = request.POST.get("register", "")
    if "remove" in request.POST:
        return _remove(request, request.POST["remove"])
    if code in found.registered or code in found.choices:
        return _register(request, code)
    error = _("Choose a carrier.") if request.method == "POST" else ""
    page = carrier_register_page_of(request, found, error)
    return render_page(request, "dashboard/carrier_register.html", page, status=422 if error else 200)


def _register(request: StoreRequest, code: str) -> HttpResponse:
    store, actor = request.store, request.principal.actor
    new = register_carrier(store=store, carrier_code=code, actor=actor, at=timezone.now())
    messages.success(request, _("Registered.") if new else _("It was registered already."))
    return redirect("dashboard:carrier_register", store.store_no)


def _remove(request: StoreRequest, code: str) -> HttpResponse:
    store, actor = request.store, request.principal.actor
    gone = "\x00" not in code and unregister_carrier(store=store, carrier_code=code, actor=actor, at=timezone.now())
    messages.success(request, _("Taken off the register.") if gone else _("It was not on the register."))
    return redirect("dashboard:carrier_register", store.store_no)
