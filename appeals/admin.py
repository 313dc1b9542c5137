"""Staff pages of appeals: the queue, the page on which one is decided, blind reviews, figures (AP-04, AP-06, BX-07);
protected events and corrections (BX-01, BX-03, PG-20)."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_POST

from appeals.forms.protected_events import ProtectedEventForm, WithdrawForm
from appeals.models import (
    Appeal,
    AppealFile,
    AppealOrder,
    AppealReview,
    CorrectionReport,
    EventShard,
    OverdueMail,
    ProtectedEvent,
)
from appeals.presenters.protected_events import named_sample, preview_lines
from appeals.queries.blind_reviews import waiting_blind_count
from appeals.queries.event_progress import event_progress
from appeals.queries.protected_orders import preview_event
from appeals.queries.review_queue import waiting_count
from appeals.rules import CauseKind, EventState
from appeals.services.correcting import withdraw_correction
from appeals.services.protecting import apply_event, change_event, draft_event, restart_event, withdraw_event
from appeals.views import arbitration
from appeals.views.blind_reviews import blind_queue, blind_review, claim_next_blind
from appeals.views.review import review
from appeals.views.review_figures import figures
from appeals.views.review_queue import claim_next, queue
from disputes.models import Arbitration
from disputes.queries.arbitrations import waiting_count as waiting_arbitrations
from orders.models import Exclusion
from orders.queries.names import carrier_names, category_names, site_names
from stores.adminbase import ReadOnlyAdmin, StoreRowAdmin, register
from stores.desk import add_desk_page
from stores.models import User
from stores.principals import principal_of_user

APPLY_PERMISSION = "appeals.apply_protectedevent"
WITHDRAW_PERMISSION = "appeals.withdraw_correctionreport"

add_desk_page("queue", "admin:appeals_appeal_queue", gettext_lazy("Review of appeals"), place=10, waiting=waiting_count)
add_desk_page(
    "arbitrations",
    "admin:disputes_arbitration_queue",
    gettext_lazy("Arbitration"),
    place=20,
    waiting=waiting_arbitrations,
)
add_desk_page(
    "blind",
    "admin:appeals_appealreview_blind",
    gettext_lazy("Blind reviews"),
    place=20,
    waiting=waiting_blind_count,
)
add_desk_page("figures", "admin:appeals_appeal_figures", gettext_lazy("Figures of reviews"), place=30)
add_desk_page("events", "admin:appeals_protectedevent_changelist", gettext_lazy("Protected events"), place=80)


@admin.register(Appeal)
class AppealAdmin(StoreRowAdmin):
    """Appeals are read here and decided on pages of their own, by the services."""

    list_display = ("number", "store", "kind", "subject_key", "state", "submitted_at", "decided_at", "decided_by")
    list_filter = ("state", "kind", "expedited", "is_complex")
    list_select_related = ("store", "decided_by")
    number_paths = ("number",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("queue/", view(queue), name="appeals_appeal_queue"),
            path("queue/next/", view(claim_next), name="appeals_appeal_next"),
            path("figures/", view(figures), name="appeals_appeal_figures"),
            path("<int:pk>/review/", view(review), name="appeals_appeal_review"),
            *super().get_urls(),
        ]


@admin.register(AppealReview)
class AppealReviewAdmin(ReadOnlyAdmin):
    """What reviewers decided, the blind reviews among them."""

    list_display = ("appeal", "round", "blind", "reviewer", "outcome", "due_at", "decided_at", "agreed")
    list_filter = ("blind", "outcome")
    list_select_related = ("appeal", "reviewer")
    search_fields = ("appeal__number__exact",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("blind/", view(blind_queue), name="appeals_appealreview_blind"),
            path("blind/next/", view(claim_next_blind), name="appeals_appealreview_next"),
            path("blind/<int:pk>/", view(blind_review), name="appeals_appealreview_decide"),
            *super().get_urls(),
        ]


@admin.register(Arbitration)
class ArbitrationAdmin(StoreRowAdmin):
    """Disputes in arbitration, decided on pages of their own. They are here because they show what the Smart Check
    found, which the app of disputes doesn't know."""

    list_display = ("dispute", "store", "round", "begun_at", "due_at", "is_complex", "claimed_by", "ended_at")
    list_filter = ("is_complex",)
    list_select_related = ("dispute", "store", "claimed_by")
    number_paths = ("dispute__dispute_no",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("queue/", view(arbitration.queue), name="disputes_arbitration_queue"),
            path("queue/next/", view(arbitration.claim_next), name="disputes_arbitration_next"),
            path("<int:pk>/decide/", view(arbitration.arbitration), name="disputes_arbitration_decide"),
            *super().get_urls(),
        ]


register(AppealOrder, list_display=("appeal", "place", "order", "exception", "decision", "reason_code"))
register(OverdueMail, list_display=("at", "user", "new", "state", "error"), list_filter=("state",))
register(AppealFile, list_display=("appeal", "place", "kind", "name", "round", "added_at"))


def _act(request: HttpRequest) -> dict[str, Any]:
    """Who does it and when, for services."""
    return {"actor": principal_of_user(request.user).actor, "at": timezone.now()}


def _listed(codes: Iterable[str], names: Mapping[str, str]) -> str:
    return pgettext("list", ", ").join(names.get(code, code) for code in codes)


