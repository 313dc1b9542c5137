"""Scores open orders by the current early-warning model, or by policy's weights while there is none (TM-06)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from django.db import transaction

from core.sql import SQL, Literal, literals
from core.timebase import to_epoch
from insights.models import OrderScore, WarningModel
from insights.queries.warning.features import LOADED, TIMES, FactFinder, features_of
from insights.queries.warning.history import DAY, History, Ints, load_history
from insights.queries.warning.limits import limits_of
from insights.queries.warning.models import current_model, terms_of
from insights.queries.warning.snapshots import AFTER_DISPATCH, HORIZON
from insights.rules.warning import FEATURES, Score, Terms, degrees_of, fixed_score, score_of
from rulebook.policy import Policy
from rulebook.queries import policy_at
from stores.models import Store

ROWS_AT_ONCE = 500
# Seconds since dispatch after which an order that never ended is no news any more.
OLDEST = AFTER_DISPATCH[-1] * DAY + HORIZON
HOUR = 3600


def score_orders(*, company_id: int, store_ids: Sequence[int], at: datetime) -> int:
    """Bring the scores of these stores of a company in line with an instant; returns how many orders have one.

    Orders that ended, or are in trouble already, lose theirs. Rows that stay the same are not written.
    """
    policy, now = policy_at(at), to_epoch(at)
    history = _history(company_id, now, policy)
    places = _open(history, store_ids, now)
    facts = FactFinder(history).of(places, np.full(len(places), now, dtype=np.int64))
    model = current_model()
    scores = _scores(facts, model, policy)
    columns = list(facts)
    rows = zip(*(facts[name].tolist() for name in columns), strict=True)
    wanted = [
        _row(order_id, store_id, model, score, dict(zip(columns, row, strict=True)), at)
        for order_id, store_id, score, row in zip(
            history.ids[places].tolist(), history.stores[places].tolist(), scores, rows, strict=True
        )
    ]
    _write(store_ids, wanted)
    return len(wanted)


def _history(company_id: int, now: int, policy: Policy) -> History:
    """Open orders of a company and those that its rates are made of."""
    stores = Store.objects.filter(company=company_id).values_list("pk", flat=True)
    where = SQL("""o.store_id IN ({stores}) AND o.created_at <= {now}
        AND (o.state IN ('paid', 'shipped', 'delivered') OR o.shipped_at > {since})""").format(
        stores=literals(list(stores) or [0]), now=Literal(now), since=Literal(now - LOADED)
    )
    return load_history(where, negative_to=policy.counting.negative_to_stars)


def _open(history: History, store_ids: Sequence[int], now: int) -> Ints:
    """Places of the stores' orders that are open, not in trouble yet, and no older than any that was learned from."""
    is_open = (history.paid_at <= now) & (history.ended_at > now) & (history.trouble_at > now)
    is_open &= np.minimum(history.shipped_at, now) > now - OLDEST
    places: Ints = np.flatnonzero(is_open & np.isin(history.stores, list(store_ids))).astype(np.int64)
    return places


def _scores(facts: Mapping[str, Ints], model: WarningModel | None, policy: Policy) -> list[Score]:
    if model is None:
        weights, terms = policy.transactions.risk_weights, limits_of(policy)
        names = list(facts)
        rows = zip(*(facts[name].tolist() for name in names), strict=True)
        return [
            fixed_score(weights, degrees_of(dict(zip(names, row, strict=True)), recheck=terms.recheck)) for row in rows
        ]
    return _by_model(terms_of(model), facts, policy)


def _by_model(terms: Terms, facts: Mapping[str, Ints], policy: Policy) -> list[Score]:
    by_name = features_of(facts, base_rate=terms.base_rate, limits=limits_of(policy))
    table = np.column_stack([by_name[name] for name in FEATURES])
    return [score_of(terms, dict(zip(FEATURES, row, strict=True))) for row in table.tolist()]


def _row(
    order_id: int, store_id: int, model: WarningModel | None, score: Score, facts: dict[str, int], at: datetime
) -> OrderScore:
    # Times in whole hours: what says the same as before is not written again.
    told = {name: value - value % HOUR if name in TIMES else value for name, value in facts.items()}
    return OrderScore(
        order_id=order_id,
        store_id=store_id,
        model=model,
        score=score.score,
        base=score.base,
        points={factor.value: points for factor, points in score.points.items() if points},
        facts={name: value for name, value in told.items() if value},
        scored_at=at,
    )


@transaction.atomic
def _write(store_ids: Sequence[int], wanted: Sequence[OrderScore]) -> None:
    """In order of ids, so that two that score the same store don't wait for each other's rows."""
    columns = ("order_id", "model_id", "score", "base", "points", "facts")
    rows = OrderScore.objects.filter(store_id__in=store_ids).values_list(*columns)
    known = {row[0]: row for row in rows}
    over = sorted(set(known) - {row.order_id for row in wanted})
    for start in range(0, len(over), ROWS_AT_ONCE):
        OrderScore.objects.filter(order_id__in=over[start : start + ROWS_AT_ONCE]).delete()
    changed = [row for row in wanted if known.get(row.order_id) != tuple(getattr(row, name) for name in columns)]
    OrderScore.objects.bulk_create(
        sorted(changed, key=lambda row: row.order_id),
        batch_size=ROWS_AT_ONCE,
        update_conflicts=True,
        unique_fields=["order"],
        update_fields=["store", "model", "score", "base", "points", "facts", "scored_at"],
    )
