"""Orders with what happened to them as columns, for the early-warning score (TM-06).

Instants are epoch seconds, `NEVER` where something did not happen. A history holds orders of one or more companies;
every group that a rate is made of (buyer, lane, store …) lies within one company, so nothing of a tenant reaches
another's scores.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from core.sql import SQL, Composable, Literal, execute, least
from orders.rules.addresses import address_doubts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NEVER = np.int64(1) << 40
# A group and an instant in one integer, so that a sorted column answers "how many of this group up to then".
SPAN = np.int64(1) << 41
DAY = 86_400


@dataclass(frozen=True)
class Times:
    """Instants of groups, sorted by group and instant."""

    keys: Ints

    @classmethod
    def of(cls, groups: Ints, instants: Ints) -> "Times":
        """Those that happened; a negative group is none."""
        happened = (instants < NEVER) & (groups >= 0)
        return cls(np.sort(groups[happened] * SPAN + instants[happened]))

    def until(self, groups: Ints, instants: Ints) -> Ints:
        """Places after the last instant of each group up to and including one."""
        return np.searchsorted(self.keys, groups * SPAN + instants, side="right").astype(np.int64)

    def before(self, groups: Ints, instants: Ints) -> Ints:
        """Places of the first instant of each group that is not before one."""
        return np.searchsorted(self.keys, groups * SPAN + instants, side="left").astype(np.int64)

    def count(self, groups: Ints, after: Ints, until: Ints) -> Ints:
        """How many instants of each group lie in ``(after, until]``."""
        return self.until(groups, until) - self.until(groups, after)

    def last(self, groups: Ints, until: Ints) -> Ints:
        """The last instant of each group up to one; −1 where there is none."""
        place = self.until(groups, until) - 1
        return self._of_group(place, groups, absent=-1)

    def first(self, groups: Ints, since: Ints) -> Ints:
        """The first instant of each group from one on; `NEVER` where there is none."""
        return self._of_group(self.before(groups, since), groups, absent=int(NEVER))

    def _of_group(self, place: Ints, groups: Ints, absent: int) -> Ints:
        if not len(self.keys):
            return np.full(len(groups), absent, dtype=np.int64)
        key = self.keys[np.clip(place, 0, len(self.keys) - 1)]
        found = (place >= 0) & (place < len(self.keys)) & (key // SPAN == groups)
        return np.where(found, key % SPAN, absent)


@dataclass(frozen=True)
class History:
    """Columns of orders by position. ``trouble_at``: the first dispute, buyer's review that policy calls negative, or
    full refund after dispatch; ``ended_at``: when the order was cancelled, refunded, confirmed or closed. Groups are
    numbers that mean nothing outside."""

    ids: Ints
    companies: Ints
    stores: Ints
    created_at: Ints
    paid_at: Ints
    ship_by: Ints
    shipped_at: Ints
    estimated_at: Ints
    delivered_at: Ints
    ended_at: Ints
    trouble_at: Ints
    amount: Floats
    doubts: Ints
    buyer: Ints
    lane: Ints
    store: Ints
    listing: Ints
    method: Ints
    scans: Times
    bad_scans: Times
    asked: Times
    replied: Times
    refund_asked: Ints
    refund_done: Ints

    def __len__(self) -> int:
        return len(self.ids)


def load_history(where: Composable, *, negative_to: int) -> History:
    """Columns of the orders ``o`` that meet a condition; ``negative_to``: up to so many stars a review is negative."""
    rows = _read(_orders_sql(where, negative_to))
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(_ORDER_COLUMNS)
    by_name = dict(zip(_ORDER_COLUMNS, columns, strict=True))
    ids = np.array(by_name["id"], dtype=np.int64)
    company = by_name["company"]
    instants = {name: _instants(by_name[name]) for name in _INSTANTS}
    in_time = instants["trouble_at"] >= instants["created_at"]
    scans, bad_scans = _of_orders(ids, where, _SCANS), _of_orders(ids, where, _BAD_SCANS)
    asked, replied = _of_orders(ids, where, _ASKED), _of_orders(ids, where, _REPLIED)
    return History(
        ids=ids,
        companies=np.array(company, dtype=np.int64),
        stores=np.array(by_name["store"], dtype=np.int64),
        created_at=instants["created_at"],
        paid_at=instants["paid_at"],
        ship_by=instants["ship_by"],
        shipped_at=instants["shipped_at"],
        estimated_at=instants["estimated_at"],
        delivered_at=instants["delivered_at"],
        ended_at=instants["ended_at"],
        trouble_at=np.where(in_time, instants["trouble_at"], instants["created_at"]),
        amount=np.array(by_name["total_usd"], dtype=np.float64) / 1e8,
        doubts=np.array(
            [len(address_doubts(*one)) for one in zip(by_name["address"], by_name["site"], strict=True)],
            dtype=np.int64,
        ),
        buyer=_groups(company, by_name["buyer"], named=by_name["buyer"]),
        lane=_groups(company, by_name["carrier"], by_name["site"], named=by_name["carrier"]),
        store=_groups(by_name["store"]),
        listing=_groups(by_name["store"], by_name["sku"], named=by_name["sku"]),
        method=_groups(company, by_name["method"], named=by_name["method"]),
        scans=scans,
        bad_scans=bad_scans,
        asked=asked,
        replied=replied,
        refund_asked=instants["refund_asked"],
        refund_done=instants["refund_done"],
    )


_INSTANTS = (
    "created_at", "paid_at", "ship_by", "shipped_at", "estimated_at", "delivered_at", "ended_at", "trouble_at",
    "refund_asked", "refund_done",
)  # fmt: skip
_ORDER_COLUMNS = (
    "id",
    "store",
    "company",
    *_INSTANTS,
    "total_usd",
    "address",
    "site",
    "buyer",
    "carrier",
    "sku",
    "method",
)


def _orders_sql(where: Composable, negative_to: int) -> Composable:
    disputed = SQL("(SELECT MIN(d.opened_at) FROM disputes_dispute d WHERE d.order_id = o.id)")
    disliked = SQL("""(SELECT MIN(v.created_at) FROM orders_review v WHERE v.order_id = o.id
        AND v.kind = 'buyer' AND v.described <= {negative_to})""").format(negative_to=Literal(negative_to))
    refunded = SQL("CASE WHEN o.refunded_at > o.shipped_at THEN o.refunded_at END")
    return SQL("""SELECT o.id, o.store_id, s.company_id, o.created_at, o.paid_at, o.ship_by, o.shipped_at,
            o.estimated_delivery_at, o.delivered_at, {ended}, {trouble},
            (SELECT MIN(r.requested_at) FROM orders_refund r WHERE r.order_id = o.id),
            (SELECT MIN(r.completed_at) FROM orders_refund r WHERE r.order_id = o.id),
            o.total_usd, o.ship_address, o.site, o.buyer_ref, o.carrier, o.sku, o.payment_method
        FROM orders_order o JOIN stores_store s ON s.id = o.store_id
        WHERE {where} AND o.paid_at IS NOT NULL ORDER BY o.id""").format(
        ended=least(*(SQL(name) for name in ("o.cancelled_at", "o.refunded_at", "o.confirmed_at", "o.closed_at"))),
        trouble=least(disputed, disliked, refunded),
        where=where,
    )


_SCANS = SQL("""SELECT e.order_id, e.at FROM orders_trackingevent e JOIN orders_order o ON o.id = e.order_id
    WHERE {where} AND e.kind <> 'label'""")
_BAD_SCANS = SQL("""SELECT e.order_id, e.at FROM orders_trackingevent e JOIN orders_order o ON o.id = e.order_id
    WHERE {where} AND e.kind IN ('exception', 'returned', 'lost')""")
_ASKED = SQL("""SELECT m.order_id, m.sent_at FROM orders_message m JOIN orders_order o ON o.id = m.order_id
    WHERE {where} AND m.sender = 'buyer'""")
_REPLIED = SQL("""SELECT m.order_id, m.sent_at FROM orders_message m JOIN orders_order o ON o.id = m.order_id
    WHERE {where} AND m.sender = 'seller' AND NOT m.automatic""")


def _of_orders(ids: Ints, where: Composable, statement: SQL) -> Times:
    """Instants of related rows, by the position of their order."""
    rows = np.array(_read(statement.format(where=where)), dtype=np.int64).reshape(-1, 2)
    place = np.searchsorted(ids, rows[:, 0])
    known = place < len(ids)
    known[known] = ids[place[known]] == rows[known, 0]
    return Times.of(place[known].astype(np.int64), rows[known, 1])


def _instants(values: Sequence[int | None]) -> Ints:
    return np.array([NEVER if value is None else value for value in values], dtype=np.int64)


def _groups(*columns: Sequence[Any], named: Sequence[str] | None = None) -> Ints:
    """A number for each combination of values; −1 where ``named`` is empty."""
    numbers: dict[tuple[Any, ...], int] = {}
    found = [numbers.setdefault(key, len(numbers)) for key in zip(*columns, strict=True)]
    if named is not None:
        found = [number if name else -1 for number, name in zip(found, named, strict=True)]
    return np.array(found, dtype=np.int64)


def _read(statement: Composable) -> list[Any]:
    with connection.cursor() as cursor:
        execute(cursor, statement)
        return list(cursor.fetchall())
