"""Funds: the list shows whose release changed; the detail of the order has its time and amount."""

from datetime import datetime
from typing import Any

from intake.connectors.aliexpress import wire
from intake.connectors.aliexpress.session import AliExpressSession
from intake.connectors.aliexpress.values import first_of, local_text, money_of, text_of
from intake.connectors.aliexpress.windows import Page, Window, page_of, read_windows
from intake.connectors.items import Seen, ask_again, items_of, remember_item
from intake.connectors.progress import advance, is_due, mark_of
from intake.models import ConnectionFeed

Json = Any
ITEM = "release"
AMOUNTS = ("real_loan_amount", "loan_amount", "real_refund_amount")


def pull_funds(session: AliExpressSession, feed: ConnectionFeed) -> bool:
    """Once a day, the releases of orders by their creation, some days at a time."""
    at = session.now
    if not is_due(feed, "next_at", at):
        return False
    start = mark_of(feed, "from") or at - wire.HISTORY
    window = Window(start, at).first(wire.FUNDS_SLICE)
    for rows in read_windows(window, lambda part, page: _ask_page(session, part, page)):
        _note(session, rows)
    if window.end < at:
        advance(feed, cursor={"from": window.end.isoformat()})
        return True
    advance(feed, complete_until=at, cursor={"from": "", "next_at": (at + wire.WALKED_EVERY).isoformat()})
    return False


def _ask_page(session: AliExpressSession, part: Window, page: int) -> Page:
    query = {
        "loan_status": wire.PAID_OUT,
        "create_date_start": local_text(part.start),
        "create_date_end": local_text(part.end),
        "page": page,
        "page_size": wire.FUNDS_PAGE,
    }
    return page_of(session.ask(wire.FUNDS, query), wire.FUNDS, wire.FUNDS_PAGE)


def _note(session: AliExpressSession, rows: list[Json]) -> None:
    """Have the details of orders asked for whose release is new."""
    found = {text_of(row.get("child_order_id")): row for row in rows}
    known = dict(items_of(session.connection, ITEM).filter(key__in=list(found)).values_list("key", "stamp"))
    changed = {key: row for key, row in found.items() if key and known.get(key) != _stamp(row)}
    orders = [text_of(first_of(row, "order_id", "child_order_id")) for row in changed.values()]
    _ask_again(session, orders, session.now)
    for key, row in changed.items():
        remember_item(session.connection, ITEM, key, Seen(_stamp(row)))


def _ask_again(session: AliExpressSession, orders: list[str], at: datetime) -> None:
    for start in range(0, len(orders), wire.FUNDS_PAGE):
        ask_again(session.connection, "order", orders[start : start + wire.FUNDS_PAGE], at=at)


def _stamp(row: Json) -> str:
    amounts = (money_of(row.get(name)) for name in AMOUNTS)
    return " ".join("-" if money is None else f"{money.amount:f}" for money in amounts)
