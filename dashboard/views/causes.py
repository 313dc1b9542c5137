"""The root causes of a metric's failures (MX-15)."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.views.shown import known_metric, shown_metric
from insights.presenters.causes import causes_part
from insights.queries.causes import causes_of
from insights.rules.causes import has_causes
from stores.access import StoreRequest, store_view
from stores.context_processors import nav
from stores.principals import Area


@require_safe
@store_view(area=Area.METRICS)
def causes(request: StoreRequest, code: str) -> HttpResponse:
    """The root causes of a metric's failures; htmx gets the list alone (MX-15)."""
    if not has_causes(known_metric(code)):
        raise Http404
    found = shown_metric(request, code)
    metric_url = reverse("dashboard:metric", args=[request.store.store_no, code])
    context = {
        "part": causes_part(causes_of(found.store_day, code), metric_url),
        "metric": found.metric,
        "nav": nav(request, current="panel"),
    }
    return render(request, "dashboard/_causes.html" if request.htmx else "dashboard/causes.html", context)
