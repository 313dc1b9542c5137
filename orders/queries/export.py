"""The shown list as rows of a file: canonical names, no addresses (RL-14, IX-13)."""

from orders.queries.listing import Question, matching
from stores.sqlsheets import Query, query_of

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


def exported_query(question: Question) -> Query:
    """Every order asked for, in the order shown, as the database writes it."""
    direction = "-" if question.descending else ""
    return query_of(matching(question).order_by(f"{direction}key", f"{direction}tie"), COLUMNS)
