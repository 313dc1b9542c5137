"""The actions on orders (DM-22), and the frame in which apps above declare theirs."""

from orders.commands.actions import (
    cancel_order,
    close_order,
    confirm_dispatch,
    confirm_receipt,
    record_delivery,
    record_payment,
    refund_order,
    ship_order,
)
from orders.commands.frame import Command, CommandSubject, Outcome, Result, perform

__all__ = [
    "Command",
    "CommandSubject",
    "Outcome",
    "Result",
    "cancel_order",
    "close_order",
    "confirm_dispatch",
    "confirm_receipt",
    "perform",
    "record_delivery",
    "record_payment",
    "refund_order",
    "ship_order",
]
