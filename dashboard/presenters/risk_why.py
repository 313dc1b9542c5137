"""Why an order has its early-warning score, and how good such scores were (TM-06)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from core.pages.components import Fact
from core.pages.formats import NO_VALUE
from dashboard.presenters.risk_words import Said, said_of
from dashboard.queries.risk import Scoring
from insights.models import OrderScore
from insights.rules.warning import CHANGEABLE, Band, Factor, Quality
from insights.rules.wilson import wilson
from orders.models import Order
from orders.queries.names import OrderNames

# Squares of the drawing "of 100 orders".
HUNDRED = 100
# Where an order is helped, by `Said.at`.
Urls = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FactorLine:
    """A factor's points; ``left`` and ``width`` place its bar in percent of the drawing."""

    text: str
    note: str
    action: str
    url: str
    points: str
    tone: str
    left: int
    width: int


@dataclass(frozen=True, slots=True)
class Square:
    x: int
    y: int
    on: bool


@dataclass(frozen=True, slots=True)
class Why:
    """What templates/dashboard/_risk_why.html reads; ``action`` is what helps most, at ``action_url``."""

    number: str
    order_url: str
    score: str
    tone: str
    squares: Sequence[Square]
    meaning: str
    changeable: str
    action: str
    action_url: str
    start: str
    base: str
    factors: Sequence[FactorLine]
    quality: str
    scored_at: datetime


def score_tone(score: int, scoring: Scoring) -> str:
    """Red from the line of warning on, yellow from half of it on."""
    return "red" if score >= scoring.line else "yellow" if 2 * score >= scoring.line else "none"


def why_of(order: Order, row: OrderScore, scoring: Scoring, names: OrderNames, urls: Urls, at: datetime) -> Why:
    points = {Factor(code): value for code, value in row.points.items()}
    ranked = sorted(points, key=lambda factor: (-abs(points[factor]), factor))
    said = {factor: said_of(factor, row.facts, order, names) for factor in ranked}
    most = max(map(abs, points.values()), default=0)
    lines = [_factor(factor, points[factor], said[factor], urls, most) for factor in ranked]
    helpful = [factor for factor in ranked if factor in CHANGEABLE and points[factor] > 0 and said[factor].action]
    return Why(
        number=order.order_no,
        order_url=urls["order"],
        score=_permille(row.score),
        tone=score_tone(row.score, scoring),
        squares=[Square(8 * (n % 25), 8 * (n // 25), 10 * n + 5 <= row.score) for n in range(HUNDRED)],
        meaning=_meaning(row, scoring),
        changeable=_changeable(helpful, points),
        action=said[helpful[0]].action if helpful else "",
        action_url=urls[said[helpful[0]].at] if helpful else "",
        start=_("An average order") if row.model_id else _("Without any of the factors"),
        base=_permille(row.base),
        factors=lines,
        quality=_quality_line(scoring),
        scored_at=row.scored_at,
    )


def _permille(value: int) -> str:
    return formats.percent(value / 1000, places=1)


def _factor(factor: Factor, points: int, said: Said, urls: Urls, most: int) -> FactorLine:
    """Bars to the right raise the score, those to the left lower it; the axis is at a quarter."""
    width = max((75 if points > 0 else 25) * abs(points) // max(most, 1), 1)
    return FactorLine(
        text=said.text,
        note=said.note,
        action=said.action if points > 0 and factor in CHANGEABLE else "",
        url=urls[said.at],
        points=formats.number(points / 10, places=1) if points < 0 else f"+{formats.number(points / 10, places=1)}",
        tone="red" if points > 0 else "ok",
        left=25 if points > 0 else 25 - width,
        width=width,
    )


def _meaning(row: OrderScore, scoring: Scoring) -> str:
    if scoring.quality is None or not row.model_id:
        return _(
            "The score adds up the weights that policy gives to the factors. It ranks orders and is no probability."
        )
    band = next(band for band in scoring.quality.bands if band.lower <= row.score < band.upper)
    if not band.rows:
        return _("No later order had a score this high when the score was tested, so nobody knows yet how true it is.")
    return _(
        "Of 100 orders with this score, about %(score)s get into trouble: a dispute, a full refund or a bad review."
        " When the score was tested, %(came)s of the %(rows)s orders between %(lower)s and %(upper)s did."
    ) % {
        "score": formats.number(row.score / 10, places=0),
        "came": formats.percent(band.troubled / band.rows, places=1),
        "rows": formats.number(band.rows),
        "lower": _permille(band.lower),
        "upper": _permille(min(band.upper, 1000)),
    }


def _changeable(factors: Sequence[Factor], points: dict[Factor, int]) -> str:
    if not factors:
        return ""
    total = formats.number(sum(points[factor] for factor in factors) / 10, places=1)
    return ngettext(
        "%(count)s factor that can be changed makes %(points)s points of it.",
        "%(count)s factors that can be changed make %(points)s points of it.",
        len(factors),
    ) % {"count": len(factors), "points": total}


def _quality_line(scoring: Scoring) -> str:
    quality = scoring.quality
    if quality is None:
        return _("There is too little data of your own yet to learn from; training is tried again every week.")
    return _("On later orders than it learned from: AUC %(auc)s; of the highest %(share)s, %(top)s came true.") % {
        "auc": "–" if quality.auc is None else formats.number(quality.auc, places=2),
        "share": formats.percent(quality.top_rows / quality.rows, places=0),
        "top": formats.percent(quality.top_precision, places=0),
    }


# ── The page about the score ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class BandLine:
    """Looks at orders whose scores lay in a span: what the score said, what came, and between what the true share lies:
    looks at one order count as one, as they have one outcome."""

    span: str
    rows: str
    orders: str
    expected: str
    came: str
    likely: str


def quality_facts(quality: Quality) -> list[Fact]:
    rate = quality.troubled / quality.rows
    return [
        Fact(
            _("Looks that it was tested by"),
            formats.number(quality.rows),
            _("each at a later order, on a fixed day after payment or dispatch"),
        ),
        Fact(_("Of these in trouble later"), formats.percent(rate, places=1)),
        Fact(
            "AUC",
            "–" if quality.auc is None else formats.number(quality.auc, places=3),
            _("how often an order that got into trouble had the higher score of two; 0.5 is chance"),
        ),
        Fact(
            _("Came true among the highest scores"),
            formats.percent(quality.top_precision, places=1),
            _("the highest %(rows)s looks, from %(from)s on")
            % {"rows": formats.number(quality.top_rows), "from": _permille(quality.top_from)},
        ),
        Fact(
            _("Brier score"),
            formats.number(quality.brier, places=4),
            _("mean squared error; %(constant)s if the average were always said")
            % {"constant": formats.number(quality.brier_constant, places=4)},
        ),
    ]


def band_lines(quality: Quality, wilson_z: Decimal) -> list[BandLine]:
    return [_band(band, wilson_z) for band in quality.bands if band.rows]


def _band(band: Band, wilson_z: Decimal) -> BandLine:
    return BandLine(
        span=f"{_permille(band.lower)} – {_permille(min(band.upper, 1000))}",
        rows=formats.number(band.rows),
        orders=formats.number(band.orders) if band.orders else NO_VALUE,
        expected=_permille(band.expected),
        came=formats.percent(band.troubled / band.rows, places=1),
        likely=_likely(band, wilson_z) if band.orders else NO_VALUE,
    )


def _likely(band: Band, wilson_z: Decimal) -> str:
    between = wilson(round(Fraction(band.troubled * band.orders, band.rows)), band.orders, wilson_z)
    return f"{formats.percent(between.low, places=1)} – {formats.percent(between.high, places=1)}"
