"""The root causes of a metric's failures (MX-15)."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.views.shown import known_metric, shown_metric
from insights.presenters.causes import CausesPart, causes_part
from insights.queries.causes import causes_of
from insights.rules.causes import has_causes
from metrics.catalogue import Metric
from stores.access import StoreRequest, store_view
from stores.context_processors import nav
from stores.principals import Area


@dataclass(frozen=True, slots=True)
class CausesPage:
    """What templates/dashboard/causes.html and _causes.html read."""

    part: CausesPart
    metric: Metric
    nav: dict[str, Any]


@require_safe
@store_view(area=Area.METRICS)
def causes(request: StoreRequest, code: str) -> HttpResponse:
    """The root causes of a metric's failures; htmx gets the list alone (MX-15)."""
    if not has_causes(known_metric(code)):
        raise Http404
    found = shown_metric(request, code)
    metric_url = reverse("dashboard:metric", args=[request.store.store_no, code])
    part = causes_part(causes_of(found.store_day, code), metric_url)
    template = "dashboard/_causes.html" if request.htmx else "dashboard/causes.html"
    return render_page(request, template, CausesPage(part, found.metric, nav(request, current="panel")))
