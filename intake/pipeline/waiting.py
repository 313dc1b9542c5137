"""Rows that wait for their store or order (IX-03)."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from intake.models import WaitingRow
from intake.pipeline.batch import Batch
from intake.pipeline.context import IntakeContext
from stores.models import Store

FEED = "feed"
_PER_QUERY = 500


def key_hash(key: Sequence[Any]) -> str:
    """A short form of a row's key."""
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()


def keep_waiting(batch: Batch, context: IntakeContext, positions: Sequence[int]) -> None:
    """Keep the rows at these positions until their parent exists."""
    stores, orders, keys = batch.column("store_no"), batch.column("order_no"), batch.keys()
    owners = owners_of({stores[position] for position in positions})
    rows = {}
    for position in positions:
        data = batch.named(position)
        hashed = key_hash(keys[position])
        rows[stores[position], hashed] = WaitingRow(
            kind=batch.spec.name,
            store_no=stores[position],
            order_no=orders[position] or "",
            key=hashed,
            data=data,
            source_at=context.at,
            company_id=owners.get(stores[position], context.company_id),
            job_id=context.import_id,
        )
    merge_waiting(list(rows.values()))


def owners_of(store_nos: set[str]) -> dict[str, int]:
    """The companies of the stores that exist, by number."""
    return dict(Store.objects.filter(store_no__in=store_nos).values_list("store_no", "company_id"))


def hand_over(former_companies: dict[str, int | None], context: IntakeContext) -> None:
    """After operations named stores: what they brought for these before, for nobody or with the same company chosen,
    and what waited in stores that moved now belongs to the companies that have the stores."""
    for store_no, company in owners_of(set(former_companies)).items():
        bringers = {context.company_id, former_companies[store_no]} - {None}
        theirs = Q(company=None) | Q(company__in=bringers)
        rows = WaitingRow.objects.filter(theirs, store_no=store_no).exclude(company=company)
        while moved := list(rows.order_by("source_at", "pk")[:_PER_QUERY]):
            WaitingRow.objects.filter(pk__in=[row.pk for row in moved]).delete()
            for row in moved:
                row.pk, row.company_id = None, company
            _merge_by_kind(moved)


def _merge_by_kind(rows: Sequence[WaitingRow]) -> None:
    for kind in {row.kind for row in rows}:
        merge_waiting([row for row in rows if row.kind == kind])


def merge_waiting(rows: Sequence[WaitingRow]) -> None:
    """Add rows to those that wait: what is newer, or as new, replaces the columns it has; what is older is dropped."""
    for start in range(0, len(rows), _PER_QUERY):
        part = rows[start : start + _PER_QUERY]
        standing = {
            (row.company_id, row.store_no, row.key): row
            for row in WaitingRow.objects.filter(kind=part[0].kind, key__in={row.key for row in part})
        }
        fresh = []
        for row in part:
            old = standing.get((row.company_id, row.store_no, row.key))
            if old is None:
                fresh.append(row)
            elif row.source_at >= old.source_at and (row.data != old.data or row.source_at != old.source_at):
                old.data = {**old.data, **row.data}
                old.order_no, old.source_at, old.job_id = row.order_no, row.source_at, row.job_id
                old.save()
        WaitingRow.objects.bulk_create(fresh)
