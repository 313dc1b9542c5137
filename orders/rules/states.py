"""Pure rules of an order's state (DM-21, DM-22). No database, no clock, no request."""

from collections.abc import Mapping
from datetime import datetime

# The first instant that is set decides the state (DM-21).
STATE_BY_INSTANT = (
    ("refunded_at", "refunded"),
    ("cancelled_at", "cancelled"),
    ("closed_at", "closed"),
    ("confirmed_at", "success"),
    ("delivered_at", "delivered"),
    ("shipped_at", "shipped"),
    ("paid_at", "paid"),
)

# What actions may lead to from each state (DM-22). Data may bring any state; these are the ways of people and timers.
TRANSITIONS: Mapping[str, frozenset[str]] = {
    "created": frozenset({"paid", "cancelled"}),
    "paid": frozenset({"shipped", "cancelled", "refunded"}),
    "shipped": frozenset({"delivered", "success", "cancelled", "refunded"}),
    "delivered": frozenset({"success", "refunded"}),
    "success": frozenset({"closed", "refunded"}),
    "closed": frozenset({"refunded"}),
    "cancelled": frozenset(),
    "refunded": frozenset(),
}


def state_of(instants: Mapping[str, datetime | None]) -> str:
    """The state of an order with these instants; total: an order with none of them is ``created``."""
    return next((state for name, state in STATE_BY_INSTANT if instants.get(name) is not None), "created")
