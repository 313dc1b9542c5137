"""The early-warning score as arithmetic: probability, points that add up, quality on past data (TM-06).

Probabilities are estimates, so they are floats here, unlike figures of metrics; what is stored and shown are whole
permille. No database, no clock, no request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import exp


class Factor(StrEnum):
    """What a score is explained by."""

    ADDRESS = "address"
    PAYMENT = "payment"
    BUYER_HISTORY = "buyer_history"
    CARRIER_LANE = "carrier_lane"
    TRACE_SILENCE = "trace_silence"
    UNANSWERED = "unanswered"
    DISPATCH = "dispatch"
    DELIVERY = "delivery"
    REFUND = "refund"
    STORE = "store"
    LISTING = "listing"
    ORDER = "order"


# What the model reads of an order at an instant, each with the factor that it belongs to.
FEATURES: Mapping[str, Factor] = {
    "address_doubts": Factor.ADDRESS,
    "pay_delay": Factor.PAYMENT,
    "method_rate": Factor.PAYMENT,
    "buyer_rate": Factor.BUYER_HISTORY,
    "buyer_known": Factor.BUYER_HISTORY,
    "lane_rate": Factor.CARRIER_LANE,
    "lane_behind": Factor.CARRIER_LANE,
    "silence": Factor.TRACE_SILENCE,
    "silent": Factor.TRACE_SILENCE,
    "silent_long": Factor.TRACE_SILENCE,
    "trouble_scan": Factor.TRACE_SILENCE,
    "unanswered": Factor.UNANSWERED,
    "asked": Factor.UNANSWERED,
    "dispatch_late": Factor.DISPATCH,
    "delivery_late": Factor.DELIVERY,
    "refund_asked": Factor.REFUND,
    "store_rate": Factor.STORE,
    "listing_rate": Factor.LISTING,
    "age": Factor.ORDER,
    "shipped": Factor.ORDER,
    "delivered": Factor.ORDER,
    "amount": Factor.ORDER,
}
# Trouble that comes more days after an order was looked at is not what was warned of.
HORIZON_DAYS = 45
# So many standard deviations from the mean a feature counts; what lies farther counts as if it lay there.
FARTHEST = 3.0
# Factors that a seller can still do something about.
CHANGEABLE = frozenset(
    {Factor.ADDRESS, Factor.TRACE_SILENCE, Factor.UNANSWERED, Factor.DISPATCH, Factor.DELIVERY, Factor.REFUND}
)


@dataclass(frozen=True, slots=True)
class Terms:
    """A trained model: per feature its mean, scale and coefficient, the intercept, and the base rate that thin
    histories are drawn to."""

    intercept: float
    base_rate: float
    means: Mapping[str, float]
    scales: Mapping[str, float]
    coefficients: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Score:
    """A score in permille, and the points that add up to it: ``base`` for an average order, one per factor."""

    score: int
    base: int
    points: Mapping[Factor, int]


def probability(logit: float) -> float:
    return 1 / (1 + exp(-logit)) if logit >= 0 else exp(logit) / (1 + exp(logit))


def score_of(terms: Terms, features: Mapping[str, float]) -> Score:
    """The score of an order with these features.

    Each factor's part of the logit is exact. The way from the average order's probability to this one's is shared out
    in proportion to these parts, which is what each adds along the straight line between both orders, and rounded so
    that the points add up.
    """
    parts: dict[Factor, float] = dict.fromkeys(Factor, 0.0)
    for name, factor in FEATURES.items():
        place = (features[name] - terms.means[name]) / terms.scales[name]
        parts[factor] += terms.coefficients[name] * min(max(place, -FARTHEST), FARTHEST)
    way = sum(parts.values())
    start, end = probability(terms.intercept), probability(terms.intercept + way)
    slope = (end - start) / way if abs(way) > 1e-9 else start * (1 - start)
    score, base = round(1000 * end), round(1000 * start)
    return Score(score, base, share_out(score - base, {factor: 1000 * slope * part for factor, part in parts.items()}))


def share_out(total: int, parts: Mapping[Factor, float]) -> dict[Factor, int]:
    """Whole numbers near ``parts`` that add up to ``total``, which the sum of the parts is near: the largest remainders
    are rounded up."""
    floors = {factor: int(part // 1) for factor, part in parts.items()}
    missing = total - sum(floors.values())
    by_remainder = sorted(parts, key=lambda factor: (floors[factor] - parts[factor], factor))
    each, more = divmod(missing, len(by_remainder))
    return {factor: floors[factor] + each + (factor in by_remainder[:more]) for factor in parts}


def fixed_score(weights: Mapping[str, int], degrees: Mapping[str, float]) -> Score:
    """The score without a model: policy's weights, each as far as its factor is present (0 to 1). It ranks orders and
    is no probability."""
    points = {
        factor: round(10 * weights.get(factor, 0) * min(max(degrees.get(factor, 0.0), 0.0), 1.0)) for factor in Factor
    }
    return Score(sum(points.values()), 0, points)


# Where a fact is as bad as it gets for the fixed weights: a day without payment or reply, half of all in trouble.
_FULL_WAIT = 86_400
_FULL_RATE = 0.5


def degrees_of(facts: Mapping[str, int], *, recheck: int) -> dict[str, float]:
    """How far each factor of the fixed weights is present in an order, 0 to 1; ``recheck``: seconds of silence after
    which somebody re-checks a parcel (TM-03)."""
    return {
        Factor.ADDRESS: float(facts["doubts"] > 0),
        Factor.PAYMENT: facts["pay_delay"] / _FULL_WAIT,
        Factor.BUYER_HISTORY: _share(facts["buyer_bad"], facts["buyer_orders"]) / _FULL_RATE,
        Factor.CARRIER_LANE: _share(facts["lane_bad"], facts["lane_orders"]) / _FULL_RATE,
        Factor.TRACE_SILENCE: facts["silence"] / recheck,
        Factor.UNANSWERED: facts["unanswered"] / _FULL_WAIT,
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


# ── Quality on later data ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Band:
    """Snapshots whose scores lie in ``[lower, upper)`` permille: how many, the mean score, how many came true, and of
    how many orders they are (0 where that was not kept)."""

    lower: int
    upper: int
    rows: int
    expected: int
    troubled: int
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Quality:
    """How good scores were: ``auc`` (None without both outcomes), the share that came true among the top share of
    scores, from which score on they were in it, and the mean squared error beside that of always saying the mean."""

    rows: int
    troubled: int
    auc: float | None
    top_precision: float
    top_from: int
    top_rows: int
    brier: float
    brier_constant: float
    bands: Sequence[Band]


_EDGES = (0, 20, 50, 100, 200, 300, 500, 1001)


def quality_of(scores: Sequence[int], troubled: Sequence[bool], orders: Sequence[int], top_share: float) -> Quality:
    """The quality of scores (permille) of orders whose outcomes are known. Raises ValueError for none."""
    if not scores:
        raise ValueError("no scores")
    rows, bad = len(scores), sum(troubled)
    ranked = sorted(zip(scores, troubled, strict=True), key=lambda pair: -pair[0])
    looks = list(zip(scores, troubled, orders, strict=True))
    top_rows = max(round(rows * top_share), 1)
    rate = bad / rows
    return Quality(
        rows=rows,
        troubled=bad,
        auc=_auc(ranked, bad),
        top_precision=sum(was for _score, was in ranked[:top_rows]) / top_rows,
        top_from=ranked[top_rows - 1][0],
        top_rows=top_rows,
        brier=sum((score / 1000 - was) ** 2 for score, was in ranked) / rows,
        brier_constant=rate * (1 - rate),
        bands=[_band(lower, upper, looks) for lower, upper in pairwise(_EDGES)],
    )


def _auc(ranked: Sequence[tuple[int, bool]], bad: int) -> float | None:
    """The probability that a troubled order has the higher score; ties count half."""
    good = len(ranked) - bad
    if not bad or not good:
        return None
    above = won = 0.0
    by_score: dict[int, list[int]] = {}
    for score, was in ranked:
        by_score.setdefault(score, [0, 0])[was] += 1
    for score in sorted(by_score, reverse=True):
        fine, troubled = by_score[score]
        won += fine * (above + troubled / 2)
        above += troubled
    return won / (bad * good)


def _band(lower: int, upper: int, rows: Sequence[tuple[int, bool, int]]) -> Band:
    inside = [row for row in rows if lower <= row[0] < upper]
    expected = round(sum(score for score, _was, _order in inside) / len(inside)) if inside else 0
    troubled, orders = sum(was for _score, was, _order in inside), {order for _score, _was, order in inside}
    return Band(lower, upper, len(inside), expected, troubled, len(orders))
