"""The lists of refunds and returns, messages and abnormal logistics as files. Buyers stay pseudonyms, and no address is
among the columns (RL-14)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import pgettext_lazy

from core.pages.addresses import address_maker
from exports.columns import ListColumn, amount, code, instant, label, text, truth, word
from exports.declaring import ROWS_AT_ONCE, Asked, ListFile, OfStore, beside, in_batches, list_export, of_rows
from exports.downloads import dated
from orders.forms.messages import ThreadFilterForm
from orders.models import LogisticsClaim, Message, OutgoingMessage, Refund, ReturnParcel
from orders.queries.abnormal import abnormal_orders, abnormal_rows
from orders.queries.message_list import KEYS, Part, last_messages, listed_rows
from orders.queries.names import carrier_names, site_names
from orders.queries.refund_desk import BY_CODE, TABS
from orders.queries.refunds import REFUND
from stores.models import Store
from stores.principals import Area

ORDER = pgettext_lazy("column", "Order number")


def order_column(store: Store, get: Callable[[Any], str] = lambda row: row.order.order_no) -> ListColumn:
    """The number of a row's order with a link to its page."""
    address = address_maker("dashboard:order", store.store_no)
    return code("order_no", ORDER, get, link=lambda row: address(get(row)), width=22)


@list_export("refunds", page="orders:refunds", access=OfStore(Area.ORDERS))
def refunds(asked: Asked) -> ListFile:
    """A tab of the desk of refunds and returns."""
    tab = BY_CODE.get(asked.params.get("tab", ""), TABS[0])
    rows = tab.select(asked.store, asked.at).select_related("order").defer("order__ship_address")
    columns = _refund_columns(asked.store) if tab.kind == REFUND else _return_columns(asked.store)
    title = pgettext_lazy("sheet", "Refunds") if tab.kind == REFUND else pgettext_lazy("sheet", "Returns")
    return of_rows(dated(f"{tab.kind}s-{tab.code}", asked.at), title, columns, rows)


def _refund_columns(store: Store) -> list[ListColumn]:
    address = address_maker("orders:refund", store.store_no)
    states = dict(Refund._meta.get_field("state").flatchoices)
    return [
        code("refund_no", label(Refund, "refund_no"), link=lambda row: address(row.refund_no)),
        order_column(store),
        word("state", label(Refund, "state"), states),
        instant("requested_at", label(Refund, "requested_at")),
        instant("answered_at", label(Refund, "answered_at")),
        instant("completed_at", label(Refund, "completed_at")),
        amount("amount_usd", label(Refund, "amount_usd")),
        amount("asked_usd", label(Refund, "asked_usd")),
        amount("offered_usd", label(Refund, "offered_usd")),
        truth("full", label(Refund, "full")),
        word("refusal", label(Refund, "refusal"), {}),
        truth("defaulted", label(Refund, "defaulted"), width=14),
    ]


def _return_columns(store: Store) -> list[ListColumn]:
    address = address_maker("orders:return", store.store_no)
    states = {"inspected": label(ReturnParcel, "inspected_at"), "received": label(ReturnParcel, "received_at")}
    return [
        code("return_no", label(ReturnParcel, "return_no"), link=lambda row: address(row.return_no)),
        order_column(store),
        word("state", label(ReturnParcel, "state"), {**states, "under_way": label(ReturnParcel, "shipped_back_at")}),
        instant("shipped_back_at", label(ReturnParcel, "shipped_back_at")),
        instant("received_at", label(ReturnParcel, "received_at")),
        instant("inspected_at", label(ReturnParcel, "inspected_at")),
        word("result", label(ReturnParcel, "result"), {}),
    ]


@list_export("threads", page="orders:messages", access=OfStore(Area.ORDERS))
def threads(asked: Asked) -> ListFile:
    """A part of the message desk as filtered: threads with their last message, or texts that wait to be copied."""
    named = asked.params.get("part", "")
    part = Part(named) if named in set(Part) else Part.WAITING
    form = ThreadFilterForm(asked.params, part=part, sites=site_names(asked.at))
    key, descending = KEYS[part]
    found = listed_rows(asked.store, part, form.filters())
    rows = found.order_by(*(f"-{name}" if descending else name for name in (key, "pk"))).select_related("order")
    name = dated(f"messages-{part}", asked.at)
    title = pgettext_lazy("sheet", "Messages")
    if part == Part.TO_COPY:
        return of_rows(name, title, _text_columns(asked.store), rows)
    columns = _thread_columns(asked)
    return ListFile(name, title, columns, lambda: _with_last(rows), rows.count)


def _with_last(rows: QuerySet[Any]) -> Iterator[tuple[Any, Message | None]]:
    for row, last in beside(rows, _last_of):
        yield row, last.get(row.order_id)


def _last_of(batch: Sequence[Any]) -> dict[int, Message]:
    return last_messages([row.order_id for row in batch])


def _thread_columns(asked: Asked) -> list[ListColumn]:
    sites = site_names(asked.at)
    senders = dict(Message._meta.get_field("sender").flatchoices)
    return [
        order_column(asked.store, lambda row: row[0].order.order_no),
        word("site", pgettext_lazy("column", "Site"), sites, lambda row: row[0].order.site),
        instant("last_at", label(Message, "sent_at"), lambda row: row[1].sent_at if row[1] else None),
        word("sender", label(Message, "sender"), senders, lambda row: row[1].sender if row[1] else None),
        text("text", label(Message, "text"), lambda row: row[1].text if row[1] else None, width=60),
        instant(
            "waiting_since",
            pgettext_lazy("column", "Buyer waits since"),
            lambda row: getattr(row[0], "waiting_since", None),
        ),
    ]


def _text_columns(store: Store) -> list[ListColumn]:
    return [
        order_column(store),
        instant("prepared_at", label(OutgoingMessage, "prepared_at")),
        word("language", label(OutgoingMessage, "language"), {}, width=10),
        text("text", label(OutgoingMessage, "text"), width=60),
    ]


@list_export("abnormal_logistics", page="orders:logistics", access=OfStore(Area.ORDERS))
def abnormal_logistics(asked: Asked) -> ListFile:
    """The orders in the abnormal pool, the longest silent first."""
    orders, at = abnormal_orders(asked.store, asked.at).defer("ship_address"), asked.at

    def rows() -> Iterator[Any]:
        for batch in in_batches(orders.iterator(ROWS_AT_ONCE)):
            yield from abnormal_rows(batch, at)

    sites, carriers = site_names(at), carrier_names()
    kinds = dict(LogisticsClaim._meta.get_field("kind").flatchoices)
    columns = [
        order_column(asked.store, lambda row: row.order.order_no),
        word("site", pgettext_lazy("column", "Site"), sites, lambda row: row.order.site),
        word("carrier", pgettext_lazy("column", "Carrier"), carriers, lambda row: row.order.carrier, width=20),
        code("tracking_no", pgettext_lazy("column", "Tracking number"), lambda row: row.order.tracking_no, width=24),
        instant("shipped_at", pgettext_lazy("column", "Shipped"), lambda row: row.order.shipped_at),
        instant("silent_since", pgettext_lazy("column", "Silent since")),
        text(
            "last_scan", pgettext_lazy("column", "Last scan"), lambda row: row.last_scan.text if row.last_scan else None
        ),
        word(
            "claim", pgettext_lazy("column", "Handed in"), kinds, lambda row: row.waiting.kind if row.waiting else None
        ),
    ]
    return ListFile(
        dated("abnormal-logistics", at), pgettext_lazy("sheet", "Abnormal logistics"), columns, rows, orders.count
    )
