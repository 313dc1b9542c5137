"""The platform's figure taken apart: the page, its letters and lists of orders (BX-21)."""

from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils import translation
from django.views.decorators.http import require_safe

from core.pages.attachments import attached
from core.pages.downloads import people_file
from core.pages.responses import render_page
from dashboard.forms.days import parsed_day
from dashboard.presenters.gap import gap_page_of, letter_text, orders_behind, orders_sheet
from dashboard.views.shown import known_metric
from insights.queries.gap import Gap, orders_named, take_apart
from metrics.models import PlatformFigure
from stores.access import StoreRequest, store_view
from stores.principals import Area

LANGUAGES = {"zh": "zh-hans", "en": "en"}


@require_safe
@store_view(area=Area.METRICS)
def gap(request: StoreRequest, code: str) -> HttpResponse:
    """Why the platform's figure of a day differs from ours: each way of counting it, tried exactly."""
    return render_page(request, "dashboard/gap.html", gap_page_of(request, _asked(request, code)))


@require_safe
@store_view(area=Area.METRICS)
def gap_letter(request: StoreRequest, code: str) -> HttpResponse:
    """The letter about one explanation; ``?language=zh`` or ``en``."""
    found = _asked(request, code)
    place = _place(request, found)
    orders = orders_named(request.store, orders_behind(found, place))
    language = LANGUAGES.get(request.GET.get("language", ""), translation.get_language() or "en")
    with translation.override(language):
        text = letter_text(found, place, orders)
    return attached(HttpResponse(text, content_type="text/plain; charset=utf-8"), f"letter-{code}-{found.day}.txt")


@require_safe
@store_view(area=Area.METRICS)
def gap_orders(request: StoreRequest, code: str) -> HttpResponseBase:
    """The orders behind one explanation as a workbook."""
    found = _asked(request, code)
    place = _place(request, found)
    orders = orders_named(request.store, orders_behind(found, place))
    return people_file(f"orders-{code}-{found.day}", "xlsx", orders_sheet(found, place, orders))


def _asked(request: StoreRequest, code: str) -> Gap:
    """The figure of the day that the address names, else the newest."""
    rows = PlatformFigure.objects.filter(store=request.store, metric=known_metric(code)).order_by("-day")
    day = parsed_day(request.GET.get("day"))
    figure = (rows.filter(day=day) if day else rows).first()
    if figure is None:
        raise Http404
    return take_apart(request.store, figure)


def _place(request: StoreRequest, found: Gap) -> int | None:
    """Which explanation the address names; none: the gap itself."""
    choice = request.GET.get("choice", "")
    if not choice:
        return None
    if not choice.isascii() or not choice.isdigit() or len(choice) > 4 or int(choice) >= len(found.found):
        raise Http404
    return int(choice)
