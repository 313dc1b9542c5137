"""Protected events as sellers read them: what, when, which orders, and what it does for them (BX-01)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from appeals.models import ProtectedEvent
from appeals.presenters.corrections import correction_url
from appeals.queries.corrections import EventOfStore, OrderProtection
from appeals.queries.protected_orders import EventPreview
from appeals.rules import EventState
from core.pages import formats
from metrics.catalogue import METRICS
from orders.models import Order
from orders.queries import EVERY, Subset
from orders.queries.names import OrderNames
from stores.models import Store

# What an address of the order list has to name for the orders that an event protects.
SUBSET = "protected"


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event in the list; ``orders_url`` opens exactly the orders that are counted, empty without any."""

    number: str
    title: str
    kind: str
    reason: str
    level: str
    state: str
    starts_at: datetime
    ends_at: datetime
    which: str
    effects: list[str]
    orders: str
    orders_url: str
    url: str


@dataclass(frozen=True, slots=True)
class EventsPage:
    """What templates/appeals/protected_events.html reads."""

    nav: dict[str, Any]
    store: Store
    events: list[EventRow]


@dataclass(frozen=True, slots=True)
class ProtectionRow:
    """What protects an order: the event and what it does, in words."""

    title: str
    reason: str
    effects: list[str]
    url: str


def events_page_of(nav: dict[str, Any], store: Store, events: Iterable[EventOfStore], names: OrderNames) -> EventsPage:
    """The events that concern a store."""
    return EventsPage(nav, store, [_row(found, store, names) for found in events])


def protection_rows(protections: Iterable[OrderProtection], store_no: str) -> list[ProtectionRow]:
    """What protects an order."""
    return [
        ProtectionRow(
            title=one.event.title,
            reason=one.event.reason,
            effects=effect_lines(one.hours, one.metrics),
            url=correction_url(store_no, one.event.number),
        )
        for one in protections
    ]


def effect_lines(hours: int, metrics: Sequence[str]) -> list[str]:
    """What an event does, a line per effect."""
    lines = []
    if hours:
        text = ngettext("%(count)s hour more for dispatch", "%(count)s hours more for dispatch", hours)
        lines.append(text % {"count": formats.number(hours)})
    if metrics:
        titles = pgettext("list", ", ").join(str(METRICS[code].title) for code in metrics)
        lines.append(_("no failure of: %(metrics)s") % {"metrics": titles})
    return lines


def named_sample(
    orders: Iterable[Order], carriers: Mapping[str, str], sites: Mapping[str, str]
) -> list[tuple[Order, str, str]]:
    """Orders with the names of their carriers and sites, for the preview of an event."""
    return [(order, carriers.get(order.carrier, order.carrier), sites.get(order.site, order.site)) for order in orders]


def which_orders(event: ProtectedEvent, names: OrderNames) -> str:
    """The carriers, sites and categories on whose orders an event acts."""
    parts = [
        names_of
        for codes, name in (
            (event.carriers, names.carrier),
            (event.sites, names.site),
            (event.categories, names.category),
        )
        if (names_of := pgettext("list", ", ").join(map(name, codes)))
    ]
    return " · ".join(parts) or _("all orders on their way in the period")


def orders_url(store_no: str, number: str) -> str:
    """The order list with the orders that an event protects alone."""
    query = urlencode({"tab": EVERY.code, SUBSET: number})
    return f"{reverse('dashboard:orders', args=[store_no])}?{query}"


def protected_subset(store_no: str, event: ProtectedEvent, order_nos: QuerySet[Any]) -> Subset:
    """The orders that an event protects, for the order list."""
    return Subset(
        parameter=SUBSET,
        value=event.number,
        title=_("Shown are only the orders that %(title)s protects.") % {"title": event.title},
        action=_("Protected events"),
        url=reverse("appeals:events", args=[store_no]),
        order_nos=order_nos,
    )


def _row(found: EventOfStore, store: Store, names: OrderNames) -> EventRow:
    event, count = found.event, found.orders
    in_force = event.state == EventState.APPLIED
    return EventRow(
        number=event.number,
        title=event.title,
        kind=event.get_kind_display(),
        reason=event.reason,
        level="ok" if in_force else "na",
        state=event.get_state_display(),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        which=which_orders(event, names),
        effects=effect_lines(event.extend_hours, event.metrics),
        orders=ngettext("%(count)s order", "%(count)s orders", count) % {"count": formats.number(count)},
        orders_url=orders_url(store.store_no, event.number) if count else "",
        url=correction_url(store.store_no, event.number),
    )


def preview_lines(preview: EventPreview) -> list[str]:
    """What applying an event would touch, line by line."""
    orders = ngettext("%(count)s order", "%(count)s orders", preview.orders)
    stores = ngettext("%(count)s store", "%(count)s stores", preview.stores)
    parts = {
        "orders": orders % {"count": formats.number(preview.orders)},
        "stores": stores % {"count": formats.number(preview.stores)},
    }
    if preview.capped:
        found = _("At least %(orders)s of %(stores)s: counting was ended, there are more.") % parts
    else:
        found = _("%(orders)s of %(stores)s.") % parts
    failures = [
        _("%(metric)s: %(count)s of them are failures at present.")
        % {"metric": METRICS[code].title, "count": formats.number(count)}
        for code, count in preview.failures.items()
    ]
    return [found, *failures]
