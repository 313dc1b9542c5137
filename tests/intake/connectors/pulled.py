"""What a connection pulled, as a seller would write it into files: for a comparison with the other ways in (IX-21)."""

from datetime import datetime
from typing import Any

from intake.canonical import FILES
from orders.models import Order
from stores.models import Feed
from tests.oracle.bundle import Bundle

PULLED = ("orders", "order_lines", "shipments", "tracking_events", "reviews", "disputes", "refunds", "settlements")


def bundle_of_what_was_pulled(exported_at: datetime) -> Bundle:
    """The stored rows with the columns that hold anything, and how far each data stream is known."""
    files = {name: _filled([_row(name, row) for row in _rows(name)]) for name in PULLED}
    known = {feed.kind: _written(feed.known_until) for feed in Feed.objects.exclude(known_until=None)}
    return Bundle(files, {"exported_at": _written(exported_at), "known_until": known})


def _rows(name: str) -> list[Any]:
    related = ("store",) if name == "orders" else ("order__store",)
    return list(FILES[name].model._default_manager.select_related(*related).order_by("pk"))


def _row(name: str, row: Any) -> dict[str, str]:
    order = row if isinstance(row, Order) else row.order
    columns = {column.name: column.target for column in FILES[name].columns if column.target}
    told = {column: _cell(getattr(row, target)) for column, target in columns.items()}
    return {**told, "store_no": order.store.store_no, "order_no": order.order_no}


def _filled(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    empty = {name for name in rows[0] if not any(row[name] for row in rows)} if rows else set()
    return [{name: text for name, text in row.items() if name not in empty} for row in rows]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _written(value) if isinstance(value, datetime) else str(value)


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
