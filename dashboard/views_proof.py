"""Views that prove a number (DM-32): the orders it counts and leaves out, and its raw data package."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.attachments import attached
from dashboard.forms.days import parsed_day
from insights.explanation import event_page
from insights.explanation.tallies import tallies_of
from insights.packages import package_chunks, package_name
from insights.queries.metric import MetricPage, metric_page
from metrics.catalogue import METRICS
from stores.access import StoreRequest, store_view
from stores.context import nav
from stores.principals import Area


@require_safe
@store_view(area=Area.METRICS)
def package(request: StoreRequest, code: str) -> StreamingHttpResponse:
    """The raw data package of a metric's number, streamed (DM-32, IX-12)."""
    day = _found(request, code).day
    chunks = package_chunks(store=request.store, code=code, day=day)
    response = StreamingHttpResponse(chunks, content_type="application/zip")
    return attached(response, package_name(request.store.store_no, code, day))


@require_safe
@store_view(area=Area.METRICS)
def events(request: StoreRequest, code: str) -> HttpResponse:
    """The orders that a number counts (``part`` names which) or leaves out (``out=1``), page by page; htmx gets the
    list alone."""
    found = _found(request, code)
    tallies = {tally.name: tally for tally in tallies_of(code)}
    if not tallies:
        raise Http404
    name = request.GET.get("part", "")
    name = name if name in tallies else next(iter(tallies))
    left_out = request.GET.get("out") == "1"
    page = event_page(
        store_id=request.store.pk,
        code=code,
        name=name,
        left_out=left_out,
        first=found.day - timedelta(days=found.standing.window_days - 1),
        last=found.day,
        after=request.GET.get("after", ""),
    )
    address = reverse("dashboard:events", args=[request.store.store_no, code]) + f"?day={found.day.isoformat()}"
    context: dict[str, Any] = {
        "store": request.store,
        "metric": found.metric,
        "metric_url": reverse("dashboard:metric", args=[request.store.store_no, code]),
        "events": page.events,
        "numbered_by_order": tallies[name].anchor.subject != "complaint",
        "left_out": left_out,
        "tabs": [
            {"title": tally.title, "out": out, "url": f"{address}&part={tally.name}&out={out}",
             "current": tally.name == name and bool(out) == left_out}
            for tally in tallies.values() for out in (0, 1)
        ],
        "next_url": f"{address}&part={name}&out={int(left_out)}&after={page.next}" if page.next else "",
        "nav": nav(request, current="panel"),
    }  # fmt: skip
    return render(request, "dashboard/_events.html" if request.htmx else "dashboard/events.html", context)


def _found(request: StoreRequest, code: str) -> MetricPage:
    if code not in METRICS:
        raise Http404
    asked = parsed_day(request.GET.get("day"))
    return metric_page(store=request.store, code=code, at=timezone.now(), asked=asked, span=1)
