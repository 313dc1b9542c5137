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
from dashboard.forms.orders import OrderFilterForm
from dashboard.presenters.order_list import columns_of, empty_words, list_banners, page_note, part_links, tab_links
from dashboard.presenters.order_page import badges_of, buyer_of, facts_of, funds_of, lines_of, parcel_of, todo_of
from dashboard.presenters.order_rows import Setting, Silences, rows_of, source_note
from dashboard.presenters.timeline import timeline
from dashboard.queries.order_tabs import BY_CODE, TABS, shown_parts
from disputes.queries.disputed_orders import disputes_among, disputes_of
from insights.presenters.order_counts import counts_part
from insights.queries.order_counts import order_counts
from notifications.presenters.parts import SUBSET, orders_subset
from notifications.queries.notices import find_notice
from notifications.queries.rectify import problem_numbers
from orders.data_issues import data_issue_checks
from orders.presenters import order_sheet
from orders.queries import EVERY, Cursor, Question, Subset, page_of, tab_counts
from orders.queries.export import COLUMNS, exported_orders, exported_query, exported_rows
from orders.queries.names import order_names, site_names
from orders.queries.order import countdowns_of, holds_of, order_file, order_of
from orders.queries.pool import limits_at, recheck_after
from orders.queries.tabs import UNDATED
from rulebook.queries import policies
from stores.access import StoreRequest, may_write, store_view
from stores.context_processors import nav
from stores.models import Feed
from stores.principals import Area


@require_safe
@store_view(area=Area.ORDERS)
def order_list(request: StoreRequest) -> HttpResponse:
    """The orders of a tab, filtered, sorted and paged by the address; the fragment on the same address for htmx."""
    at = timezone.now()
    form, question = _asked(request, at)
    page = page_of(question)
    disputes = disputes_among([row.order for row in page.rows])
    silences = Silences(limits_at(at), recheck_after(at))
    setting = Setting(question, disputes, site_names(at), silences, policies())
    context = {
        **_frame(request, question),
        "form": form,
        "columns": columns_of(question.tab),
        "page": page,
        "rows": rows_of(page, setting),
        "note": page_note(page, question.filters.number),
        "empty": empty_words(question),
        "now": at,
    }
    template = "dashboard/orders.html"
    return render(request, f"{template}#orders" if _wants_fragment(request) else template, context)


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
    names = order_names(request.store.store_no, at)
    sheet = order_sheet(exported_orders(question), COLUMNS, names)
    return people_file(name, suffix, sheet)


@require_safe
@store_view(area=Area.ORDERS)
def order_page(request: StoreRequest, order_no: str) -> HttpResponse:
    """One order: state and holds, what runs, facts, and everything that happened (TM-01)."""
    at = timezone.now()
    order = order_of(request.store, order_no)
    file, cases = order_file(request.store, order), disputes_of(order)
    holds = holds_of(request.store, file, at, in_dispute=cases.any_open)
    context = {
        "store": request.store,
        "nav": nav(request, current="orders"),
        "order": order,
        "file": file,
        "cases": cases,
        "badges": badges_of(order, holds),
        "source_note": source_note(order),
        "todo": todo_of(order, cases, holds, countdowns_of(order, at, policies()), at, recheck_after(at)),
        "facts": facts_of(file, site_names(at)),
        "lines": lines_of(file),
        "title": file.titles.get(order.sku, ""),
        "parcel": parcel_of(file),
        "funds": funds_of(file),
        "buyer": buyer_of(order, with_address=may_write(request.principal, request.store, Area.ORDERS)),
        "data_issues": data_issue_checks(order.data_issues),
        "counts": counts_part(request.store, order_counts(order, at), at),
        "entries": timeline(file, cases.disputes, at),
        "now": at,
    }
    return render(request, "dashboard/order.html", context)


def _asked(request: StoreRequest, at: datetime) -> tuple[OrderFilterForm, Question]:
    """Read the address: tab, filters, direction and place. A search by number looks at all orders."""
    tab = BY_CODE.get(request.GET.get("tab", ""), EVERY)
    if request.GET.get("number", "").strip():
        tab = EVERY
    form = OrderFilterForm(request.GET, tab=tab, at=at)
    sort = Sort.parse(request.GET.get("sort"), columns_of(tab))
    descending = sort.descending if sort.key else tab.descending
    cursor = Cursor.parse(request.GET.get("earlier"), request.GET.get("later"))
    filters = form.filters(_subset(request))
    return form, Question(request.store, tab, at, filters, descending, cursor)


def _subset(request: StoreRequest) -> Subset | None:
    """The problem orders of the notice that the address names; one that isn't there is as none."""
    notice = find_notice(request.store, request.GET.get(SUBSET, ""))
    return orders_subset(notice, problem_numbers(notice)) if notice else None


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
        "tabs": tab_links(question, {} if question.filters.subset else tab_counts(TABS, store, question.at)),
        "parts": part_links(question, tab_counts(shown_parts(question), store, question.at)),
        "sort": sort,
        "kept_sort": "" if question.descending == tab.descending else str(sort),
        "forward": not question.descending,
        "clear_url": f"{reverse('dashboard:orders', args=[store.store_no])}?tab={tab.code}",
        "files": file_links(
            lambda suffix: reverse(f"dashboard:orders_{suffix}", args=[store.store_no]), _kept(request, tab.code)
        ),
        "notes": list_banners(
            question, undated=undated, has_confirmations=tab.code != "confirm" or confirmations.exists()
        ),
    }


def _kept(request: StoreRequest, tab: str) -> dict[str, Any]:
    """The address without its place in the pages: a file has all of them."""
    return {**{name: value for name, value in request.GET.items() if name not in ("earlier", "later")}, "tab": tab}


def _wants_fragment(request: StoreRequest) -> bool:
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request
