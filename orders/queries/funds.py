"""The funds of a store: what comes when, what is held and why, what was released lately (TM-04, PG-13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import QuerySet

from core.sql import SQL, Composable, Literal, Parameter, execute
from core.timebase import from_epoch, to_epoch
from orders.holds import holds_of
from orders.models import Settlement
from orders.queries.rates import cny_rates
from orders.rules.holds import RISK_REVIEW
from orders.rules.refunds import days_after_delivery
from rulebook.queries import policy_at
from stores.models import Store

LATELY = timedelta(days=14)
MOST_HELD = 100
_SCALE = 4
_REVIEW = Literal(RISK_REVIEW)


@dataclass(frozen=True, slots=True)
class Sum:
    """Orders whose funds move at ``at``: how many, and their amount in their currency and in CNY (None: no rate)."""

    at: datetime
    currency: str
    orders: int
    amount: Decimal
    cny: Decimal | None


@dataclass(frozen=True, slots=True)
class HeldFunds:
    """The funds of one order that are held; ``lasting`` are the codes of the holds that last now, where they are known:
    without them what was stored holds."""

    settlement: Settlement
    lasting: Sequence[str]


@dataclass(frozen=True, slots=True)
class Funds:
    """What the funds page shows; ``held_count`` may be more than are listed."""

    coming: Sequence[Sum]
    held: Sequence[HeldFunds]
    held_sums: Sequence[Sum]
    held_count: int
    released: Sequence[Sum]


def funds_of(store: Store, at: datetime) -> Funds:
    """The store's funds at an instant, in a number of queries that does not depend on its orders."""
    held = _held(store, at)
    sums = _held_sums(store, at)
    return Funds(
        coming=_coming(store, at),
        held=held,
        held_sums=sums,
        held_count=sum(one.orders for one in sums),
        released=_released(store, at),
    )


# Delivered, neither released nor held; the day of release follows from the day of delivery.
_COMING = SQL("""SELECT o.delivered_at / 86400, o.currency, COUNT(*), SUM(o.total_amount)
    FROM orders_order o LEFT JOIN orders_settlement s ON s.order_id = o.id
    WHERE o.store_id = {store} AND o.delivered_at >= {since} AND o.delivered_at <= {now}
        AND o.state IN ('delivered', 'success') AND s.released_at IS NULL
        AND COALESCE(s.held_reason, '') IN ('', {review})
    GROUP BY o.delivered_at / 86400, o.currency ORDER BY 1, 2""")
_HELD = SQL("""SELECT 0, s.currency, COUNT(*), SUM(COALESCE(s.amount, 0)) FROM orders_settlement s
    WHERE s.store_id = {store} AND s.released_at IS NULL AND s.held_reason NOT IN ('', {review})
    GROUP BY s.currency ORDER BY 2""")
_RELEASED = SQL("""SELECT s.released_at / 86400, s.currency, COUNT(*), SUM(COALESCE(s.amount, 0))
    FROM orders_settlement s WHERE s.store_id = {store} AND s.released_at >= {since} AND s.released_at <= {now}
    GROUP BY s.released_at / 86400, s.currency ORDER BY 1 DESC, 2""")


def _coming(store: Store, at: datetime) -> list[Sum]:
    terms = policy_at(at).transactions
    found = []
    since = Literal(to_epoch(at - timedelta(days=terms.funds_release_day + 1)))
    for day, currency, orders, amount in _rows(_COMING, store, since=since, now=_now(at), review=_REVIEW):
        delivered = from_epoch(int(day) * 86_400)
        due = days_after_delivery(delivered, terms.funds_release_day, terms.funds_release_hour_utc)
        if due >= at:
            found.append((due, currency, orders, amount))
    return _valued(found, at)


def _held_sums(store: Store, at: datetime) -> list[Sum]:
    return _valued([(at, *row[1:]) for row in _rows(_HELD, store, review=_REVIEW)], at)


def _released(store: Store, at: datetime) -> list[Sum]:
    """By day, each at that day's rate: the records' own where they have it."""
    since = Literal(to_epoch(at - LATELY))
    rows = _rows(_RELEASED, store, since=since, now=_now(at))
    found: list[Sum] = []
    for number, currency, orders, amount in rows:
        day = from_epoch(int(number) * 86_400)
        found += _valued([(day, currency, orders, amount)], day + timedelta(hours=12))
    return found


def _rows(query: SQL, store: Store, **places: Composable) -> list[tuple[int, str, int, int]]:
    with connection.cursor() as cursor:
        execute(cursor, query.format(store=Parameter(store.pk), **places))
        return list(cursor.fetchall())


def _now(at: datetime) -> Composable:
    return Literal(to_epoch(at))


def _valued(rows: Sequence[tuple[datetime, str, int, int]], at: datetime) -> list[Sum]:
    rates = cny_rates({currency for _at, currency, _orders, _amount in rows}, at)
    return [_sum(when, currency, orders, int(amount), rates.get(currency)) for when, currency, orders, amount in rows]


def _sum(when: datetime, currency: str, orders: int, scaled: int, rate: Decimal | None) -> Sum:
    amount = Decimal(scaled).scaleb(-_SCALE)
    return Sum(when, currency, orders, amount, None if rate is None else amount * rate)


def _held(store: Store, at: datetime) -> list[HeldFunds]:
    """The held funds, those that are held longest in front. In governed stores the holds that last now."""
    listed = list(held_settlements(store).select_related("order__store")[:MOST_HELD])
    return held_funds(store, listed, at)


def held_settlements(store: Store) -> QuerySet[Settlement]:
    """The settlements that are held, those of the earliest deliveries in front."""
    rows = Settlement.objects.filter(store=store, released_at=None).exclude(held_reason__in=("", RISK_REVIEW))
    return rows.order_by("order__delivered_at", "pk")


def held_funds(store: Store, listed: Sequence[Settlement], at: datetime) -> list[HeldFunds]:
    """Settlements with their orders and stores at hand, each with the holds that last now, where they are known."""
    lasting = holds_of([row.order for row in listed], at) if store.mode == Store.Mode.GOVERNED else {}
    found = []
    for row in listed:
        codes = [one.code for one in lasting.get(row.order_id, ()) if one.code != RISK_REVIEW]
        found.append(HeldFunds(row, list(dict.fromkeys(codes))))
    return found
