"""Listings: what is found in them, and taking them offline and putting them online again (PG-14, DP-17)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.pages.components import Banner
from core.pages.responses import render_page
from dashboard.forms.listings import ListingFilterForm
from dashboard.presenters.listing_page import barred_text, listing_page_of
from dashboard.presenters.listings import listings_page_of
from dashboard.queries.listings import listing_details, listing_list, notice_skus
from rulebook.queries import policy_at
from stores.access import StoreRequest, store_view
from stores.principals import Area
from stores.services.listings import ListingOutcome, put_online, take_offline


@require_safe
@store_view(area=Area.ORDERS)
def listings(request: StoreRequest) -> HttpResponse:
    """The listings of a store, worst first."""
    now, form = timezone.now(), ListingFilterForm(request.GET)
    number = request.GET.get("notice", "")
    notice, skus = notice_skus(request.store, number, now) if number else (None, None)
    found = listing_list(form.query(request.store, skus), notice, request.GET.get("page"), now)
    page = listings_page_of(request, form, found, policy_at(now), now)
    return render_page(request, "dashboard/listings.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(area=Area.ORDERS)
def listing(request: StoreRequest, sku: str) -> HttpResponse:
    """One listing; owners and managers post ``online`` or ``offline``."""
    now = timezone.now()
    found = listing_details(request.store, sku, now)
    asked = request.POST.get("do", "")
    if request.method != "POST" or asked not in ("online", "offline"):
        return _shown(request, sku, None, 200)
    change = put_online if asked == "online" else take_offline
    outcome = change(store=request.store, sku=found.listing.sku, at=now, actor=request.principal.actor)
    if outcome in (ListingOutcome.BARRED, ListingOutcome.MIRRORED, ListingOutcome.GONE):
        return _shown(request, sku, outcome, 409)
    done = {"online": _("The listing is online."), "offline": _("The listing is offline.")}
    again = {"online": _("It was online already."), "offline": _("It was offline already.")}
    messages.success(request, (again if outcome is ListingOutcome.REPEATED else done)[asked])
    return redirect("dashboard:listing", request.store.store_no, sku)


def _shown(request: StoreRequest, sku: str, outcome: ListingOutcome | None, status: int) -> HttpResponse:
    now = timezone.now()
    found = listing_details(request.store, sku, now)
    banner = None
    if outcome is ListingOutcome.BARRED:
        banner = Banner("red", "", barred_text(found.listing))
    elif outcome is ListingOutcome.MIRRORED:
        banner = Banner("yellow", "", _("The platform decides whether it is offered: change it there."))
    page = listing_page_of(request, found, policy_at(now), now, banner)
    return render_page(request, "dashboard/listing.html", page, status=status)
