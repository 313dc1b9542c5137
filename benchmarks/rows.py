"""The rows of a year as the tables have them: numbers instead of texts, keys instead of names. No database."""

import io

import numpy as np
import pyarrow as pa
from pyarrow import csv

from benchmarks import happenings
from benchmarks.generate import (
    ANSWERS,
    CANCELLERS,
    CONFIRMERS,
    DISPUTE_STATES,
    MESSAGE_LANGUAGES,
    PAYMENTS,
    QUESTIONS,
    REVIEW_TEXTS,
    REVIEWERS,
    SENDERS,
    cancelling_party,
    choose,
    constant,
    join,
    numbers,
    store_no,
)
from benchmarks.happenings import FIRST_ORDER_NO, FIRST_PARCEL, PLACES, SCANS
from benchmarks.lives import (
    CARRIERS,
    CATEGORIES,
    DISPUTE_KINDS,
    LANGUAGES,
    LIABILITIES,
    NEVER,
    SITES,
    SKUS_PER_STORE,
    Numbers,
    World,
    make_plan,
)

CENTS, CENTS_USD = 10**2, 10**6

Columns = dict[str, pa.Array]
# Columns and CSV by table.
Written = dict[str, tuple[list[str], bytes]]


class Rows:
    """The rows of one chunk by table; ``stores`` are the ids of the world's stores."""

    def __init__(self, world: World, chunk: int, stores: Numbers) -> None:
        self.world, self.stores, self.plan = world, stores, make_plan(world, chunk)
        self.now = world.now
        self.found = happenings.scans(self.plan, -1, self.now)

    def all(self) -> Written:
        """Columns and CSV by table."""
        made = {
            "orders_order": self.orders(),
            "orders_trackingevent": self.scans(),
            "orders_review": self.reviews(),
            "disputes_dispute": self.disputes(),
            "orders_refund": self.refunds(),
            "orders_message": self.messages(),
        }
        return {table: (list(columns), as_csv(columns)) for table, columns in made.items()}

    def instant(self, at: Numbers) -> pa.Array:
        """Epoch seconds; null for what did not happen yet."""
        return pa.array(at, mask=at > self.now)

    def parents(self, orders: Numbers) -> Columns:
        """The columns of every row that belongs to an order."""
        return {
            "store_id": pa.array(self.stores[self.plan.store[orders]]),
            "order_id": pa.array(self.plan.index[orders] + 1),
            "source_at": pa.array(np.full(len(orders), self.now)),
        }

    def orders(self) -> Columns:
        """Orders as of now, with their first scans."""
        plan, size = self.plan, len(self.plan.index)
        unsent, unpaid = plan.shipped > self.now, plan.paid > self.now
        first = np.full(size, NEVER)
        np.minimum.at(first, self.found.order, self.found.at)
        stores = pa.array([store_no(n) for n in range(self.world.stores)])
        skus = pa.array([f"-{n + 1:02d}" for n in range(SKUS_PER_STORE)])
        party = cancelling_party(plan)
        return {
            "id": pa.array(plan.index + 1),
            "store_id": pa.array(self.stores[plan.store]),
            "order_no": numbers(plan.index + FIRST_ORDER_NO),
            "sku_given": join(stores.take(pa.array(plan.store)), skus.take(pa.array(plan.sku))),
            "category": choose(CATEGORIES, self.world.category[plan.store]),
            "buyer_ref": join("b", numbers(plan.buyer)),
            "site": choose(SITES, plan.site),
            "source": constant("platform", size),
            "payment_method": choose(PAYMENTS, plan.index % len(PAYMENTS)),
            "is_presale": pa.array(np.zeros(size, dtype=bool)),
            "created_at": pa.array(plan.created),
            "paid_at": self.instant(plan.paid),
            "dispatch_confirmed_at": self.instant(plan.dispatch_confirmed),
            "ship_by_given": pa.array(plan.ship_by, mask=unpaid),
            "shipped_at": self.instant(plan.shipped),
            "carrier": choose(CARRIERS, plan.carrier, unsent),
            "tracking_no": join("LP", choose_numbers(plan.index + FIRST_PARCEL, unsent)),
            "first_scan_at": pa.array(first, mask=first == NEVER),
            "estimated_delivery_at": pa.array(plan.estimated, mask=unpaid),
            "delivered_given": self.instant(plan.delivered),
            "confirmed_at": self.instant(plan.confirmed),
            "confirmed_by": choose(CONFIRMERS, plan.by_system.astype(np.int64), plan.confirmed > self.now),
            "cancelled_at": self.instant(plan.cancelled),
            "cancelled_by": choose(CANCELLERS, party, plan.cancelled > self.now),
            "refunded_given": self.instant(plan.refunded),
            "total_amount": pa.array(plan.cents * CENTS),
            "currency": constant("USD", size),
            "total_usd": pa.array(plan.cents * CENTS_USD),
            "buyer_ip_hash": join("ip", numbers(plan.index)),
            "source_at": pa.array(np.full(size, self.now)),
        }

    def scans(self) -> Columns:
        found = self.found
        return {
            **self.parents(found.order),
            "tracking_no": join("LP", numbers(self.plan.index[found.order] + FIRST_PARCEL)),
            "at": pa.array(found.at),
            "kind": choose(SCANS, found.kind),
            "place": choose(PLACES, found.place),
            "text": constant("", len(found.at)),
        }

    def reviews(self) -> Columns:
        found = happenings.reviews(self.plan, -1, self.now)
        index, is_auto = self.plan.index[found.order], found.second
        stars = pa.array(self.plan.stars[found.order], mask=is_auto)
        return {
            **self.parents(found.order),
            "kind": choose(REVIEWERS, is_auto.astype(np.int64)),
            "created_at": pa.array(found.at),
            "described": stars,
            "communication": stars,
            "shipping": stars,
            "text": choose(REVIEW_TEXTS, index % len(REVIEW_TEXTS), is_auto),
            "has_photo": pa.array(index % 7 == 0),
        }

    def disputes(self) -> Columns:
        plan, orders = self.plan, happenings.disputed(self.plan, -1, self.now)
        still_open = plan.dispute_closed[orders] > self.now
        return {
            **self.parents(orders),
            "dispute_no": join("D", numbers(plan.index[orders])),
            "kind": choose(DISPUTE_KINDS, plan.dispute_kind[orders]),
            "opened_at": pa.array(plan.disputed[orders]),
            "state": choose(DISPUTE_STATES, still_open.astype(np.int64)),
            "closed_at": self.instant(plan.dispute_closed[orders]),
            "liability": choose(LIABILITIES, plan.liability[orders], still_open),
            "claimed_usd": pa.array(plan.cents[orders] * CENTS),
        }

    def refunds(self) -> Columns:
        plan, orders = self.plan, happenings.refunded(self.plan, -1, self.now)
        return {
            **self.parents(orders),
            "refund_no": join("R", numbers(plan.index[orders])),
            "requested_at": pa.array(plan.disputed[orders]),
            "state": constant("completed", len(orders)),
            "completed_at": pa.array(plan.refunded[orders]),
            "amount_usd": pa.array(plan.cents[orders] * CENTS),
            "full": pa.array(np.ones(len(orders), dtype=bool)),
        }

    def messages(self) -> Columns:
        found = happenings.messages(self.plan, -1, self.now)
        index, reply = self.plan.index[found.order], found.second.astype(np.int64)
        language = np.where(reply == 1, len(LANGUAGES), self.plan.site[found.order])
        return {
            **self.parents(found.order),
            "message_no": join(choose(["Q", "A"], reply), numbers(index)),
            "sent_at": pa.array(found.at),
            "sender": choose(SENDERS, reply),
            "text": choose(QUESTIONS + ANSWERS, index % len(QUESTIONS) + reply * len(QUESTIONS)),
            "language": choose(MESSAGE_LANGUAGES, language),
            "automatic": pa.array(np.zeros(len(index), dtype=bool)),
        }


def choose_numbers(values: Numbers, missing: Numbers) -> pa.Array:
    """Numbers as text, null where missing."""
    return pa.array(values, mask=missing).cast(pa.string())


def as_csv(columns: Columns) -> bytes:
    """Rows without a header; no cell holds a comma, quote or line break."""
    sink = io.BytesIO()
    csv.write_csv(pa.table(columns), sink, csv.WriteOptions(include_header=False, quoting_style="none"))
    return sink.getvalue()


def rows_of(world: World, chunk: int, stores: Numbers) -> Written:
    """What a worker process makes."""
    return Rows(world, chunk, stores).all()
