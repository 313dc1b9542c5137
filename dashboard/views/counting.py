"""What counts and what doesn't, for sellers (BX-18)."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.presenters.counting import counting_page
from rulebook.queries import policy_at
from stores.access import SignedInRequest, signed_in


@require_safe
@signed_in
def counting(request: SignedInRequest) -> HttpResponse:
    """Every reason of the metrics that get notices, by the policy in force (BX-18)."""
    return render_page(request, "dashboard/counting.html", counting_page(request, policy_at(timezone.now())))
