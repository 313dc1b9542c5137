"""What happens when countdowns of orders lapse; importing the package registers the handlers (DM-27)."""

from orders.timers import dispatch, feedback, logistics, pool, receipt, refunds

__all__ = ["dispatch", "feedback", "logistics", "pool", "receipt", "refunds"]
