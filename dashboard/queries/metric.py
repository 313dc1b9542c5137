"""What the page of a metric shows besides the metric itself (PG-04)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.queries.annotations import ChartEvents, chart_events
from insights.queries.metric import MetricPage
from insights.queries.upcoming import Outlook, outlook_of
from metrics.models import RatingFreeze
from metrics.queries.freezes import past_freezes
from penalties.queries.consequences import Consequences, consequences_of
from stores.models import Store


@dataclass(frozen=True, slots=True)
class MetricDetails:
    """``page``: the metric; ``outlook``: what comes next; ``events``: what happened on the days of its chart;
    ``freezes``: of the rating, those so far; ``consequences``: the penalties that hang on it."""

    page: MetricPage
    outlook: Outlook
    events: ChartEvents
    freezes: Sequence[RatingFreeze]
    consequences: Consequences | None


def metric_details(store: Store, page: MetricPage, at: datetime) -> MetricDetails:
    """Load what stands around a metric on its page."""
    code = page.metric.code
    return MetricDetails(
        page=page,
        outlook=outlook_of(page, at),
        events=chart_events(store, code, page.history),
        freezes=past_freezes(store.pk, page.day) if code == "dsr" else [],
        consequences=consequences_of(store, code, at),
    )
