"""The shown list as rows of a file: canonical names, no addresses (RL-14, IX-13)."""

from collections.abc import Iterator
from typing import Any

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
CHUNK = 2_000


def exported_rows(question: Question) -> Iterator[tuple[Any, ...]]:
    """Every order asked for, in the order shown; read as it is sent, so memory stays constant."""
    direction = "-" if question.descending else ""
    rows = matching(question).order_by(f"{direction}key", f"{direction}tie")
    return rows.values_list(*COLUMNS).iterator(chunk_size=CHUNK)
