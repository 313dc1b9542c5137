"""The lists of the dashboard's pages as files."""

from dashboard.list_exports import desk, figures, orders, problems, record, stores, trade

__all__ = ["desk", "figures", "orders", "problems", "record", "stores", "trade"]
