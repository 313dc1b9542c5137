"""What a notice keeps of the day it was judged by: the arithmetic and the problem orders (PN-01, PN-04)."""

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import islice
from typing import Any

from metrics.catalogue import METRICS, Kind, problem_counters
from metrics.figures.loading import load_figures
from metrics.figures.store import Figures
from metrics.models import Published
from metrics.queries.problems import ProblemQuery, ProblemRow, all_problems
from metrics.services.publish import PLACES
from notifications.models import Notice, NoticeOrder
from rulebook.policy import Policy
from rulebook.rules import EffectiveLine, rounded
from rulebook.timebase import window_start
from stores.models import Store

ROWS_AT_ONCE = 1_000
INSTANTS = (
    "paid_at", "ship_by", "shipped_at", "estimated_delivery_at", "delivered_at", "cancelled_at", "refunded_at",
)  # fmt: skip
TEXTS = ("order_no", "carrier", "tracking_no", "site", "category")


def freeze_arithmetic(*, store: Store, row: Published, code: str, policy: Policy) -> dict[str, Any]:
    """The window, the lines factor by factor, the parts of a rating, the store's own mean.

    Figures are computed from current facts (MX-08): what no longer agrees with the published value or line, as data
    came in between, is left out, so that a notice never contradicts itself.
    """
    metric, card = METRICS[code], row.cards[code]
    back = policy.judging.stable_days
    figures = load_figures([store], row.day - timedelta(days=back), row.day, codes=[code])[store.id]
    window = policy.rating.window_days if metric.kind == Kind.STARS else policy.metrics[code].window_days
    lines = figures.lines(code, row.day)
    frozen: dict[str, Any] = {
        "unit": policy.metrics[code].unit,
        "first": window_start(row.day, window).isoformat(),
        "days": window,
        "lines": {
            name: _line(line)
            for name, line in (("yellow", lines.yellow), ("red", lines.red))
            if line is not None and _text(line.value) == card.get(name)
        },
    }
    if (mean := own_mean(figures, code, row.day, back)) is not None:
        frozen["own_mean"] = _text(mean)
    if metric.kind == Kind.STARS:
        rating = figures.rating(row.day)
        if rating.score is not None and _text(rating.score) == card.get("value"):
            frozen["parts"] = {
                name: {"value": _text(part), "weight": _text(rating.weights[name])}
                for name, part in rating.parts.items()
                if part is not None
            }
    return frozen


def own_mean(figures: Figures, code: str, day: date, back: int) -> Fraction | None:
    """The mean of the metric over the sufficient ones of the ``back`` days before (PN-04, MX-10)."""
    values = [
        past.value
        for days in range(1, back + 1)
        if (past := figures.value(code, day - timedelta(days=days))).sufficient and past.value is not None
    ]
    return sum(values, Fraction()) / len(values) if values else None


def freeze_orders(notice: Notice) -> int:
    """Copy the problem orders of the notice's window; returns how many there are."""
    first = date.fromisoformat(notice.frozen["first"])
    problems = all_problems(ProblemQuery(notice.store_id, problem_counters(notice.metric), first, notice.day))
    copies = (_copy(notice, place, row) for place, row in enumerate(problems, start=1))
    count = 0
    while batch := list(islice(copies, ROWS_AT_ONCE)):
        NoticeOrder.objects.bulk_create(batch)
        count += len(batch)
    return count


def _copy(notice: Notice, place: int, row: ProblemRow) -> NoticeOrder:
    values: dict[str, Any] = {"complaint_no": row.complaint.complaint_no if row.complaint else ""}
    if row.order is not None:
        values |= {name: getattr(row.order, name) for name in (*TEXTS, *INSTANTS)}
    return NoticeOrder(notice=notice, place=place, counter=row.problem.counter, day=row.problem.day, **values)


def _line(line: EffectiveLine) -> dict[str, Any]:
    return {
        "base": str(line.base),
        "top": None if line.floor_top is None else str(line.floor_top),
        "factors": [{"kind": one.kind, "name": one.name, "value": str(one.value)} for one in line.factors],
    }


def _text(value: Fraction) -> str:
    return format(rounded(value, PLACES), "f")


def card_columns(card: Mapping[str, Any]) -> dict[str, Any]:
    """A published card as columns of a notice."""
    return {name: card.get(name) for name in ("value", "numerator", "denominator", "yellow", "red", "benchmark")}
