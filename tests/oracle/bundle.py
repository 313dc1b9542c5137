"""Bundles in memory (IX-02): rows of strings by file stem, with an optional manifest."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .instants import instant

Row = dict[str, str]
Tables = dict[str, list[Row]]
Manifest = dict[str, Any]

# The required columns of IX-02: what a header-only file gets.
REQUIRED: dict[str, tuple[str, ...]] = {
    "companies": ("company_no", "name"),
    "stores": ("store_no", "name"),
    "categories": ("code", "name"),
    "carriers": ("code", "name"),
    "listings": ("store_no", "sku"),
    "orders": ("store_no", "order_no", "created_at", "total_amount", "currency"),
    "order_lines": ("store_no", "order_no", "line_no", "sku"),
    "shipments": ("store_no", "order_no", "tracking_no"),
    "tracking_events": ("store_no", "order_no", "at", "kind"),
    "reviews": ("store_no", "order_no", "created_at"),
    "disputes": ("store_no", "dispute_no", "order_no", "kind", "opened_at"),
    "refunds": ("store_no", "refund_no", "order_no", "requested_at"),
    "returns": ("store_no", "return_no", "order_no"),
    "settlements": ("store_no", "order_no"),
    "messages": ("store_no", "message_no", "order_no", "sent_at", "sender", "text"),
    "copyright_complaints": ("store_no", "complaint_no", "sku", "opened_at"),
    "benchmarks": ("category", "day", "metric", "value"),
    "fx_rates": ("currency", "day", "usd_rate"),
    "platform_figures": ("store_no", "day", "metric", "value"),
    "platform_notices": ("store_no", "number", "metric", "level", "triggered_at"),
}

# What tells two rows of a file apart (IX-03).
# reading: the specification names only store_no + order_no; a review's key is its order, kind and created_at, a
# tracking event's its order, number, instant and kind, the others are known by their own number.
KEYS: dict[str, tuple[str, ...]] = {
    "companies": ("company_no",),
    "stores": ("store_no",),
    "categories": ("code",),
    "carriers": ("code",),
    "listings": ("store_no", "sku"),
    "orders": ("store_no", "order_no"),
    "order_lines": ("store_no", "order_no", "line_no"),
    "shipments": ("store_no", "order_no", "tracking_no"),
    "tracking_events": ("store_no", "order_no", "tracking_no", "at", "kind"),
    "reviews": ("store_no", "order_no", "kind", "created_at"),
    "disputes": ("store_no", "dispute_no"),
    "refunds": ("store_no", "refund_no"),
    "returns": ("store_no", "return_no"),
    "settlements": ("store_no", "order_no"),
    "messages": ("store_no", "message_no"),
    "copyright_complaints": ("store_no", "complaint_no"),
    "benchmarks": ("category", "day", "metric"),
    "fx_rates": ("currency", "day"),
    "platform_figures": ("store_no", "day", "metric"),
    "platform_notices": ("store_no", "number"),
}


class Bundle(dict[str, list[Row]]):
    """Rows by file stem, e.g. ``"orders"``; a stem with no rows is a header-only file. ``manifest`` may be None."""

    def __init__(self, files: dict[str, list[Row]] | None = None, manifest: Manifest | None = None) -> None:
        super().__init__(files or {})
        self.manifest = manifest


def columns(bundle: dict[str, list[Row]], stem: str) -> list[str]:
    """The columns of a file: all that any row names, in order of appearance; the required ones when it has no rows."""
    names: dict[str, None] = {}
    for row in bundle.get(stem, []):
        names.update(dict.fromkeys(row))
    return list(names) or list(REQUIRED[stem])


def full_row(row: Row, names: Sequence[str]) -> Row:
    """The row with every named column, an empty string where it had none."""
    return {name: row.get(name, "") for name in names}


def key_of(stem: str, row: Row) -> tuple[str, ...]:
    """The row's key (IX-03): an absent kind of review is ``buyer``, and an instant is the same in every spelling."""
    values = dict(row)
    if stem == "reviews":
        values["kind"] = row.get("kind") or "buyer"
    for name in ("created_at", "at"):
        if values.get(name):
            values[name] = str(instant(values[name]))
    return tuple(values.get(name, "") for name in KEYS[stem])


