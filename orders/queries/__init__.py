"""What pages and exports read of orders."""

from orders.queries.listing import (
    Cursor,
    Filters,
    Page,
    Question,
    Row,
    matching,
    page_of,
    shown_count,
    tab_counts,
)
from orders.queries.pool import in_pool_at, limits_of, pool_stays
from orders.queries.subsets import Subset, subset_asked, subset_parameters
from orders.queries.tabs import BY_CODE, EVERY, OPEN_DISPUTES, PARTS, TABS, UNDATED, Tab, confirm_window

__all__ = [
    "BY_CODE",
    "EVERY",
    "OPEN_DISPUTES",
    "PARTS",
    "TABS",
    "UNDATED",
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
    "subset_asked",
    "subset_parameters",
    "tab_counts",
]
