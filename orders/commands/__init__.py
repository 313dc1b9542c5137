"""The actions on orders (DM-22), and the frame in which apps above declare theirs."""

from orders.commands.actions import (
    cancel_order,
    close_order,
    confirm_dispatch,
    confirm_receipt,
    record_delivery,
    record_payment,
    refund_order,
)
from orders.commands.dispatching import DispatchResult, DispatchRow, check_dispatch, dispatch_orders
from orders.commands.frame import Command, CommandSubject, NotDoneError, Outcome, Result, perform
from orders.commands.messages import AnsweredMeanwhileError, send_message
from orders.commands.parcels import NewParcel, add_parcel, replace_number, ship_order
from orders.commands.refunds import agree_refund, complete_refund, offer_part, refuse_refund, withdraw_refund
from orders.commands.returns import accept_return, dispute_content, receive_return

__all__ = [
    "AnsweredMeanwhileError",
    "Command",
    "CommandSubject",
    "DispatchResult",
    "DispatchRow",
    "NewParcel",
    "NotDoneError",
    "Outcome",
    "Result",
    "accept_return",
    "add_parcel",
    "agree_refund",
    "cancel_order",
    "check_dispatch",
    "close_order",
    "complete_refund",
    "confirm_dispatch",
    "confirm_receipt",
    "dispatch_orders",
    "dispute_content",
    "offer_part",
    "perform",
    "receive_return",
    "record_delivery",
    "record_payment",
    "refund_order",
    "refuse_refund",
    "replace_number",
    "send_message",
    "ship_order",
    "withdraw_refund",
]
