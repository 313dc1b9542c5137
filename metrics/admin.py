"""Staff pages of runs, published scorecards, benchmarks and the platform's own figures, read-only; rating anomaly
cases, and rating freezes, which reviewers end (PG-20, SR-06)."""

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.pages import formats
from metrics.catalogue import Calendar
from metrics.forms import EndFreezeForm, RerunForm
from metrics.models import (
    Benchmark,
    ImportedBenchmark,
    PlatformFigure,
    PlatformNotice,
    Published,
    RatingAnomalyCase,
    RatingFreeze,
    Run,
)
from metrics.presenters.freezes import cause_texts
from metrics.presenters.nights import night_rows
from metrics.queries.nights import recent_nights
from metrics.rules.days import last_complete_day
from metrics.services.freezing import end_freeze
from metrics.services.night import days_to_close, rerun_night
from metrics.tasks import ask_for_help
from stores.adminbase import ReadOnlyAdmin, StoreRowAdmin, register
from stores.desk import add_desk_page
from stores.models import User
from stores.principals import principal_of_user

END_PERMISSION, RERUN_PERMISSION = "metrics.end_ratingfreeze", "metrics.rerun_night"
SHOWN_DAYS = 31

add_desk_page("nights", "admin:metrics_run_nights", gettext_lazy("Nights"), place=90)

register(Published, StoreRowAdmin, list_display=("store", "day", "calendar", "policy_version", "computed_at"))
register(
    Benchmark,
    list_display=("scope", "metric", "day", "stores", "numerator", "denominator"),
    search_fields=("scope__exact",),
)
register(ImportedBenchmark, list_display=("category", "metric", "day", "value"), search_fields=("category__exact",))
register(PlatformFigure, StoreRowAdmin, list_display=("store", "metric", "day", "value"), number_paths=("metric",))
register(
    PlatformNotice,
    StoreRowAdmin,
    list_display=("number", "store", "metric", "level", "triggered_at", "state"),
    number_paths=("number",),
)
register(
    RatingAnomalyCase,
    StoreRowAdmin,
    list_display=("id", "store", "kind", "state", "opened_at", "freeze", "closed_at", "closed_by"),
    list_filter=("state", "kind"),
    list_select_related=("store", "freeze", "closed_by"),
)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """What each worker did of a night, and the nights at a glance; a senior reviewer runs one again (MX-03, RL-03)."""

    list_display = ("job", "day", "stage", "shard", "state", "attempts", "started_at", "rows", "milliseconds", "error")
    list_filter = ("job", "stage", "state")
    change_list_template = "admin/metrics/run/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        rerun = self.admin_site.admin_view(require_POST(self.rerun))
        return [
            path("nights/", self.admin_site.admin_view(self.nights), name="metrics_run_nights"),
            path("nights/again/", rerun, name="metrics_run_again"),
            *super().get_urls(),
        ]

    def nights(self, request: HttpRequest) -> HttpResponse:
        """The nights of the last weeks, newest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        behind = {calendar: days_to_close(calendar=calendar, at=now) for calendar in Calendar}
        last = max(last_complete_day(now, calendar) for calendar in Calendar)
        context = self.admin_site.each_context(request) | {
            "title": _("Nights"),
            "nights": night_rows(recent_nights(days=SHOWN_DAYS, last=last, behind=behind)),
            "may_rerun": request.user.has_perm(RERUN_PERMISSION),
        }
        return TemplateResponse(request, "admin/metrics/run/nights.html", context)

    def rerun(self, request: HttpRequest) -> HttpResponse:
        """Have workers run a day again; what was published and judged of it stays (MX-08, MX-09)."""
        if not request.user.has_perm(RERUN_PERMISSION):
            raise PermissionDenied
        form = RerunForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("There is no such night."))
            return HttpResponseRedirect(reverse("admin:metrics_run_nights"))
        calendar, day = Calendar(form.cleaned_data["calendar"]), form.cleaned_data["day"]
        rerun_night(calendar=calendar, day=day, actor=principal_of_user(request.user).actor, at=timezone.now())
        ask_for_help(calendar, day, 1)
        messages.success(request, _("The night of %(day)s is run again.") % {"day": formats.day(day)})
        return HttpResponseRedirect(reverse("admin:metrics_run_nights"))


class OpenFilter(admin.SimpleListFilter):
    """Freezes that go on, or those that are over."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", gettext_lazy("going on")), ("ended", gettext_lazy("ended"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(end_day__isnull=self.value() == "open") if self.value() else queryset


@admin.register(RatingFreeze)
class RatingFreezeAdmin(StoreRowAdmin):
    """A freeze is ended on its page, with a reason; nothing else of it changes."""

    list_display = ("id", "store", "start_day", "end_day", "predicted", "held", "opened_at", "ended_by")
    list_filter = (OpenFilter, "predicted")
    list_select_related: ClassVar[Any] = ("store", "ended_by")
    change_form_template = "admin/metrics/ratingfreeze/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        end = self.admin_site.admin_view(require_POST(self.end))
        return [path("<int:pk>/end/", end, name="metrics_ratingfreeze_end"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        freeze = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if freeze is not None:
            acts = freeze.is_open and not freeze.predicted
            context["causes"] = cause_texts(freeze)
            context["may_end"] = acts and request.user.has_perm(END_PERMISSION)
            context.setdefault("end_form", EndFreezeForm())
        return super().change_view(request, object_id, form_url, context)

    def end(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End a freeze; if two people do so at once, the second sees who was first."""
        if not request.user.has_perm(END_PERMISSION):
            raise PermissionDenied
        rows = RatingFreeze.objects.acting().select_related("store", "ended_by")
        freeze = get_object_or_404(rows, pk=pk)
        form = EndFreezeForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Give a reason for ending the freeze."))
        elif end_freeze(
            freeze=freeze, reason=form.cleaned_data["reason"], user=cast(User, request.user), at=timezone.now()
        ):
            messages.success(request, _("The freeze has ended."))
        else:
            first = get_object_or_404(rows, pk=pk)
            messages.error(
                request,
                _("It was already ended by %(who)s.")
                % {"who": first.ended_by.get_username() if first.ended_by else "–"},
            )
        return HttpResponseRedirect(reverse("admin:metrics_ratingfreeze_change", args=[pk]))
