"""Official carriers against others (DP-18)."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.forms.days import parsed_day
from dashboard.presenters.carriers import advice, comparison_table
from insights.queries.carriers import COMPARED, all_carriers, store_carriers
from insights.tasks import ask_for_carriers
from metrics.catalogue import Calendar
from metrics.queries.days import page_days
from metrics.rules.days import last_complete_day
from metrics.scorecards.loading import load_spans
from metrics.scorecards.store_profiles import load_profiles
from stores.access import StoreRequest, store_view
from stores.context_processors import nav
from stores.principals import Area


@require_safe
@store_view(area=Area.METRICS)
def carriers(request: StoreRequest) -> HttpResponse:
    """Official against other carriers, in the store and in all stores; htmx gets the block alone (DP-18)."""
    now, store = timezone.now(), request.store
    days = page_days(load_profiles([store])[0], now, parsed_day(request.GET.get("day")))
    store_span = load_spans([store], days.performance, days.performance, codes=COMPARED)[store.id]
    policy = store_span.policy(days.performance, Calendar.PERFORMANCE)
    address = reverse("dashboard:carriers", args=[store.store_no])
    context = {"all_url": f"{address}?part=all", "least": policy.judging.benchmark_min_stores}
    context |= _all_carriers(last_complete_day(now, Calendar.PERFORMANCE))
    if request.htmx and request.GET.get("part") == "all":
        return render(request, "dashboard/_carriers_all.html", context)
    context |= {
        "own": comparison_table(store_carriers(store_span, days.performance)),
        "advice": advice(policy),
        "trade_url": reverse("dashboard:trade", args=[store.store_no]),
        "nav": nav(request, current="trade"),
    }
    return render(request, "dashboard/_carriers.html" if request.htmx else "dashboard/carriers.html", context)


def _all_carriers(day: date) -> dict[str, Any]:
    """The table of all stores, or that it is being counted."""
    found = all_carriers(day)
    if found is None:
        ask_for_carriers(day)
        return {"pending": True}
    return {"all": comparison_table(found)}
