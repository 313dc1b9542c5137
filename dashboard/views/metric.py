"""The page of a metric and its chart (PG-04)."""

import orjson
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.forms.days import parsed_span
from dashboard.presenters.metric import annotated_chart, annotations_of, metric_page_context
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
    found, target = shown_metric(request, code, span), f"#{PROBLEMS_TARGET}"
    problems = asked_problem_list(request, found, now) if problem_counters(code) else None
    if problems and _wants_list(request):
        return render(request, "dashboard/_problems.html", {"part": problems, "target": target})
    details = metric_details(request.store, found, now)
    return render_page(
        request, "dashboard/metric.html", metric_page_context(request, details, span, now, problems, target)
    )


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
