"""What happened to a metric on the days of its chart (PG-04)."""

from collections.abc import Sequence
from dataclasses import dataclass

from insights.history import History
from metrics.catalogue import RATED
from metrics.models import RatingFreeze
from metrics.queries.freezes import freezes_between
from notifications.models import Notice
from notifications.queries.notices import notices_between
from stores.models import Store


@dataclass(frozen=True, slots=True)
class ChartEvents:
    """The freezes of the rating, for metrics that it is made of, and the notices of the metric; oldest first."""

    freezes: Sequence[RatingFreeze]
    notices: Sequence[Notice]


def chart_events(store: Store, code: str, history: History) -> ChartEvents:
    """What happened on the days of a history."""
    first, last = history.days[0], history.days[-1]
    freezes = freezes_between(store.pk, first, last) if code in RATED else []
    return ChartEvents(freezes, notices_between(store, code, first, last))
