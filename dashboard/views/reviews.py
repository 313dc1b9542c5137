"""The reviews desk (PG-09)."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.forms.reviews import ReviewFilterForm
from dashboard.presenters.reviews import reviews_page
from dashboard.queries.reviews import reviews_desk
from orders.queries.listing import Cursor
from orders.queries.review_list import Part
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.ORDERS)
def reviews(request: StoreRequest) -> HttpResponse:
    """Reviews by buyers and by the system, negative ones first, with the figures on feedback."""
    at = timezone.now()
    asked = request.GET.get("part", "")
    part = Part(asked) if asked in set(Part) else Part.NEGATIVE
    form = ReviewFilterForm(request.GET, part=part)
    cursor = Cursor.parse(request.GET.get("earlier"), request.GET.get("later"))
    found = reviews_desk(request.store, part, form.filters(), cursor, at)
    return render_page(request, "dashboard/reviews.html", reviews_page(request, form, found, at))
