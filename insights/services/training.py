"""Trains the early-warning model on the installation's own orders (TM-06).

scikit-learn takes seconds to import and a lot of memory, so it is imported while training and nowhere else: what comes
out are coefficients, and scoring is arithmetic.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
from django.db import transaction
from django.db.models import Count, Q

from core.sql import SQL, Literal, literals
from core.timebase import to_epoch
from insights.models import WarningModel
from insights.queries.warning.features import FactFinder, features_of
from insights.queries.warning.history import Floats, History, Ints, load_history
from insights.queries.warning.limits import limits_of
from insights.queries.warning.models import stored
from insights.queries.warning.snapshots import HORIZON, Snapshots, snapshots_of
from insights.rules.warning import FARTHEST, FEATURES, Quality, Terms, quality_of, score_of
from rulebook.policy import Policy
from rulebook.queries import policy_at
from stores.models import Company, Store

# Orders created in this time are learned from, of at most so many; companies are drawn whole, as rates need them whole.
LEARNED_FROM = timedelta(days=730)
MOST_ORDERS = 300_000
# The latest part of the snapshots, by which a first model is judged; and after which parts of what it learns from the
# next stretch is predicted, to see by all of them how bold scores are.
JUDGED_SHARE = 0.3
STRETCHES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
# Fewer troubled snapshots than this teach nothing, or judge nothing.
LEAST_LEARNED = 100
LEAST_JUDGED = 30
# Ridge penalty of the regression (scikit-learn's C), and how far calibration may draw scores together.
PENALTY = 0.1
FLATTEST = 0.5


@dataclass(frozen=True, slots=True)
class TooLittleData:
    """Why no model was trained: the orders there are, and the troubled snapshots to learn from and to judge by."""

    orders: int
    learned: int
    judged: int

    @property
    def text(self) -> str:
        return (
            f"Too little data: {self.orders} orders; snapshots of orders that got into trouble later: {self.learned} to"
            f" learn from, {LEAST_LEARNED} needed; {self.judged} to judge by, {LEAST_JUDGED} needed"
        )


def train_model(*, at: datetime) -> WarningModel | TooLittleData:
    """Train a model on what was known at an instant, judge it, and store it; the same data gives the same model.

    A first model learns from the earlier snapshots alone and is judged by the later ones, none of whose outcomes it
    could know: its figures are kept. The model that scores learns from all.
    """
    policy, history = policy_at(at), _history(at)
    rows = snapshots_of(history, until=to_epoch(at), ahead=policy.transactions.warn_ahead_hours * 3600)
    earlier, later = _split(rows)
    short = TooLittleData(len(history), int(earlier.troubled.sum()), int(later.troubled.sum()))
    if short.learned < LEAST_LEARNED or short.judged < LEAST_JUDGED:
        return short
    table = _Table(FactFinder(history), policy)
    quality = _judged(_fit(table, earlier), table, later, float(policy.transactions.risk_top_share))
    return _store(_fit(table, rows), quality, len(history), rows, at)


@transaction.atomic
def _store(terms: Terms, quality: Quality, orders: int, rows: Snapshots, at: datetime) -> WarningModel:
    return WarningModel.objects.create(
        trained_at=at,
        orders=orders,
        rows=len(rows),
        troubled=int(rows.troubled.sum()),
        terms=stored(terms),
        figures=stored(quality),
    )


def _history(at: datetime) -> History:
    stores = Store.objects.filter(company__in=_companies(at)).values_list("pk", flat=True)
    where = SQL("o.store_id IN ({stores}) AND o.created_at >= {since} AND o.created_at <= {at}").format(
        stores=literals(list(stores) or [0]), since=Literal(to_epoch(at - LEARNED_FROM)), at=Literal(to_epoch(at))
    )
    return load_history(where, negative_to=policy_at(at).counting.negative_to_stars)


def _companies(at: datetime) -> list[int]:
    """Companies whose orders come to no more than may be loaded, in an order that says nothing about them."""
    lately = Q(stores__orders__created_at__gte=at - LEARNED_FROM, stores__orders__created_at__lte=at)
    counted = Company.objects.annotate(orders=Count("stores__orders", filter=lately)).filter(orders__gt=0)
    found: list[int] = []
    total = 0
    for company_id, orders in sorted(
        counted.values_list("pk", "orders"), key=lambda row: row[0] * 2_654_435_761 % 2**32
    ):
        total += orders
        if found and total > MOST_ORDERS:
            break
        found.append(company_id)
    return found


def _split(rows: Snapshots) -> tuple[Snapshots, Snapshots]:
    """Snapshots to learn from, and later ones to judge by; when these begin, the outcomes of those are known."""
    if not len(rows):
        return rows, rows
    border = int(rows.at[int(len(rows) * (1 - JUDGED_SHARE))])
    return rows.between(0, border - HORIZON), rows.between(border, int(rows.at[-1]))


@dataclass(frozen=True)
class _Table:
    """Makes the features of snapshots, in the order of `FEATURES`."""

    finder: FactFinder
    policy: Policy

    def of(self, rows: Snapshots, base_rate: float) -> Floats:
        facts = self.finder.of(rows.places, rows.at)
        by_name = features_of(facts, base_rate=base_rate, limits=limits_of(self.policy))
        return np.column_stack([by_name[name] for name in FEATURES])


def _fit(table: _Table, rows: Snapshots) -> Terms:
    """Coefficients from all rows, drawn together as far as what came after models of earlier rows asks for."""
    base_rate = float(rows.troubled.mean())
    means, scales, placed = _placed(table.of(rows, base_rate))
    coefficients, intercept = _regression(placed, rows.troubled)
    coefficients = coefficients * flatness_of(placed, rows)
    return Terms(
        intercept=_centred(placed @ coefficients, intercept, base_rate),
        base_rate=base_rate,
        means=dict(zip(FEATURES, means.tolist(), strict=True)),
        scales=dict(zip(FEATURES, scales.tolist(), strict=True)),
        coefficients=dict(zip(FEATURES, coefficients.tolist(), strict=True)),
    )


def _placed(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Means, scales, and the values in standard deviations from the mean, none farther than `FARTHEST`."""
    means, scales = values.mean(axis=0), values.std(axis=0)
    scales = np.where(scales < 1e-9, 1.0, scales)
    return means, scales, np.clip((values - means) / scales, -FARTHEST, FARTHEST)


