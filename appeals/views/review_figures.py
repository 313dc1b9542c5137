"""The review's figures (AP-06)."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from appeals.presenters.review_figures import figures_page
from appeals.queries.review_figures import review_figures
from appeals.views.reviewing import staff_of
from core.pages.responses import render_page
from core.templatetags.ui import duration, instant
from stores.desk import desk_nav


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """How long appeals wait, how many decisions are in time, overturned and agreed on."""
    staff_of(request)
    now = timezone.now()
    found = review_figures(now)
    oldest = duration(now - found.queue.oldest) if found.queue.oldest else ""
    page = figures_page(found, oldest, instant(found.queue.next_due), desk_nav(request, "figures"))
    return render_page(request, "appeals/review_figures.html", page)
