"""The risk board: lanes of flags, one lane's orders, and how a score came about (PG-07, TM-06, TM-14)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Min, QuerySet

from insights.models import OrderScore, RiskCheck, WarningModel
from insights.queries.flags import FLAGS
from insights.queries.warning.models import current_model, quality_from
from insights.rules.warning import Quality
from orders.models import Order, RaisedFlag, TrackingEvent
from orders.queries.flags import Flag
from orders.queries.names import OrderNames, order_names
from orders.services.flags import flag_terms
from rulebook.policy.conduct import RiskFlag
from rulebook.queries import policy_at
from stores.models import Store

ROWS_A_PAGE = 25
# The lane of orders with high scores, beside those of the seventeen flags.
WARNING_LANE = "early-warning"


@dataclass(frozen=True, slots=True)
class Lane:
    """A flag with what policy says of it, how many orders have it, and when the first of them is due."""

    flag: Flag
    terms: RiskFlag
    count: int
    first_due: datetime | None


@dataclass(frozen=True, slots=True)
class Scoring:
    """How scores are made now: by ``model``, or by policy's weights while there is none. From ``line`` permille on an
    order is warned of."""

    model: WarningModel | None
    quality: Quality | None
    line: int


@dataclass(frozen=True, slots=True)
class Board:
    """``orders``: how many have a flag; ``warned``: how many have a score to be warned of; ``checked_at``: None before
    the store's first check."""

    lanes: Sequence[Lane]
    orders: int
    warned: int
    checked_at: datetime | None
    scoring: Scoring


@dataclass(frozen=True, slots=True)
class LaneRow:
    """An order of a lane. ``since`` and ``due_at`` are the flag's; ``score`` None: in trouble already, or too old."""

    order: Order
    since: datetime | None
    due_at: datetime | None
    score: OrderScore | None
    last_scan: TrackingEvent | None


@dataclass(frozen=True, slots=True)
class OpenLane:
    """A page of a lane's orders, the first due first; of the early warning the highest scores first. ``lane`` None: the
    early warning. ``explained``: the row whose score is explained."""

    code: str
    lane: Lane | None
    page: Page[Any]
    rows: Sequence[LaneRow]
    explained: LaneRow | None
    names: OrderNames


def board_of(store: Store, at: datetime) -> Board:
    """Counts of the flags that stand: ranges of one index, whatever the size of the store."""
    standing = RaisedFlag.objects.filter(store=store, cleared_at=None)
    counted = standing.values("code").order_by().annotate(count=Count("pk"), first=Min("due_at"))
    found = {row["code"]: row for row in counted}
    scoring = scoring_at(at)
    check = RiskCheck.objects.filter(store=store).values_list("checked_at", flat=True).first()
    terms = flag_terms(at)
    return Board(
        lanes=[_lane(flag, terms, found) for flag in FLAGS if flag.code in terms],
        orders=standing.values("order").distinct().count(),
        warned=warned(store, scoring).count(),
        checked_at=check,
        scoring=scoring,
    )


def _lane(flag: Flag, terms: Mapping[str, RiskFlag], found: Mapping[str, Any]) -> Lane:
    row = found.get(flag.code, {"count": 0, "first": None})
    return Lane(flag, terms[flag.code], row["count"], row["first"])


def scoring_at(at: datetime) -> Scoring:
    """The model that scores, and its line: the lower of policy's red score and where the top share began when it was
    judged."""
    model, red = current_model(), 10 * policy_at(at).transactions.risk_red_score
    if model is None:
        return Scoring(None, None, red)
    quality = quality_from(model.figures)
    return Scoring(model, quality, min(red, max(quality.top_from, 1)))


def warned(store: Store, scoring: Scoring) -> QuerySet[OrderScore]:
    """The scores of a store's orders that are to be warned of, highest first."""
    rows = OrderScore.objects.filter(store=store, score__gte=scoring.line)
    return rows.order_by("-score", "order_id")


def open_lane(store: Store, board: Board, code: str, *, page: str | None, order_no: str, at: datetime) -> OpenLane:
    """A page of a lane, and the row of the order asked for, else the first with a score."""
    lane = next((one for one in board.lanes if one.flag.code == code), None)
    shown = _warned_page(store, board.scoring, page) if lane is None else _flagged_page(store, code, page)
    rows = _rows(list(shown.object_list))
    asked = [row for row in rows if row.order.order_no == order_no]
    explained = next((row for row in asked or rows if row.score is not None), None)
    return OpenLane(code, lane, shown, rows, explained, order_names(store.store_no, at))


def _flagged_page(store: Store, code: str, page: str | None) -> Page[Any]:
    return Paginator(lane_of(store, code), ROWS_A_PAGE).get_page(page)


def lane_of(store: Store, code: str) -> QuerySet[RaisedFlag]:
    """Every standing flag of a code with its order and score, the first due first."""
    flags = RaisedFlag.objects.filter(store=store, code=code, cleared_at=None).select_related("order", "order__score")
    return flags.order_by(F("due_at").asc(nulls_last=True), "since", "pk")


def _warned_page(store: Store, scoring: Scoring, page: str | None) -> Page[Any]:
    return Paginator(warned(store, scoring).select_related("order"), ROWS_A_PAGE).get_page(page)


def _rows(shown: Sequence[RaisedFlag | OrderScore]) -> list[LaneRow]:
    scans: dict[int, TrackingEvent] = {}
    for event in TrackingEvent.objects.filter(order__in=[row.order_id for row in shown]).order_by("at", "pk"):
        scans[event.order_id] = event
    return [_row(row, scans.get(row.order_id)) for row in shown]


def _row(row: RaisedFlag | OrderScore, last_scan: TrackingEvent | None) -> LaneRow:
    if isinstance(row, OrderScore):
        return LaneRow(row.order, None, None, row, last_scan)
    return LaneRow(row.order, row.since, row.due_at, getattr(row.order, "score", None), last_scan)
