"""Promotion eligibility of a store (PN-12)."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from penalties.presenters.eligibility import promotions_page_of
from penalties.queries.eligibility import eligibility_ahead, promotion_outlooks
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.NOTICES)
def promotions(request: StoreRequest) -> HttpResponse:
    """Each condition with what stands in its way and its first day; the calendar of promotions."""
    now = timezone.now()
    found = eligibility_ahead(store=request.store, at=now)
    page = promotions_page_of(request, found, promotion_outlooks(found, now), now)
    return render_page(request, "penalties/promotions.html", page)
