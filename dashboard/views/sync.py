"""The page of a store's sync health (PN-20)."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.presenters.sync import sync_page_of
from dashboard.queries.sync import sync_of
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.ORDERS)
def sync(request: StoreRequest) -> HttpResponse:
    """Sources, data streams, orders without numbers, data issues, failures, and rows that wait."""
    asked, page = request.GET.get("waiting", ""), request.GET.get("page")
    found = sync_of(request.store, request.principal, timezone.now(), asked=asked, page=page)
    return render_page(request, "dashboard/sync.html", sync_page_of(request, found))
