"""Orders: lists show which ones changed, the detail of each says what is true of it."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from intake.connectors.aliexpress import wire
from intake.connectors.aliexpress.feeds.asking import Answer, ask_each, reading_of
from intake.connectors.aliexpress.mapping import BUYER, LAST_CHANGE, ORDER_NO, OrderRows, order_rows
from intake.connectors.aliexpress.mapping.fields import pseudonym
from intake.connectors.aliexpress.session import AliExpressSession
from intake.connectors.aliexpress.values import certain_before, first_of, local_text, text_of
from intake.connectors.aliexpress.windows import Page, Window, check_heeded, page_of, read_windows
from intake.connectors.items import Seen, due_items, note_items, settle_items
from intake.connectors.progress import advance, is_due
from intake.models import ConnectionFeed

Json = Any
ITEM = "order"
DETAILS_AT_ONCE = 40


def pull_open(session: AliExpressSession, feed: ConnectionFeed) -> bool:
    """Orders that are not finished, by the time of their last change."""
    at = session.now
    window = _changed(feed, at - wire.HISTORY, at)
    for rows in _listed(session, window, at - wire.HISTORY, {}):
        check_heeded(rows, window, *LAST_CHANGE)
        _note(session, rows)
    advance(feed, complete_until=certain_before(window.end))
    return window.end < at


def pull_finished(session: AliExpressSession, feed: ConnectionFeed) -> bool:
    """Finished orders, which lists leave out unless they are asked for: those created of late by their last change,
    earlier ones day by day of creation."""
    at = session.now
    window = _changed(feed, at - wire.RECENT, at)
    for rows in _listed(session, window, at - wire.RECENT, {"order_status": wire.FINISHED}):
        check_heeded(rows, window, *LAST_CHANGE)
        _note(session, rows)
    advance(feed, complete_until=certain_before(window.end))
    return _walk_a_day(session, feed) or window.end < at


def _changed(feed: ConnectionFeed, earliest: datetime, at: datetime) -> Window:
    """What to ask for next: from a little before what is complete."""
    start = earliest if feed.complete_until is None else max(feed.complete_until - wire.OVERLAP, earliest)
    return Window(start, at).first(wire.SLICE)


def _listed(
    session: AliExpressSession, window: Window, created_from: datetime, more: dict[str, Json]
) -> Iterator[list[Json]]:
    """Orders by their last change. The platform wants a range of creation as well, of limited length."""

    def ask(part: Window, page: int) -> Page:
        query = {
            "create_date_start": local_text(created_from + wire.MARGIN),
            "create_date_end": local_text(part.end),
            "modified_date_start": local_text(part.start),
            "modified_date_end": local_text(part.end),
        }
        return _ask_page(session, {**query, **more}, page)

    return read_windows(window, ask)


def _ask_page(session: AliExpressSession, query: dict[str, Json], page: int) -> Page:
    paged = {**query, "current_page": page, "page_size": wire.PAGE}
    return page_of(session.ask(wire.ORDER_LIST, paged), wire.ORDER_LIST, wire.PAGE)


def _walk_a_day(session: AliExpressSession, feed: ConnectionFeed) -> bool:
    """List a creation day of finished orders. After the last one the walk begins anew the next day: an old order may
    finish late."""
    today = session.now.date()
    if not is_due(feed, "walk_at", session.now):
        return False
    day = date.fromisoformat(feed.cursor.get("day") or (today - wire.HISTORY).isoformat())
    if day > today - wire.RECENT:
        advance(feed, cursor={"day": "", "walk_at": (session.now + wire.WALKED_EVERY).isoformat()})
        return False
    window = Window(_midnight(day), _midnight(day + timedelta(days=1)))
    for rows in read_windows(window, lambda part, page: _ask_page(session, _created(part), page)):
        check_heeded(rows, window, "gmt_create")
        _note(session, rows)
    advance(feed, cursor={"day": (day + timedelta(days=1)).isoformat()})
    return True


def _created(part: Window) -> dict[str, Json]:
    return {
        "order_status": wire.FINISHED,
        "create_date_start": local_text(part.start),
        "create_date_end": local_text(part.end),
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), wire.ZONE).astimezone(UTC)


def _note(session: AliExpressSession, rows: Sequence[Json]) -> None:
    reading = reading_of(session)
    seen = {}
    for row in rows:
        buyer = pseudonym(first_of(row, *BUYER), reading, "")
        seen[text_of(first_of(row, *ORDER_NO))] = Seen(_stamp(row), {"buyer_ref": buyer} if buyer else {})
    seen.pop("", None)
    note_items(session.connection, ITEM, seen, at=session.now)


def _stamp(row: Json) -> str:
    """What changes with the order. The time left changes with every look."""
    changed = text_of(first_of(row, *LAST_CHANGE))
    if changed:
        return f"{changed} {text_of(row.get('order_status'))}"
    rest = {name: value for name, value in row.items() if name != "timeout_left_time"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, default=str).encode()).hexdigest()


# ── Details ────────────────────────────────────────────────────────────────────────────────────────────────────────


def pull_details(session: AliExpressSession, feed: ConnectionFeed) -> bool:
    """The details of orders that lists showed as new or changed."""
    at = session.now
    items = due_items(session.connection, ITEM, at=at, most=DETAILS_AT_ONCE)
    answers, ended = ask_each(session, items, lambda item: session.ask(wire.ORDER, {"order_id": int(item.key)}))
    _take(session, answers, at)
    if ended is not None:
        raise ended
    if len(items) < DETAILS_AT_ONCE:
        advance(feed, complete_until=at)
    return len(items) == DETAILS_AT_ONCE


def _take(session: AliExpressSession, answers: Sequence[Answer], at: datetime) -> None:
    """Hand the rows of several orders in, and note what else is to be asked for of them."""
    reading = reading_of(session)
    found = [(item, _rows(item, answer, reading)) for item, answer in answers]
    files: dict[str, list[dict[str, str]]] = {}
    for _item, rows in found:
        for name, more in rows.files().items():
            files.setdefault(name, []).extend(more)
    for name, rows_of_file in files.items():
        session.pull.take(name, rows_of_file, at=at)
    note_parcels(session, [rows for _item, rows in found])
    note_reviewable(session, [rows for _item, rows in found])
    settle_items([item for item, _rows in found])


def _rows(item: Any, answer: Json, reading: Any) -> OrderRows:
    rows = order_rows({"order_id": item.key, **answer}, reading)
    if buyer := item.detail.get("buyer_ref"):
        rows.order.setdefault("buyer_ref", buyer)
    return rows


def note_parcels(session: AliExpressSession, orders: Sequence[OrderRows]) -> None:
    """Have the traces of parcels asked for."""
    seen = {}
    for rows in orders:
        for parcel in rows.parcels:
            detail = {"service": parcel["carrier"], "country": rows.order.get("site", "")}
            seen[f"{rows.order['order_no']} {parcel['tracking_no']}"] = Seen(parcel["carrier"], detail)
    note_items(session.connection, "parcel", seen, at=session.now)


def note_reviewable(session: AliExpressSession, orders: Sequence[OrderRows]) -> None:
    """Have the reviews of orders asked for whose goods the buyer has."""
    done = {rows.order["order_no"]: rows.order["confirmed_at"] for rows in orders if rows.order["confirmed_at"]}
    note_items(
        session.connection, "review", {number: Seen(at, {"since": at}) for number, at in done.items()}, at=session.now
    )
