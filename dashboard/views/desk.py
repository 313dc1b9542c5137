"""The home of the staff admin, and the tables behind it (PG-20)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from appeals.views import arbitration, blind_reviews, review_queue
from core.pages.responses import render_page
from dashboard.presenters.desk import desk_page
from dashboard.presenters.desk_tables import TablesPage, groups_of
from dashboard.queries.desk import desk_of
from dashboard.queries.desk_queues import Waiting, most_urgent_queue
from orders.views import cases, claims_review
from penalties.views import proposals
from rulebook.queries import policies_held
from stores.desk import desk_nav
from stores.models import User


def desk(request: HttpRequest) -> HttpResponse:
    """What waits for operations."""
    user, now = cast(User, request.user), timezone.now()
    with policies_held():
        day_start = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        found = desk_of(user, now, day_start=day_start)
        page = desk_page(found, at=now, nav=desk_nav(request, "desk"))
        return render_page(request, "desk/desk.html", page)


# What claims the first free case of a queue and shows it.
CLAIM_NEXT: dict[Waiting, Callable[[HttpRequest], HttpResponse]] = {
    Waiting.APPEALS: review_queue.claim_next,
    Waiting.BLIND: blind_reviews.claim_next_blind,
    Waiting.ARBITRATIONS: arbitration.claim_next,
    Waiting.PROOFS: claims_review.claim_next_proof,
    Waiting.CLAIMS: claims_review.claim_next_claim,
    Waiting.CASES: cases.claim_next,
    Waiting.PROPOSALS: proposals.claim_next,
}


@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    """Claim the most urgent case of all queues that the person works on, and show it."""
    queue = most_urgent_queue(cast(User, request.user), timezone.now())
    if queue is not None:
        return CLAIM_NEXT[queue](request)
    messages.info(request, _("Nothing waits there that you could claim now."))
    return HttpResponseRedirect(reverse("admin:index"))


def tables(request: HttpRequest, app_list: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """Every table that the person may see, by what is done with it."""
    return render_page(request, "desk/tables.html", TablesPage(groups_of(app_list), desk_nav(request, "tables")))
