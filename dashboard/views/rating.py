"""The rating page of a store (PG-05)."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.forms.days import parsed_day, parsed_span
from dashboard.presenters.rating import rating_page_context
from dashboard.queries.rating import rating_page
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.METRICS)
def rating(request: StoreRequest) -> HttpResponse:
    """The rating page of a store (PG-05)."""
    now, span = timezone.now(), parsed_span(request.GET.get("days"))
    asked, since = (parsed_day(request.GET.get(name)) for name in ("day", "since"))
    found = rating_page(store=request.store, at=now, asked=asked, span=span, since=since)
    context = rating_page_context(request, request.store, found, span, now)
    return render_page(request, "dashboard/rating.html", context)
