"""The metric and the day that an address names."""

from django.http import Http404
from django.utils import timezone

from dashboard.forms.days import parsed_day
from insights.queries.metric import MetricPage, metric_page
from metrics.catalogue import METRICS
from stores.access import StoreRequest


def shown_metric(request: StoreRequest, code: str, span: int = 1) -> MetricPage:
    """The metric on the day that the address names, with ``span`` days of history; Http404 for a code of none."""
    return metric_page(
        store=request.store,
        code=known_metric(code),
        at=timezone.now(),
        asked=parsed_day(request.GET.get("day")),
        span=span,
    )


def known_metric(code: str) -> str:
    """The code; Http404 where no metric has it."""
    if code not in METRICS:
        raise Http404
    return code
