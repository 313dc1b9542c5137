"""All stores that a person sees (PG-02)."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from core.pages.tables import Sort
from dashboard.forms.stores import StoreFilter
from dashboard.presenters.stores import columns, stores_page
from dashboard.queries.store_list import can_compare, compared_stores, count_stores, paged_stores
from stores.access import SignedInRequest, signed_in


@require_safe
@signed_in
def stores(request: SignedInRequest) -> HttpResponse:
    """All stores that the person sees (PG-02)."""
    now, principal = timezone.now(), request.principal
    total = count_stores(principal)
    compared = can_compare(total)
    shown = columns(compared=compared)
    form, sort = StoreFilter(request.GET), Sort.parse(request.GET.get("sort"), shown, "due")
    query = form.query(sort, request.GET.get("page"))
    if compared:
        found = compared_stores(principal, query, now)
    else:
        found = paged_stores(principal, query, now)
        form.keep_text()
    page = stores_page(request, form, found, shown, sort, total=total, now=now)
    return render_page(request, "dashboard/stores.html", page)
