"""Staff pages of orders and what belongs to them: facts as the sources gave them, read-only (PG-20)."""

from orders.models import (
    Exclusion,
    Message,
    Order,
    OrderLine,
    Protection,
    Refund,
    ReplacedShipment,
    ReturnParcel,
    Review,
    RiskCase,
    Settlement,
    Shipment,
    ShipmentItem,
    TrackingEvent,
)
from stores.adminbase import StoreRowAdmin, register

OF_ORDER = {"list_select_related": ("store", "order"), "number_paths": ("order__order_no",)}

register(
    Order,
    StoreRowAdmin,
    list_display=("order_no", "store", "state", "created_at", "ship_by", "shipped_at", "delivered_at", "total_usd"),
    list_filter=("state",),
    number_paths=("order_no",),
    # Where buyers live and what they connect from is no matter of the admin (RL-14).
    exclude=("buyer_ip_hash", "ship_address"),
)
register(OrderLine, StoreRowAdmin, list_display=("order", "line_no", "store", "sku", "quantity", "amount"), **OF_ORDER)
register(
    Shipment,
    StoreRowAdmin,
    list_display=("order", "store", "parcel_no", "carrier", "tracking_no", "shipped_at"),
    **OF_ORDER,
)
register(ShipmentItem, StoreRowAdmin, list_display=("order", "store", "line_no", "shipment"), **OF_ORDER)
register(
    ReplacedShipment,
    StoreRowAdmin,
    list_display=("order", "store", "carrier", "tracking_no", "shipped_at", "replaced_at", "replaced_by"),
    **OF_ORDER,
)
register(
    TrackingEvent,
    StoreRowAdmin,
    list_display=("order", "store", "at", "kind", "tracking_no", "place", "text"),
    **OF_ORDER,
)
register(
    Review,
    StoreRowAdmin,
    list_display=("order", "store", "kind", "created_at", "described", "communication", "shipping", "revoked_at"),
    **OF_ORDER,
)
register(
    Refund,
    StoreRowAdmin,
    list_display=("refund_no", "order", "store", "requested_at", "state", "completed_at", "amount_usd", "full"),
    **OF_ORDER,
)
register(
    ReturnParcel,
    StoreRowAdmin,
    list_display=("return_no", "order", "store", "shipped_back_at", "received_at", "inspected_at", "result"),
    **OF_ORDER,
)
register(
    Settlement,
    StoreRowAdmin,
    list_display=("order", "store", "released_at", "amount", "currency", "held_reason"),
    **OF_ORDER,
)
register(
    Message, StoreRowAdmin, list_display=("message_no", "order", "store", "sent_at", "sender", "automatic"), **OF_ORDER
)
register(
    Exclusion,
    StoreRowAdmin,
    list_display=("cause_no", "order", "store", "subject_kind", "metric", "created_at"),
    **OF_ORDER,
)
register(Protection, StoreRowAdmin, list_display=("event_no", "order", "store", "extend_hours"), **OF_ORDER)
register(
    RiskCase,
    StoreRowAdmin,
    list_display=("id", "store", "kind", "subject_key", "state", "opened_at", "decided_at", "decided_by"),
    list_filter=("state", "kind"),
    list_select_related=("store", "decided_by"),
)
