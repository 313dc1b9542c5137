"""The lists of the message desk: threads by how long their buyers wait, texts that are to be copied (PN-23)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from orders.models import Message, MessageThread, Order, OutgoingMessage, RaisedFlag, ReplyTemplate
from orders.queries.flags.buyers import LOW_STAR_TENDENCY
from orders.queries.keyset import KeysetPage, keyset_page
from orders.queries.listing import Cursor
from orders.queries.low_star import low_star_orders
from orders.queries.search import find_orders
from orders.queries.tabs import MOST_COUNTED
from stores.models import Store


class Part(StrEnum):
    """The parts of the desk."""

    WAITING = "waiting"
    LOW_STAR = "low_star"
    TO_COPY = "to_copy"
    ALL = "all"


COUNTED = (Part.WAITING, Part.LOW_STAR, Part.TO_COPY)
# What sorts each part, and whether the latest comes first: who waits longest is first.
KEYS: Mapping[Part, tuple[str, bool]] = {
    Part.WAITING: ("waiting_since", False),
    Part.LOW_STAR: ("since", True),
    Part.TO_COPY: ("prepared_at", True),
    Part.ALL: ("last_at", True),
}


@dataclass(frozen=True, slots=True)
class ThreadFilters:
    """``number``: pasted order or tracking numbers; ``site``: the buyers' site."""

    number: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class MessageList:
    """A page of the desk: threads, raised flags of low-star tendency or texts to copy, each with its order.

    ``last``: the last message by order. ``tendencies``: by order the buyer's word and the seconds of delay that show a
    low-star tendency (TM-14).
    """

    part: Part
    page: KeysetPage
    counts: Mapping[Part, int]
    last: Mapping[int, Message] = field(default_factory=dict)
    tendencies: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    has_absence_reply: bool = True


def message_list(store: Store, part: Part, filters: ThreadFilters, cursor: Cursor | None, at: datetime) -> MessageList:
    """Load a page of a part; its counts are those without filters."""
    key, descending = KEYS[part]
    related = "order__thread" if part == Part.LOW_STAR else "order"
    rows = listed_rows(store, part, filters).select_related(related)
    page = keyset_page(rows, key=key, descending=descending, cursor=cursor)
    threads = [] if part == Part.TO_COPY else [row.order_id for row in page.rows]
    return MessageList(
        part=part,
        page=page,
        counts={one: _rows(store, one).order_by()[: MOST_COUNTED + 1].count() for one in COUNTED},
        last=last_messages(threads),
        tendencies=_tendencies(threads, at),
        has_absence_reply=ReplyTemplate.objects.filter(company=store.company_id, absence=True).exists(),
    )


def listed_rows(store: Store, part: Part, filters: ThreadFilters) -> QuerySet[Any]:
    """Every thread, raised flag or text of a part, unsorted."""
    return _filtered(_rows(store, part), store, filters)


def _rows(store: Store, part: Part) -> QuerySet[Any]:
    threads = MessageThread.objects.filter(store=store)
    if part == Part.WAITING:
        return threads.filter(waiting_since__isnull=False)
    if part == Part.LOW_STAR:
        # What the risk board counts: a late delivery is a sign too, with or without a message.
        return RaisedFlag.objects.filter(store=store, code=LOW_STAR_TENDENCY.code, cleared_at=None)
    if part == Part.TO_COPY:
        return OutgoingMessage.objects.filter(store=store, message=None)
    return threads


def _filtered(rows: QuerySet[Any], store: Store, filters: ThreadFilters) -> QuerySet[Any]:
    if filters.number:
        rows = rows.filter(order__in=list(find_orders([store.pk], filters.number).matches))
    return rows.filter(order__site=filters.site) if filters.site else rows


def last_messages(order_ids: Sequence[int]) -> dict[int, Message]:
    """The last message of each order."""
    place = Window(RowNumber(), partition_by=F("order"), order_by=(F("sent_at").desc(), F("pk").desc()))
    last = Message.objects.filter(order__in=order_ids).annotate(place=place).filter(place=1)
    return {message.order_id: message for message in last}


def _tendencies(order_ids: Sequence[int], at: datetime) -> dict[int, tuple[str, int]]:
    found: QuerySet[Any] = low_star_orders(Order.objects.filter(pk__in=order_ids), at)
    return {order.pk: (order.low_star_word, order.late_seconds) for order in found}
