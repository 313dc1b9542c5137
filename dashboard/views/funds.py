"""The funds of a store (PG-13, TM-04)."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.presenters.funds import funds_page_of
from dashboard.queries.funds import funds_page
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.ORDERS)
def funds(request: StoreRequest) -> HttpResponse:
    """The settlement calendar, held funds with their reasons, what was released lately, the collection period."""
    now = timezone.now()
    found = funds_page(store=request.store, at=now)
    return render_page(request, "dashboard/funds.html", funds_page_of(request, found, now))
