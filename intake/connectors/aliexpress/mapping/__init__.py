"""The one map from the platform's answers to canonical rows: pure, so that a file that says the same gives the same."""

from intake.connectors.aliexpress.mapping.disputes import dispute_row
from intake.connectors.aliexpress.mapping.feedback import review_rows, scan_rows
from intake.connectors.aliexpress.mapping.fields import BUYER, LAST_CHANGE, ORDER_NO, Reading, Row
from intake.connectors.aliexpress.mapping.orders import OrderRows, order_rows

__all__ = [
    "BUYER",
    "LAST_CHANGE",
    "ORDER_NO",
    "OrderRows",
    "Reading",
    "Row",
    "dispute_row",
    "order_rows",
    "review_rows",
    "scan_rows",
]
