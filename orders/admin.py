"""Staff pages of orders, read-only; the pages on which risk cases, proofs and claims are decided (PG-20)."""

from django.contrib import admin
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from orders.models import (
    Exclusion,
    LogisticsClaim,
    LogisticsClaimFile,
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
from orders.queries.working import open_case_count, open_claim_counts
from orders.views.cases import case_list, case_page
from orders.views.claims_review import claim_list, claim_page
from stores.adminbase import StoreRowAdmin, register
from stores.desk import add_desk_page

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


@admin.register(RiskCase)
class RiskCaseAdmin(StoreRowAdmin):
    """Cases are read here and decided on pages of their own."""

    list_display = ("id", "store", "kind", "subject_key", "state", "opened_at", "decided_at", "decided_by")
    list_filter = ("state", "kind")
    list_select_related = ("store", "decided_by")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("queue/", view(case_list), name="orders_riskcase_queue"),
            path("<int:pk>/decide/", view(case_page), name="orders_riskcase_decide"),
            *super().get_urls(),
        ]


@admin.register(LogisticsClaim)
class LogisticsClaimAdmin(StoreRowAdmin):
    """Pickup proofs and claims are read here and decided on pages of their own."""

    list_display = ("id", "store", "order", "kind", "state", "submitted_at", "due_at", "decided_at", "decided_by")
    list_filter = ("state", "kind")
    list_select_related = ("store", "order", "decided_by")
    number_paths = ("order__order_no",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("queue/", view(claim_list), name="orders_logisticsclaim_queue"),
            path("<int:pk>/review/", view(claim_page), name="orders_logisticsclaim_review"),
            *super().get_urls(),
        ]


register(LogisticsClaimFile, list_display=("claim", "place", "name"))
add_desk_page("cases", "admin:orders_riskcase_queue", _("Risk cases"), place=60, waiting=open_case_count)
add_desk_page(
    "logistics",
    "admin:orders_logisticsclaim_queue",
    _("Proofs and logistics claims"),
    place=50,
    waiting=lambda: sum(open_claim_counts().values()),
)
