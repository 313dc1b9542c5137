"""The trade analysis of a store and its file (PG-15, TM-09)."""

from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.downloads import people_file, table_file, wants_machine_form
from core.pages.responses import render_page
from dashboard.forms.days import parsed_day
from dashboard.presenters.trade import CSV_COLUMNS as TRADE_COLUMNS
from dashboard.presenters.trade import trade_page_of, trade_rows
from dashboard.presenters.trade_files import trade_sheet
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


@require_safe
@store_view(area=Area.METRICS)
def trade_file(request: StoreRequest, suffix: str) -> HttpResponseBase:
    """The twelve figures of trade as a file (RL-12)."""
    found = trade_page(store=request.store, at=timezone.now(), asked=parsed_day(request.GET.get("day")))
    name = f"{request.store.store_no}-trade-{found.days.performance.isoformat()}"
    if wants_machine_form(request):
        return table_file(name, suffix, TRADE_COLUMNS, trade_rows(found))
    return people_file(name, suffix, trade_sheet(found))
