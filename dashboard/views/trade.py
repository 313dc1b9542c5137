"""The trade analysis of a store (PG-15, TM-09)."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.forms.days import parsed_day
from dashboard.presenters.trade import trade_page_of
from dashboard.queries.trade import trade_page
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.METRICS)
def trade(request: StoreRequest) -> HttpResponse:
    """The trade analysis of a store (PG-15, TM-09)."""
    now = timezone.now()
    found = trade_page(store=request.store, at=now, asked=parsed_day(request.GET.get("day")))
    return render_page(request, "dashboard/trade.html", trade_page_of(request, request.store, found, now))
