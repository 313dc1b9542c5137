"""Imports rows from a batch of the API or a page of a connector like a file with the same content."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.identifiers import canonical
from intake.canonical import FILES, FileSpec
from intake.pipeline.after_export import latest_known
from intake.pipeline.apply import take_batch
from intake.pipeline.batch import KEPT, Batch, BatchReader, Verdict
from intake.pipeline.chunks import repeated
from intake.pipeline.context import IntakeContext
from intake.pipeline.draining import drain_waiting
from intake.pipeline.feeds import feeds_of, supply_feeds
from intake.pipeline.pricing import reprice
from intake.reading.convert import cell_text
from intake.reading.lines import BadRow, Part

Row = Mapping[str, Any]
_NESTED = (dict, list, tuple, set)


@dataclass(frozen=True, slots=True)
class RowResult:
    """The outcome of a row; for a rejected one also the column, its value and the reason."""

    verdict: Verdict
    column: str = ""
    value: str = ""
    reason: str = ""


def take_rows(context: IntakeContext, name: str, rows: Sequence[Row]) -> list[RowResult]:
    """Take rows of one canonical file in (IX-03): column → text or value; returns a result for each.

    A column that a row doesn't name keeps its value, one that is None or empty is cleared; unknown columns are ignored.
    A rejected row leaves the others alone (IX-21). The rows that go in are one transaction. What waits for them, prices
    by new rates and the data streams of their stores follow, as after a file.
    """
    spec = FILES[name]
    read = _read(spec, rows, context)
    batch = repeated(lambda: _take(read, context))
    stores = _stores(spec, rows)
    if name in ("stores", "orders") and stores:
        repeated(lambda: drain_waiting(context, stores))
    _reprice(batch, context)
    _supply_feeds(spec, stores, rows, read, context)
    return _results(batch, len(rows))


# ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read(spec: FileSpec, rows: Sequence[Row], context: IntakeContext) -> Batch:
    """The rows as a batch of all columns that any of them names, and which of these each doesn't name."""
    named = set().union(*rows)
    columns = [column.name for column in spec.columns if column.required or column.name in named]
    part = Part(range(len(rows)), [])
    for place, row in enumerate(rows):
        part.rows.append([cell_text(row.get(name)) for name in columns])
        nested = next((name for name in columns if isinstance(row.get(name), _NESTED)), None)
        if nested is not None:
            part.bad[place] = BadRow(nested, part.rows[-1][columns.index(nested)], _("must be a single value"))
    reader = BatchReader(spec, columns, {name: place for place, name in enumerate(columns)}, context.reading)
    batch = reader.read(part)
    kept = [sum(spec.bits[name] for name in columns if name not in rows[place]) for place in batch.places]
    if any(kept):
        batch.values[KEPT] = kept
    return batch


# ── Taking in ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _take(read: Batch, context: IntakeContext) -> Batch:
    batch = read.copy()
    with transaction.atomic():
        take_batch(batch, context)
    return batch


def _reprice(batch: Batch, context: IntakeContext) -> None:
    context.forget_rates()
    for _last in reprice(batch.rates_since):
        pass


def _stores(spec: FileSpec, rows: Sequence[Row]) -> set[str]:
    """The numbers of the stores that rows name."""
    return {canonical(cell_text(row.get("store_no")).strip()) for row in rows} - {""} if spec.per_store else set()


def _supply_feeds(spec: FileSpec, stores: set[str], rows: Sequence[Row], read: Batch, context: IntakeContext) -> None:
    feeds = feeds_of({spec.name: {name for row in rows for name in row}})
    latest = latest_known(read, context.at_epoch)

    def supply() -> None:
        with transaction.atomic():
            supply_feeds(context, feeds=feeds, stores=stores, latest=latest)

    if feeds and stores:
        repeated(supply)


def _results(batch: Batch, size: int) -> list[RowResult]:
    results = [RowResult(Verdict.SAME)] * size
    for place, verdict in batch.verdicts.items():
        results[place] = RowResult(verdict)
    for row in batch.rejected:
        results[row.place] = RowResult(Verdict.REJECTED, row.column, row.value, row.reason)
    return results
