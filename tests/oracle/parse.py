"""Cells of a bundle as values: flags, exact money, listings, categories (DM-12, IX-02, IX-05)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from .bundle import Row, Tables
from .instants import needed_instant, performance_day

MOST_LEVELS = 3


def truth(text: str | None) -> bool:
    """A flag cell; empty is false."""
    return (text or "").strip().lower() in {"true", "1", "yes", "t", "y"}


def cents(usd: Decimal) -> int:
    """Cents, half up."""
    return int((Fraction(usd) * 100 + Fraction(1, 2)) // 1)


def half_up(value: Fraction, decimals: int = 10) -> str:
    """A value as exported: fixed decimals, half up (away from zero on ties for negative values) (MX-06)."""
    scaled = int((abs(value) * 10**decimals + Fraction(1, 2)) // 1)
    digits = str(scaled).rjust(decimals + 1, "0")
    sign = "-" if value < 0 and scaled else ""
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


def total_usd(row: Row, tables: Tables) -> Decimal:
    """An order's amount in USD: USD is 1, else the given usd_rate, else the dated rate (IX-05).

    The dated rate is the latest of a day ≤ the order's created day in Asia/Shanghai.
    """
    amount, currency = Decimal(row["total_amount"]), row["currency"].strip().upper()
    if currency == "USD":
        return amount
    # reading: usd_rate is the price of one unit of the currency in USD.
    if row.get("usd_rate", "").strip():
        return amount * Decimal(row["usd_rate"])
    created = performance_day(needed_instant(row["created_at"]))
    dated = [
        (date.fromisoformat(rate["day"]), Decimal(rate["usd_rate"]))
        for rate in tables.get("fx_rates", [])
        if rate["currency"].strip().upper() == currency and date.fromisoformat(rate["day"]) <= created
    ]
    if not dated:
        raise ValueError(f"no rate for {currency} on {created}: the oracle has no table of yearly means")
    return amount * max(dated)[1]


def category_path(tables: Tables, code: str) -> list[str]:
    """The category and its ancestors, itself first (DM-12: at most 3 levels)."""
    parents = {row["code"]: row.get("parent_code", "") for row in tables.get("categories", [])}
    path: list[str] = []
    while code and code not in path and len(path) < MOST_LEVELS:
        path.append(code)
        code = parents.get(code, "")
    return path


def category_flags(tables: Tables, code: str) -> set[str]:
    """The category's flags, its ancestors' included (DM-12)."""
    own = {row["code"]: row.get("flags", "") for row in tables.get("categories", [])}
    return {flag.strip() for at in category_path(tables, code) for flag in own.get(at, "").split(";") if flag.strip()}


def order_sku(row: Row, tables: Tables) -> str:
    """The order's listing: its sku, else that of the line of the highest amount, first of equals (IX-02)."""
    if row.get("sku"):
        return row["sku"]
    lines = [
        line
        for line in tables.get("order_lines", [])
        if (line["store_no"], line["order_no"]) == (row["store_no"], row["order_no"])
    ]
    if not lines:
        return ""
    # reading: a line without an amount counts as 0; line numbers are compared as numbers where they are numbers.
    lines.sort(key=lambda line: (-Decimal(line.get("amount") or "0"), line_rank(line["line_no"])))
    return lines[0]["sku"]


def line_rank(line_no: str) -> tuple[int, int, str]:
    """Numbers first, in their order, then the rest as text."""
    return (0, int(line_no), "") if line_no.isdigit() else (1, 0, line_no)


def order_category(row: Row, sku: str, tables: Tables) -> str:
    """The order's category: its own, else its listing's."""
    # reading: the order's own column wins over the listing's category.
    if row.get("category"):
        return row["category"]
    for listing in tables.get("listings", []):
        if (listing["store_no"], listing["sku"]) == (row["store_no"], sku):
            return listing.get("category", "")
    return ""
