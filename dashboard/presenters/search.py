"""The page of a search through all stores (PG-06)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages.addresses import address_maker
from core.templatetags.ui import instant_short, money
from dashboard.presenters.order_rows import source_note
from dashboard.queries.search import Search, StoreHits
from orders.models import Order
from orders.queries.search import MOST_FOUND, Field, Match
from orders.rules.buyers import shown_buyer
from stores.context_processors import nav


@dataclass(frozen=True, slots=True)
class HitRow:
    """An order that was found; ``matched``: what of it, and what stands there."""

    number: str
    url: str
    state: str
    matched: str
    moment: str
    amount: str
    source_note: str


@dataclass(frozen=True, slots=True)
class HitGroup:
    """The orders of a store."""

    name: str
    number: str
    rows: list[HitRow]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What templates/dashboard/search.html reads; ``notes``: what the result leaves out."""

    nav: dict[str, Any]
    text: str
    summary: str
    notes: list[str]
    groups: list[HitGroup]


def search_page_of(request: HttpRequest, found: Search) -> SearchPage:
    """The page."""
    return SearchPage(
        nav=nav(request, current="search"),
        text=found.text,
        summary=_summary(found) if found.text.strip() else "",
        notes=list(_notes(found)),
        groups=[_group(hits, found) for hits in found.hits],
    )


def _summary(found: Search) -> str:
    orders = sum(len(hits.orders) for hits in found.hits)
    text = ngettext("%(orders)s order found", "%(orders)s orders found", orders) % {"orders": orders}
    searched = ngettext("in %(stores)s store", "in %(stores)s stores", found.stores) % {"stores": found.stores}
    return f"{text} {searched}"


def _notes(found: Search) -> Iterator[str]:
    if not found.all_found:
        yield _("Only the first %(count)s are shown: enter more of the number.") % {"count": MOST_FOUND}
    if not found.all_asked:
        yield _("You see many stores, so not every number was looked up: search for fewer at once.")


def _group(hits: StoreHits, found: Search) -> HitGroup:
    address = address_maker("dashboard:order", hits.store.store_no)
    rows = [_row(order, (found.matches or {})[order.pk], address(order.order_no)) for order in hits.orders]
    return HitGroup(hits.store.name, hits.store.store_no, rows)


def _row(order: Order, match: Match, url: str) -> HitRow:
    return HitRow(
        number=order.order_no,
        url=url,
        state=str(order.get_state_display()),
        matched=_matched(match),
        moment=instant_short(order.created_at),
        amount=money(order.total_amount, order.currency),
        source_note=source_note(order),
    )


def _matched(match: Match) -> str:
    words = {
        Field.ORDER: _("order number"),
        Field.NUMBER: _("tracking number %(text)s"),
        Field.FORMER: _("replaced tracking number %(text)s"),
        Field.BUYER: _("buyer %(text)s"),
    }
    shown = shown_buyer(match.text) if match.field is Field.BUYER else match.text
    return words[match.field] % {"text": shown}
