"""One box for order numbers, tracking numbers and buyers in all stores of a person (PG-06)."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.presenters.search import search_page_of
from dashboard.queries.search import search_orders
from orders.searching import LONGEST_TEXT
from stores.access import SignedInRequest, audit_inspection, signed_in


@require_safe
@signed_in
def search(request: SignedInRequest) -> HttpResponse:
    """What was found, by store; staff who read stores of others leave a trace in each (DM-33)."""
    found = search_orders(request.principal, request.GET.get("q", "")[:LONGEST_TEXT])
    for hits in found.hits:
        audit_inspection(request.principal, hits.store)
    return render_page(request, "dashboard/search.html", search_page_of(request, found))
