"""Orders and what happens to them, as data (DM-16 … DM-21)."""

from orders.models.cases import RiskCase
from orders.models.counts import OrderCount
from orders.models.exclusions import Exclusion, Protection
from orders.models.feedback import Message, Review
from orders.models.flags import RaisedFlag
from orders.models.holds import OrderHold
from orders.models.logistics import LogisticsClaim, LogisticsClaimFile
from orders.models.messaging import GuideStage, GuideText, MessageThread, OutgoingMessage, ReplyTemplate
from orders.models.money import Refund, RefundFile, ReturnFile, ReturnParcel, Settlement
from orders.models.orders import Fulfilment, KeyedOrderRow, Order, OrderLine, OrderRow, OrderState, Source
from orders.models.parcels import ReplacedShipment, Shipment, ShipmentItem, TrackingEvent

__all__ = [
    "Exclusion",
    "Fulfilment",
    "GuideStage",
    "GuideText",
    "KeyedOrderRow",
    "LogisticsClaim",
    "LogisticsClaimFile",
    "Message",
    "MessageThread",
    "Order",
    "OrderCount",
    "OrderHold",
    "OrderLine",
    "OrderRow",
    "OrderState",
    "OutgoingMessage",
    "Protection",
    "RaisedFlag",
    "Refund",
    "RefundFile",
    "ReplacedShipment",
    "ReplyTemplate",
    "ReturnFile",
    "ReturnParcel",
    "Review",
    "RiskCase",
    "Settlement",
    "Shipment",
    "ShipmentItem",
    "Source",
    "TrackingEvent",
]
