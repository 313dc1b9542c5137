"""The page of a metric and its chart (PG-04)."""

import orjson
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.forms.days import parsed_span
from dashboard.presenters.metric import annotated_chart, annotations_of, metric_context
from dashboard.queries.metric import metric_details
from dashboard.views.problems import asked_problem_list
from dashboard.views.shown import shown_metric
from metrics.catalogue import problem_counters
from stores.access import StoreRequest, store_view
from stores.principals import Area

PROBLEMS_TARGET = "problems"


@require_safe
@store_view(area=Area.METRICS)
def metric(request: StoreRequest, code: str) -> HttpResponse:
    """A metric's page; htmx gets the list of problem orders alone (PG-04)."""
    now, span = timezone.now(), parsed_span(request.GET.get("days"))
    store = request.store
    found = shown_metric(request, code, span)
    problems = asked_problem_list(request, found, now) if problem_counters(code) else None
    context = {"problems": problems, "target": f"#{PROBLEMS_TARGET}"}
    if problems and _wants_list(request):
        return render(request, "dashboard/_problems.html", {**context, "part": problems})
    context |= metric_context(request, store, metric_details(store, found, now), span, now)
    return render(request, "dashboard/metric.html", context)


@require_safe
@store_view(area=Area.METRICS)
def metric_chart(request: StoreRequest, code: str) -> HttpResponse:
    """The chart of a metric's page as JSON for Plotly."""
    found = shown_metric(request, code, parsed_span(request.GET.get("days")))
    details = metric_details(request.store, found, timezone.now())
    chart = annotated_chart(details, annotations_of(request.store, details))
    return HttpResponse(orjson.dumps(chart), content_type="application/json")


def _wants_list(request: StoreRequest) -> bool:
    htmx = request.htmx
    return bool(htmx) and not htmx.history_restore_request and htmx.target == PROBLEMS_TARGET
