"""The penalties of a store (PG-12)."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from penalties.presenters.penalties import penalties_page_of
from penalties.queries.penalties import penalties_page
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.NOTICES)
def penalties(request: StoreRequest) -> HttpResponse:
    """In force first, then the points of the year, then past ones."""
    now = timezone.now()
    found = penalties_page(store=request.store, at=now, page=request.GET.get("page"))
    return render_page(request, "penalties/penalties.html", penalties_page_of(request, found, now))
