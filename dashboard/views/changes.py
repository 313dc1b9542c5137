"""What moved the rating between two days (MX-16, SR-12)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.forms.days import parsed_day
from dashboard.presenters.changes import changes_part
from insights.queries.changes import changes_since
from metrics.queries.days import page_days
from metrics.scorecards.store_profiles import load_profiles
from stores.access import StoreRequest, store_view
from stores.context_processors import nav
from stores.principals import Area


@require_safe
@store_view(area=Area.METRICS)
def rating_changes(request: StoreRequest) -> HttpResponse:
    """What moved the rating between two days; htmx gets the tables alone (MX-16, SR-12)."""
    now, store = timezone.now(), request.store
    context = load_profiles([store])[0]
    days = page_days(context, now, parsed_day(request.GET.get("day")))
    found = changes_since(store, days.rating, parsed_day(request.GET.get("since")), context)
    page = {
        "part": changes_part(store, found, reverse("dashboard:rating_changes", args=[store.store_no])),
        "rating_url": reverse("dashboard:rating", args=[store.store_no]),
        "nav": nav(request, current="rating"),
    }
    return render(request, "dashboard/_changes.html" if request.htmx else "dashboard/changes.html", page)
