"""A small, real shop: a canonical bundle of two stores, imported and closed like anyone's data."""

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command

from metrics.catalogue import Calendar
from metrics.rules.days import last_complete_day

COMPANY, STORE, OTHER = "C1", "S1", "S2"
STORE_NAME, OTHER_NAME = "Lamp house", "Toy corner"
DAYS, ORDERS_A_DAY, LATE_EVERY = 36, 4, 2
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CARRIERS = ("YANWEN", "CAINIAO")
SITES = ("ES", "FR", "BR")
ORDER_COLUMNS = (
    "store_no", "order_no", "sku", "buyer_ref", "site", "created_at", "paid_at", "shipped_at", "carrier", "tracking_no",
    "estimated_delivery_at", "delivered_at", "confirmed_at", "confirmed_by", "total_amount", "currency",
)  # fmt: skip


def write_bundle(folder: Path, now: datetime, *, late_every: int = LATE_EVERY, mode: str = "mirrored") -> Path:
    """Write the bundle: every ``late_every``-th order of `STORE` is dispatched a day late, and one of its disputes is
    open."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder, "companies", ("company_no", "name"), [(COMPANY, "Shenzhen Lamps Ltd")])
    _write(
        folder,
        "stores",
        ("store_no", "name", "company_no", "level", "primary_category", "opened_at", "mode"),
        [
            (STORE, STORE_NAME, COMPANY, "gold", "lighting", "2022-04-01T00:00:00Z", mode),
            (OTHER, OTHER_NAME, COMPANY, "basic", "toys", "2023-04-01T00:00:00Z", mode),
        ],
    )
    _write(folder, "listings", ("store_no", "sku", "title"), [(STORE, "L-1", "Desk lamp"), (OTHER, "T-1", "Toy train")])
    orders = [*_orders(STORE, "L-1", now, late_every), *_orders(OTHER, "T-1", now, 0)]
    _write(folder, "orders", ORDER_COLUMNS, orders)
    scans, reviews = [], []
    for row in (dict(zip(ORDER_COLUMNS, order, strict=True)) for order in orders):
        key = (row["store_no"], row["order_no"])
        for kind, at in (("pickup", row["shipped_at"]), ("delivered", row["delivered_at"])):
            if at:
                scans.append((*key, row["tracking_no"], at, kind, "Shenzhen"))
        if row["confirmed_at"]:
            reviews.append((*key, row["confirmed_at"], "5", "4", "Very nice lamp"))
    _write(folder, "tracking_events", ("store_no", "order_no", "tracking_no", "at", "kind", "place"), scans)
    columns = ("store_no", "order_no", "created_at", "described", "communication", "text")
    _write(folder, "reviews", columns, reviews)
    opened = (STORE, "D-1", f"{STORE}-0000", "quality", _text(now - 5 * HOUR), "open", "12.00")
    columns = ("store_no", "dispute_no", "order_no", "kind", "opened_at", "state", "claimed_usd")
    _write(folder, "disputes", columns, [opened])
    _write(folder, "messages", ("store_no", "message_no", "order_no", "sent_at", "sender", "text"), [])
    (folder / "manifest.json").write_text(f'{{"exported_at": "{_text(now)}", "known_until": "{_text(now)}"}}')
    return folder


def _orders(store: str, sku: str, now: datetime, late_every: int) -> Iterator[tuple[str, ...]]:
    for number in range(DAYS * ORDERS_A_DAY):
        paid = now - DAYS * DAY + timedelta(hours=number * 24 // ORDERS_A_DAY)
        shipped = paid + (96 if late_every and number % late_every == 0 else 20) * HOUR
        delivered, confirmed = shipped + 9 * DAY, shipped + 11 * DAY
        yield (
            store, f"{store}-{number:04}", sku, f"buyer-{number % 90:03}", SITES[number % 3],
            _text(paid - HOUR), _text(paid), _past(shipped, now),
            CARRIERS[number % 4 // 2], f"TN{store}{number:06}" if shipped <= now else "",
            _text(paid + 20 * DAY), _past(delivered, now), _past(confirmed, now), "buyer" if confirmed <= now else "",
            f"{12 + number % 9}.50", "USD",
        )  # fmt: skip


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _past(instant: datetime, now: datetime) -> str:
    return _text(instant) if instant <= now else ""


def _write(folder: Path, name: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(rows)


def open_shop(folder: Path, now: datetime, **told: Any) -> None:
    """Import the bundle and close the last two days, as commands do; ``told`` is for `write_bundle`."""
    bundle = write_bundle(folder, now, **told)
    call_command("import_bundle", str(bundle), "--json", stdout=(folder / "report.json").open("w"))
    last = last_complete_day(now, Calendar.PERFORMANCE)
    days = {"first": last - DAY, "last": last}
    call_command("nightly", stdout=(folder / "nightly.txt").open("w"), json=True, **days)
