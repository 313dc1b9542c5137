"""Staff pages of runs, published scorecards, benchmarks and the platform's own figures, read-only; risk cases, and
rating freezes, which reviewers end (PG-20, SR-06)."""

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from metrics.forms import EndFreezeForm
from metrics.models import (
    Benchmark,
    ImportedBenchmark,
    PlatformFigure,
    PlatformNotice,
    Published,
    RatingFreeze,
    RiskCase,
    Run,
)
from metrics.presenting.governance import cause_texts
from metrics.services.freezing import end_freeze
from stores.adminbase import StoreRowAdmin, register
from stores.models import User

END_PERMISSION = "metrics.end_ratingfreeze"

register(
    Run,
    list_display=("job", "day", "stage", "state", "attempts", "started_at", "finished_at", "rows", "milliseconds"),
    list_filter=("job", "state"),
)
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
    RiskCase,
    StoreRowAdmin,
    list_display=("id", "store", "kind", "state", "opened_at", "freeze", "closed_at", "closed_by"),
    list_filter=("state", "kind"),
    list_select_related=("store", "freeze", "closed_by"),
)


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
    """Whoever may end a freeze ends it on its page, with a reason; nothing else of it changes."""

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
        """End a freeze; of two who do it at once, the second is told who was first."""
        if not request.user.has_perm(END_PERMISSION):
            raise PermissionDenied
        rows = RatingFreeze.objects.acting().select_related("store", "ended_by")
        freeze = get_object_or_404(rows, pk=pk)
        form = EndFreezeForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("A freeze is ended with a reason."))
        elif end_freeze(
            freeze=freeze, reason=form.cleaned_data["reason"], user=cast(User, request.user), at=timezone.now()
        ):
            messages.success(request, _("The freeze has ended."))
        else:
            first = get_object_or_404(rows, pk=pk)
            messages.error(
                request,
                _("It was ended before, by %(who)s.")
                % {"who": first.ended_by.get_username() if first.ended_by else "–"},
            )
        return HttpResponseRedirect(reverse("admin:metrics_ratingfreeze_change", args=[pk]))
