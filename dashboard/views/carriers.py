"""Official carriers against others (DP-18)."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.forms.carriers import LaneForm
from dashboard.forms.days import parsed_day
from dashboard.presenters.carriers import all_carriers_part, carriers_page_of
from insights.queries.carriers import COMPARED, Comparison, all_carriers, store_carriers
from insights.tasks import ask_for_carriers
from metrics.catalogue import Calendar
from metrics.queries.days import page_days
from metrics.rules.days import last_complete_day
from metrics.scorecards.loading import load_spans
from metrics.scorecards.store_profiles import load_profiles
from orders.queries.names import site_names
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.METRICS)
def carriers(request: StoreRequest) -> HttpResponse:
    """Official against other carriers, in the store or on one of its lanes, and in all stores; htmx gets the block."""
    now, store = timezone.now(), request.store
    days = page_days(load_profiles([store])[0], now, parsed_day(request.GET.get("day")))
    store_span = load_spans([store], days.performance, days.performance, codes=COMPARED)[store.id]
    policy = store_span.policy(days.performance, Calendar.PERFORMANCE)
    everywhere = all_carriers_part(store, policy, _counted(last_complete_day(now, Calendar.PERFORMANCE)))
    if request.htmx and request.GET.get("part") == "all":
        return render(request, "dashboard/_carriers_all.html", {"part": everywhere})
    sites = site_names(now)
    form = LaneForm(request.GET, sites=sites)
    site = form.asked_site()
    own = store_carriers(store_span, days.performance, site)
    context = carriers_page_of(request, store, policy, form, sites.get(site, ""), own, everywhere)
    return render_page(request, "dashboard/_carriers.html" if request.htmx else "dashboard/carriers.html", context)


def _counted(day: date) -> Comparison | None:
    """The carriers of all stores; None where they have to be counted first, which is asked for."""
    found = all_carriers(day)
    if found is None:
        ask_for_carriers(day)
    return found
