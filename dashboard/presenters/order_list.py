"""The list of orders: tabs, columns, banners, texts for empty lists (PG-06)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import components
from core.pages.formats import number
from core.pages.tables import Column, Sort
from core.templatetags.ui import instant_short, zone_name
from dashboard.forms.orders import KEPT, OrderFilterForm
from dashboard.presenters.order_rows import OrderRow, rows_of
from dashboard.queries.order_list import OrderList
from dashboard.queries.order_tabs import TABS, shown_parts
from orders.queries import EVERY, Page, Question, Subset, Tab
from orders.queries.search import MOST_FOUND
from stores.access import StoreRequest, may_write
from stores.context_processors import nav
from stores.models import SavedFilter, Store
from stores.principals import Area
from stores.services.filters import kept_query


@dataclass(frozen=True, slots=True)
class EmptyList:
    """What an empty list says (components/empty.html)."""

    title: str
    text: str
    url: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class ListActions:
    """What can be done with ticked orders: value, words and whether it is the usual one; ``back``: where the answer
    leads back to."""

    url: str
    back: str
    buttons: list[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class SavedChip:
    """A saved filter."""

    pk: int
    name: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class SavedFilters:
    """The person's own filters of the store; ``query``: what is shown now, to be saved."""

    url: str
    query: str
    chips: list[SavedChip]


@dataclass(frozen=True, slots=True)
class OrderListPage:
    """What templates/dashboard/orders.html reads; ``kept_sort``: the order where it is not the tab's own;
    ``forward``: the list runs forward in time; ``actions``: where its orders can be ticked; ``dispatch_url``: of many
    parcels, for those who may."""

    nav: dict[str, Any]
    store: Store
    now: datetime
    form: OrderFilterForm
    tab: Tab
    tabs: list[components.Tab]
    parts: list[components.Tab]
    notes: list[components.Banner]
    sort: Sort
    kept_sort: str
    forward: bool
    clear_url: str
    columns: list[Column]
    page: Page
    rows: list[OrderRow]
    note: str
    empty: EmptyList
    actions: ListActions | None
    dispatch_url: str
    saved: SavedFilters | None


def order_list_page_of(
    request: StoreRequest, form: OrderFilterForm, found: OrderList, saved: Sequence[SavedFilter] | None
) -> OrderListPage:
    """A page of the list of orders; ``saved``: the filters of a member of the company, None for others."""
    question, tab = found.question, found.question.tab
    sort = Sort(tab.code, question.descending)
    writes = may_write(request.principal, question.store, Area.ORDERS)
    actions = actions_of(request, question) if writes and found.page.rows else None
    return OrderListPage(
        nav=nav(request, current="orders"),
        store=question.store,
        now=question.at,
        form=form,
        tab=tab,
        tabs=tab_links(question, found.tab_counts),
        parts=part_links(question, found.part_counts),
        notes=list_banners(found),
        sort=sort,
        kept_sort="" if question.descending == tab.descending else str(sort),
        forward=not question.descending,
        clear_url=f"{reverse('dashboard:orders', args=[question.store.store_no])}?tab={tab.code}",
        columns=[Column("tick", _("Tick")), *columns_of(tab), Column("act", "")] if actions else columns_of(tab),
        page=found.page,
        rows=rows_of(found, acts=actions is not None),
        note=page_note(found.page, question.filters.number),
        empty=empty_words(question),
        actions=actions,
        dispatch_url=reverse("dashboard:dispatch", args=[question.store.store_no]) if writes else "",
        saved=None if saved is None else saved_of(request, saved),
    )


def saved_of(request: StoreRequest, saved: Sequence[SavedFilter]) -> SavedFilters:
    """The person's filters as links; the one that the page shows is the current one."""
    shown = kept_query(request.GET, KEPT)
    address = reverse("dashboard:orders", args=[request.store.store_no])
    chips = [SavedChip(one.pk, one.name, f"{address}?{one.query}", one.query == shown) for one in saved]
    return SavedFilters(reverse("dashboard:saved_filters", args=[request.store.store_no]), shown, chips)


def actions_of(request: HttpRequest, question: Question) -> ListActions | None:
    """What can be done with a tab's orders; None where nothing can. A mirrored store's orders are dispatched on its
    platform: here their numbers are prepared (DM-11a)."""
    whole = question.tab.within or question.tab.code
    governed = question.store.mode != Store.Mode.MIRRORED
    buttons: list[tuple[str, str, bool]] = []
    if whole == "confirm" and governed:
        buttons = [("confirm", _("Confirm dispatch"), True)]
    elif whole == "ship":
        buttons = [("dispatch", _("Enter tracking numbers") if governed else _("Check tracking numbers"), True)]
    if not buttons:
        return None
    if governed:
        buttons.append(("cancel", _("Cancel…"), False))
    url = reverse("dashboard:order_actions", args=[question.store.store_no])
    return ListActions(url, request.get_full_path(), buttons)


def tab_address(question: Question, code: str) -> str:
    """Where a tab stands, of the same subset of orders."""
    subset = question.filters.subset
    address = reverse("dashboard:orders", args=[question.store.store_no])
    return f"{address}?tab={code}{f'&{subset.query}' if subset else ''}"


def tab_links(question: Question, counts: Mapping[str, int]) -> list[components.Tab]:
    """The tabs with their counts."""
    current = question.tab
    return [
        components.Tab(
            str(tab.label),
            tab_address(question, tab.code),
            current=tab.code in (current.code, current.within),
            count=number(counts[tab.code]) if tab.code in counts else None,
        )
        for tab in TABS
    ]


