"""Whose fault a metric's failures are (BX-10, BX-13)."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.presenters.faults import FaultsPart, faults_part
from dashboard.views.shown import known_metric, shown_metric
from insights.queries.faults import metric_faults
from insights.rules.fault import has_faults
from metrics.catalogue import Metric
from stores.access import StoreRequest, store_view
from stores.context_processors import nav
from stores.principals import Area


@dataclass(frozen=True, slots=True)
class FaultsPage:
    """What templates/dashboard/faults.html and _faults.html read."""

    part: FaultsPart
    metric: Metric
    metric_url: str
    nav: dict[str, Any]


@require_safe
@store_view(area=Area.METRICS)
def faults(request: StoreRequest, code: str) -> HttpResponse:
    """Whose fault a metric's failures are; htmx gets the block alone (BX-10, BX-13)."""
    if not has_faults(known_metric(code)):
        raise Http404
    found = shown_metric(request, code)
    page = FaultsPage(
        part=faults_part(code, metric_faults(found.store_day, code)),
        metric=found.metric,
        metric_url=reverse("dashboard:metric", args=[request.store.store_no, code]),
        nav=nav(request, current="panel"),
    )
    return render_page(request, "dashboard/_faults.html" if request.htmx else "dashboard/faults.html", page)
