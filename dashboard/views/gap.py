"""The platform's figure taken apart: the page and its letters (BX-21)."""

from django.http import HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe

from core.pages.attachments import attached
from core.pages.responses import render_page
from dashboard.asked_gap import asked_explanation, asked_gap
from dashboard.presenters.gap import gap_page_of, letter_text, orders_behind
from insights.queries.gap import orders_named
from stores.access import StoreRequest, store_view
from stores.principals import Area

LANGUAGES = {"zh": "zh-hans", "en": "en"}


@require_safe
@store_view(area=Area.METRICS)
def gap(request: StoreRequest, code: str) -> HttpResponse:
    """Why the platform's figure of a day differs from ours: each way of counting it, tried exactly."""
    found = asked_gap(request.store, code, request.GET)
    return render_page(request, "dashboard/gap.html", gap_page_of(request, found))


@require_safe
@store_view(area=Area.METRICS)
def gap_letter(request: StoreRequest, code: str) -> HttpResponse:
    """The letter about one explanation; ``?language=zh`` or ``en``."""
    found = asked_gap(request.store, code, request.GET)
    place = asked_explanation(found, request.GET)
    orders = orders_named(request.store, orders_behind(found, place))
    language = LANGUAGES.get(request.GET.get("language", ""), translation.get_language() or "en")
    with translation.override(language):
        text = letter_text(found, place, orders)
    return attached(HttpResponse(text, content_type="text/plain; charset=utf-8"), f"letter-{code}-{found.day}.txt")
