"""Corrections of a store and the protected events that concern it (BX-01, BX-03)."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from appeals.models import CorrectionReport
from appeals.presenters.corrections import correction_page_of
from appeals.presenters.protected_events import events_page_of
from appeals.queries.corrections import cause_of, events_of_store, numbered_report, reports_of
from core.pages.responses import render_page
from orders.queries.names import order_names
from rulebook.queries import policy_at
from stores.access import StoreRequest, store_view
from stores.context_processors import nav
from stores.principals import Area

VALUES_AT_ONCE = 50


@require_safe
@store_view(area=Area.NOTICES)
def correction(request: StoreRequest, cause_no: str) -> HttpResponse:
    """What one cause corrected, with every value of the latest correction or of the one in ``place``."""
    reports = reports_of(request.store, cause_no)
    shown = _asked(request, cause_no) or reports[0]
    page = Paginator(shown.results, VALUES_AT_ONCE).get_page(request.GET.get("page"))
    frame = nav(request, current="notices")
    return render_page(
        request,
        "appeals/correction.html",
        correction_page_of(frame, reports, cause_of(shown), page, policy_at(shown.at)),
    )


def _asked(request: StoreRequest, cause_no: str) -> CorrectionReport | None:
    try:
        place = int(request.GET.get("place", ""))
    except ValueError:
        return None
    return numbered_report(request.store, cause_no, place)


@require_safe
@store_view(area=Area.NOTICES)
def protected_events(request: StoreRequest) -> HttpResponse:
    """The protected events that met orders of the store."""
    names = order_names(request.store.store_no, timezone.now())
    found = events_of_store(request.store)
    frame = nav(request, current="notices")
    return render_page(request, "appeals/protected_events.html", events_page_of(frame, request.store, found, names))
