"""Staff pages of orders, read-only; the pages on which risk cases, proofs and claims are decided (PG-20)."""

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orders.forms.messages import ReportForm
from orders.models import (
    Exclusion,
    GuideText,
    LogisticsClaim,
    LogisticsClaimFile,
    Message,
    Order,
    OrderLine,
    OutgoingMessage,
    Protection,
    Refund,
    ReplacedShipment,
    ReplyTemplate,
    ReturnParcel,
    Review,
    RiskCase,
    Settlement,
    Shipment,
    ShipmentItem,
    TrackingEvent,
)
from orders.queries.working import open_case_count, open_claim_counts
from orders.services.inducement import report_inducement
from orders.views.cases import case_list, case_page
from orders.views.cases import claim_next as claim_next_case
from orders.views.claims_review import claim_list, claim_page
from orders.views.claims_review import claim_next as claim_next_handed_in
from stores.adminbase import StoreRowAdmin, register
from stores.desk import add_desk_page
from stores.models import User

DECIDE_PERMISSION = "orders.decide_riskcase"
SEARCH_HELP = gettext_lazy("Store number, or store number and order or record number")

OF_ORDER = {"list_select_related": ("store", "order"), "number_paths": ("order__order_no",)}


@admin.register(Order)
class OrderAdmin(StoreRowAdmin):
    """Whoever decides risk cases reports an order's store here for inducing reviews (AF-12)."""

    list_display = (
        "order_no",
        "store",
        "state",
        "created_at",
        "ship_by",
        "shipped_at",
        "delivered_at",
        "total_usd",
    )
    list_filter = ("state",)
    number_paths = ("order_no",)
    search_help_text = SEARCH_HELP
    # Where buyers live and what they connect from is no matter of the admin (RL-14).
    exclude: ClassVar[Any] = ("buyer_ip_hash", "ship_address")
    change_form_template = "admin/orders/order/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        report = self.admin_site.admin_view(require_POST(self.report))
        return [path("<int:pk>/report/", report, name="orders_order_report"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        may = request.user.has_perm(DECIDE_PERMISSION)
        context = {"may_report": may, "report_form": ReportForm(), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def report(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Open a case of inducing reviews; an order has one at most."""
        if not request.user.has_perm(DECIDE_PERMISSION):
            raise PermissionDenied
        order = get_object_or_404(Order.objects.select_related("store__company"), pk=pk)
        form = ReportForm(request.POST)
        if form.is_valid():
            reason, reporter = form.cleaned_data["reason"], cast(User, request.user)
            report_inducement(order=order, reason=reason, reporter=reporter, at=timezone.now())
            messages.success(request, gettext("A risk case of the order is open."))
        else:
            messages.error(request, gettext("Say what was reported."))
        return HttpResponseRedirect(reverse("admin:orders_order_change", args=[pk]))


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
            path("next/", view(claim_next_case), name="orders_riskcase_next"),
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
            path("next/", view(claim_next_handed_in), name="orders_logisticsclaim_next"),
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
register(
    OutgoingMessage,
    StoreRowAdmin,
    list_display=("order", "store", "prepared_at", "language", "template", "stage", "actor", "message"),
    **OF_ORDER | {"list_select_related": ("store", "order", "message")},
)
register(GuideText, StoreRowAdmin, list_display=("store", "sku", "language", "stage", "version", "created_at"))
register(ReplyTemplate, list_display=("company", "name", "language", "absence", "changed_at"))
