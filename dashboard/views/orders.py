"""Pages of orders: the list with its tabs, its file, and one order (PG-06)."""

from datetime import datetime

from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from appeals.presenters.protected_events import SUBSET as PROTECTED
from appeals.presenters.protected_events import protected_subset
from appeals.queries.corrections import find_event, protected_numbers
from core.pages.downloads import people_file, table_file, wants_machine_form
from core.pages.responses import render_page
from core.pages.sqlsheets import CsvStream
from core.pages.tables import Sort
from dashboard.forms.orders import KEPT, OrderFilterForm
from dashboard.presenters.order_list import columns_of, order_list_page_of
from dashboard.presenters.order_page import order_page_of
from dashboard.queries.order_details import order_details
from dashboard.queries.order_list import exported_with_reasons, order_list_of
from dashboard.queries.order_tabs import BY_CODE
from insights.presenters.problem_files import reasoned_sheet
from notifications.models import Notice
from notifications.presenters.parts import RECTIFY, SUBSET, orders_subset, rectifiable_subset
from notifications.queries.notices import find_notice
from notifications.queries.rectify import problem_numbers, rectifiable_numbers
from orders.presenters.order_files import order_sheet
from orders.queries import EVERY, Cursor, Question, Subset
from orders.queries.export import COLUMNS, exported_orders, exported_query, exported_rows
from orders.queries.names import order_names
from orders.queries.tabs import SHIP, Tab
from rulebook.queries import policies_held
from stores.access import StoreRequest, colleague, store_view
from stores.principals import Area
from stores.services.filters import saved_filters

# What narrows the list to some orders.
NARROWING = (*sorted(KEPT - {"tab", "sort"}), RECTIFY, SUBSET, PROTECTED)


@require_safe
@store_view(area=Area.ORDERS)
def order_list(request: StoreRequest) -> HttpResponse:
    """The orders of a tab, filtered, sorted and paged by the address; the fragment on the same address for htmx."""
    form, question = _asked(request, timezone.now())
    member = colleague(request.principal, request.store)
    saved = saved_filters(user=member.user, store=request.store) if member else None
    context = order_list_page_of(request, form, order_list_of(question, form.carriers, _notice(request)), saved)
    template = "dashboard/orders.html"
    return render_page(request, f"{template}#orders" if _wants_fragment(request) else template, context)


@require_safe
@store_view(area=Area.ORDERS)
def order_list_file(request: StoreRequest, suffix: str) -> HttpResponseBase:
    """The shown list as a file, every page of it, without addresses (RL-14); of a notice with why orders failed."""
    at = timezone.now()
    _form, question = _asked(request, at)
    name = f"orders-{question.tab.code}-{at:%Y%m%d}"
    if wants_machine_form(request):
        lines = CsvStream(COLUMNS, [exported_query(question)])
        return table_file(name, suffix, COLUMNS, exported_rows(question), lines=lines)
    names = order_names(request.store.store_no, at)
    if notice := _notice(request):
        sheet = reasoned_sheet(exported_with_reasons(question, notice), COLUMNS, names, at)
    else:
        sheet = order_sheet(exported_orders(question), COLUMNS, names)
    return people_file(name, suffix, sheet)


@require_safe
@store_view(area=Area.ORDERS)
def order_page(request: StoreRequest, order_no: str) -> HttpResponse:
    """One order: state and holds, what runs, facts, and everything that happened (TM-01)."""
    at = timezone.now()
    with policies_held():
        found = order_details(request.store, order_no, at)
        return render_page(request, "dashboard/order.html", order_page_of(request, found, at))


def _asked(request: StoreRequest, at: datetime) -> tuple[OrderFilterForm, Question]:
    """Read the address: tab, filters, direction and place."""
    tab = _tab_asked(request)
    form = OrderFilterForm(request.GET, tab=tab, at=at)
    sort = Sort.parse(request.GET.get("sort"), columns_of(tab))
    descending = sort.descending if sort.key else tab.descending
    cursor = Cursor.parse(request.GET.get("earlier"), request.GET.get("later"))
    filters = form.filters(_subset(request, at))
    return form, Question(request.store, tab, at, filters, descending, cursor)


def _tab_asked(request: StoreRequest) -> Tab:
    """The tab that the address names. Without one the list opens on what is to be shipped; an address that narrows it
    to some orders means all of these, and a search by number looks at all orders."""
    if request.GET.get("number", "").strip():
        return EVERY
    narrowed = any(request.GET.get(name) for name in NARROWING)
    return BY_CODE.get(request.GET.get("tab", ""), EVERY if narrowed else SHIP)


def _subset(request: StoreRequest, at: datetime) -> Subset | None:
    """The orders of the notice that the address names, or those that its event protects; one that isn't there is as
    none."""
    store, notice = request.store, _notice(request)
    if notice is not None and request.GET.get(RECTIFY):
        return rectifiable_subset(notice, rectifiable_numbers(store, notice, at))
    if notice is not None:
        return orders_subset(notice, problem_numbers(notice))
    if event := find_event(store, request.GET.get(PROTECTED, "")):
        return protected_subset(store.store_no, event, protected_numbers(store, event.number))
    return None


def _notice(request: StoreRequest) -> Notice | None:
    """The notice whose orders the address asks for."""
    number = request.GET.get(RECTIFY) or request.GET.get(SUBSET)
    return find_notice(request.store, number) if number else None


def _wants_fragment(request: StoreRequest) -> bool:
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request
