"""Dispatch of many parcels: pasted, from a file, or scanned; checked line by line, then sent (PG-06)."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.pages.responses import render_page
from dashboard.presenters.dispatch import FILE, PASTE, SCAN, DispatchInput, dispatch_page_of
from dashboard.queries.dispatch import check_lines
from dashboard.rules.dispatch_lines import LONGEST_TEXT, MOST_LINES, left_over, lines_of_rows, mended
from intake.reading import BundleError
from intake.reading.cells import read_cells
from orders.commands import dispatch_orders
from stores.access import WRITE, StoreRequest, store_view
from stores.models import Store
from stores.principals import Area

TEMPLATE = "dashboard/dispatch.html"
# No place of a line has as many digits.
PLACE_DIGITS = 9


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(area=Area.ORDERS, roles=WRITE)
def dispatch(request: StoreRequest) -> HttpResponse:
    """The box with its lines and, beside each, what the check says; POST checks, mends or dispatches."""
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do in ("send", "send_safe") and request.store.mode != Store.Mode.MIRRORED:
            return _sent(request, safe_only=do == "send_safe")
        return _shown(request, _entered(request))
    way = request.GET.get("by", PASTE)
    text = "\n".join(request.GET.getlist("orders")[:MOST_LINES])
    return _shown(request, DispatchInput(way if way in (FILE, SCAN) else PASTE, text))


def _shown(request: StoreRequest, given: DispatchInput) -> HttpResponse:
    page = dispatch_page_of(request, given, check_lines(request.store, given.text, given.carrier))
    template = f"{TEMPLATE}#checked" if request.htmx.target == "checked" else TEMPLATE
    return render_page(request, template, page, status=422 if given.refusal else 200)


def _sent(request: StoreRequest, *, safe_only: bool) -> HttpResponse:
    """Dispatch what can go; what can't stays in the box as it was written."""
    given = _entered(request)
    check = check_lines(request.store, given.text, given.carrier)
    going = check.safe() if safe_only else check.sendable()
    rows = [one.row for one in going]
    results = dispatch_orders(store=request.store, rows=rows, principal=request.principal, at=timezone.now())
    gone = {one.row.place for one in results if one.holds} | check.shipped
    rest = DispatchInput(given.way, left_over(given.text, check.lines, gone), given.carrier)
    left = check_lines(request.store, rest.text, rest.carrier)
    return render_page(request, TEMPLATE, dispatch_page_of(request, rest, left, results))


def _entered(request: StoreRequest) -> DispatchInput:
    """What the form holds after a file was read, a line mended or a number scanned."""
    posted = request.POST
    way, carrier = posted.get("by", PASTE), posted.get("carrier", "")[:64]
    text = posted.get("lines", "")[:LONGEST_TEXT]
    if posted.get("do") == "file":
        return _from_file(request, text, carrier)
    if mend := posted.get("mend"):
        place, _tab, change = mend.partition("\t")
        old, _tab, new = change.partition("\t")
        return DispatchInput(
            way, mended(text, int(place) if place.isdecimal() and len(place) < PLACE_DIGITS else 0, old, new), carrier
        )
    order, number = posted.get("order", "").strip(), posted.get("number", "").strip()
    if order and number:
        return DispatchInput(way, "\n".join(filter(None, (text.rstrip(), f"{order}\t{number}"))), carrier)
    return DispatchInput(way, text, carrier, scanned=order)


def _from_file(request: StoreRequest, text: str, carrier: str) -> DispatchInput:
    file = request.FILES.get("file")
    if file is None:
        return DispatchInput(FILE, text, carrier, refusal=_("Choose a file first."))
    try:
        rows = read_cells(file, MOST_LINES + 1)
    except BundleError as error:
        return DispatchInput(FILE, text, carrier, refusal=str(error))
    return DispatchInput(PASTE, lines_of_rows(iter(rows)), carrier)
