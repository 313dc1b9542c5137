"""Disputes: lists know no time of change, so they are compared with what was taken in before."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from intake.connectors.aliexpress import wire
from intake.connectors.aliexpress.feeds.asking import reading_of
from intake.connectors.aliexpress.mapping import BUYER, dispute_row
from intake.connectors.aliexpress.session import AliExpressSession
from intake.connectors.aliexpress.values import first_of, text_of
from intake.connectors.aliexpress.windows import Page, page_of
from intake.connectors.errors import ItemError, RemoteError
from intake.connectors.items import Seen, due_items, items_of, remember_item
from intake.connectors.progress import advance, is_due
from intake.models import ConnectionFeed
from orders.models import Order

Json = Any
ITEM = "dispute"
AT_ONCE = 40


def pull_disputes(session: AliExpressSession, feed: ConnectionFeed) -> bool:
    """Disputes under way, those that were under way and are over, and once a day all that are over."""
    at = session.now
    listed = {_number(row): row for row in _listed(session, issue_status=wire.DISPUTE_OPEN)}
    listed |= {_number(row): row for row in _gone(session, listed)}
    if is_due(feed, "over_at", at):
        for status in wire.DISPUTE_OVER:
            listed |= {_number(row): row for row in _listed(session, issue_status=status)}
    changed = _changed(session, list(listed.values()))
    # Which of two numbers is the order's can be told once the order is here.
    ready = [row for row in changed if _order_no(session, row)] if _orders_are_coming(session, at) else changed
    taken = sum(_take(session, row) for row in ready[:AT_ONCE])
    if len(ready) > AT_ONCE and taken:
        return True
    if taken == len(changed):
        marks = {"over_at": (at + wire.WALKED_EVERY).isoformat()} if is_due(feed, "over_at", at) else {}
        advance(feed, complete_until=at, cursor=marks)
    return False


def _orders_are_coming(session: AliExpressSession, at: datetime) -> bool:
    return bool(due_items(session.connection, "order", at=at, most=1))


def _listed(session: AliExpressSession, **query: str) -> Iterator[Json]:
    """All pages: those behind full ones, however many the answers count."""
    page = 1
    while True:
        found = _ask_page(session, query, page)
        yield from found.rows
        if len(found.rows) < wire.PAGE or page >= wire.MOST_DISPUTE_PAGES:
            return
        page += 1


def _ask_page(session: AliExpressSession, query: dict[str, str], page: int) -> Page:
    paged = {**query, "current_page": page, "page_size": wire.PAGE}
    return page_of(session.ask(wire.DISPUTE_LIST, paged), wire.DISPUTE_LIST, wire.PAGE)


def _gone(session: AliExpressSession, listed: dict[str, Json]) -> Iterator[Json]:
    """Disputes that were under way and are no more: how they ended is asked by their orders."""
    known = items_of(session.connection, ITEM).filter(stamp__startswith=f"{wire.DISPUTE_OPEN} ")
    for item in known.exclude(key__in=list(listed)).order_by("pk")[:AT_ONCE]:
        for status in wire.DISPUTE_OVER:
            rows = _listed(session, issue_status=status, order_no=item.detail["order_no"])
            yield from (row for row in rows if _number(row) == item.key)


def _changed(session: AliExpressSession, rows: Sequence[Json]) -> list[Json]:
    known = dict(items_of(session.connection, ITEM).values_list("key", "stamp"))
    return [row for row in rows if _number(row) and known.get(_number(row)) != _stamp(row)]


def _take(session: AliExpressSession, listed: Json) -> bool:
    """Take a dispute in. False: its detail has to be asked for again."""
    at = session.now
    query = {"buyer_login_id": text_of(first_of(listed, *BUYER)), "issue_id": _number(listed)}
    try:
        detail = session.ask(wire.DISPUTE, query)
    except ItemError:
        detail = {}
    except RemoteError:
        return False
    order_no = _order_no(session, listed) or _numbers(listed)[0]
    session.pull.take("disputes", [dispute_row(listed, detail, order_no, reading_of(session))], at=at)
    remember_item(session.connection, ITEM, _number(listed), Seen(_stamp(listed), {"order_no": order_no}))
    return True


def _order_no(session: AliExpressSession, listed: Json) -> str:
    """The order: documents contradict each other on which of two numbers it is, so the one that is known counts; empty
    if neither is."""
    numbers = _numbers(listed)
    orders = Order.objects.filter(store=session.connection.store_id, order_no__in=numbers)
    known = set(orders.values_list("order_no", flat=True))
    return next((number for number in numbers if number in known), "")


def _numbers(listed: Json) -> list[str]:
    return [text_of(listed.get(name)) for name in ("parent_order_id", "order_id")]


def _number(row: Json) -> str:
    return text_of(row.get("issue_id"))


def _stamp(row: Json) -> str:
    return f"{text_of(row.get('issue_status'))} {text_of(row.get('gmt_modified'))}"
