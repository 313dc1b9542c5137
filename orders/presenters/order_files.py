"""Orders as rows of a file for people: headings, states and names in the reader's language (RL-12, RL-14)."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from django.utils.translation import pgettext, pgettext_lazy

from core.pages.people_sheets import Amount, Code, Field
from exports.columns import ColumnType, ListColumn
from orders.models import Order, OrderState, Source
from orders.queries.names import OrderNames

FIELDS: dict[str, Field] = {
    "order_no": Field(pgettext_lazy("column", "Order number"), 22),
    "state": Field(pgettext_lazy("column", "Order state"), 12),
    "source": Field(pgettext_lazy("column", "Channel"), 14),
    "sku": Field(pgettext_lazy("column", "SKU"), 18),
    "category": Field(pgettext_lazy("column", "Category"), 18),
    "site": Field(pgettext_lazy("column", "Site"), 14),
    "is_presale": Field(pgettext_lazy("column", "Presale"), 8),
    "created_at": Field(pgettext_lazy("column", "Created"), 20, instant=True),
    "paid_at": Field(pgettext_lazy("column", "Paid"), 20, instant=True),
    "dispatch_confirmed_at": Field(pgettext_lazy("column", "Dispatch confirmed"), 20, instant=True),
    "ship_by": Field(pgettext_lazy("column", "Ship by"), 20, instant=True),
    "shipped_at": Field(pgettext_lazy("column", "Shipped"), 20, instant=True),
    "carrier": Field(pgettext_lazy("column", "Carrier"), 20),
    "tracking_no": Field(pgettext_lazy("column", "Tracking number"), 24),
    "first_scan_at": Field(pgettext_lazy("column", "First scan"), 20, instant=True),
    "estimated_delivery_at": Field(pgettext_lazy("column", "Estimated delivery"), 20, instant=True),
    "delivered_at": Field(pgettext_lazy("column", "Delivered"), 20, instant=True),
    "confirmed_at": Field(pgettext_lazy("column", "Receipt confirmed"), 20, instant=True),
    "confirmed_by": Field(pgettext_lazy("column", "Confirmed by"), 12),
    "cancelled_at": Field(pgettext_lazy("column", "Cancelled"), 20, instant=True),
    "cancelled_by": Field(pgettext_lazy("column", "Cancelled by"), 12),
    "refunded_at": Field(pgettext_lazy("column", "Refunded"), 20, instant=True),
    "closed_at": Field(pgettext_lazy("column", "Closed"), 20, instant=True),
    "total_amount": Field(pgettext_lazy("column", "Amount"), 14),
    "currency": Field(pgettext_lazy("column", "Currency"), 9),
    "usd_rate": Field(pgettext_lazy("column", "USD per unit"), 14),
    "total_usd": Field(pgettext_lazy("column", "Amount, USD"), 14),
}
STATES: dict[str, Any] = dict(OrderState.choices)
SOURCES: dict[str, Any] = dict(Source.choices)


def party(code: str) -> str:
    """Who confirmed or cancelled."""
    words = {
        "buyer": pgettext("who did it", "buyer"),
        "seller": pgettext("who did it", "seller"),
        "system": pgettext("who did it", "system"),
        "platform": pgettext("who did it", "platform"),
    }
    return words.get(code, code)


SHOWN: dict[str, Callable[[Order, OrderNames], object]] = {
    "order_no": lambda order, names: names.order(order.order_no),
    "state": lambda order, _names: STATES.get(order.state, order.state),
    "source": lambda order, _names: SOURCES.get(order.source, order.source),
    "sku": lambda order, _names: Code(order.sku),
    "tracking_no": lambda order, _names: Code(order.tracking_no),
    "carrier": lambda order, names: names.carrier(order.carrier),
    "category": lambda order, names: names.category(order.category),
    "site": lambda order, names: names.site(order.site),
    "confirmed_by": lambda order, _names: party(order.confirmed_by),
    "cancelled_by": lambda order, _names: party(order.cancelled_by),
    "total_amount": lambda order, _names: Amount(order.total_amount, order.currency),
    "total_usd": lambda order, _names: Amount(order.total_usd),
}


DECIMALS = frozenset({"total_amount", "usd_rate", "total_usd"})


def list_columns(names: Sequence[str], found: OrderNames) -> list[ListColumn]:
    """Columns of orders in lists that are taken away."""
    return [_list_column(name, found) for name in names]


def _list_column(name: str, found: OrderNames) -> ListColumn:
    field, get = FIELDS[name], attrgetter(name)
    show = SHOWN.get(name)
    shown = get if show is None else lambda order: show(order, found)
    return ListColumn(name, field.heading, _type_of(name, field), get, shown, field.width)


def _type_of(name: str, field: Field) -> ColumnType:
    if field.instant:
        return ColumnType.INSTANT
    if name in DECIMALS:
        return ColumnType.DECIMAL
    return ColumnType.TRUTH if name == "is_presale" else ColumnType.TEXT


def order_cells(order: Order, names: OrderNames, columns: Sequence[str]) -> list[object]:
    """Columns of an order as people read them."""
    return [SHOWN[name](order, names) if name in SHOWN else getattr(order, name) for name in columns]
