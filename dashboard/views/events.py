"""The orders that a metric's number counts and leaves out (DM-32)."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.views.shown import shown_metric
from insights.explanation import event_page
from insights.explanation.tallies import tallies_of
from stores.access import StoreRequest, store_view
from stores.context_processors import nav
from stores.principals import Area


@require_safe
@store_view(area=Area.METRICS)
def events(request: StoreRequest, code: str) -> HttpResponse:
    """The orders that a number counts (``part`` names which) or leaves out (``out=1``), page by page; htmx gets the
    list alone."""
    found = shown_metric(request, code)
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
        first=found.day - timedelta(days=found.status.window_days - 1),
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
