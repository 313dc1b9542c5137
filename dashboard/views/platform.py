"""The platform's figures beside ours (IX-08)."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.forms.days import parsed_day
from dashboard.presenters.platform import PlatformPart, platform_part
from dashboard.views.shown import known_metric
from insights.queries.platform import beside_platform
from metrics.catalogue import METRICS
from stores.access import StoreRequest, store_view
from stores.context_processors import nav
from stores.models import Store
from stores.principals import Area


@dataclass(frozen=True, slots=True)
class PlatformPage:
    """What templates/dashboard/platform.html and _platform.html read; ``back``: the name of the page above."""

    part: PlatformPart
    store: Store
    back: str
    back_url: str
    nav: dict[str, Any]


@require_safe
@store_view(area=Area.METRICS)
def platform(request: StoreRequest) -> HttpResponse:
    """The platform's figures and notices beside ours, of one metric or all; htmx gets the block alone (IX-08)."""
    store, given = request.store, request.GET.get("metric")
    code = known_metric(given) if given else None
    found = beside_platform(store=store, code=code, at=timezone.now(), asked=parsed_day(request.GET.get("day")))
    metric_url = reverse("dashboard:metric", args=[store.store_no, code]) if code else ""
    page = PlatformPage(
        part=platform_part(store, found, code),
        store=store,
        back=METRICS[code].title if code else _("Trade"),
        back_url=metric_url or reverse("dashboard:trade", args=[store.store_no]),
        nav=nav(request, current="panel" if code else "trade"),
    )
    return render_page(request, "dashboard/_platform.html" if request.htmx else "dashboard/platform.html", page)