@admin.register(ProtectedEvent)
class ProtectedEventAdmin(ReadOnlyAdmin):
    """An event is drafted by its form, previewed, applied and withdrawn; in force it is not changed any more."""

    list_display = ("number", "title", "kind", "state", "starts_at", "ends_at", "extend_hours", "applied_at")
    list_filter = ("state", "kind")
    search_fields = ("number__exact",)
    form = ProtectedEventForm
    change_form_template = "admin/appeals/protectedevent/change_form.html"

    @admin.display(description=gettext_lazy("carriers"))
    def carriers_shown(self, event: ProtectedEvent) -> str:
        return _listed(event.carriers, carrier_names())

    @admin.display(description=gettext_lazy("sites"))
    def sites_shown(self, event: ProtectedEvent) -> str:
        return _listed(event.sites, site_names(timezone.now()))

    @admin.display(description=gettext_lazy("categories"))
    def categories_shown(self, event: ProtectedEvent) -> str:
        return _listed(event.categories, category_names())

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/apply/", view(require_POST(self.apply)), name="appeals_protectedevent_apply"),
            path("<int:pk>/withdraw/", view(require_POST(self.withdraw)), name="appeals_protectedevent_withdraw"),
            path("<int:pk>/restart/", view(require_POST(self.restart)), name="appeals_protectedevent_restart"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who may apply events drafts them."""
        return request.user.has_perm(APPLY_PERMISSION)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Drafts only."""
        return request.user.has_perm(APPLY_PERMISSION) and (obj is None or obj.state == EventState.DRAFT)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """The form's while it is a draft, else all columns."""
        may = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return list(ProtectedEventForm.Meta.fields) if may else super().get_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        may = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return [] if may else super().get_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """By the services, which write the events."""
        if not change:
            made = draft_event(columns=form.columns(), user=cast(User, request.user), at=timezone.now())
            obj.pk, obj.number = made.pk, made.number
        elif not change_event(event=obj, columns=form.columns(), **_act(request)):
            messages.error(request, _("It was applied meanwhile and can't be changed any more."))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        event = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if isinstance(event, ProtectedEvent):
            context |= {
                "may_apply": request.user.has_perm(APPLY_PERMISSION),
                "is_draft": event.state == EventState.DRAFT,
                "in_force": event.state == EventState.APPLIED,
                "progress": event_progress(event),
                "withdraw_form": WithdrawForm(),
            }
            if event.state == EventState.DRAFT and "preview" in request.GET:
                context["preview"] = preview = preview_event(event)
                context["preview_lines"] = preview_lines(preview)
                context["sample"] = named_sample(preview.sample, carrier_names(), site_names(timezone.now()))
        return super().change_view(request, object_id, form_url, context)

    def apply(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put an event in force."""
        event = self._event(request, pk)
        if apply_event(event=event, **_act(request)):
            messages.success(request, _("The event is in force. Its orders are protected within minutes."))
        else:
            messages.error(request, _("It is no draft any more."))
        return self._back(pk)

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take an event back."""
        event, form = self._event(request, pk), WithdrawForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Give a reason for taking it back."))
        elif withdraw_event(event=event, reason=form.cleaned_data["reason"], **_act(request)):
            messages.success(request, _("The event is withdrawn. Its orders count as before within minutes."))
        else:
            messages.error(request, _("It is not in force."))
        return self._back(pk)

    def restart(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have the work on an event done again."""
        if restart_event(event=self._event(request, pk), **_act(request)):
            messages.success(request, _("The work on the event begins anew; what is done stays done."))
        else:
            messages.error(request, _("It is not in force."))
        return self._back(pk)

    @staticmethod
    def _event(request: HttpRequest, pk: int) -> ProtectedEvent:
        if not request.user.has_perm(APPLY_PERMISSION):
            raise PermissionDenied
        return get_object_or_404(ProtectedEvent, pk=pk)

    @staticmethod
    def _back(pk: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:appeals_protectedevent_change", args=[pk]))


@admin.register(CorrectionReport)
class CorrectionReportAdmin(StoreRowAdmin):
    """What corrections changed; that of an appeal is taken back here, a protected event on its own page."""

    list_display = ("cause_no", "store", "cause_kind", "place", "withdrawn", "at", "orders")
    list_filter = ("cause_kind", "withdrawn")
    number_paths = ("cause_no",)
    # Thousands of values; the page of the store lists them.
    exclude: ClassVar[Any] = ("results",)
    change_form_template = "admin/appeals/correctionreport/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        withdraw = self.admin_site.admin_view(require_POST(self.withdraw))
        return [path("<int:pk>/withdraw/", withdraw, name="appeals_correctionreport_withdraw"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        report = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if isinstance(report, CorrectionReport):
            excluded = Exclusion.objects.filter(store=report.store_id, cause_no=report.cause_no)
            may = report.cause_kind == CauseKind.APPEAL and request.user.has_perm(WITHDRAW_PERMISSION)
            context["may_withdraw"] = may and excluded.exists()
            context["report_url"] = reverse("appeals:correction", args=[report.store.store_no, report.cause_no])
        return super().change_view(request, object_id, form_url, context)

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take back what an appeal corrected."""
        if not request.user.has_perm(WITHDRAW_PERMISSION):
            raise PermissionDenied
        report = get_object_or_404(CorrectionReport, pk=pk, cause_kind=CauseKind.APPEAL)
        appeal = get_object_or_404(Appeal.objects.select_related("store__company"), number=report.cause_no)
        if withdraw_correction(appeal=appeal, **_act(request)) is None:
            messages.error(request, _("It was taken back already."))
        else:
            messages.success(request, _("The correction is taken back; the store is told."))
        return HttpResponseRedirect(reverse("admin:appeals_correctionreport_change", args=[pk]))


register(
    EventShard,
    list_display=("event", "shard", "state", "attempts", "position", "stores", "orders", "error"),
    list_filter=("state",),
    list_select_related=("event",),
)
