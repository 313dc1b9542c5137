"""The page of what-if (BX-04)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.presenters.whatif.page import what_if_context
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.METRICS)
def what_if(request: StoreRequest) -> HttpResponse:
    """Each metric, score and notice as it would be; what is supposed stands in the address."""
    return render(request, "dashboard/what_if.html", what_if_context(request, request.store, timezone.now()))
