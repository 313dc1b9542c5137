"""What happens when countdowns of orders lapse; importing the package registers the handlers (DM-27)."""

from orders.timers import dispatch, feedback, funds, logistics, pool, receipt, refunds

__all__ = ["dispatch", "feedback", "funds", "logistics", "pool", "receipt", "refunds"]
