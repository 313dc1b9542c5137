"""Pages of orders: the list with its tabs, its file, and one order (PG-06)."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.downloads import file_links, people_file, table_file, wants_machine_form
from core.pages.sqlsheets import CsvStream
from core.pages.tables import Sort
from orders import present
from orders.doubts import doubt_checks
from orders.forms import OrderFilterForm, site_names
from orders.present.additions import additions_to
from orders.present.files import order_sheet
from orders.queries import BY_CODE, EVERY, UNDATED, Cursor, Question, page_of, subset_asked, tab_counts
from orders.queries.export import COLUMNS, exported_orders, exported_query, exported_rows
from orders.queries.order import holds_of, order_file, order_of
from orders.queries.pool import limits_at, recheck_after
from orders.timeline import timeline
from rulebook.queries import policies
from stores.access import StoreRequest, may_write, store_view
from stores.context import nav
from stores.models import Feed
from stores.principals import Area


@require_safe
@store_view(area=Area.ORDERS)
def order_list(request: StoreRequest) -> HttpResponse:
    """The orders of a tab, filtered, sorted and paged by the address; the fragment on the same address for htmx."""
    at = timezone.now()
    form, question = _asked(request, at)
    page = page_of(question)
    silences = present.Silences(limits_at(at), recheck_after(at))
    setting = present.Setting(question, site_names(at), silences, policies())
    context = {
        **_frame(request, question),
        "form": form,
        "columns": present.columns_of(question.tab),
        "page": page,
        "rows": present.rows_of(page, setting),
        "note": present.page_note(page, question.filters.number),
        "empty": present.empty_words(question),
        "now": at,
    }
    return render(request, "orders/list.html#orders" if _wants_fragment(request) else "orders/list.html", context)


@require_safe
@store_view(area=Area.ORDERS)
def order_list_file(request: StoreRequest, suffix: str) -> HttpResponseBase:
    """The shown list as a file, every page of it, without addresses (RL-14)."""
    at = timezone.now()
    _form, question = _asked(request, at)
    name = f"orders-{question.tab.code}-{at:%Y%m%d}"
    if wants_machine_form(request):
        lines = CsvStream(COLUMNS, [exported_query(question)])
        return table_file(name, suffix, COLUMNS, exported_rows(question), lines=lines)
    sheet = order_sheet(lambda: exported_orders(question), COLUMNS, request.store.store_no, at)
    return people_file(name, suffix, sheet)


@require_safe
@store_view(area=Area.ORDERS)
def order_page(request: StoreRequest, order_no: str) -> HttpResponse:
    """One order: state and holds, what runs, facts, and everything that happened (TM-01)."""
    at = timezone.now()
    order = order_of(request.store, order_no)
    file = order_file(request.store, order)
    holds = holds_of(request.store, file, at)
    context = {
        "store": request.store,
        "nav": nav(request, current="orders"),
        "order": order,
        "file": file,
        "marks": present.marks_of(order, holds),
        "source_note": present.source_note(order),
        "todo": present.todo_of(file, holds, at, recheck_after(at)),
        "facts": present.facts_of(file, site_names(at)),
        "lines": present.lines_of(file),
        "title": file.titles.get(order.sku, ""),
        "parcel": present.parcel_of(file),
        "funds": present.funds_of(file),
        "buyer": present.buyer_of(order, with_address=may_write(request.principal, request.store, Area.ORDERS)),
        "doubts": doubt_checks(order.doubts),
        "additions": additions_to(request.store, order, at),
        "entries": timeline(file, at),
        "now": at,
    }
    return render(request, "orders/order.html", context)


def _asked(request: StoreRequest, at: datetime) -> tuple[OrderFilterForm, Question]:
    """Read the address: tab, filters, direction and place. A search by number looks at all orders."""
    tab = BY_CODE.get(request.GET.get("tab", ""), EVERY)
    if request.GET.get("number", "").strip():
        tab = EVERY
    form = OrderFilterForm(request.GET, tab=tab, at=at)
    sort = Sort.parse(request.GET.get("sort"), present.columns_of(tab))
    descending = sort.descending if sort.key else tab.descending
    cursor = Cursor.parse(request.GET.get("earlier"), request.GET.get("later"))
    filters = form.filters(subset_asked(request.store, request.GET))
    return form, Question(request.store, tab, at, filters, descending, cursor)


def _frame(request: StoreRequest, question: Question) -> dict[str, Any]:
    """What stands around the rows of the list: tabs with counts, order, banners."""
    store, tab = request.store, question.tab
    undated = UNDATED.count(store, question.at) if tab.code == "ship" else 0
    confirmations = Feed.objects.filter(store=store, kind=Feed.Kind.CONFIRMATIONS)
    sort = Sort(tab.code, question.descending)
    return {
        "store": store,
        "nav": nav(request, current="orders"),
        "tab": tab,
        "tabs": present.tab_links(question, {} if question.filters.subset else tab_counts(store, question.at)),
        "parts": present.part_links(question),
        "sort": sort,
        "kept_sort": "" if question.descending == tab.descending else str(sort),
        "forward": not question.descending,
        "clear_url": f"{reverse('orders:list', args=[store.store_no])}?tab={tab.code}",
        "files": file_links(
            lambda suffix: reverse(f"orders:list_{suffix}", args=[store.store_no]), _kept(request, tab.code)
        ),
        "notes": present.list_banners(
            question, undated=undated, has_confirmations=tab.code != "confirm" or confirmations.exists()
        ),
    }


def _kept(request: StoreRequest, tab: str) -> dict[str, Any]:
    """The address without its place in the pages: a file has all of them."""
    return {**{name: value for name, value in request.GET.items() if name not in ("earlier", "later")}, "tab": tab}


def _wants_fragment(request: StoreRequest) -> bool:
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request
