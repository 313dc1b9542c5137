"""The orders that a metric's number counts and leaves out, as a page (DM-32)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from insights.explanation import EventPage, TallyEvent
from insights.explanation.tallies import Tally
from insights.queries.metric import MetricPage
from metrics.catalogue import Metric
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True)
class EventTab:
    """What a tally counts, or what it leaves out (``out``)."""

    title: str
    out: bool
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class EventsPage:
    """What templates/dashboard/events.html and _events.html read; ``next_url``: empty on the last page."""

    nav: dict[str, Any]
    store: Store
    metric: Metric
    metric_url: str
    tabs: list[EventTab]
    events: Sequence[TallyEvent]
    numbered_by_order: bool
    left_out: bool
    next_url: str


def events_page_of(
    request: StoreRequest, found: MetricPage, tallies: Iterable[Tally], shown: Tally, page: EventPage, *, left_out: bool
) -> EventsPage:
    """A page of the events of one tally, counted or left out."""
    where = [request.store.store_no, found.metric.code]
    address = f"{reverse('dashboard:events', args=where)}?day={found.day.isoformat()}"
    here = _address(address, shown, out=left_out)
    return EventsPage(
        nav=nav(request, current="panel"),
        store=request.store,
        metric=found.metric,
        metric_url=reverse("dashboard:metric", args=where),
        tabs=[
            EventTab(tally.title, out, _address(address, tally, out=out), tally.name == shown.name and out == left_out)
            for tally in tallies
            for out in (False, True)
        ],
        events=page.events,
        numbered_by_order=shown.anchor.subject != "complaint",
        left_out=left_out,
        next_url=f"{here}&after={page.next}" if page.next else "",
    )


def _address(address: str, tally: Tally, *, out: bool) -> str:
    return f"{address}&part={tally.name}&out={int(out)}"
