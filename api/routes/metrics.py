"""Metrics, ratings and why they are what they are (IX-22)."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from api.auth import ApiRequest, granted_store, needs
from api.cursors import invalid
from insights.explanation import explain, explanation_data
from metrics.catalogue import METRICS, Calendar
from metrics.exports.kinds import EXPORTS
from metrics.exports.selection import Selection
from metrics.rules.days import last_complete_day
from stores.models import Store

router = Router(tags=["metrics"])

MOST_DAYS = 31
CODES = ", ".join(f"`{code}`" for code in METRICS)

First = Annotated[date | None, Query(None, alias="from", description="First day; by default the last complete one")]
Last = Annotated[date | None, Query(None, alias="to", description=f"Last day, at most {MOST_DAYS - 1} after the first")]


class MetricValue(Schema):
    """A metric on a day, as the export of scorecards has it (IX-13). Decimals are texts with ten places."""

    day: date
    metric: str = Field(examples=["late_dispatch"])
    numerator: int | None = Field(description="With `denominator`; null for scores", examples=[3])
    denominator: int | None = Field(examples=[120])
    value: str | None = Field(description="Null where there is none", examples=["0.0250000000"])
    threshold_yellow: str | None = Field(examples=["0.0300000000"])
    threshold_red: str | None = Field(examples=["0.0500000000"])
    level: str = Field(
        description="`ok`, `yellow`, `red`; `few` cases; `no_data`; `stale` data; `silent` while a store is new; `na`; "
        "`L1` to `L3` of the liability rate",
        examples=["ok"],
    )
    benchmark: str | None = Field(description="The mean of comparable stores")
    deviation: str | None = Field(description="From the benchmark, of the rating's dimensions")
    policy_version: int


class Scorecards(Schema):
    items: list[MetricValue] = Field(description="By day and metric")


class RatingDay(Schema):
    """The rating of a day, computed and published (SR-01, SR-05, SR-06)."""

    day: date
    rating: str | None = Field(examples=["4.7300000000"])
    published_rating: str | None
    frozen: bool = Field(description="Whether publishing was held back")
    tier: str | None
    described: str | None
    communication: str | None
    shipping: str | None
    dispatch: str | None
    delivery: str | None
    marks: int
    reviews: int
    policy_version: int


class Ratings(Schema):
    items: list[RatingDay] = Field(description="By day")


class CountedEvent(Schema):
    order: str
    day: date
    rule: str | None = None
    why: str | None = None
    cause: str | None = None


class LeftOut(Schema):
    rule: str
    why: str
    orders: int


class CountedOrders(Schema):
    """What one counter of the metric counted, and what it left out, the newest by name."""

    counter: str
    counted: int
    left_out: list[LeftOut]
    newest_counted: list[CountedEvent]
    newest_left_out: list[CountedEvent]


class CompositionPart(Schema):
    """A part of a composite score with its weight."""

    metric: str
    value: str | None
    sub_score: str | None
    weight: str | None
    rescaled_weight: str | None
    left_out: str | None


class ExplainedMetric(Schema):
    """A result with the counters and orders behind it."""

    store_no: str
    metric: str
    day: date
    level: str
    value: str | None = None
    numerator: int | None = None
    denominator: int | None = None
    yellow: str | None = None
    red: str | None = None
    benchmark: str | None = None
    deviation: str | None = None
    held_back: bool = False
    no_value: str | None = Field(description="Why there is no value")
    counters: dict[str, int]
    orders: list[CountedOrders]


class MetricExplanation(ExplainedMetric):
    """Why a metric is what it is; ``text``: all of it in the language of Accept-Language."""

    composition: list[CompositionPart] = Field([], description="Of a composite score")
    parts: list[ExplainedMetric] = Field([], description="Of a composite score")
    text: list[str]


@router.get(
    "/stores/{store_no}/scorecards",
    auth=needs("metrics:read"),
    response=Scorecards,
    operation_id="listScorecards",
    summary="Metrics by day",
    description=f"Computed from present data. Metrics: {CODES}.",
)
def list_scorecards(
    request: ApiRequest,
    store_no: str,
    first: First = None,
    last: Last = None,
    metric: Annotated[str, Query("", description="One metric; all without it")] = "",
) -> dict[str, Any]:
    store = granted_store(request, store_no)
    if metric and metric not in METRICS:
        raise invalid("metric", _("There is no such metric."))
    items = _rows("scorecards", store, _days(first, last))
    return {"items": [item for item in items if metric in ("", item["metric"])]}


@router.get(
    "/stores/{store_no}/ratings",
    auth=needs("metrics:read"),
    response=Ratings,
    operation_id="listRatings",
    summary="Ratings by day",
)
def list_ratings(request: ApiRequest, store_no: str, first: First = None, last: Last = None) -> dict[str, Any]:
    """Days of the rating calendar, which are days of UTC."""
    return {"items": list(_rows("ratings", granted_store(request, store_no), _days(first, last, Calendar.RATING)))}


@router.get(
    "/stores/{store_no}/scorecards/{day}/{metric}",
    auth=needs("metrics:read"),
    response=MetricExplanation,
    operation_id="explainMetric",
    summary="Why a metric is what it is",
)
def explain_metric(request: ApiRequest, store_no: str, day: date, metric: str) -> dict[str, Any]:
    """Value, thresholds and benchmark of a complete day, the counters behind it and the newest orders that they count
    or leave out."""
    store = granted_store(request, store_no)
    if metric not in METRICS or not date.min + timedelta(days=366) < day <= _last(METRICS[metric].calendar):
        raise Http404
    return explanation_data(explain(store=store, code=metric, day=day))


def _last(calendar: Calendar) -> date:
    return last_complete_day(timezone.now(), calendar)


def _days(first: date | None, last: date | None, calendar: Calendar = Calendar.PERFORMANCE) -> tuple[date, date]:
    """The days asked for. Raises ProblemError for days that are not over, too many, or in the wrong order."""
    complete = _last(calendar)
    last = last or (min(complete, first + timedelta(days=MOST_DAYS - 1)) if first else complete)
    first = first or last
    if last > complete:
        raise invalid("to", _("The last complete day is %(day)s.") % {"day": complete})
    if first > last:
        raise invalid("from", _("It has to be before the last day."))
    if (last - first).days >= MOST_DAYS or first.year < 2000:
        raise invalid("from", _("At most %(count)s days at once.") % {"count": MOST_DAYS})
    return first, last


def _rows(kind: str, store: Store, days: tuple[date, date]) -> Iterator[dict[str, Any]]:
    """The rows of an export of the command line, which the API gives as they are (IX-13)."""
    export = EXPORTS[kind]
    for row in export.rows(Selection([store], *days)):
        yield {name: _value(value) for name, value in zip(export.columns, row, strict=True) if name != "store_no"}


def _value(value: object) -> object:
    return format(value, "f") if isinstance(value, Decimal) else value
