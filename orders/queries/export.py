"""The shown list as rows of a file: canonical names, no addresses (RL-14, IX-13)."""

from collections.abc import Iterator

from django.db.models import QuerySet

from core.pages.sqlsheets import query_of
from core.sql import Composable
from orders.models import Order
from orders.queries.listing import Question, matching

COLUMNS = (
    "order_no",
    "state",
    "source",
    "sku",
    "category",
    "site",
    "is_presale",
    "created_at",
    "paid_at",
    "dispatch_confirmed_at",
    "ship_by",
    "shipped_at",
    "carrier",
    "tracking_no",
    "first_scan_at",
    "estimated_delivery_at",
    "delivered_at",
    "confirmed_at",
    "confirmed_by",
    "cancelled_at",
    "cancelled_by",
    "refunded_at",
    "closed_at",
    "total_amount",
    "currency",
    "usd_rate",
    "total_usd",
)


# What a file reads at once.
ORDERS_AT_ONCE = 2_000


def exported_query(question: Question) -> Composable:
    """Every order asked for, in the order shown, as the database writes it."""
    return query_of(_in_order(question), COLUMNS)


def exported_orders(question: Question) -> Iterator[Order]:
    """The same as orders, in constant memory."""
    return _in_order(question).only(*COLUMNS).iterator(chunk_size=ORDERS_AT_ONCE)


def _in_order(question: Question) -> QuerySet[Order]:
    direction = "-" if question.descending else ""
    return matching(question).order_by(f"{direction}key", f"{direction}tie")
