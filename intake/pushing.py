"""Rows that programs and connectors push into a store without a file (IX-21, IX-25), taken in as those of a file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.events import record_event
from core.identifiers import canonical
from core.timebase import to_epoch
from intake.canonical import FILES, Parent
from intake.models import Source
from intake.pipeline.batch import COUNTED, Verdict
from intake.pipeline.chunks import repeated
from intake.pipeline.context import IntakeContext
from intake.pipeline.feeds import feeds_of, supply_feeds
from intake.pipeline.rows import RowResult, take_rows
from intake.reading import Manifest
from intake.reading.convert import cell_text
from intake.services import reject_future
from intake.sources import note_source
from stores.models import Feed, Store
from stores.principals import Principal, Program

# The canonical files whose rows belong to a store.
PUSHABLE = tuple(name for name, spec in FILES.items() if spec.parent is not Parent.NONE)
# What leaves everything as it was.
_UNEVENTFUL = frozenset({Verdict.SAME, Verdict.OLDER, Verdict.DUPLICATE})


def push_rows(
    *,
    store: Store,
    file: str,
    rows: Sequence[Mapping[str, Any]],
    principal: Principal,
    at: datetime,
    exported_at: datetime | None = None,
    known_until: datetime | None = None,
) -> list[RowResult]:
    """Take rows of one of the `PUSHABLE` files into a store (column → text or value); returns the result of each row.

    A row need not name its store; one that names another is rejected, and the others go in. No rows at all say that
    there is nothing to tell, as a file with a header only does (MX-07). ``exported_at``: when the source had the rows
    as they are, ``at`` by default; raises ManifestError if it lies in the future (IX-05a). ``known_until``: up to when
    the source has told everything, by default the latest instant in the rows. ``store`` has its company loaded, and
    the principal was found to be allowed to write it.

    The rows, what follows from them and the event are one transaction, which is repeated when the database was busy.
    Inside another transaction they are part of it, and the caller repeats.
    """
    if file not in PUSHABLE:
        raise ValueError(f"rows of {file} belong to no store")
    reject_future("exported_at", exported_at or at, at)
    context = IntakeContext(
        at=exported_at or at,
        now=at,
        companies=frozenset({store.company_id}),
        company_id=store.company_id,
        manifest=_manifest(file, rows, known_until),
    )

    def push() -> list[RowResult]:
        with transaction.atomic():
            results = _take(store, file, rows, context)
            _record(store, file, results, principal, context)
            if isinstance(principal, Program):
                _note(store, file, results, principal, at)
        return results

    return repeated(push)


def _manifest(file: str, rows: Sequence[Mapping[str, Any]], known_until: datetime | None) -> Manifest:
    """What the manifest of a bundle would say (IX-02)."""
    if known_until is None:
        return Manifest()
    return Manifest(known_until=dict.fromkeys(_feeds(file, rows), to_epoch(known_until)))


def _feeds(file: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return feeds_of({file: {name for row in rows for name in row}})


def _take(store: Store, file: str, rows: Sequence[Mapping[str, Any]], context: IntakeContext) -> list[RowResult]:
    """Take in the rows that are the store's; the others are rejected."""
    if not rows:
        supply_feeds(context, feeds=_feeds(file, rows), stores={store.store_no}, latest=None)
    results = [_of_another_store(store, row) for row in rows]
    own = [{**row, "store_no": store.store_no} for row, result in zip(rows, results, strict=True) if result is None]
    taken = iter(take_rows(context, file, own) if own else [])
    return [result or next(taken) for result in results]


def _of_another_store(store: Store, row: Mapping[str, Any]) -> RowResult | None:
    named = cell_text(row.get("store_no"))
    if canonical(named) in ("", store.store_no):
        return None
    reason = _("is another store than %(store)s, whose rows are pushed here") % {"store": store.store_no}
    return RowResult(Verdict.REJECTED, "store_no", named, reason)


def _record(
    store: Store, file: str, results: Sequence[RowResult], principal: Principal, context: IntakeContext
) -> None:
    counts = Counter(result.verdict.value for result in results)
    if counts.keys() <= _UNEVENTFUL:
        return
    record_event(
        kind="rows.pushed",
        subject_kind="store",
        subject_key=store.store_no,
        store_no=store.store_no,
        company_no=store.company.company_no,
        actor=principal.actor,
        at=context.now,
        after={"file": file, "counts": dict(counts), "exported_at": context.at.isoformat()},
        cause="IX-21",
    )


def _note(store: Store, file: str, results: Sequence[RowResult], program: Program, at: datetime) -> None:
    """Note what the program did (PN-20). Connectors note their runs themselves: those have failures without rows."""
    counts = Counter(COUNTED[result.verdict] for result in results)
    known = Feed.objects.filter(store=store, kind=FILES[file].feed or "").values_list("known_until", flat=True)
    is_failure = bool(results) and all(result.verdict is Verdict.REJECTED for result in results)
    note_source(
        store=store,
        kind=Source.Kind.API,
        name=program.program_id,
        at=at,
        counts=counts,
        newest_at=known.first(),
        error="rejected" if is_failure else "",
    )
