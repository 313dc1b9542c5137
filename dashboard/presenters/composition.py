"""What a composite score is made of, as a table (DM-32, DP-06, TM-05)."""

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.components import Fact
from dashboard.presenters import parts
from insights.explanation import PartRow, composition_of
from insights.queries.metric import MetricPage
from metrics import words
from stores.models import Store


@dataclass(frozen=True, slots=True)
class CompositionRow:
    """A part of a score: its value, sub-score and weight, and what they give; ``why``: what leaves it out."""

    name: str
    url: str
    value: str
    score: str
    weight: str
    gives: str
    why: str


@dataclass(frozen=True, slots=True)
class CompositionPart:
    """What templates/dashboard/_composition.html reads; ``knots``: how values become sub-scores."""

    rows: list[CompositionRow]
    knots: list[Fact]
    total: str


def composition_part(store: Store, found: MetricPage) -> CompositionPart | None:
    """The parts of a score; None for one without parts."""
    rows, value = composition_of(found.store_day, found.metric.code), found.status.result.value.value
    if not rows:
        return None
    return CompositionPart(
        rows=[_row(row, store, found) for row in rows],
        knots=[Fact(str(row.metric.title), text) for row in rows if (text := _knots(row, found))],
        total="" if value is None else _score(value),
    )


def _row(row: PartRow, store: Store, found: MetricPage) -> CompositionRow:
    return CompositionRow(
        name=str(row.metric.title),
        url=parts.metric_url(store.store_no, row.code, found.days),
        value="" if row.value.value is None else words.value_text(row.value.value, _unit(row, found)),
        score="" if row.score is None else _score(row.score),
        weight="" if row.share is None else formats.percent(row.share, places=1),
        gives="" if row.gives is None else _score(row.gives),
        why=row.why,
    )


def _unit(row: PartRow, found: MetricPage) -> str:
    return found.store_span.policy(found.day, row.metric.calendar).metrics[row.code].unit


def _knots(row: PartRow, found: MetricPage) -> str:
    """The knots: ``0 % → 100, 3.5 % → 75 …``; of a floor whose share of failures counts, over that share."""
    if row.scale is None:
        return ""
    unit = _unit(row, found)
    text = _(", ").join(
        f"{words.threshold_text(at, unit)} → {formats.grouped(formats.limit(score))}" for at, score in row.scale.points
    )
    return _("over the share of failures: %(knots)s") % {"knots": text} if row.scale.top else text


def _score(value: Fraction) -> str:
    return formats.score(value, places=2)
