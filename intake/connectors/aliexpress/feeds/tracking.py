"""Traces of parcels, asked for again and again until they are delivered."""

from datetime import datetime
from typing import Any

from intake.connectors.aliexpress import wire
from intake.connectors.aliexpress.feeds.asking import ask_each, reading_of
from intake.connectors.aliexpress.mapping import Reading, Row, scan_rows
from intake.connectors.aliexpress.session import AliExpressSession
from intake.connectors.aliexpress.values import rows_of
from intake.connectors.items import due_items, settle_items
from intake.connectors.progress import advance
from intake.models import ConnectionFeed, ConnectionItem

ITEM = "parcel"
AT_ONCE = 40


def pull_tracking(session: AliExpressSession, feed: ConnectionFeed) -> bool:
    """The scans of parcels whose time has come."""
    at = session.now
    items = due_items(session.connection, ITEM, at=at, most=AT_ONCE)
    for item in items:
        item.detail.setdefault("since", at.isoformat())
    answers, ended = ask_each(session, items, lambda item: _ask(session, item), without_answer=_ask_later)
    reading = reading_of(session)
    found = [(item, _scans(item, answer, reading)) for item, answer in answers]
    session.pull.take("tracking_events", [row for _item, rows in found for row in rows], at=at)
    for item, rows in found:
        settle_items([item], due_at=_next(item, rows, at))
    if ended is not None:
        raise ended
    if len(items) < AT_ONCE:
        advance(feed, complete_until=at - wire.TRACKED_EVERY)
    return len(items) == AT_ONCE


def _scans(item: ConnectionItem, answer: Any, reading: Reading) -> list[Row]:
    order_no, number = item.key.split(" ", 1)
    return scan_rows(rows_of(answer.get("details")), order_no, number, reading)


def _ask(session: AliExpressSession, item: ConnectionItem) -> Any:
    order_no, number = item.key.split(" ", 1)
    query = {
        "logistics_no": number,
        "service_name": item.detail["service"],
        "origin": "ESCROW",
        "out_ref": order_no,
        "to_area": item.detail["country"],
    }
    return session.ask(wire.TRACKING, query)


def _ask_later(item: ConnectionItem, at: datetime) -> None:
    """No trace yet is no failure."""
    settle_items([item], due_at=_next(item, [], at))


def _next(item: ConnectionItem, rows: list[Row], at: datetime) -> datetime | None:
    """When to ask again; never after the delivery, nor for parcels that nobody delivers."""
    is_old = at > datetime.fromisoformat(item.detail["since"]) + wire.TRACKED_FOR
    is_delivered = any(row["kind"] == "delivered" for row in rows)
    return None if is_old or is_delivered else at + wire.TRACKED_EVERY