def keyed_rows(bundle: dict[str, list[Row]], stem: str) -> list[Row]:
    """One row per key, the later line winning (IX-03), with every column of the file."""
    names = columns(bundle, stem)
    by_key: dict[tuple[str, ...], Row] = {}
    for row in bundle.get(stem, []):
        by_key[key_of(stem, row)] = full_row(row, names)
    return list(by_key.values())


def tables_of(bundle: dict[str, list[Row]]) -> Tables:
    """The bundle's files with one row per key (IX-03); what all computations take."""
    return {stem: keyed_rows(bundle, stem) for stem in bundle}


def manifest_of(bundle: dict[str, list[Row]]) -> Manifest | None:
    """The manifest of a Bundle; a plain dict has none."""
    return getattr(bundle, "manifest", None)


def write_bundle(bundle: dict[str, list[Row]], folder: Path | str, *, shuffle: random.Random | None = None) -> Path:
    """Write the bundle as a folder of CSV files and, where there is one, ``manifest.json`` (IX-02).

    With `shuffle`, rows and columns are written in random order (neither may matter: IX-01, IX-03).
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for stem in bundle:
        names, rows = columns(bundle, stem), list(bundle[stem])
        if shuffle is not None:
            shuffle.shuffle(names)
            shuffle.shuffle(rows)
        with (target / f"{stem}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, fieldnames=names)
            writer.writeheader()
            writer.writerows(full_row(row, names) for row in rows)
    manifest = manifest_of(bundle)
    if manifest is not None:
        (target / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return target


def read_bundle(folder: Path | str) -> Bundle:
    """Read what `write_bundle` wrote."""
    source = Path(folder)
    files: dict[str, list[Row]] = {}
    for path in sorted(source.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as handle:
            files[path.stem] = [dict(row) for row in csv.DictReader(handle)]
    manifest = source / "manifest.json"
    return Bundle(files, json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else None)


def split_bundle(
    bundle: dict[str, list[Row]], rng: random.Random, parts: int, *, everywhere: Iterable[str] = ()
) -> list[Bundle]:
    """Bundles that together hold the same rows, each row in one random part; every part has the manifest.

    Files named in `everywhere` go whole into every part (e.g. ``("fx_rates",)``). Every part's rows keep all columns of
    the original file; a part has no file of which it got no row, but header-only files go into the first part.
    """
    repeated = set(everywhere)
    result = [Bundle(manifest=manifest_of(bundle)) for _ in range(parts)]
    for stem in bundle:
        names = columns(bundle, stem)
        if stem in repeated:
            for part in result:
                part[stem] = [full_row(row, names) for row in bundle[stem]]
        elif not bundle[stem]:
            result[0][stem] = []
        else:
            for row in bundle[stem]:
                result[rng.randrange(parts)].setdefault(stem, []).append(full_row(row, names))
    return result


def merge(*bundles: dict[str, list[Row]]) -> Bundle:
    """What is known after the bundles were imported one after the other, oldest export first (IX-03).

    A later row replaces the columns that its file has, an empty cell clears. The manifest is the last one's.
    """
    files: dict[str, dict[tuple[str, ...], Row]] = {}
    manifest: Manifest | None = None
    for bundle in bundles:
        manifest = manifest_of(bundle) or manifest
        for stem in bundle:
            known = files.setdefault(stem, {})
            for row in keyed_rows(bundle, stem):
                known.setdefault(key_of(stem, row), {}).update(row)
    return Bundle({stem: list(rows.values()) for stem, rows in files.items()}, manifest)
