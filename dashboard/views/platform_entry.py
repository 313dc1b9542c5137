"""What the platform itself published, entered by hand (IX-08)."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.pages.responses import render_page
from dashboard.forms.platform_entry import PlatformFigureForm, PlatformNoticeForm
from dashboard.presenters.platform_entry import platform_entry_of
from intake.entering import enter_row
from intake.pipeline.batch import Verdict
from metrics.catalogue import METRICS
from notifications.forms import notice_metrics
from rulebook.queries import policy_at
from stores.access import WRITE, StoreRequest, store_view
from stores.models import Store
from stores.principals import Area

Form = PlatformNoticeForm | PlatformFigureForm
FILES = {"notice": "platform_notices", "figure": "platform_figures"}


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(area=Area.NOTICES, roles=WRITE)
def platform_entry(request: StoreRequest) -> HttpResponseBase:
    """A form for a notice of the platform and one for a figure, of mirrored stores only."""
    if request.store.mode != Store.Mode.MIRRORED:
        raise Http404
    now = timezone.now()
    asked = request.POST.get("do") if request.method == "POST" else None
    notice, figure = _forms(request, asked, now)
    page = platform_entry_of(request, notice, figure)
    forms: dict[str | None, Form] = {"notice": notice, "figure": figure}
    if asked in FILES and _taken(request, asked, forms[asked], now):
        messages.success(request, _("Recorded."))
        return redirect(page.notices_url if asked == "notice" else page.figures_url)
    return render_page(request, "dashboard/platform_entry.html", page, status=422 if asked else 200)


def _forms(request: StoreRequest, asked: str | None, now: datetime) -> tuple[PlatformNoticeForm, PlatformFigureForm]:
    rules = policy_at(now).metrics
    units = {code: rules[code].unit for code in METRICS if code in rules}
    data = {name: request.POST if name == asked else None for name in FILES}
    initial = request.GET.dict()
    return (
        PlatformNoticeForm(data["notice"], at=now, metrics=notice_metrics(), initial=initial),
        PlatformFigureForm(data["figure"], at=now, units=units, initial=initial),
    )


def _taken(request: StoreRequest, asked: str, form: Form, now: datetime) -> bool:
    """Whether the row of a valid form went in; what the import rejects is an error of the form."""
    if not form.is_valid():
        return False
    result = enter_row(
        store=request.store, file=FILES[asked], row=form.row(request.store), at=now, actor=request.principal.actor
    )
    if result.verdict == Verdict.REJECTED:
        form.add_error(result.column if result.column in form.fields else None, result.reason)
    return form.is_valid()
