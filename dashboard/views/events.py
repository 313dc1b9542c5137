"""The orders that a metric's number counts and leaves out (DM-32)."""

from datetime import timedelta

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.presenters.events import events_page_of
from dashboard.views.shown import shown_metric
from insights.explanation import event_page
from insights.explanation.tallies import tallies_of
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.METRICS)
def events(request: StoreRequest, code: str) -> HttpResponse:
    """The orders that a number counts (``part`` names which) or leaves out (``out=1``), page by page; htmx gets the
    list alone."""
    found, tallies = shown_metric(request, code), tallies_of(code)
    if not tallies:
        raise Http404
    asked, left_out = request.GET.get("part", ""), request.GET.get("out") == "1"
    shown = next((tally for tally in tallies if tally.name == asked), tallies[0])
    page = event_page(
        store_id=request.store.pk,
        code=code,
        name=shown.name,
        left_out=left_out,
        first=found.day - timedelta(days=found.status.window_days - 1),
        last=found.day,
        after=request.GET.get("after", ""),
    )
    context = events_page_of(request, found, tallies, shown, page, left_out=left_out)
    return render_page(request, "dashboard/_events.html" if request.htmx else "dashboard/events.html", context)
