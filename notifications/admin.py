"""Staff pages of notices and messages, read-only (PG-20)."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.models import Advice, Delivery, InboxMessage, Notice, NoticeOrder, StoppedAddress
from notifications.services.deliveries import retry_deliveries
from stores.adminbase import ReadOnlyAdmin, StoreRowAdmin, register
from stores.principals import principal_of_user

register(
    Notice,
    StoreRowAdmin,
    list_display=("number", "store", "metric", "level", "day", "triggered_at", "state", "opened_at"),
    list_filter=("level", "state"),
    number_paths=("number",),
)
register(
    NoticeOrder,
    ReadOnlyAdmin,
    list_display=("notice", "place", "order_no", "complaint_no", "counter", "day", "carrier", "tracking_no"),
    list_select_related=("notice",),
    search_fields=("notice__number__exact",),
)
register(
    InboxMessage, StoreRowAdmin, list_display=("event", "store", "company", "kind", "at"), list_select_related=True
)
register(Advice, StoreRowAdmin, list_display=("store", "kind", "subject", "opened_on", "recovered_on"))
register(StoppedAddress, ReadOnlyAdmin, list_display=("address", "stopped_at", "error"), search_fields=("address",))


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """E-mails on their way. Staff have what failed tried again (RL-02)."""

    list_display = ("message", "recipient", "state", "reason", "attempts", "due_at", "retry_at", "sent_at")
    list_filter = ("state", "reason")
    list_select_related = ("message", "recipient")
    search_fields = ("recipient__email",)
    actions = ("retry",)

    @admin.action(description=_("Try again what failed"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: Any) -> None:
        actor = principal_of_user(request.user).actor
        count = retry_deliveries(deliveries=queryset, actor=actor, at=timezone.now())
        messages.success(request, _("%(count)s e-mails are tried again.") % {"count": count})

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.retry_delivery")