def _regression(placed: Floats, troubled: Ints) -> tuple[Floats, float]:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=PENALTY, max_iter=1000).fit(placed, troubled)
    return np.asarray(fitted.coef_[0], dtype=np.float64), float(fitted.intercept_[0])


def flatness_of(placed: Floats, rows: Snapshots) -> float:
    """The slope that makes scores of later rows, by models of the rows before them, come true; 1 where the outcomes are
    too few to tell. Stretch after stretch is predicted and all are pooled, as one of them alone may be lucky. The slope
    is no more than 1, so that luck never sharpens scores."""
    parts, troubled = zip(*_predicted(placed, rows), strict=True)
    logits, came = np.concatenate(parts), np.concatenate(troubled)
    if came.sum() < LEAST_JUDGED:
        return 1.0
    slope, _intercept = _regression(logits[:, None], came)
    return min(max(float(slope[0]), FLATTEST), 1.0)


def _predicted(placed: Floats, rows: Snapshots) -> Iterator[tuple[Floats, Ints]]:
    """The logits of each stretch by a model of what was known when it begins, and what came."""
    yield np.zeros(0), np.zeros(0, dtype=np.int64)
    borders = [int(rows.at[min(int(len(rows) * share), len(rows) - 1)]) for share in STRETCHES]
    for start, end in pairwise(borders):
        earlier, later = rows.at <= start - HORIZON, (rows.at > start) & (rows.at <= end)
        if rows.troubled[earlier].sum() >= LEAST_LEARNED:
            coefficients, intercept = _regression(placed[earlier], rows.troubled[earlier])
            yield placed[later] @ coefficients + intercept, rows.troubled[later]


def _centred(parts: Floats, intercept: float, base_rate: float) -> float:
    """The intercept with which the mean probability is the base rate."""
    lower, upper = intercept - 10, intercept + 10
    for _step in range(60):
        middle = (lower + upper) / 2
        lower, upper = (middle, upper) if _mean(parts, middle) < base_rate else (lower, middle)
    return (lower + upper) / 2


def _mean(parts: Floats, intercept: float) -> float:
    return float((1 / (1 + np.exp(-(parts + intercept)))).mean())


def _judged(terms: Terms, table: _Table, rows: Snapshots, top_share: float) -> Quality:
    values = table.of(rows, terms.base_rate)
    scores = [score_of(terms, dict(zip(FEATURES, row, strict=True))).score for row in values.tolist()]
    return quality_of(scores, [bool(was) for was in rows.troubled], rows.places.tolist(), top_share)