def part_links(question: Question, counts: Mapping[str, int]) -> list[components.Tab]:
    """The parts of the shown tab with their counts, the whole tab first; nothing where all are empty."""
    held = [tab for tab in shown_parts(question) if counts[tab.code] or tab == question.tab]
    if not held:
        return []
    whole, current = question.tab.within or question.tab.code, question.tab.code
    return [
        components.Tab(_("all"), tab_address(question, whole), current=whole == current),
        *(
            components.Tab(
                str(tab.label), tab_address(question, tab.code), tab.code == current, number(counts[tab.code])
            )
            for tab in held
        ),
    ]


def columns_of(tab: Tab) -> list[Column]:
    """The columns of a tab; the one that an index serves sorts."""
    return [
        Column("order", _("Order number")),
        Column("state", _("State")),
        Column(tab.code, f"{tab.heading} ({zone_name()})", sortable=True, descending=not tab.descending),
        Column("now", _("Now")),
        Column("site", _("Site")),
        Column("parcel", _("Carrier and number")),
        Column("amount", _("Amount"), figure=True),
    ]


def page_note(page: Page, searched: str) -> str:
    """What the pager says beside its buttons."""
    parts = []
    if page.rows:
        count = len(page.rows)
        parts.append(
            ngettext("%(count)s order on this page", "%(count)s orders on this page", count) % {"count": count}
        )
    if page.sifted_to is not None:
        moment = {"moment": instant_short(page.sifted_to)}
        parts.append(_("searched back to %(moment)s; continue to search further") % moment)
    if searched and not page.all_found:
        parts.append(_("only the first %(count)s are shown: enter more of the number") % {"count": MOST_FOUND})
    return " · ".join(parts)


def list_banners(found: OrderList) -> list[components.Banner]:
    """What has to be known to read a tab."""
    question = found.question
    banners = []
    if subset := question.filters.subset:
        banners.append(components.Banner("info", "", subset.title, subset.url, subset.action))
    if question.tab.code == "confirm" and not found.has_confirmations:
        text = _("No source reports dispatch confirmations, so orders confirmed elsewhere are listed here too.")
        banners.append(components.Banner("stale", "", text))
    if question.tab.code == "ship" and found.undated:
        url = f"{reverse('dashboard:orders', args=[question.store.store_no])}?tab=undated"
        banners.append(components.Banner("info", "", _undated_text(found.undated), url, _("Show them")))
    return banners


def _undated_text(count: int) -> str:
    text = ngettext(
        "%(count)s presale order has no dispatch deadline and is not in this list.",
        "%(count)s presale orders have no dispatch deadline and are not in this list.",
        count,
    )
    return text % {"count": number(count)}


def empty_words(question: Question) -> EmptyList:
    """What an empty list says, and the way out of it (PG-22)."""
    address = reverse("dashboard:orders", args=[question.store.store_no])
    if question.filters.subset and not (question.filters.sifts or question.filters.number):
        return _empty_subset(question, question.filters.subset)
    if question.filters.sifts or question.filters.number:
        return EmptyList(
            title=_("No order matches these filters"),
            text=_("Try fewer filters, or only the beginning of the number."),
            url=f"{address}?tab={question.tab.code}",
            action=_("Clear the filters"),
        )
    if question.tab.code == "all":
        return EmptyList(
            title=_("No orders yet"),
            text=_("Orders arrive by import, the ERP's API or the platform's connection."),
            url=_import_address(),
            action=_("Import orders"),
        )
    return EmptyList(_("No order here now"), _empty_texts()[question.tab.code])


def _empty_subset(question: Question, subset: Subset) -> EmptyList:
    title = _("None of these orders is here now")
    if question.tab == EVERY:
        return EmptyList(title, _("No order of this store is among them."), subset.url, subset.action)
    text = _("Orders that no longer wait for anything here are listed under all orders.")
    return EmptyList(title, text, tab_address(question, EVERY.code), _("Show all of them"))


def _empty_texts() -> dict[str, str]:
    return {
        "confirm": _(
            "Paid orders are listed here until their dispatch is confirmed or the time to confirm has passed."
        ),
        "ship": _("Paid orders waiting for dispatch are listed here, nearest deadline first."),
        "late": _("Orders whose dispatch deadline has passed are listed here until they are shipped."),
        "soon": _("Orders whose dispatch deadline is close are listed here until they are shipped."),
        "later": _("Orders that still have time to be shipped are listed here."),
        "answer": _("Disputes waiting for your answer are listed here, nearest deadline first."),
        "act": _("Orders waiting to be shipped, or whose dispute waits for your answer, are listed here."),
        "undated": _("Paid presale orders without a dispatch deadline from their source are listed here."),
        "numberless": _("Shipped orders whose tracking number has not arrived in time are listed here."),
        "unsynced": _("Orders whose dispatch was confirmed and whose number has not arrived are listed here."),
        "transit": _("Shipped orders are listed here until they are delivered, longest in transit first."),
        "stalled": _(
            "Parcels whose trace has fallen silent are listed here until the next scan, longest silent first."
        ),
        "abnormal": _("Parcels without a first scan or without recent scans are listed here until the next scan."),
        "dispute": _("Orders are listed here while the buyer's dispute is open."),
        "inspect": _("Returned parcels are listed here from their arrival until they are inspected."),
        "data_issues": _("Orders whose times contradict each other are listed here."),
    }


def _import_address() -> str:
    try:
        return reverse("intake:index")
    except NoReverseMatch:
        return ""
