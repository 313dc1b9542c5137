"""What pages and exports read of orders."""

from orders.queries.listing import Cursor, Filters, Page, Question, Row, matching, page_of, shown_count, tab_counts
from orders.queries.pool import in_pool_at, limits_of, pool_stays
from orders.queries.subsets import Subset
from orders.queries.tabs import EVERY, Tab, confirm_window

__all__ = [
    "EVERY",
    "Cursor",
    "Filters",
    "Page",
    "Question",
    "Row",
    "Subset",
    "Tab",
    "confirm_window",
    "in_pool_at",
    "limits_of",
    "matching",
    "page_of",
    "pool_stays",
    "shown_count",
    "tab_counts",
]
