"""The canonical bundle on disk: which columns each file has (IX-02), and writing it."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

Row = Sequence[str]

COLUMNS: dict[str, tuple[str, ...]] = {
    "companies": ("company_no", "name", "license_no", "controller_id"),
    "stores": (
        "store_no", "name", "company_no", "level", "store_type", "opened_at", "primary_category", "kyc_verified",
        "payout_account_bound", "tracking_auto_sync", "mode",
    ),
    "categories": ("code", "name", "parent_code", "flags"),
    "carriers": ("code", "name", "approved", "official", "scan_interval_hours"),
    "listings": ("store_no", "sku", "title", "description", "category", "price_usd", "image_file"),
    "orders": (
        "store_no", "order_no", "sku", "category", "buyer_ref", "site", "source", "payment_method", "is_presale",
        "created_at", "paid_at", "dispatch_confirmed_at", "ship_by", "shipped_at", "carrier", "tracking_no",
        "estimated_delivery_at", "delivered_at", "confirmed_at", "confirmed_by", "cancelled_at", "cancelled_by",
        "cancel_reason", "refunded_at", "closed_at", "total_amount", "currency", "usd_rate", "shipping_amount",
        "insurance_premium_usd", "buyer_ip_hash", "ship_address", "fulfilled_by",
    ),
    "order_lines": ("store_no", "order_no", "line_no", "sku", "quantity", "amount"),
    "tracking_events": ("store_no", "order_no", "tracking_no", "at", "kind", "place", "text"),
    "reviews": (
        "store_no", "order_no", "kind", "created_at", "revised_at", "described", "communication", "shipping", "text",
        "has_photo",
    ),
    "disputes": (
        "store_no", "dispute_no", "order_no", "kind", "opened_at", "state", "responded_at", "closed_at", "liability",
        "claimed_usd", "outcome_usd",
    ),
    "refunds": ("store_no", "refund_no", "order_no", "requested_at", "state", "completed_at", "amount_usd", "full"),
    "returns": ("store_no", "return_no", "order_no", "shipped_back_at", "received_at", "inspected_at", "result"),
    "settlements": ("store_no", "order_no", "released_at", "amount", "currency", "held_reason"),
    "messages": ("store_no", "message_no", "order_no", "sent_at", "sender", "text", "language", "automatic"),
    "copyright_complaints": ("store_no", "complaint_no", "sku", "opened_at", "resolved_at", "upheld"),
    "benchmarks": ("category", "day", "metric", "value"),
    "fx_rates": ("currency", "day", "usd_rate"),
    "platform_figures": ("store_no", "day", "metric", "value"),
    "platform_notices": ("store_no", "number", "metric", "level", "triggered_at", "state"),
}  # fmt: skip

# The feeds that a bundle's files turn on (MX-07); confirmations come with the column dispatch_confirmed_at.
FEED_FILES = {
    "orders": "orders",
    "tracking": "tracking_events",
    "reviews": "reviews",
    "disputes": "disputes",
    "refunds": "refunds",
    "messages": "messages",
    "copyright": "copyright_complaints",
    "settlements": "settlements",
}
FULL_FILES = tuple(COLUMNS)
# What a source without tracking, messages, settlements and dispatch confirmations supplies.
NARROW_FILES = ("companies", "stores", "listings", "orders", "order_lines", "reviews", "disputes", "refunds")
NARROW_LEAVES_OUT = ("dispatch_confirmed_at",)


class Tables:
    """The rows of one bundle by file; rows of files that the bundle does not have are dropped."""

    def __init__(self, folder: Path, files: Iterable[str], leave_out: Sequence[str] = ()) -> None:
        self.folder = folder
        self.rows: dict[str, list[Row]] = {name: [] for name in files}
        self.leave_out = leave_out
        self.pictures: dict[str, bytes] = {}

    def add(self, file: str, row: Row) -> None:
        """Keep a row, in the order of ``COLUMNS[file]``."""
        if file in self.rows:
            self.rows[file].append(row)

    def feeds(self) -> list[str]:
        """The feeds that this bundle supplies."""
        feeds = [feed for feed, file in FEED_FILES.items() if file in self.rows]
        return feeds if self.leave_out else [*feeds, "confirmations"]

    def write(self, exported_at: str, mode: str | None) -> None:
        """All CSV files and the manifest, byte for byte the same for the same rows."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, rows in self.rows.items():
            self._write_file(name, rows)
        for name, content in self.pictures.items():
            (self.folder / name).write_bytes(content)
        manifest: dict[str, object] = {
            "exported_at": exported_at,
            "zone": "Asia/Shanghai",
            "known_until": dict.fromkeys(self.feeds(), exported_at),
        }
        if mode:
            manifest["mode"] = mode
        text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
        (self.folder / "manifest.json").write_text(text, encoding="utf-8")

    def _write_file(self, name: str, rows: list[Row]) -> None:
        columns: Sequence[str] = COLUMNS[name]
        gone = [columns.index(column) for column in self.leave_out if column in columns]
        if gone:
            kept = [index for index in range(len(columns)) if index not in gone]
            columns = [columns[index] for index in kept]
            rows = [[row[index] for index in kept] for row in rows]
        with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
