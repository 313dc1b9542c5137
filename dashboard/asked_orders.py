"""Which orders an address asks for: the list's tab, filters and direction (PG-06)."""

from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from appeals.presenters.protected_events import SUBSET as PROTECTED
from appeals.presenters.protected_events import protected_subset
from appeals.queries.corrections import find_event, protected_numbers
from core.pages.tables import Sort
from dashboard.forms.orders import KEPT, OrderFilterForm
from dashboard.presenters.order_list import columns_of
from dashboard.queries.order_tabs import BY_CODE
from notifications.models import Notice
from notifications.presenters.parts import RECTIFY, SUBSET, orders_subset, rectifiable_subset
from notifications.queries.notices import find_notice
from notifications.queries.rectify import problem_numbers, rectifiable_numbers
from orders.queries import EVERY, Cursor, Question, Subset
from orders.queries.tabs import SHIP, Tab
from stores.models import Store

# What narrows the list to some orders.
NARROWING = (*sorted(KEPT - {"tab", "sort"}), RECTIFY, SUBSET, PROTECTED)


@dataclass(frozen=True, slots=True)
class AskedOrders:
    """The filter form, the question that it stands for, and the notice whose orders are asked for, if any."""

    form: OrderFilterForm
    question: Question
    notice: Notice | None


def asked_orders(params: QueryDict, store: Store, at: datetime) -> AskedOrders:
    """Read the address: tab, filters, direction and place."""
    tab, notice = _tab_asked(params), _notice(params, store)
    form = OrderFilterForm(params, tab=tab, at=at)
    sort = Sort.parse(params.get("sort"), columns_of(tab))
    descending = sort.descending if sort.key else tab.descending
    cursor = Cursor.parse(params.get("earlier"), params.get("later"))
    filters = form.filters(_subset(params, store, notice, at))
    return AskedOrders(form, Question(store, tab, at, filters, descending, cursor), notice)


def _tab_asked(params: QueryDict) -> Tab:
    """The tab that the address names. Without one the list opens on what is to be shipped; an address that narrows it
    to some orders means all of these, and a search by number looks at all orders."""
    if params.get("number", "").strip():
        return EVERY
    narrowed = any(params.get(name) for name in NARROWING)
    return BY_CODE.get(params.get("tab", ""), EVERY if narrowed else SHIP)


def _subset(params: QueryDict, store: Store, notice: Notice | None, at: datetime) -> Subset | None:
    """The orders of the notice that the address names, or those that its event protects; one that isn't there is as
    none."""
    if notice is not None and params.get(RECTIFY):
        return rectifiable_subset(notice, rectifiable_numbers(store, notice, at))
    if notice is not None:
        return orders_subset(notice, problem_numbers(notice))
    if event := find_event(store, params.get(PROTECTED, "")):
        return protected_subset(store.store_no, event, protected_numbers(store, event.number))
    return None


def _notice(params: QueryDict, store: Store) -> Notice | None:
    """The notice whose orders the address asks for."""
    number = params.get(RECTIFY) or params.get(SUBSET)
    return find_notice(store, number) if number else None
