"""Staff pages of notices and messages: senior reviewers end manual reviews, and deliveries are tried again (PG-20)."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from notifications.forms import EndReviewForm
from notifications.models import (
    Advice,
    Connection,
    Delivery,
    DeliveryAttempt,
    ImprovementPlan,
    InboxMessage,
    Notice,
    NoticeOrder,
    StoppedAddress,
    WebhookDelivery,
    WebhookEndpoint,
)
from notifications.queries.past import who_moved
from notifications.rules import State
from notifications.services.deliveries import retry_deliveries
from notifications.services.plans import end_manual_review
from stores.adminbase import ReadOnlyAdmin, StoreRowAdmin, register
from stores.principals import principal_of_user

END_PERMISSION = "notifications.end_manual_review"


@admin.register(Notice)
class NoticeAdmin(StoreRowAdmin):
    """A senior reviewer ends the manual review of a failed improvement plan on the notice's page."""

    list_display = ("number", "store", "metric", "level", "day", "triggered_at", "state", "opened_at")
    list_filter = ("level", "state")
    number_paths = ("number",)
    change_form_template = "admin/notifications/notice/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        end = self.admin_site.admin_view(require_POST(self.end_review))
        return [path("<int:pk>/end-review/", end, name="notifications_notice_end_review"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        notice, context = self.get_object(request, object_id), dict(extra_context or {})
        if notice is not None:
            context["may_end"] = notice.state == State.FAILED and request.user.has_perm(END_PERMISSION)
            context["has_plan"] = ImprovementPlan.objects.filter(notice=notice).exists()
            context["end_form"] = EndReviewForm()
        return super().change_view(request, object_id, form_url, context)

    def end_review(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End the review; of two people who do so at once the second sees who was first."""
        if not request.user.has_perm(END_PERMISSION):
            raise PermissionDenied
        notice = get_object_or_404(Notice.objects.select_related("store__company"), pk=pk)
        form = EndReviewForm(request.POST)
        if not form.is_valid():
            messages.error(request, gettext("Give a reason for ending the review."))
        elif end_manual_review(
            notice=notice,
            reason=form.cleaned_data["reason"],
            at=timezone.now(),
            actor=principal_of_user(request.user).actor,
        ):
            messages.success(request, gettext("The review has ended; the notice is resolved."))
        else:
            who = {"who": who_moved(notice), "state": notice.get_state_display()}
            messages.error(request, gettext("The notice is under no such review: %(who)s, %(state)s.") % who)
        return HttpResponseRedirect(reverse("admin:notifications_notice_change", args=[pk]))


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
register(
    WebhookEndpoint,
    ReadOnlyAdmin,
    list_display=("company", "url", "state", "failing_since", "succeeded_at"),
    list_filter=("state",),
    list_select_related=("company",),
    exclude=("key", "secret", "former_secret"),
)
register(
    WebhookDelivery,
    ReadOnlyAdmin,
    list_display=("endpoint", "kind", "event_id", "at", "state", "reason", "attempts", "retry_at"),
    list_filter=("state", "reason", "kind"),
    list_select_related=("endpoint",),
    search_fields=("event_id__exact",),
)
register(StoppedAddress, ReadOnlyAdmin, list_display=("address", "stopped_at", "error"), search_fields=("address",))


register(
    DeliveryAttempt,
    ReadOnlyAdmin,
    list_display=("delivery", "at", "milliseconds", "outcome", "answer"),
    list_select_related=("delivery",),
    list_filter=("outcome", "delivery__channel"),
)
register(
    Connection,
    ReadOnlyAdmin,
    list_display=("company", "channel", "name", "target", "state", "last_success_at", "last_error_at", "last_error"),
    list_select_related=("company",),
    list_filter=("channel", "state"),
)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Messages on their way. Staff have what failed tried again (RL-02)."""

    list_display = (
        "message", "channel", "recipient", "connection", "state", "reason", "attempts", "due_at", "retry_at", "sent_at",
    )  # fmt: skip
    list_filter = ("channel", "state", "reason")
    list_select_related = ("message", "recipient", "connection")
    search_fields = ("recipient__email",)
    actions = ("retry",)

    @admin.action(description=_("Try again what failed"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: Any) -> None:
        actor = principal_of_user(request.user).actor
        count = retry_deliveries(deliveries=queryset, actor=actor, at=timezone.now())
        messages.success(request, _("%(count)s deliveries are tried again.") % {"count": count})

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.retry_delivery")
