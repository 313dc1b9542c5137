"""Short hands for writing bundles and worlds in tests."""

from __future__ import annotations

from datetime import date

from .bundle import Bundle, Row
from .facts import Exclusion, Facts, compute_facts
from .world import World


def row(**cells: str) -> Row:
    """A row of store S, order O unless said otherwise."""
    return {"store_no": "S", "order_no": "O", **cells}


def order(order_no: str = "O", **cells: str) -> Row:
    """An order of 10 USD, created on 2024-03-01 at 00:00 UTC."""
    fixed = {"created_at": "2024-03-01T00:00:00Z", "total_amount": "10.00", "currency": "USD"}
    return row(order_no=order_no, **{**fixed, **cells})


def bundle(*orders: Row, **files: list[Row]) -> Bundle:
    """A bundle with the store S."""
    return Bundle({"stores": [{"store_no": "S", "name": "S"}], "orders": list(orders), **files})


def days_of(data: Bundle, counter: str, *, exclusions: list[Exclusion] | None = None) -> dict[str, int]:
    """Where a counter of store S stands: ISO day → value."""
    facts = compute_facts(data, exclusions=exclusions or [])
    return {
        str(day): counters[counter]
        for (store_no, day), counters in sorted(facts.items())
        if store_no == "S" and counter in counters
    }


DAY = date(2024, 6, 30)
FEED_FILES = "orders tracking_events reviews disputes refunds messages copyright_complaints settlements"
KNOWN = dict.fromkeys(
    ("orders", "tracking", "reviews", "disputes", "refunds", "messages", "copyright", "settlements", "confirmations"),
    "2025-01-01T00:00:00Z",
)


def world(
    counters: dict[str, int] | None = None,
    *,
    at: date = DAY,
    facts: Facts | None = None,
    stores: list[dict[str, str]] | None = None,
    feeds: str = FEED_FILES,
    known_until: dict[str, str] | None = None,
    **files: list[dict[str, str]],
) -> World:
    """A world of store S whose counters of one day are given, with all feeds but confirmations."""
    rows = stores or [{"store_no": "S", "name": "S", "opened_at": "2020-01-01T00:00:00Z"}]
    empty: dict[str, list[dict[str, str]]] = {stem: [] for stem in feeds.split()}
    bundle = Bundle({"stores": rows, **empty, **files}, {"known_until": KNOWN if known_until is None else known_until})
    return World(bundle, facts=facts if facts is not None else {("S", at): counters or {}})


RATED = {
    "described_n": 10, "described_sum": 46, "communication_n": 10, "communication_sum": 48,
    "r_dispatch_n": 10, "r_dispatch_ontime": 9, "r_delivery_n": 10, "r_delivery_ontime": 8,
}  # fmt: skip
