"""Reading what the demo writes, and what IX-02 asks of it."""

import csv
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from demo.generator import DemoSummary
from demo.world import SITES

# What IX-02 asks of each file: required columns, and the kind of the others that are not free text.
REQUIRED = {
    "companies": "company_no name",
    "stores": "store_no name",
    "categories": "code name",
    "carriers": "code name",
    "listings": "store_no sku",
    "orders": "store_no order_no created_at total_amount currency",
    "order_lines": "store_no order_no line_no sku",
    "tracking_events": "store_no order_no at kind",
    "reviews": "store_no order_no created_at",
    "disputes": "store_no dispute_no order_no kind opened_at",
    "refunds": "store_no refund_no order_no requested_at",
    "returns": "store_no return_no order_no",
    "settlements": "store_no order_no",
    "messages": "store_no message_no order_no sent_at sender text",
    "copyright_complaints": "store_no complaint_no sku opened_at",
    "benchmarks": "category day metric value",
    "fx_rates": "currency day usd_rate",
    "platform_figures": "store_no day metric value",
    "platform_notices": "store_no number metric level triggered_at",
}
KEYS = {
    "companies": "company_no",
    "stores": "store_no",
    "categories": "code",
    "carriers": "code",
    "listings": "store_no sku",
    "orders": "store_no order_no",
    "order_lines": "store_no order_no line_no",
    "tracking_events": "store_no order_no tracking_no at kind",
    "reviews": "store_no order_no kind created_at",
    "disputes": "store_no dispute_no",
    "refunds": "store_no refund_no",
    "returns": "store_no return_no",
    "settlements": "store_no order_no",
    "messages": "store_no message_no",
    "copyright_complaints": "store_no complaint_no",
    "benchmarks": "category day metric",
    "fx_rates": "currency day",
    "platform_figures": "store_no day metric",
    "platform_notices": "store_no number",
}
PLANNED = {"ship_by", "estimated_delivery_at"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
DECIMAL = re.compile(r"\d+(\.\d+)?")
DECIMALS = {
    "price_usd",
    "total_amount",
    "usd_rate",
    "shipping_amount",
    "insurance_premium_usd",
    "amount",
    "claimed_usd",
    "outcome_usd",
    "amount_usd",
    "value",
}
TRUTHS = {
    "approved",
    "official",
    "kyc_verified",
    "payout_account_bound",
    "tracking_auto_sync",
    "is_presale",
    "has_photo",
    "full",
    "automatic",
    "upheld",
}
CHOICES: dict[str, dict[str, set[str]]] = {
    "stores": {"level": {"basic", "gold", "platinum"}, "mode": {"governed", "mirrored"}},
    "orders": {
        "source": {"platform", "certified_api", "external"},
        "fulfilled_by": {"seller", "platform"},
        "confirmed_by": {"buyer", "system"},
        "cancelled_by": {"buyer", "seller", "platform"},
        "site": set(SITES),
    },
    "tracking_events": {
        "kind": {
            "label",
            "pickup",
            "transit",
            "customs",
            "out_for_delivery",
            "delivered",
            "exception",
            "returned",
            "lost",
        }
    },
    "reviews": {
        "kind": {"buyer", "auto"},
        "described": set("12345"),
        "communication": set("12345"),
        "shipping": set("12345"),
    },
    "disputes": {
        "kind": {"not_received", "not_as_described", "quality", "platform_claim", "chargeback"},
        "state": {"open", "responded", "arbitration", "closed", "withdrawn"},
        "liability": {"seller", "buyer", "carrier", "none"},
    },
    "messages": {"sender": {"buyer", "seller"}},
}

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Demo:
    summary: DemoSummary
    bundles: dict[str, dict[str, Rows]]

    def rows(self, file: str) -> Rows:
        return [row for files in self.bundles.values() for row in files.get(file, [])]


def read_bundle(folder: Path) -> dict[str, Rows]:
    files = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            files[path.stem] = list(csv.DictReader(lines, strict=True))
    return files


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def state(order: dict[str, str]) -> str:
    """DM-21."""
    for column, name in (
        ("refunded_at", "refunded"),
        ("cancelled_at", "cancelled"),
        ("closed_at", "closed"),
        ("confirmed_at", "success"),
        ("delivered_at", "delivered"),
        ("shipped_at", "shipped"),
        ("paid_at", "paid"),
    ):
        if order[column]:
            return name
    return "created"


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
