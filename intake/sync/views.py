"""The overview of sync health, and the interval of a source (PN-20)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.pages.responses import render_page
from intake.models import Source
from intake.sources import set_interval
from intake.sync.forms import IntervalForm
from intake.sync.presenters import health_page_of
from intake.sync.queries import STATES, STORES_AT_ONCE, absent_stores, health_of, state_counts, stores_by_state
from stores.access import WRITE, SignedInRequest, StoreRequest, signed_in, store_view
from stores.principals import Area


@require_safe
@signed_in
def health(request: SignedInRequest) -> HttpResponse:
    """Stores by the state of their sources, and the store numbers that rows wait for."""
    principal = request.principal
    search = request.GET.get("store", "").replace("\x00", "").strip()[:120]
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    stores = stores_by_state(principal, state, search)
    page = Paginator(stores, STORES_AT_ONCE).get_page(request.GET.get("page"))
    context = health_page_of(
        request,
        state=state,
        search=search,
        page=page,
        health=health_of(list(page)),
        counts=state_counts(principal),
        absent=absent_stores(principal),
        now=timezone.now(),
    )
    return render_page(request, "intake/health.html", context)


@require_POST
@store_view(area=Area.ORDERS, roles=WRITE)
def source_interval(request: StoreRequest, source_id: int) -> HttpResponseBase:
    """Set how often a source is expected to speak."""
    source = Source.objects.filter(store=request.store, pk=source_id).first()
    if source is None:
        raise Http404
    form = IntervalForm(request.POST)
    if form.is_valid():
        set_interval(source=source, seconds=form.seconds(), at=timezone.now())
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Give whole hours, or leave it empty to have it learned."))
    return redirect("dashboard:sync", request.store.store_no)
