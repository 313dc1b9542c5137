"""The health panel of a store (PG-03)."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.forms.days import parsed_day
from dashboard.presenters.panel import panel_page_of
from dashboard.queries.panel import health_panel
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.METRICS)
def panel(request: StoreRequest) -> HttpResponse:
    """The health panel of a store (PG-03)."""
    now = timezone.now()
    found = health_panel(store=request.store, at=now, asked=parsed_day(request.GET.get("day")))
    return render_page(request, "dashboard/panel.html", panel_page_of(request, request.store, found, now))
