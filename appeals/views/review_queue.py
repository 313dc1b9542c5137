"""The review queue (AP-04)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appeals.forms.queue import QueueForm
from appeals.presenters.review_queue import QueueGroup, groups_of, tabs_of
from appeals.queries.review_queue import most_urgent, review_queue
from appeals.queries.reviewers import REVIEW_PERMISSION
from appeals.services.claiming import claim_appeal
from appeals.views.reviewing import reviewer_of, staff_of
from core.pages.components import Tab
from core.pages.responses import render_page
from rulebook.queries import policies_held, policy_at
from stores.desk import desk_nav


@dataclass(frozen=True, slots=True)
class QueuePage:
    """What templates/appeals/review_queue.html reads."""

    tabs: list[Tab]
    filters: QueueForm
    clear: str
    groups: list[QueueGroup]
    page: Page[Any]
    may_review: bool
    now: datetime
    nav: dict[str, Any]


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The appeals that wait, by when they are due."""
    user, now = staff_of(request), timezone.now()
    with policies_held():
        form = QueueForm(request.GET, policy=policy_at(now))
        query = form.query()
        found = review_queue(query, user=user, at=now, number=request.GET.get("page"))
        page = QueuePage(
            tabs=tabs_of(found, query),
            filters=form,
            clear=f"{reverse('admin:appeals_appeal_queue')}?part={query.part}",
            groups=groups_of(found, user=user, at=now, zone=timezone.get_current_timezone()),
            page=found.page,
            may_review=user.has_perm(REVIEW_PERMISSION),
            now=now,
            nav=desk_nav(request, "queue"),
        )
        return render_page(request, "appeals/review_queue.html", page)


@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    """Claim the unclaimed appeal that is due first and show it."""
    user, now = reviewer_of(request), timezone.now()
    # Somebody else may claim it in between: then the next one is the most urgent.
    while (appeal := most_urgent(user, now)) is not None:
        if claim_appeal(appeal=appeal, reviewer=user, at=now):
            return HttpResponseRedirect(reverse("admin:appeals_appeal_review", args=[appeal.pk]))
    messages.info(request, _("No unclaimed appeal waits now."))
    return HttpResponseRedirect(reverse("admin:appeals_appeal_queue"))
